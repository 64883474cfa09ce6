"""Whatever a meter goes through, energy is never negative, never absurd, and conserved."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.clock import ManualClock
from support.engine import CARD, RUN, S

from vidgreen_gui.engine.live_account import LiveAccount
from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.engine.sampler import Sampler
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.model.events import DeviceGap
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.power import Reading, Wants
from vidgreen_gui.model.session import Iteration, Status

HIGHEST_MW = 500_000
LIMITED = replace(CARD, power_limit_mw=400_000)


class Ordeal:
    """A board with a counter that goes through what boards go through; its clock is by hand."""

    name = "ordeal"

    def __init__(self, clock):
        self._clock = clock
        self._last_ns = clock.steady_ns()
        self.power_mw = 100_000
        self.offset_mj = 5_000_000
        self.true_mj = 0.0
        self.frozen_mj = None
        self.wrap_mj = None
        self.fault = None

    def open(self):
        return (LIMITED,)

    def found(self):
        return ()

    def pass_time(self):
        now_ns = self._clock.steady_ns()
        self.true_mj += self.power_mw * (now_ns - self._last_ns) / S
        self._last_ns = now_ns

    def read(self, device_id, wants):
        self.pass_time()
        if self.fault is not None:
            raise MeterFault(self.fault, device_id)
        counted = round(self.offset_mj + self.true_mj)
        if self.wrap_mj is not None:
            counted %= self.wrap_mj
        if self.frozen_mj is not None:
            counted = self.frozen_mj
        return Reading(
            power_mw=self.power_mw if Wants.POWER in wants else None,
            energy_mj=counted if Wants.COUNTER in wants else None,
        )

    def close(self):
        pass


class Course:
    """Puts a board through steps and keeps account."""

    def __init__(self):
        self.clock = ManualClock()
        self.board = Ordeal(self.clock)
        self.account = LiveAccount(TimeMap(RUN))
        self.anchor_ns = self.clock.steady_ns()
        self.slept_s = 0.0
        self.sampler = Sampler(
            self.board, self.board.open(), self.clock, self.take,
            anchor_ns=self.anchor_ns, history=PowerHistory(),
        )  # fmt: skip

    def take(self, blocks, events):
        self.account.add(blocks)
        for event in events:
            if isinstance(event, DeviceGap) and event.slept_ns:
                self.account.slept(event)

    def run(self, seconds):
        end_ns = self.clock.steady_ns() + round(seconds * S)
        while self.sampler.deadline_ns <= end_ns:
            self.clock.advance_ns(max(0, self.sampler.deadline_ns - self.clock.steady_ns()))
            self.sampler.tick()

    def finish(self):
        """Run on for a moment and hand over what was sampled."""
        self.run(3)
        self.sampler._hand_over(self.clock.steady_ns())

    @property
    def now_ns(self):
        return self.clock.steady_ns() - self.anchor_ns

    def step(self, what, size):
        """Go through one thing of a size from 0 to 1, and a few seconds of what follows."""
        board = self.board
        match what:
            case "work":
                board.pass_time()
                board.power_mw = round(size * HIGHEST_MW)
            case "reload":
                board.offset_mj = -board.true_mj
            case "rewind":
                board.offset_mj -= round(size * 5_000_000)
            case "leap":
                board.offset_mj += round(size * 10**12)
            case "wrap":
                board.wrap_mj = None if board.wrap_mj else 200_000
            case "freeze":
                board.frozen_mj = (
                    None if board.frozen_mj else round(board.offset_mj + board.true_mj)
                )
            case "lose":
                board.fault = MeterFaultKind.GPU_LOST
                self.run(5 * size)
                board.fault = None
            case "odd":
                board.fault = MeterFaultKind.IMPLAUSIBLE
                self.run(0.5 * size)
                board.fault = None
            case "sleep":
                # The driver may count on meanwhile; what it counts is nobody's.
                self.clock.sleep(10 + 3600 * size)
                self.slept_s += 10 + 3600 * size
                board.offset_mj += round(size * 10**8)
            case "stall":
                self.clock.advance(5 * size)
                board.pass_time()
            case "set clock":
                self.clock.step_wall((size - 0.5) * 7200)
        self.run(1.0 + 3 * size)


STEPS = st.tuples(
    st.sampled_from(
        [
            "work",
            "reload",
            "rewind",
            "leap",
            "wrap",
            "freeze",
            "lose",
            "odd",
            "sleep",
            "stall",
            "set clock",
        ]
    ),
    st.floats(0.0, 1.0),
)


def a_job(start_ns, end_ns):
    return Iteration(
        id="job", source_kind="script", external_id="job", session_id="s", clip_id="c", number=1,
        source_id="src", run_id=RUN.id, status=Status.COMPLETED, device_ids=(LIMITED.id,),
        start_ns=start_ns, end_ns=end_ns,
    )  # fmt: skip


def rows_of(course, job):
    return course.account.rows("s", 0, course.now_ns, (LIMITED,), (job,))


@settings(max_examples=120)
@given(st.lists(STEPS, max_size=8))
@example([("lose", 1.0)] * 3 + [("sleep", 1.0)])
@example([("sleep", 0.5), ("lose", 0.0), ("sleep", 0.5)])
def test_no_sequence_makes_energy_negative_or_absurd(steps):
    course = Course()
    course.run(3)
    begin_ns = course.now_ns
    for what, size in steps:
        course.step(what, size)
    job = a_job(begin_ns, course.now_ns)
    course.finish()
    rows = rows_of(course, job)
    awake_s = course.now_ns / S
    for row in rows:
        assert 0.0 <= row.low_j <= row.energy_j <= row.high_j
    total_j = sum(row.energy_j for row in rows)
    assert total_j <= 1.01 * HIGHEST_MW / 1000 * awake_s
    gap_s = sum(row.gap_s for row in rows)
    assert gap_s >= course.slept_s - 1e-6
    # The law, against an account that knows of no job.
    alone = course.account.rows("s", 0, course.now_ns, (LIMITED,), ())
    assert total_j == pytest.approx(sum(row.energy_j for row in alone), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("counts_asleep", [False, True])
def test_sleep_is_a_gap_of_its_length_and_not_one_joule_over_it(counts_asleep):
    course = Course()
    course.run(20)
    course.clock.sleep(8 * 3600)
    course.board.offset_mj += 10**9 if counts_asleep else 0
    course.run(20)
    job = a_job(10 * S, 30 * S)
    course.finish()
    rows = rows_of(course, job)
    (mine,) = [row for row in rows if row.owner == "job"]
    awake_j = sum(row.energy_j for row in rows)
    assert sum(row.gap_s for row in rows) == pytest.approx(8 * 3600, abs=0.2)
    assert mine.gap_s == pytest.approx(8 * 3600, abs=0.2)
    assert awake_j == pytest.approx(100.0 * 43, rel=0.01)
    assert awake_j <= 100.0 * course.now_ns / S + 1e-6
    assert mine.energy_j == pytest.approx(2000.0, rel=0.01)


def test_the_wall_clock_moves_no_joule():
    sums = []
    for step_s in (0.0, 3600.0, -3600.0):
        course = Course()
        course.run(5)
        course.clock.step_wall(step_s)
        course.run(5)
        course.finish()
        rows = rows_of(course, a_job(2 * S, 8 * S))
        sums.append({(row.owner): row.energy_j for row in rows})
    assert all(one == two for one, two in itertools.pairwise(sums))
