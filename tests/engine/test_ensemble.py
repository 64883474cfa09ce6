"""Devices asked in one go: the same samples and events as one by one, and what parts them."""

import threading
import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import ManualClock
from support.meters import ScriptedMeter, TogetherMeter, device

from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.engine.sampler import Sampler
from vidgreen_gui.meters.several import SeveralMeters
from vidgreen_gui.model.events import DeviceFound, DeviceGap, DeviceLost
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.power import DeviceKind, PowerBlock, ProcessUse, Wants
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S
from vidgreen_gui.system.clock import SystemClock

TENTH = NS_PER_S // 10
GPUS = ("a", "b", "c")


class Bench:
    """A sampler over a meter, with all that it delivered."""

    def __init__(self, kind=TogetherMeter, *, clock=None, around=lambda meter: meter):
        self.clock = clock or ManualClock()
        self.scripted = kind(self.clock, *map(device, GPUS))
        self.scripted.processes = (ProcessUse(42, 70, 1 << 30),)
        meter = around(self.scripted)
        self.blocks = []
        self.events = []
        self.history = PowerHistory()
        self.anchor_ns = self.clock.steady_ns()
        self.sampler = Sampler(
            meter, meter.open(), self.clock, self.take,
            anchor_ns=self.anchor_ns, history=self.history, period_ns=TENTH,
        )  # fmt: skip

    def take(self, blocks, events):
        self.blocks += blocks
        self.events += events

    def run(self, seconds):
        end_ns = self.clock.steady_ns() + round(seconds * NS_PER_S)
        while self.sampler.deadline_ns <= end_ns:
            self.clock.advance_ns(max(0, self.sampler.deadline_ns - self.clock.steady_ns()))
            self.sampler.tick()
        self.clock.advance_ns(max(0, end_ns - self.clock.steady_ns()))
        return self

    def finish(self):
        self.sampler._hand_over(self.clock.steady_ns())
        return self

    def series(self):
        """Return all samples by kind of block, quantity and device."""
        series: dict[tuple, list] = {}
        for block in self.blocks:
            values = getattr(block, _VALUES[type(block).__name__])
            key = type(block).__name__, getattr(block, "quantity", ""), block.device_id
            series.setdefault(key, []).extend(zip(block.t_ns, values, strict=True))
        return series

    def times(self, device_id):
        return [
            t_ns
            for block in self.blocks
            if isinstance(block, PowerBlock) and block.device_id == device_id
            for t_ns in block.t_ns
        ]

    def said(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


_VALUES = {"PowerBlock": "power_mw", "CounterBlock": "energy_mj", "SlowBlock": "value"}


def test_it_asks_for_power_once_a_tick_and_for_all_else_beside_it():
    bench = Bench().run(10).finish()
    assert bench.scripted.rounds == 101
    alone = [(t, i, w) for t, i, w in bench.scripted.asked if w is not Wants.POWER]
    assert {wants for _, _, wants in alone} == {Wants.COUNTER, Wants.SLOW, Wants.PROCESSES}
    # Power and one thing more: two calls at most.
    assert len({(t, i) for t, i, _ in alone}) == len(alone)
    for device_id in GPUS:
        counted = [t for t, i, w in alone if i == device_id and w is Wants.COUNTER]
        assert {b - a for a, b in pairwise(counted)} == {NS_PER_S}
        assert len(bench.times(device_id)) == 101


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["run", "stall", "sleep", "lose", "odd", "mend", "pace", "deliver"]),
        st.sampled_from(GPUS),
        st.floats(0.0, 2.0),
    ),
    max_size=12,
)


def step(bench, what, device_id, size):
    match what:
        case "stall":
            bench.clock.advance(size)
        case "sleep":
            bench.clock.sleep(100 * size)
        case "lose":
            bench.scripted.fail(device_id)
        case "odd":
            bench.scripted.fail(device_id, MeterFaultKind.IMPLAUSIBLE)
        case "mend":
            bench.scripted.mend()
        case "pace":
            bench.sampler.set_period(round(size * NS_PER_S))
        case "deliver":
            bench.finish()
    bench.run(size)


@given(steps=STEPS)
def test_samples_gaps_and_faults_are_those_of_devices_asked_one_by_one(steps):
    together, alone = Bench(), Bench(ScriptedMeter)
    for bench in (together, alone):
        bench.run(1)
        for what, device_id, size in steps:
            step(bench, what, device_id, size)
        bench.run(3).finish()
    assert together.scripted.rounds > 0
    for device_id in GPUS:
        assert together.times(device_id) == alone.times(device_id)
        assert together.history.latest(device_id) == alone.history.latest(device_id)
        for kind in (DeviceGap, DeviceLost, DeviceFound):
            mine, theirs = (
                [event for event in bench.said(kind) if _of(event) == device_id]
                for bench in (together, alone)
            )
            assert mine == theirs


def _of(event):
    return event.device.id if isinstance(event, DeviceFound) else event.device_id


def test_the_history_is_as_fresh_as_the_last_tick():
    bench = Bench().run(5.05)
    now_ns = bench.clock.steady_ns() - bench.anchor_ns
    latest = bench.history.latest("b")
    assert latest is not None
    assert now_ns - latest[0] < TENTH
    curve = bench.history.curve("b", now_ns, 5 * NS_PER_S, 50, 0)
    assert -1 not in curve.mean_mw


def test_a_fault_beside_power_takes_the_device_out():
    bench = Bench().run(0.55)
    bench.scripted.before = lambda device_id, wants: (
        _raise(device_id) if device_id == "b" and Wants.COUNTER in wants else None
    )
    bench.run(3).finish()
    assert [event.device_id for event in bench.said(DeviceLost)][:1] == ["b"]
    for device_id in ("a", "c"):
        assert {b - a for a, b in pairwise(bench.times(device_id))} == {TENTH}


def _raise(device_id):
    raise MeterFault(MeterFaultKind.GPU_LOST, device_id)


def test_a_meter_that_breaks_in_a_round_loses_the_device_it_was_asking():
    bench = Bench().run(1)

    def broken(device_id, wants):
        if device_id == "b":
            raise ZeroDivisionError

    bench.scripted.before = broken
    bench.run(2).finish()
    assert [event.device_id for event in bench.said(DeviceLost)] == ["b"]
    for device_id in ("a", "c"):
        # The round in which it broke has no answer after it.
        assert max(b - a for a, b in pairwise(bench.times(device_id))) <= 2 * TENTH


def test_values_of_a_round_that_broke_are_taken_for_nothing_else():
    bench = Bench().run(1)

    def broken(device_id, wants):
        if device_id == "b" and wants is Wants.SLOW:
            raise ZeroDivisionError

    bench.scripted.before = broken
    bench.run(3).finish()
    assert {event.device_id for event in bench.said(DeviceLost)} == {"b"}
    counted = [e for _, e in bench.series()["CounterBlock", "", "a"]]
    assert counted == sorted(set(counted))
    assert min(counted) > 1_000_000


def test_what_takes_long_together_is_asked_one_by_one_for_a_minute():
    bench = Bench().run(1)
    bench.scripted.before = lambda device_id, wants: bench.clock.advance_ns(
        60 * NS_PER_MS if device_id == "b" else 0
    )
    bench.run(1)
    rounds = bench.scripted.rounds
    bench.run(58)
    assert bench.scripted.rounds == rounds
    bench.scripted.mend()
    bench.run(5).finish()
    assert bench.scripted.rounds > rounds
    assert bench.said(DeviceGap) == []
    for device_id in GPUS:
        assert bench.times(device_id) == sorted(set(bench.times(device_id)))


def test_only_the_part_that_can_is_read_together():
    host = replace(device("package", kind=DeviceKind.CPU), meter="other")
    bench = Bench(around=lambda meter: SeveralMeters((meter, ScriptedMeter(meter.clock, host))))
    bench.run(2).finish()
    assert bench.scripted.rounds == 21
    assert len(bench.times("package")) == 21
    parts = SeveralMeters((bench.scripted, ScriptedMeter(bench.clock, host)))
    parts.open()
    assert parts.together(GPUS) is not None
    assert parts.together(("a", "package")) is None
    assert parts.together(("package",)) is None
    assert parts.together(("a", "stranger")) is None


@pytest.mark.timeout(30)
def test_a_call_that_hangs_in_a_round_holds_up_no_other_device_for_long():
    bench = Bench(clock=SystemClock())
    hold = threading.Event()
    bench.sampler.start()
    time.sleep(0.4)
    bench.scripted.before = lambda device_id, wants: device_id == "b" and hold.wait(20)
    time.sleep(2.0)
    hold.set()
    bench.sampler.stop()
    lanes = [thread for thread in threading.enumerate() if thread.name == "lane b"]
    for lane in lanes:
        lane.join(5)
        assert not lane.is_alive()
    for device_id in ("a", "c"):
        spacings = [(b - a) / NS_PER_S for a, b in pairwise(bench.times(device_id))]
        assert max(spacings) < 0.75
        assert sum(spacing > 0.3 for spacing in spacings) <= 1
    assert max(b - a for a, b in pairwise(bench.times("b"))) > NS_PER_S
    assert "timeout" in {gap.reason for gap in bench.said(DeviceGap) if gap.device_id == "b"}
