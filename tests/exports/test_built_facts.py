"""The sessions that tests are given add up, so that what is made of them can."""

import pytest
from support import facts as built

from vidgreen_gui.model.footprint import Grade

SESSIONS = [
    built.empty_session,
    built.single_iteration,
    built.spring_campaign,
    built.troubled_session,
    built.simulated_session,
    built.mixed_session,
    built.hostile_session,
    built.long_session,
]


@pytest.mark.parametrize("build", SESSIONS, ids=lambda build: build.__name__)
def test_total_is_the_sum_of_its_parts(build):
    facts = build()
    parts = [one.energy_wh for clip in facts.clips for one in clip.iterations]
    parts += [facts.idle_wh, facts.other_wh]
    if facts.totals.grade is not Grade.SIMULATED:
        parts = [one for one in parts if one.grade is not Grade.SIMULATED]
    assert sum(one.best or 0.0 for one in parts) == pytest.approx(facts.totals.energy_wh.best)


def test_the_picture_s_story():
    facts = built.spring_campaign()
    assert [round(clip.energy_wh.best) for clip in facts.clips] == [98, 246, 150]
    assert sum(len(clip.iterations) for clip in facts.clips) == facts.totals.iterations == 11
    assert facts.totals.energy_wh.best == pytest.approx(543.7)
    assert facts.totals.co2e_g.best == pytest.approx(16.9, abs=0.05)
    assert built.snapshot(facts).running_ids == ("s-spring:c-03:4",)
