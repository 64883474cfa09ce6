"""Calibration: a known factor lies in the stated interval, and nonsense is refused."""

import numpy as np
import pytest

from vidgreen_gui.accounting.build import build_curve
from vidgreen_gui.accounting.calibration import compare
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.system.resources import load_texts

S = 1_000_000_000
STEP_S = 0.1
GAIN = 0.02


def load_w(dice, seconds, low=90.0, high=420.0):
    """A machine that rests and works by turns, with the ripple of its work; one value per 0.1 s."""
    watts = np.empty(round(seconds / STEP_S))
    at = 0
    while at < len(watts):
        length = round(dice.uniform(3.0, 40.0) / STEP_S)
        watts[at : at + length] = dice.uniform(low, high)
        at += length
    return watts + dice.normal(0.0, 4.0, len(watts))


def wandering(dice, count, step_s, size, memory_s):
    """Noise that remembers itself: what a model of the rest of a machine is off by."""
    keep = np.exp(-step_s / memory_s)
    noise = dice.normal(0.0, size * np.sqrt(1 - keep**2), count)
    for at in range(1, count):
        noise[at] += keep * noise[at - 1]
    return noise


def sampled(watts, *, every=1, lag_steps=0):
    """The samples of one meter: the mean of the last `every` steps, `lag_steps` late."""
    before = np.concatenate([np.full(every + lag_steps, watts[0]), watts])
    late = np.convolve(before, np.ones(every) / every, "valid")[1 : len(watts) + 1]
    t_ns = (np.arange(len(watts)) * STEP_S * S).astype(np.int64)
    power_mw = np.maximum(np.rint(late * 1000), 0).astype(np.int64)
    return t_ns[::every], power_mw[::every]


def curve(t_ns, power_mw, every=1):
    return build_curve(t_ns, power_mw, round(every * STEP_S * S))


def a_trial(dice, *, factor=1.07, gain=GAIN, seconds=300.0, lag_s=1.5, memory_s=4.0):
    """A plug of its own error at a machine whose model is off by `factor` on the whole."""
    modelled = load_w(dice, seconds)
    true = modelled / 0.9 * factor
    true = true + wandering(dice, len(true), STEP_S, 12.0, memory_s)
    own = 1.0 + dice.normal(0.0, gain / 1.96)
    plug = curve(*sampled(true * own, every=10, lag_steps=round(lag_s / STEP_S)), every=10)
    return curve(*sampled(modelled)), plug


@pytest.mark.parametrize(
    ("gain", "seconds", "memory_s"),
    [(0.0, 300.0, 4.0), (GAIN, 300.0, 4.0), (GAIN, 300.0, 40.0), (GAIN, 60.0, 4.0)],
)
def test_the_interval_covers_the_true_factor(gain, seconds, memory_s):
    dice = np.random.default_rng(7)
    trials, covered, widths = 200, 0, []
    for _ in range(trials):
        factor = dice.uniform(0.8, 1.6)
        load, plug = a_trial(dice, factor=factor, gain=gain, seconds=seconds,
                             lag_s=dice.uniform(0.0, 3.0), memory_s=memory_s)  # fmt: skip
        found = compare([load], plug, lambda _w: 0.9, plug_gain=gain).factor
        covered += found.low <= factor <= found.high
        widths.append((found.high - found.low) / 2 / factor)
    assert covered / trials >= 0.95
    # What five minutes are for: not much wider than the plug itself.
    assert np.median(widths) < gain + 0.04


def test_the_lag_of_the_plug_is_found():
    load, plug = a_trial(np.random.default_rng(1), lag_s=2.0)
    # Its own second of averaging comes on top.
    assert compare([load], plug, lambda _w: 0.9, plug_gain=GAIN).lag_s == pytest.approx(
        2.5, abs=0.6
    )


def test_all_that_hangs_on_the_power_supply_is_summed_and_its_curve_followed():
    dice = np.random.default_rng(2)
    gpu, rest = load_w(dice, 300), load_w(dice, 300, low=60, high=70)
    efficiency = np.where(gpu + rest > 300, 0.9, 0.8)
    plug = curve(*sampled((gpu + rest) / efficiency, every=10), every=10)
    found = compare(
        [curve(*sampled(gpu)), curve(*sampled(rest, every=10), every=10)],
        plug,
        lambda watts: 0.9 if watts > 300 else 0.8,
        plug_gain=GAIN,
    )
    assert found.factor.low < 1.0 < found.factor.high
    assert found.factor.best == pytest.approx(1.0, abs=0.02)
    assert not found.is_steady
    assert found.plug_w == pytest.approx(found.model_w * found.factor.best)
    assert (found.blocks, found.seconds) == (10, pytest.approx(298, abs=2))


def test_a_steady_load_is_enough():
    steady = np.full(600, 200.0)
    found = compare([curve(*sampled(steady))], curve(*sampled(steady * 1.2, every=10), every=10),
                    lambda _w: 1.0, plug_gain=GAIN)  # fmt: skip
    assert found.factor.best == pytest.approx(1.2, abs=1e-6)
    assert found.factor.high == pytest.approx(1.2 * 1.02, abs=1e-4)
    assert found.lag_s == 0.0
    assert found.is_steady


def test_no_plug_gives_energy_back():
    steady = curve(*sampled(np.full(331, 300.0)))
    erratic = np.full(331, 100.0)
    erratic[110:220] = 900.0
    factor = compare([steady], curve(*sampled(erratic)), lambda _: 0.9, plug_gain=GAIN).factor
    assert factor.low == 0.0
    assert factor.high > 2.0 * factor.best


def test_blocks_in_which_something_is_missing_are_left_out():
    dice = np.random.default_rng(3)
    modelled = load_w(dice, 300)
    t_ns, power_mw = sampled(modelled / 0.9, every=10)
    there = (t_ns < 100 * S) | (t_ns > 150 * S)
    found = compare([curve(*sampled(modelled))], curve(t_ns[there], power_mw[there], every=10),
                    lambda _w: 0.9, plug_gain=GAIN)  # fmt: skip
    assert found.seconds == pytest.approx(300 - 90, abs=5)
    assert found.factor.low < 1.0 < found.factor.high


def refused(*arguments, **more):
    with pytest.raises(InputFault) as raised:
        compare(*arguments, lambda _w: 0.9, plug_gain=GAIN, **more)
    for language in ("en", "fr"):
        assert load_texts(language).fault(raised.value)
    return raised.value.code


@pytest.mark.parametrize("seconds", [0.2, 2.0, 25.0])
def test_too_little_is_refused(seconds):
    load, plug = a_trial(np.random.default_rng(4), seconds=seconds, lag_s=0.0)
    assert refused([load], plug) == "fault.calibrate.too_short"


def test_a_meter_that_said_nothing_is_too_little():
    load, _ = a_trial(np.random.default_rng(4))
    assert refused([load], curve([], [])) == "fault.calibrate.too_short"


@pytest.mark.parametrize("factor", [0.1, 4.0])
def test_a_plug_that_measures_something_else_is_refused(factor):
    load, plug = a_trial(np.random.default_rng(5), factor=factor)
    assert refused([load], plug) == "fault.calibrate.other_load"


@pytest.mark.parametrize("other_w", [300.0, None])
def test_a_plug_that_does_not_follow_the_load_is_refused(other_w):
    dice = np.random.default_rng(6)
    load, _ = a_trial(dice)
    elsewhere = np.full(3000, other_w) if other_w else load_w(dice, 300)
    plug = curve(*sampled(elsewhere, every=10), every=10)
    assert refused([load], plug) == "fault.calibrate.does_not_follow"
