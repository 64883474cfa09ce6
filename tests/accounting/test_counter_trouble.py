"""Counters that are reset, wrap, stall, catch up, run back or leap: never an absurd energy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.accounting.build import build_curve
from vidgreen_gui.accounting.doubt import doubt_j
from vidgreen_gui.model.power import Sensor

S = 1_000_000_000
TENTH = S // 10
LIMIT_MW = 600_000
SENSOR = Sensor(update_ns=0, counter_update_ns=0)

troubles = st.lists(
    st.tuples(
        st.sampled_from(["reload", "reset", "wrap", "stall", "catch up", "back", "leap"]),
        st.integers(1, 60),
        st.integers(1, 20),
    ),
    max_size=5,
)


def counted(power_mw, found):
    """Return one reading a second of a counter of this power (one value per 0.1 s) in trouble."""
    joules = np.append(0, np.cumsum((power_mw[1:] + power_mw[:-1]) // 20))[::10] + 5_000_000
    for trouble, begin, length in found:
        at = min(begin, len(joules) - 1)
        until = min(at + length, len(joules))
        if trouble in {"reload", "reset"}:
            joules[at:] -= joules[at] - (0 if trouble == "reload" else 500)
        elif trouble == "wrap":
            joules[at:] -= 2**32
        elif trouble == "stall":
            lost = joules[until - 1] - joules[at - 1]
            joules[at:until] = joules[at - 1]
            joules[until:] -= lost
        elif trouble == "catch up":
            joules[at:until] = joules[at - 1]
        elif trouble == "back":
            joules[at:until] -= 1_000_000
        else:
            joules[at:] += 10**9
    return joules - min(0, joules.min())


def wave(seed, seconds=60):
    rng = np.random.default_rng(seed)
    levels = np.repeat(rng.integers(20_000, 400_000, seconds), 10)
    return np.append(levels, levels[-1])


@given(st.integers(0, 99), troubles, st.booleans())
def test_whatever_happens_to_the_counter(seed, found, says_power):
    power_mw = wave(seed)
    t_ns = np.arange(len(power_mw)) * TENTH
    true = build_curve(t_ns, power_mw, TENTH)
    counter_mj = counted(power_mw, found)
    curve = build_curve(
        t_ns, power_mw if says_power else power_mw * 0, TENTH, t_ns[::10], counter_mj,
        sensor=SENSOR, highest_mw=LIMIT_MW,
    )  # fmt: skip
    seconds = np.arange(60) * S
    joules = curve.energy_j(seconds, seconds + S)
    assert (joules >= -1e-9).all()
    assert (np.diff(curve.cumulative_j) >= -1e-9).all()
    assert (joules <= LIMIT_MW / 1000 * 1.001).all()
    if says_power:
        whole = float(curve.energy_j(0, 60 * S))
        expected = float(true.energy_j(0, 60 * S))
        # A second or two of a stall may pass for little work, no more than that. A counter that
        # catches up after another trouble may count twice what power had to tell: up to a factor.
        twice = len(found) > 1 and any(trouble == "catch up" for trouble, *_ in found)
        allowed = expected if twice else 0.05 * expected + 400.0 * len(found)
        assert abs(whole - expected) <= allowed
        assert np.isfinite(doubt_j(curve, seconds, seconds + S)).all()


@pytest.mark.parametrize("trouble", ["reload", "reset", "wrap", "back", "leap"])
def test_only_the_span_of_the_trouble_is_left_to_the_power(trouble):
    power_mw = wave(7)
    t_ns = np.arange(len(power_mw)) * TENTH
    true = build_curve(t_ns, power_mw, TENTH)
    readings = counted(power_mw, [(trouble, 30, 1)])
    curve = build_curve(
        t_ns, power_mw * 9 // 10, TENTH, t_ns[::10], readings, sensor=SENSOR, highest_mw=LIMIT_MW
    )
    seconds = np.arange(60) * S
    ratio = curve.energy_j(seconds, seconds + S) / true.energy_j(seconds, seconds + S)
    assert np.count_nonzero(np.abs(ratio - 1) > 0.01) in {1, 2}
    assert ratio[29] == pytest.approx(0.9, abs=0.02)


def test_a_counter_that_stands_still_for_a_minute_is_not_a_minute_without_power():
    power_mw = np.full(1201, 300_000)
    t_ns = np.arange(1201) * TENTH
    readings = counted(power_mw, [("stall", 30, 60)])
    curve = build_curve(t_ns, power_mw, TENTH, t_ns[::10], readings, sensor=SENSOR)
    assert curve.energy_j(0, 120 * S) == pytest.approx(36_000)
    assert curve.reconciliation == pytest.approx(0.5, abs=0.02)
    assert curve.rival == pytest.approx(0.5, abs=0.02)


def test_a_counter_that_disagrees_for_long_wins_and_the_range_holds_both():
    power_mw = np.full(1201, 300_000)
    t_ns = np.arange(1201) * TENTH
    readings = counted(power_mw * 8 // 10, [])
    curve = build_curve(t_ns, power_mw, TENTH, t_ns[::10], readings, sensor=SENSOR)
    assert curve.energy_j(0, 120 * S) == pytest.approx(28_800)
    assert curve.rival == pytest.approx(1.25)
    short = build_curve(t_ns[:301], power_mw[:301], TENTH, t_ns[:301:10], readings[:31])
    assert short.rival is None
