"""Every trace of the replay library, played through sampler and account, holds the truth."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from support.clock import ManualClock
from support.engine import RUN, S

from vidgreen_gui.engine.live_account import LiveAccount
from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.engine.sampler import Sampler
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.meters.replay import ReplayMeter
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.session import Iteration, Status
from vidgreen_gui.model.units import NS_PER_MS

LIBRARY = Path(__file__).resolve().parents[1] / "data" / "traces"
TRACES = sorted(LIBRARY.glob("*.trace"))
# A trace holds a sample until its next: asked just after each, the lag is no more than this.
AFTER_NS = 5 * NS_PER_MS


@dataclass(frozen=True)
class Job:
    """A job that a trace's remarks tell of; `true_j` is None in a recorded trace."""

    name: str
    device: str
    start_ns: int
    end_ns: int
    true_j: float | None


def jobs_of(events):
    begun, jobs = {}, []
    for event in events:
        word, *rest = event.text.split()
        if word != "job":
            continue
        if rest[1] == "begin":
            begun[event.device, rest[0]] = event.t_ns
        else:
            true_j = float(rest[2]) if len(rest) > 2 else None
            start_ns = begun[event.device, rest[0]]
            jobs.append(Job(rest[0], event.device, start_ns, event.t_ns, true_j))
    return jobs


def iteration(job):
    return Iteration(
        id=job.name, source_kind="script", external_id=job.name, session_id="s", clip_id="c",
        number=1, source_id="src", run_id=RUN.id, status=Status.COMPLETED,
        device_ids=(job.device,), start_ns=job.start_ns, end_ns=job.end_ns,
    )  # fmt: skip


def play(path):
    """Return the trace's devices, jobs and energy rows by owner."""
    clock = ManualClock()
    meter = ReplayMeter(path, clock, Grade.MEASURED)
    devices = meter.open()
    account = LiveAccount(TimeMap(RUN))
    anchor_ns = clock.steady_ns()
    clock.advance_ns(AFTER_NS)
    sampler = Sampler(
        meter, devices, clock, lambda blocks, _events: account.add(blocks),
        anchor_ns=anchor_ns, history=PowerHistory(),
    )  # fmt: skip
    end_ns = anchor_ns + meter.duration_ns
    while sampler.deadline_ns <= end_ns:
        clock.advance_ns(max(0, sampler.deadline_ns - clock.steady_ns()))
        sampler.tick()
    sampler._hand_over(clock.steady_ns())
    jobs = jobs_of(meter.events())
    now_ns = clock.steady_ns() - anchor_ns
    rows = account.rows("s", 2 * S, now_ns, devices, [iteration(job) for job in jobs])
    return devices, jobs, rows


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_the_true_energy_of_each_job_lies_in_its_range(path):
    _devices, jobs, rows = play(path)
    assert jobs or path.stem.startswith("real-")
    for job in jobs:
        mine = [row for row in rows if row.owner == job.name and row.device_id == job.device]
        low_j, best_j, high_j = (
            sum(getattr(row, name) for row in mine) for name in ("low_j", "energy_j", "high_j")
        )
        assert low_j <= best_j <= high_j
        if job.true_j is not None:
            assert low_j <= job.true_j <= high_j, (job, low_j, best_j, high_j)


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_a_minute_of_work_is_known_to_a_tenth_and_no_range_is_without_width(path):
    _devices, jobs, rows = play(path)
    for job in jobs:
        mine = [row for row in rows if row.owner == job.name and row.device_id == job.device]
        width = sum(row.high_j - row.low_j for row in mine)
        assert width > 0.0
        if job.true_j is not None and job.end_ns - job.start_ns > 10 * S:
            assert width / 2 < 0.10 * job.true_j


def test_jobs_shorter_than_the_sensor_sees_are_not_called_measured():
    _devices, jobs, rows = play(LIBRARY / "synthetic-short-jobs.trace")
    grades = {job.name: {row.grade for row in rows if row.owner == job.name} for job in jobs}
    assert grades["n0"] == {"averaged"}
    assert grades["n1"] == {"averaged"}
    assert grades["n11"] == {"measured"}


def test_a_board_that_went_away_leaves_a_gap_and_the_other_alone():
    _devices, _jobs, rows = play(LIBRARY / "synthetic-two-boards-one-lost.trace")
    gaps = {board: sum(row.gap_s for row in rows if row.device_id == board) for board in ("a", "b")}
    assert gaps["b"] == pytest.approx(23.0, abs=0.5)
    assert gaps["a"] < 1.0


def test_the_library_is_what_its_generator_writes(tmp_path, monkeypatch):
    import runpy

    made = runpy.run_path(str(LIBRARY / "make.py"), run_name="library")
    monkeypatch.setitem(made["write"].__globals__, "HERE", tmp_path)
    made["main"]()
    for path in LIBRARY.glob("synthetic-*.trace"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
