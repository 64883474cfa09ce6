"""The wall clock is set while a job is recorded: labels follow within a second, no joule moves."""

import time
from dataclasses import replace

import pytest
from support.engine import CARD, UTC, S, a_source, a_start, an_end
from support.watchers import ScriptedWatcher
from support.whole_machine import LENGTH_S, job, reported

from vidgreen_gui.engine.report import find_session, session_report
from vidgreen_gui.model.events import ClockAnchored
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.clock import SystemClock
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.verbs import assembly

STEP_S = 7200


@pytest.mark.full
@pytest.mark.timeout(60)
def test_the_wall_clock_is_set_back_in_the_middle_of_a_job(tmp_path, monkeypatch):
    ahead_ns = [0]

    class Watch(SystemClock):
        @staticmethod
        def utc_ns():
            return time.time_ns() + ahead_ns[0]

    monkeypatch.setattr(assembly, "SystemClock", Watch)
    script = ((0.1, a_source()), (0.1, a_start("a", 0.0)), (2.6, an_end("a", 0.0)))
    made = []

    def watchers(clock, *_):
        made.append(ScriptedWatcher(clock, script))
        return tuple(made)

    paths = Paths(tmp_path / "data", tmp_path / "config")
    request = assembly.RecorderRequest(paths=paths, holder="record", meter="simulated")
    assembled = assembly.assemble(request, watchers)
    assembled.recorder.start()
    time.sleep(1.0)
    ahead_ns[0] = -STEP_S * S
    while not made[0].done:
        time.sleep(0.05)
    ended_utc_ns = Watch.utc_ns()
    time.sleep(1.1)
    assembled.close()
    reader = Reader(paths.data)
    facts = session_report(reader, find_session(reader, "last"))
    (found,) = facts.clips[0].iterations
    assert abs(found.iteration.ended_utc_ns - ended_utc_ns) < S // 4
    steady_s = (found.iteration.end_ns - found.iteration.start_ns) / S
    assert found.duration_s == steady_s == pytest.approx(2.6, abs=0.4)
    (shown,) = assembled.recorder.latest().session.clips[0].iterations
    assert found.energy_wh.best == pytest.approx(shown.energy_wh.best, rel=1e-6)
    assert found.energy_wh.best * 3600 > 50 * steady_s
    (row,) = [row for row in reader.sessions() if row.session.id == facts.session.id]
    assert row.energy_wh.best == pytest.approx(facts.totals.energy_wh.best, rel=1e-6)
    assert facts.totals.gap_s == 0.0
    assert reader.audit() == ()


@pytest.mark.parametrize("step_s", [-STEP_S, STEP_S])
def test_what_came_together_ends_at_the_total_however_the_clock_was_set(tmp_path, step_s):
    anchors = tuple(
        ClockAnchored(t_ns=at_s * S, boottime_ns=0, utc_ns=UTC + (at_s + ahead_s) * S)
        for at_s, ahead_s in ((0, 0), (150, step_s))
    )
    late = replace(job("a", 100, 200, CARD), ended_utc_ns=UTC + (200 + step_s) * S)
    reader, session = reported(tmp_path, (CARD,), jobs=(late,), events=anchors)
    session = replace(session, ended_utc_ns=UTC + (LENGTH_S + step_s) * S)
    facts = session_report(reader, session)
    assert facts.totals.energy_wh.best == pytest.approx(300 * LENGTH_S / 3600)
    reached = [column[-1] for column in facts.cumulative.energy_wh]
    assert sum(reached) == pytest.approx(facts.totals.energy_wh.best, rel=1e-9)
