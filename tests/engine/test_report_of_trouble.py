"""What a stored session's report says of sleep, of a wall clock that steps, of an odd counter."""

from array import array
from dataclasses import replace

import pytest
from support.engine import CARD, PROJECT, RUN, UTC, S

from vidgreen_gui.engine.report import session_energy, session_report
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.power import CounterBlock, PowerBlock
from vidgreen_gui.model.session import Clip, Iteration, Session, SessionKind, Status
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import Store
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.resources import load_texts

LENGTH_S = 400
SESSION = Session(
    id="s", project_id="p1", kind=SessionKind.LIVE, run_id="run1", started_utc_ns=UTC,
    ended_utc_ns=UTC + LENGTH_S * S, ended_by="user",
)  # fmt: skip
JOB = Iteration(
    id="a", source_kind="comfyui", external_id="a", session_id="s", clip_id="c", number=1,
    source_id="x", run_id="run1", status=Status.COMPLETED, device_ids=(CARD.id,),
    start_ns=100 * S, end_ns=300 * S, started_utc_ns=UTC + 100 * S, ended_utc_ns=UTC + 300 * S,
)  # fmt: skip


def reported(folder, *events, counter_w=100, job=JOB):
    """Store a session of a constant 100 W with these events in its log; return reader, facts."""
    began = ev.SessionStarted(t_ns=0, session_id="s", project_id="p1", kind="live", utc_ns=UTC)
    over = ev.SessionEnded(t_ns=LENGTH_S * S, session_id="s", ended_by="user", utc_ns=0)
    log = (began, ev.DeviceFound(t_ns=0, device=CARD), *events, over)
    tenths = [n * S // 10 for n in range(LENGTH_S * 10 + 1)]
    steady = array("q", [100_000] * len(tenths))
    seconds = [n * S for n in range(LENGTH_S + 1)]
    joules = [n * counter_w * 1000 for n in range(LENGTH_S + 1)]
    store = Store.open(folder)
    store.begin_run(RUN)
    store.write(
        Batch(
            run_id="run1", projects=(PROJECT,), sessions=(SESSION,), iterations=(job,),
            clips=(Clip(id="c", project_id="p1", name="shot"),),
            events=tuple(ev.Logged(n, "run1", "s", event) for n, event in enumerate(log, 1)),
            blocks=(
                PowerBlock(CARD.id, S // 10, array("q", tenths), steady),
                CounterBlock(CARD.id, S, array("q", seconds), array("q", joules)),
            ),
        )
    )  # fmt: skip
    store.close()
    reader = Reader(folder)
    return reader, session_report(reader, SESSION)


def iteration(facts):
    return facts.clips[0].iterations[0]


def test_without_trouble_nothing_is_said(tmp_path):
    _, facts = reported(tmp_path)
    assert (facts.notices, facts.totals.gap_s) == ((), 0.0)
    assert iteration(facts).energy_wh.best == pytest.approx(200 * 100 / 3600)


def test_an_odd_counter_is_told_with_its_device(tmp_path):
    _, facts = reported(tmp_path, counter_w=112)
    (notice,) = facts.notices
    assert dict(notice.arguments) == {"device": "Test card", "percent": 12}
    assert iteration(facts).energy_wh.best == pytest.approx(200 * 112 / 3600)
    for language in ("en", "fr"):
        assert "12" in load_texts(language).fault(notice)


def test_sleep_in_a_job_is_a_gap_of_the_job_s(tmp_path):
    slept = ev.DeviceGap(
        t_ns=200 * S, device_id=CARD.id, until_ns=200 * S + S // 10, reason="slept",
        slept_ns=5400 * S,
    )  # fmt: skip
    woken = ev.ClockAnchored(t_ns=200 * S + S // 5, boottime_ns=0, utc_ns=UTC + 5600 * S)
    job = replace(JOB, ended_utc_ns=UTC + 5700 * S)
    _, facts = reported(tmp_path, slept, woken, job=job)
    assert iteration(facts).gap_s == pytest.approx(5400.1)
    assert iteration(facts).duration_s == pytest.approx(5600)
    assert facts.totals.gap_s == pytest.approx(5400.1)
    assert iteration(facts).energy_wh.best == pytest.approx(199.9 * 100 / 3600)
    assert facts.idle_wh.best == pytest.approx(200 * 100 / 3600)


def test_a_wall_clock_that_steps_changes_no_joule_and_stores_every_row(tmp_path):
    back = ev.ClockAnchored(t_ns=200 * S, boottime_ns=0, utc_ns=UTC - 3600 * S)
    forth = ev.ClockAnchored(t_ns=250 * S, boottime_ns=0, utc_ns=UTC + 250 * S)
    reader, facts = reported(tmp_path, replace(back, t_ns=150 * S), forth)
    assert facts.totals.energy_wh.best == pytest.approx(LENGTH_S * 100 / 3600)
    rows = session_energy(reader, SESSION)
    assert len({(row.owner, row.half_hour_utc_ns) for row in rows}) == len(rows)
    assert sum(row.energy_j for row in rows) == pytest.approx(LENGTH_S * 100)
