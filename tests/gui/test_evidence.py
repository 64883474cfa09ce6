"""What stands under "How do we know?": the rest of the machine, the socket, who shared the card."""

from dataclasses import replace

import pytest
from support.facts import figure, single_iteration, snapshot
from support.sensors import ADA, PASCAL
from support.window import STATES

from vidgreen_gui.gui.evidence import evidence
from vidgreen_gui.gui.shown import Quantity, shown_of
from vidgreen_gui.model.facts import DeviceEvidence, DeviceNow
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.units import NS_PER_S


def told(texts, moment, picked=None):
    return dict(evidence(texts["en"], shown_of(moment, picked, Quantity.ENERGY)))


def test_the_machine_and_the_socket_are_told_with_their_grades(texts):
    rows = told(texts, STATES["whole_machine"]())
    assert rows["Rest of the computer"] == "9.0 ± 2.2\u00a0Wh, ◐ estimated"
    assert rows["At the socket"] == "42.0 ± 2.1\u00a0Wh, ● measured"
    assert "cover the whole computer" in rows["What it covers"]


def test_what_is_not_known_is_not_told(texts):
    rows = told(texts, STATES["running"]())
    assert not {"Rest of the computer", "At the socket", "Shared with others"} & set(rows)


def test_a_game_on_the_card_is_named_while_it_plays(texts):
    rows = told(texts, STATES["whole_machine"]())
    assert rows["Shared with others"].startswith("game.exe uses the same card now: 18\u00a0%")


def one_on(device, **changes):
    """Return a moment after one iteration on `device`, its session changed so."""
    facts = single_iteration()
    clip = facts.clips[0]
    one = clip.iterations[0]
    ran = replace(one, iteration=replace(one.iteration, device_ids=(device.id,)))
    facts = replace(facts, clips=(replace(clip, iterations=(ran,)),), **changes)
    return snapshot(facts, devices=(DeviceNow(device=device, power_mw=20_000, counted=True),))


def test_afterwards_those_of_the_session_are_named(texts):
    moment = one_on(ADA, evidence=(DeviceEvidence(device_id=ADA.id, others=("game\u202e.exe",)),))
    assert "game⟨U+202E⟩.exe" in told(texts, moment)["Shared with others"]
    elsewhere = one_on(ADA, evidence=(DeviceEvidence(device_id="other", others=("game.exe",)),))
    assert "Shared with others" not in told(texts, elsewhere)


@pytest.mark.parametrize(("later_s", "shared"), [(5, True), (100_000, False)])
def test_two_sources_on_a_card_that_hides_its_users(texts, later_s, shared):
    moment = one_on(PASCAL)
    clip = moment.session.clips[0]
    first = clip.iterations[0]
    begun = first.iteration.started_utc_ns + later_s * NS_PER_S
    other = replace(
        first,
        iteration=replace(
            first.iteration,
            id="other",
            source_id="comfyui:8189",
            started_utc_ns=begun,
            ended_utc_ns=begun + NS_PER_S,
        ),
    )
    facts = replace(moment.session, clips=(replace(clip, iterations=(first, other)),))
    rows = told(texts, replace(moment, session=facts), first.iteration.id)
    assert ("cannot be separated here" in rows.get("Shared with others", "")) is shared


def test_an_averaged_figure_says_why_it_is_wide(texts):
    moment = one_on(ADA)
    clip = moment.session.clips[0]
    short = replace(clip.iterations[0], energy_wh=figure(0.02, Grade.AVERAGED))
    facts = replace(moment.session, clips=(replace(clip, iterations=(short,)),))
    rows = told(texts, replace(moment, session=facts))
    assert "shorter than two of them" in rows["● measured, averaged"]
