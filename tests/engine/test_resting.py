"""When a device rests, and who holds it: jobs, queues, foreign use, servers that went."""

from dataclasses import replace

import pytest
from support.engine import CARD, S, a_ledger, a_source, a_start, an_end

from vidgreen_gui.engine.idle import Rest
from vidgreen_gui.engine.resting import Resting, is_learnt_from
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import DeviceKind

SOURCE = "comfyui:8188"
SEEING = replace(CARD, sees_processes=True)


@pytest.fixture
def ledger():
    return a_ledger()


@pytest.fixture
def resting(ledger):
    return Resting(ledger)


def work(ledger, resting, start_s, end_s):
    started = replace(
        a_start("a", start_s), iteration_id="i1", clip_id="c1", number=1, device_ids=(CARD.id,)
    )
    ledger.apply(
        ev.SessionStarted(
            t_ns=0, session_id="s1", project_id="p1", kind=ev.SessionKind.LIVE, utc_ns=0
        )
    )
    ledger.apply(started)
    for at_s in range(start_s, end_s):
        resting.look(at_s * S)
    ledger.apply(an_end("a", end_s))


def used(*users, t_s=0):
    return ev.DeviceUsed(t_ns=t_s * S, device_id=CARD.id, users=users)


def test_untouched_until_work_then_held_by_its_server(ledger, resting):
    resting.look(0)
    assert resting.rest_of(CARD, 0) is Rest.UNTOUCHED
    ledger.apply(a_source())
    assert resting.rest_of(CARD, S) is None  # nobody can say whether it holds the card
    work(ledger, resting, 5, 20)
    assert resting.rest_of(CARD, 21 * S) is None  # it cools
    assert resting.rest_of(CARD, 30 * S) is Rest.CONTEXT
    ledger.apply(ev.SourceLost(t_ns=40 * S, source_id=SOURCE))
    assert resting.rest_of(CARD, 50 * S) is None


def test_where_processes_are_seen_they_decide(ledger, resting):
    ledger.apply(a_source())
    assert resting.rest_of(SEEING, 0) is Rest.UNTOUCHED
    ledger.apply(used(ev.DeviceUser(7, "python", SOURCE, 0, 10**9)))
    assert resting.rest_of(SEEING, 0) is Rest.CONTEXT
    work(ledger, resting, 5, 20)
    assert resting.rest_of(SEEING, 60 * S) is Rest.CONTEXT
    ledger.apply(ev.SourceLost(t_ns=61 * S, source_id=SOURCE))
    assert resting.rest_of(SEEING, 62 * S) is None  # was it seen after that?
    ledger.apply(used(t_s=63))
    assert resting.rest_of(SEEING, 64 * S) is Rest.BARE


def test_a_game_is_no_rest_but_a_desktop_is(ledger, resting):
    ledger.apply(used(ev.DeviceUser(9, "game", "", 60, 10**9)))
    assert resting.rest_of(SEEING, 0) is None
    ledger.apply(used(ev.DeviceUser(9, "Xorg", "", 2, 10**9)))
    assert resting.rest_of(SEEING, 0) is Rest.UNTOUCHED


def test_a_queue_is_no_rest(ledger, resting):
    ledger.apply(a_source())
    ledger.apply(ev.QueueChanged(t_ns=0, source_id=SOURCE, running=0, pending=3))
    resting.look(5 * S)
    assert not resting.is_quiet(14 * S)
    assert resting.is_quiet(15 * S)


def test_only_cards_that_are_measured_are_learnt_from():
    assert is_learnt_from(CARD)
    assert not is_learnt_from(replace(CARD, grade=Grade.SIMULATED))
    assert not is_learnt_from(replace(CARD, kind=DeviceKind.CPU))
