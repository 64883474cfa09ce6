"""The simulated card: deterministic, marked, and consistent with its own counter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import ManualClock

from vidgreen_gui.meters.simulated import SimulatedMeter
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.ports import FollowsLoad
from vidgreen_gui.model.power import Wants
from vidgreen_gui.model.session import PhaseName

BOTH = Wants.POWER | Wants.COUNTER


def card(clock, *, seed=0, limit_w=400.0):
    meter = SimulatedMeter(
        "RTX 4090", tdp_w=450, idle_w=20, limit_w=limit_w, seed=seed, clock=clock
    )
    return meter, meter.open()[0].id


def power_after(phase, seconds=1.0):
    clock = ManualClock()
    meter, device_id = card(clock)
    meter.set_load(device_id, phase)
    clock.advance(seconds)
    return meter.read(device_id, Wants.POWER).power_mw / 1000


def test_it_is_marked_as_invented():
    meter, _ = card(ManualClock())
    (device,) = meter.open()
    assert device.grade is Grade.SIMULATED
    assert device.power_limit_mw == 400_000
    assert isinstance(meter, FollowsLoad)


def test_its_draw_follows_the_phases():
    watts = {phase: power_after(phase) for phase in PhaseName}
    assert 0.95 * 400 < watts[PhaseName.SAMPLE] < 0.99 * 400
    assert watts[PhaseName.SAMPLE] > watts[PhaseName.DECODE] > watts[PhaseName.ENCODE]
    assert watts[PhaseName.ENCODE] > watts[PhaseName.LOAD] > watts[PhaseName.SAVE] > 20
    # Idle with a context: more than asleep, less than any phase.
    assert 20 < power_after(None) < watts[PhaseName.SAVE]


def test_before_any_job_it_idles():
    clock = ManualClock()
    meter, device_id = card(clock)
    clock.advance(60)
    assert meter.read(device_id, Wants.POWER).power_mw == pytest.approx(20_000, rel=0.02)


def test_it_rises_and_falls_within_a_third_of_a_second():
    high, idle = power_after(PhaseName.SAMPLE, 5), power_after(None, 5)
    assert power_after(PhaseName.SAMPLE, 0.05) < 0.6 * high
    assert power_after(PhaseName.SAMPLE, 0.33) > 0.95 * high
    clock = ManualClock()
    meter, device_id = card(clock)
    meter.set_load(device_id, PhaseName.SAMPLE)
    clock.advance(5)
    meter.set_load(device_id, None)
    clock.advance(0.33)
    assert meter.read(device_id, Wants.POWER).power_mw / 1000 < idle + 0.05 * high


def test_the_limit_below_the_cards_power_counts():
    clock = ManualClock()
    meter, device_id = card(clock, limit_w=250)
    meter.set_load(device_id, PhaseName.SAMPLE)
    clock.advance(2)
    assert 0.95 * 250_000 < meter.read(device_id, Wants.POWER).power_mw <= 250_000


LOADS = st.lists(
    st.tuples(st.floats(0.01, 1.0), st.sampled_from([None, *PhaseName])), min_size=1, max_size=4
)


@given(loads=LOADS, seed=st.integers(0, 2**32))
def test_the_counter_is_the_integral_of_its_power(loads, seed):
    clock = ManualClock()
    meter, device_id = card(clock, seed=seed)
    step_ns = 1_000_000
    first = meter.read(device_id, BOTH)
    joules = 0.0
    for seconds, phase in loads:
        meter.set_load(device_id, phase)
        power_mw = [meter.read(device_id, BOTH).power_mw]
        for _ in range(round(seconds * 1e9 / step_ns)):
            clock.advance_ns(step_ns)
            power_mw.append(meter.read(device_id, BOTH).power_mw)
        joules += np.trapezoid(power_mw) * step_ns * 1e-12
    counted = (meter.read(device_id, BOTH).energy_mj - first.energy_mj) / 1000
    # The trapezium's own error, and whole milliwatts and millijoules.
    assert counted == pytest.approx(joules, rel=2e-5, abs=0.003)


@given(
    reads=st.lists(st.floats(0.001, 2.0), max_size=20),
    seed=st.integers(0, 2**32),
)
def test_what_it_says_depends_on_seed_and_time_not_on_who_asked_before(reads, seed):
    asked, fresh = ManualClock(), ManualClock()
    often, device_id = card(asked, seed=seed)
    once, _ = card(fresh, seed=seed)
    for meter in (often, once):
        meter.set_load(device_id, PhaseName.SAMPLE)
    for seconds in reads:
        asked.advance(seconds)
        often.read(device_id, BOTH)
    fresh.advance_ns(asked.steady_ns() - fresh.steady_ns())
    assert often.read(device_id, BOTH) == once.read(device_id, BOTH)


def test_another_seed_is_another_noise():
    readings = set()
    for seed in range(5):
        clock = ManualClock()
        meter, device_id = card(clock, seed=seed)
        clock.advance(1)
        readings.add(meter.read(device_id, Wants.POWER).power_mw)
    assert len(readings) == 5
