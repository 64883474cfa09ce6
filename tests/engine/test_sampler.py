"""The sampler on a clock that moves by hand: grid, faults, gaps, lanes, sleep."""

import math
import threading
import time
from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import ManualClock
from support.meters import ScriptedMeter, device

from vidgreen_gui.engine import probe as probe_module
from vidgreen_gui.engine import sampler as sampler_module
from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.engine.sampler import UNSEEN_PROCESSES_NS, Sampler
from vidgreen_gui.meters.simulated import SimulatedMeter
from vidgreen_gui.model.events import (
    ClockAnchored,
    DeviceFound,
    DeviceGap,
    DeviceLost,
    DeviceUsed,
    DeviceUser,
)
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.power import (
    CounterBlock,
    DeviceKind,
    PowerBlock,
    ProcessUse,
    SlowBlock,
    Wants,
)
from vidgreen_gui.model.session import PhaseName
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S
from vidgreen_gui.system.clock import SystemClock

TENTH = NS_PER_S // 10


class Bench:
    """A sampler on a ManualClock with all that it delivered."""

    def __init__(self, *devices, period_ns=TENTH, meter=None, clock=None):
        self.clock = clock or ManualClock()
        self.meter = meter or ScriptedMeter(self.clock, *devices)
        self.anchor_ns = self.clock.steady_ns()
        self.history = PowerHistory()
        self.blocks = []
        self.events = []
        self.deliveries = 0
        self.sampler = Sampler(
            self.meter,
            self.meter.open(),
            self.clock,
            self.take,
            anchor_ns=self.anchor_ns,
            history=self.history,
            period_ns=period_ns,
        )

    def take(self, blocks, events):
        self.deliveries += 1
        self.blocks += blocks
        self.events += events

    def tick(self):
        self.clock.advance_ns(max(0, self.sampler.deadline_ns - self.clock.steady_ns()))
        self.sampler.tick()

    def run(self, seconds):
        """Tick at each deadline until `seconds` later, then hand over what is left."""
        end_ns = self.clock.steady_ns() + round(seconds * NS_PER_S)
        while self.sampler.deadline_ns <= end_ns:
            self.tick()
        self.clock.advance_ns(max(0, end_ns - self.clock.steady_ns()))
        self.sampler._hand_over(self.clock.steady_ns())
        return self

    def samples(self, device_id="gpu"):
        """Return (t_ns, power_mw) of all power samples."""
        return [
            pair
            for block in self.blocks
            if isinstance(block, PowerBlock) and block.device_id == device_id
            for pair in zip(block.t_ns, block.power_mw, strict=True)
        ]

    def times(self, device_id="gpu"):
        return [t_ns for t_ns, _ in self.samples(device_id)]

    def said(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


def gaps(bench):
    return [(gap.reason, gap.t_ns, gap.until_ns) for gap in bench.said(DeviceGap)]


# ---- the grid


@pytest.mark.parametrize("hertz", [1, 2, 4, 10, 50])
def test_the_grid_is_absolute_and_does_not_drift(hertz):
    bench = Bench(period_ns=NS_PER_S // hertz)
    # Each call takes a while; the next deadline is where it would have been.
    bench.meter.before = lambda device_id, wants: bench.clock.advance_ns(3 * NS_PER_MS)
    bench.run(100)
    asked = [t_ns - bench.anchor_ns for t_ns, _, _ in bench.meter.asked]
    assert asked == [n * (NS_PER_S // hertz) for n in range(100 * hertz + 1)]
    assert bench.times() == [t_ns + 3 * NS_PER_MS for t_ns in asked]
    assert bench.sampler.missed_ticks == 0


@pytest.mark.parametrize(("asked_ns", "used_ns"), [(1, NS_PER_S // 50), (10**12, NS_PER_S)])
def test_the_rate_stays_between_1_and_50_hertz(asked_ns, used_ns):
    bench = Bench(period_ns=asked_ns).run(5)
    assert {later - earlier for earlier, later in pairwise(bench.times())} == {used_ns}


def test_missed_ticks_are_counted_and_not_made_up_for():
    bench = Bench().run(1)
    bench.clock.advance(5.03)
    before = len(bench.meter.asked)
    bench.sampler.tick()
    assert len(bench.meter.asked) == before + 1
    assert bench.sampler.missed_ticks == 49
    bench.run(1)
    # Back on the old grid.
    assert all(t_ns % TENTH == 0 for t_ns in bench.times()[-9:])


def test_a_call_longer_than_a_period_halves_the_rate():
    bench = Bench()
    bench.meter.before = lambda device_id, wants: bench.clock.advance_ns(120 * NS_PER_MS)
    bench.run(10)
    assert {round((b - a) / TENTH) for a, b in pairwise(bench.times())} == {2}
    assert bench.sampler.missed_ticks == len(bench.times())
    assert gaps(bench) == []


@pytest.mark.parametrize("hertz", [1, 2, 3, 4, 10, 50])
def test_power_each_tick_counter_and_slow_fields_once_a_second_two_calls_a_tick(hertz):
    bench = Bench(period_ns=NS_PER_S // hertz).run(40)
    wants = [asked for _, _, asked in bench.meter.asked]
    assert all(Wants.POWER in asked for asked in wants)
    assert not any(Wants.COUNTER in asked and Wants.SLOW in asked for asked in wants)
    for flag, kind in ((Wants.COUNTER, CounterBlock), (Wants.SLOW, SlowBlock)):
        # At one tick a second, who uses the device takes the place of every other slow field.
        least = 10 if flag is Wants.SLOW and hertz == 1 else 20
        assert sum(flag in asked for asked in wants) >= least
        series = {}
        for block in bench.blocks:
            if isinstance(block, kind):
                name = getattr(block, "quantity", "counter")
                series.setdefault(name, []).extend(block.t_ns)
                assert block.period_ns >= 0.99 * NS_PER_S
        assert len(series) == (1 if kind is CounterBlock else 4)
        for times in series.values():
            spacings = [b - a for a, b in pairwise(times)]
            assert min(spacings) >= 0.99 * NS_PER_S


def test_a_device_without_a_counter_is_not_asked_for_it():
    bench = Bench(device("gpu", has_counter=False)).run(5)
    assert not any(Wants.COUNTER in wants for _, _, wants in bench.meter.asked)


def test_it_delivers_every_second_and_loses_nothing_on_the_way():
    bench = Bench().run(10)
    assert bench.deliveries in range(12, 14)
    assert len(bench.samples()) == 101
    assert isinstance(bench.blocks[0].t_ns, array)
    assert [event.device.id for event in bench.said(DeviceFound)] == ["gpu"]


def test_every_sample_is_in_the_history():
    bench = Bench().run(3)
    assert bench.history.latest("gpu") == bench.samples()[-1]


# ---- changing the period


@pytest.mark.parametrize(("first", "second"), [(10, 1), (1, 10), (10, 50)])
def test_a_new_period_begins_with_a_tick_and_leaves_no_gap(first, second):
    bench = Bench(period_ns=NS_PER_S // first).run(5.55)
    bench.sampler.set_period(NS_PER_S // second)
    bench.sampler.tick()
    bench.run(10)
    assert gaps(bench) == []
    power = [block for block in bench.blocks if isinstance(block, PowerBlock)]
    assert {block.period_ns for block in power} == {NS_PER_S // first, NS_PER_S // second}
    last_ns = None
    for block in power:
        for t_ns in block.t_ns:
            assert last_ns is None or t_ns - last_ns <= block.period_ns
            last_ns = t_ns


# ---- a pace of its own


@pytest.mark.parametrize(
    ("hertz", "own_ms", "spacing_ms"),
    [
        (10, 1000, 1000),
        (10, 250, 300),
        (10, 60, 100),
        (50, 50, 60),
        (1, 500, 1000),
        (1, 1500, 2000),
    ],
)
def test_a_device_slower_than_the_grid_is_asked_when_it_is_due(hertz, own_ms, spacing_ms):
    slow = device("slow", sampling_ns=own_ms * NS_PER_MS)
    bench = Bench(device("quick"), slow, period_ns=NS_PER_S // hertz)
    # No tick comes exactly on time.
    bench.meter.before = lambda device_id, wants: bench.clock.advance_ns(2 * NS_PER_MS)
    bench.run(60)
    asked = [t_ns for t_ns, device_id, _ in bench.meter.asked if device_id == "slow"]
    assert {round((b - a) / NS_PER_MS, -1) for a, b in pairwise(asked)} == {spacing_ms}
    mine = [b for b in bench.blocks if isinstance(b, PowerBlock) and b.device_id == "slow"]
    assert {block.period_ns for block in mine} == {spacing_ms * NS_PER_MS}
    assert gaps(bench) == []


def test_a_gap_of_a_slow_device_is_one_of_three_of_its_own_periods():
    bench = Bench(device("quick"), device("slow", sampling_ns=NS_PER_S)).run(5)
    bench.clock.advance(2.5)
    bench.run(5)
    assert {gap.device_id for gap in bench.said(DeviceGap)} == {"quick"}
    bench.clock.advance(3.5)
    bench.run(5)
    assert {gap.device_id for gap in bench.said(DeviceGap)} == {"quick", "slow"}


def test_when_the_grid_slows_down_nothing_that_is_slow_has_a_gap():
    devices = (device("gpu"), device("rapl", sampling_ns=NS_PER_S), device("plug", is_slow=True))
    bench = Bench(*devices[:2]).run(5)
    for period_ns in (NS_PER_S, TENTH, NS_PER_S):
        bench.sampler.set_period(period_ns)
        bench.sampler.tick()
        bench.run(10)
    assert gaps(bench) == []
    assert len(bench.samples("rapl")) == pytest.approx(35, abs=4)


@pytest.mark.parametrize("kind", [DeviceKind.CPU, DeviceKind.MACHINE, DeviceKind.WALL])
def test_what_is_no_gpu_is_asked_for_power_and_counter_alone(kind):
    bench = Bench(device(kind=kind, sampling_ns=NS_PER_S)).run(20)
    assert {wants for _, _, wants in bench.meter.asked} == {Wants.POWER | Wants.COUNTER}


@pytest.mark.parametrize(("hertz", "every_s"), [(50, 2), (10, 2), (4, 2), (2, 2), (1, 4)])
def test_who_uses_a_gpu_is_asked_in_turn(hertz, every_s):
    bench = Bench(device("a"), device("b"), device("blind", sees_processes=False),
                  period_ns=NS_PER_S // hertz)  # fmt: skip
    bench.meter.processes = (ProcessUse(42, 70, 1 << 30),)
    bench.run(100)
    for device_id in ("a", "b"):
        asked = [
            t for t, i, wants in bench.meter.asked if i == device_id and Wants.PROCESSES in wants
        ]
        assert {(b - a) / NS_PER_S for a, b in pairwise(asked)} == {every_s}
        told = [event for event in bench.said(DeviceUsed) if event.device_id == device_id]
        assert [event.t_ns for event in told] == [t - bench.anchor_ns for t in asked]
        assert told[0].users == (DeviceUser(42, "", "", 70, 1 << 30),)
    assert not any(i == "blind" and Wants.PROCESSES in wants for _, i, wants in bench.meter.asked)
    # A list takes a driver long: not two of them in one tick, and never more than two calls.
    ticks = [t for t, _, wants in bench.meter.asked if Wants.PROCESSES in wants]
    assert hertz < 4 or len(set(ticks)) == len(ticks)
    assert all(len(wants) <= 2 for _, _, wants in bench.meter.asked)


def test_while_nobody_works_or_looks_users_are_asked_for_seldom():
    bench = Bench().run(5)
    bench.sampler.set_period(NS_PER_S, UNSEEN_PROCESSES_NS)
    bench.sampler.tick()
    bench.run(100)
    asked = [t for t, _, wants in bench.meter.asked if Wants.PROCESSES in wants][-4:]
    assert {(b - a) / NS_PER_S for a, b in pairwise(asked)} == {20}


# ---- devices that come


def test_a_device_that_comes_is_sampled_from_then_on_and_only_once():
    bench = Bench(device("first")).run(5)
    late = device("late", sampling_ns=NS_PER_S)
    for _ in range(3):
        bench.sampler.add(late)
    bench.run(5)
    assert [event.device.id for event in bench.said(DeviceFound)] == ["first", "late"]
    assert len(bench.samples("late")) == 5
    assert gaps(bench) == []
    assert bench.history.latest("late") is not None


def test_a_lost_device_that_is_found_again_is_tried_at_once_as_what_it_is_now():
    bench = Bench(device("gpu", index=1)).run(1)
    bench.meter.fail("gpu", MeterFaultKind.GPU_LOST)
    bench.run(100)
    bench.meter.mend()
    bench.sampler.add(device("gpu", index=0))
    bench.run(0.2)
    assert [event.device.index for event in bench.said(DeviceFound)] == [1, 0]
    assert [reason for reason, _, _ in gaps(bench)] == ["gpu_lost"]


# ---- faults


def test_a_fault_is_said_once_tried_again_ever_later_and_its_end_said_once():
    bench = Bench().run(1)
    bench.meter.fail("gpu", MeterFaultKind.GPU_LOST)
    lost_from = bench.clock.steady_ns()
    bench.run(200)
    tried = [(t_ns - lost_from) / NS_PER_S for t_ns, _, _ in bench.meter.asked if t_ns > lost_from]
    waits = [round(b - a) for a, b in pairwise(tried)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    (lost,) = bench.said(DeviceLost)
    assert lost.code == "fault.meter.gpu_lost"
    assert lost.detail == "scripted"
    bench.meter.mend()
    bench.run(61)
    assert len(bench.said(DeviceFound)) == 2
    assert len(bench.said(DeviceLost)) == 1
    ((reason, start_ns, until_ns),) = gaps(bench)
    assert reason == "gpu_lost"
    assert start_ns == lost.t_ns - TENTH
    assert until_ns in bench.times()
    assert until_ns == bench.said(DeviceFound)[1].t_ns


def test_a_flapping_device_is_tried_less_and_less():
    bench = Bench().run(1)
    calls = iter(range(10**6))

    def flap(device_id, wants):
        if next(calls) % 2 == 0:
            raise MeterFault(MeterFaultKind.UNKNOWN, device_id)

    bench.meter.before = flap
    bench.run(300)
    assert len(bench.said(DeviceLost)) <= 12


@pytest.mark.parametrize("kind", [k for k in MeterFaultKind if k is not MeterFaultKind.IMPLAUSIBLE])
def test_one_devices_fault_leaves_the_others_complete(kind):
    bench = Bench(device("a"), device("b"), device("c")).run(1)
    bench.meter.fail("b", kind)
    bench.run(4)
    for device_id in ("a", "c"):
        assert len(bench.samples(device_id)) == 51
    assert [event.device_id for event in bench.said(DeviceLost)] == ["b"]
    assert gaps(bench) == []


def test_an_absurd_value_is_a_hole_and_many_are_a_lost_device():
    bench = Bench().run(1)
    bench.meter.fail("gpu", MeterFaultKind.IMPLAUSIBLE)
    bench.tick()
    bench.tick()
    bench.meter.mend()
    bench.run(1)
    assert bench.said(DeviceLost) == []
    assert gaps(bench) == []
    bench.meter.fail("gpu", MeterFaultKind.IMPLAUSIBLE)
    bench.run(1)
    assert [event.code for event in bench.said(DeviceLost)] == ["fault.meter.implausible"]
    bench.meter.mend()
    bench.run(5)
    assert [reason for reason, _, _ in gaps(bench)] == ["implausible"]


def test_a_counter_that_steps_back_is_passed_on_as_it_is():
    # T5: what a reset means is decided where energy is computed, from the raw readings.
    bench = Bench().run(3)
    bench.meter.power_mw = 1
    bench.run(3)
    energies = [e for b in bench.blocks if isinstance(b, CounterBlock) for e in b.energy_mj]
    assert energies != sorted(energies)
    assert len(energies) == 7


# ---- gaps, stalls, sleep, steps


@given(stalls=st.lists(st.floats(0.0, 3.0), max_size=12))
def test_a_gap_is_said_exactly_where_samples_are_more_than_three_periods_apart(stalls):
    bench = Bench()
    for stall in stalls:
        bench.tick()
        bench.clock.advance(stall)
        bench.sampler.tick()
    bench.run(1)
    times = bench.times()
    holes = [(a, b) for a, b in pairwise(times) if b - a > 3 * TENTH]
    assert [(start, until) for _, start, until in gaps(bench)] == holes
    assert {reason for reason, _, _ in gaps(bench)} <= {"stalled"}


@given(
    steps=st.lists(st.floats(-7200, 7200), min_size=1, max_size=5),
)
def test_a_step_of_the_wall_clock_changes_not_one_sample(steps):
    stepped, calm = Bench(), Bench()
    for step in steps:
        for bench in (stepped, calm):
            bench.run(1)
        stepped.clock.step_wall(step)
    for bench in (stepped, calm):
        bench.run(1)
    assert stepped.blocks == calm.blocks
    assert gaps(stepped) == []


@pytest.mark.parametrize("steady_runs_on", [False, True])
def test_sleep_is_a_gap_of_its_length_even_where_steady_time_stood_still(steady_runs_on):
    bench = Bench().run(2)
    bench.clock.sleep(3600)
    if steady_runs_on:
        bench.clock.advance(0.2)
    bench.run(2)
    (gap,) = bench.said(DeviceGap)
    assert gap.reason == "slept"
    assert gap.slept_ns == 3600 * NS_PER_S
    assert [gap.t_ns, gap.until_ns] == [t for t in bench.times() if t in (gap.t_ns, gap.until_ns)]
    anchors = bench.said(ClockAnchored)
    assert anchors[-1].utc_ns - anchors[0].utc_ns > 3600 * NS_PER_S


def test_a_blink_of_the_clocks_is_no_sleep():
    bench = Bench().run(1)
    bench.clock.sleep(0.25)
    bench.run(1)
    assert gaps(bench) == []


def test_the_clocks_are_anchored_at_the_start_and_each_minute():
    bench = Bench().run(200)
    anchors = bench.said(ClockAnchored)
    assert [anchor.t_ns // NS_PER_S for anchor in anchors] == [0, 60, 120, 180]
    assert all(
        anchor.utc_ns - anchor.boottime_ns == anchors[0].utc_ns - anchors[0].boottime_ns
        for anchor in anchors
    )


# ---- lanes


def wait_for(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def lanes():
    return [thread for thread in threading.enumerate() if thread.name.startswith("lane ")]


def test_a_stalled_device_gets_a_lane_and_the_others_do_not_wait():
    bench = Bench(device("slow"), device("quick")).run(1)
    blocked, hold = threading.Event(), threading.Event()

    def first_call(device_id, wants):
        if device_id == "slow":
            bench.clock.advance_ns(300 * NS_PER_MS)
            bench.meter.before = later_calls

    def later_calls(device_id, wants):
        if device_id == "slow":
            blocked.set()
            hold.wait(10)

    bench.meter.before = first_call
    bench.tick()
    assert [lane.name for lane in lanes()] == ["lane slow"]
    quick_before = len(bench.meter.asked)
    bench.tick()
    assert blocked.wait(5)
    # The lane hangs for 8 s: all others are sampled, the device is lost once, and no more asked.
    bench.run(8)
    quick = [t for t, device_id, _ in bench.meter.asked[quick_before:] if device_id == "quick"]
    assert len(quick) == pytest.approx(81, abs=2)
    assert [event.code for event in bench.said(DeviceLost)] == ["fault.meter.timeout"]
    hold.set()
    probe = bench.sampler._probes[0]
    wait_for(lambda: probe._lane._answers)
    bench.meter.mend()
    bench.tick()
    bench.run(0.1)
    assert len(bench.said(DeviceFound)) == 3
    bench.sampler._probes[0].close()
    wait_for(lambda: not lanes())


def test_a_slow_device_has_a_lane_from_the_start_and_for_good():
    bench = Bench(device("gpu"), device("plug", is_slow=True, sampling_ns=NS_PER_S))
    assert [lane.name for lane in lanes()] == ["lane plug"]
    threads = set()
    bench.meter.before = lambda device_id, wants: threads.add(
        (device_id, threading.current_thread().name)
    )
    probe = bench.sampler._probes[1]
    for _ in range(700):
        bench.tick()
        wait_for(lambda: probe._lane.asked_ns is None or probe._lane._answers)
    bench.run(0.1)
    assert {name for device_id, name in threads if device_id == "plug"} == {"lane plug"}
    assert len(bench.samples("plug")) == pytest.approx(70, abs=1)
    assert gaps(bench) == []
    probe.close()
    wait_for(lambda: not lanes())


def test_a_device_that_is_in_time_for_a_minute_leaves_its_lane():
    bench = Bench()
    bench.meter.before = lambda device_id, wants: bench.clock.advance_ns(300 * NS_PER_MS)
    bench.tick()
    bench.meter.mend()
    probe = bench.sampler._probes[0]
    began_ns = bench.clock.steady_ns()
    while probe._lane is not None:
        bench.tick()
        wait_for(
            lambda: probe._lane is None or probe._lane.asked_ns is None or probe._lane._answers
        )
        assert bench.clock.steady_ns() - began_ns < 62 * NS_PER_S
    assert bench.clock.steady_ns() - began_ns >= 60 * NS_PER_S
    wait_for(lambda: not lanes())
    bench.run(1)
    assert bench.said(DeviceLost) == []
    assert sorted(bench.times()) == bench.times()


# ---- for real


def test_on_the_real_clock_it_samples_on_time_and_stops():
    clock = SystemClock()
    meter = SimulatedMeter("RTX 4090", tdp_w=450, idle_w=20, seed=1, clock=clock)
    bench = Bench(meter=meter, clock=clock, period_ns=20 * NS_PER_MS)
    (simulated,) = meter.open()
    bench.sampler.start()
    time.sleep(0.4)
    meter.set_load(simulated.id, PhaseName.SAMPLE)
    bench.sampler.set_period(50 * NS_PER_MS)
    time.sleep(0.4)
    bench.sampler.stop()
    assert not bench.sampler._thread.is_alive()
    samples = bench.samples(simulated.id)
    assert 12 <= len(samples) <= 32
    assert max(power for _, power in samples) > 300_000
    assert sorted(t for t, _ in samples) == [t for t, _ in samples]
    assert math.isclose(samples[-1][0], 0.8 * NS_PER_S, rel_tol=0.4)


def test_the_last_tick_asks_a_device_whose_turn_is_far():
    bench = Bench(device("slow", sampling_ns=NS_PER_S), clock=SystemClock())
    bench.sampler.start()
    time.sleep(0.35)
    bench.sampler.stop()
    first, last = bench.times("slow")
    assert 0.2 * NS_PER_S < last - first < NS_PER_S


def test_stop_gives_up_on_a_hung_call():
    bench = Bench(clock=SystemClock())
    hold = threading.Event()
    bench.meter.before = lambda device_id, wants: hold.wait(20)
    bench.sampler.start()
    began = time.monotonic()
    bench.sampler.stop(timeout_s=0.1)
    assert time.monotonic() - began < 1
    hold.set()
    bench.sampler._thread.join(5)


def test_stop_before_start_is_harmless():
    Bench().sampler.stop()


def test_a_call_that_hangs_from_the_first_holds_up_no_other_device():
    bench = Bench(device("hung"), device("well"), clock=SystemClock(), period_ns=20 * NS_PER_MS)
    hold = threading.Event()
    bench.meter.before = lambda device_id, wants: device_id == "hung" and hold.wait(30)
    bench.sampler.start()
    wait_for(lambda: len(bench.samples("well")) > 20, seconds=8)
    assert bench.samples("hung") == []
    hold.set()
    wait_for(lambda: len(bench.samples("hung")) > 5, seconds=8)
    bench.sampler.stop()
    assert sorted(bench.times("well")) == bench.times("well")
    wait_for(lambda: not lanes())


def test_the_only_device_is_lost_when_its_call_hangs(monkeypatch):
    monkeypatch.setattr(sampler_module, "PATIENCE_ALONE_NS", NS_PER_S // 10)
    monkeypatch.setattr(probe_module, "MUTE_NS", 300 * NS_PER_MS)
    bench = Bench(clock=SystemClock(), period_ns=20 * NS_PER_MS)
    hold = threading.Event()
    bench.meter.before = lambda device_id, wants: hold.wait(30)
    bench.sampler.start()
    wait_for(lambda: bench.said(DeviceLost), seconds=8)
    assert bench.said(DeviceLost)[0].code == "fault.meter.timeout"
    assert bench.samples() == []
    hold.set()
    wait_for(bench.samples, seconds=8)
    bench.sampler.stop()
    wait_for(lambda: not lanes())


@pytest.mark.full
@pytest.mark.timeout(60)
def test_a_device_that_takes_two_seconds_delays_the_others_once_and_then_never():
    devices = (device("before"), device("lazy"), device("after"))
    bench = Bench(*devices, clock=SystemClock())
    bench.meter.before = lambda device_id, wants: device_id == "lazy" and time.sleep(2)
    bench.sampler.start()
    time.sleep(5.5)
    bench.sampler.stop()
    for device_id in ("before", "after"):
        times = [bench.anchor_ns + t_ns for t_ns in bench.times(device_id)]
        spacings = [(b - a) / NS_PER_S for a, b in pairwise([bench.anchor_ns, *times])]
        assert max(spacings) <= 0.6
        # Once its calls are known to be slow, they are made elsewhere.
        assert sum(spacing > 0.3 for spacing in spacings) == 1
        assert len(times) >= 45
    wait_for(lambda: not lanes())
