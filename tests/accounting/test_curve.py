"""Energy over a window: gaps, order, counters, and equality with the plainest reference."""

from array import array
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.accounting.build import build_curve

S = 1_000_000_000
PERIOD = S // 10

times = st.lists(st.integers(0, 20 * S), min_size=2, max_size=40, unique=True).map(sorted)


@st.composite
def samples(draw):
    t = draw(times)
    power = draw(
        st.lists(st.integers(0, 600_000), min_size=len(t), max_size=len(t)),
    )
    return np.array(t, np.int64), np.array(power, np.int64)


def reference_j(t, power, period, a, b):
    """Sum the trapezia piece by piece, in Python's own numbers."""
    total = 0.0
    nodes = zip(t.tolist(), power.tolist(), strict=True)
    for (t0, p0), (t1, p1) in pairwise(nodes):
        lo, hi = max(a, t0), min(b, t1)
        if t1 - t0 > 3 * period or hi <= lo:
            continue
        at_lo = p0 + (p1 - p0) * (lo - t0) / (t1 - t0)
        at_hi = p0 + (p1 - p0) * (hi - t0) / (t1 - t0)
        total += (at_lo + at_hi) / 2 * (hi - lo) * 1e-12
    return total


@given(samples(), st.integers(-S, 21 * S), st.integers(-S, 21 * S))
def test_equals_the_trapezium_piece_by_piece(sampled, a, b):
    t, power = sampled
    curve = build_curve(t, power, S)
    assert curve.energy_j(a, b) == pytest.approx(reference_j(t, power, S, a, b), rel=1e-9, abs=1e-9)


@given(samples(), st.lists(st.integers(-S, 21 * S), min_size=3, max_size=8))
def test_splitting_a_window_changes_nothing(sampled, cuts):
    t, power = sampled
    curve = build_curve(t, power, S)
    cuts = sorted(cuts)
    parts = curve.energy_j(cuts[:-1], cuts[1:])
    assert parts.sum() == pytest.approx(curve.energy_j(cuts[0], cuts[-1]), rel=1e-9, abs=1e-9)
    assert (parts >= -1e-9).all()


@given(samples(), st.randoms(use_true_random=False))
def test_arrival_order_and_duplicates_do_not_matter(sampled, random):
    t, power = sampled
    order = list(range(len(t))) + random.choices(range(len(t)), k=5)
    random.shuffle(order)
    straight, shuffled = build_curve(t, power, S), build_curve(t[order], power[order], S)
    assert np.array_equal(straight.t_ns, shuffled.t_ns)
    assert np.array_equal(straight.cumulative_j, shuffled.cumulative_j)


@given(samples(), st.integers(-S, 21 * S), st.integers(0, 21 * S))
def test_covered_and_gap_seconds_fill_the_window(sampled, a, length):
    t, power = sampled
    curve = build_curve(t, power, S)
    covered, gap = curve.covered_s(a, a + length), curve.gap_s(a, a + length)
    assert covered >= 0
    assert gap >= -1e-12
    assert covered + gap == pytest.approx(length / S)


def test_a_gap_is_never_bridged():
    t = np.array([0, 1, 2, 3, 7, 8]) * PERIOD
    power = np.full(6, 100_000)
    curve = build_curve(t, power, PERIOD)
    assert curve.is_gap.tolist() == [False, False, False, True, False]
    assert curve.energy_j(0, 8 * PERIOD) == pytest.approx(40.0)
    assert curve.energy_j(3 * PERIOD, 7 * PERIOD) == 0.0
    assert curve.gap_s(0, 8 * PERIOD) == pytest.approx(0.4)
    assert np.isnan(curve.power_at(5 * PERIOD))
    assert curve.power_at(7 * PERIOD) == 100_000


def test_three_periods_apart_is_no_gap_and_the_longer_period_counts():
    t = np.array([0, 3, 6, 16]) * PERIOD
    power = np.full(4, 1_000)
    assert not build_curve(t[:3], power[:3], PERIOD).is_gap.any()
    slow = build_curve(t, power, np.array([PERIOD, PERIOD, PERIOD, 10 * PERIOD]))
    assert not slow.is_gap.any()
    assert build_curve(t, power, PERIOD).is_gap.tolist() == [False, False, True]


def test_takes_columns_of_the_standard_library_as_they_are():
    curve = build_curve(array("q", [0, PERIOD]), array("q", [1000, 3000]), PERIOD)
    assert curve.energy_j(0, PERIOD) == pytest.approx(0.2)
    assert curve.energy_j(0, PERIOD // 2) == pytest.approx(0.075)
    assert curve.power_at([0, PERIOD // 2]).tolist() == [1000, 2000]


@pytest.mark.parametrize("n", [0, 1])
def test_no_or_one_sample_is_no_energy_and_all_gap(n):
    curve = build_curve(array("q", [5] * n), array("q", [9] * n), PERIOD)
    assert curve.energy_j([0, 5], [10, 5]).tolist() == [0, 0]
    assert curve.gap_s(0, S) == 1.0
    assert np.isnan(curve.power_at(4))
    assert len(curve.cumulative_j) == len(curve.covered_ns) == len(curve.t_ns)


def test_a_year_of_samples_still_knows_a_second_to_a_billionth():
    seconds = np.arange(300_000, dtype=np.int64)
    power = 300_000 + (seconds * 7919) % 250_001
    curve = build_curve(seconds * 100 * S, power, 100 * S)
    for start in (0, 12_345, 299_998):
        exact = (int(power[start]) + int(power[start + 1])) / 2 * 1e-3 * 100
        found = curve.energy_j(start * 100 * S, (start + 1) * 100 * S)
        assert found == pytest.approx(exact, rel=1e-9)


def test_a_square_wave_has_the_energy_its_generator_says():
    """A job of 40 s at 400 W every 100 s over 20 W, sampled at 10 Hz with its own edges."""
    t = np.arange(0, 1000 * 10 + 1, dtype=np.int64) * PERIOD
    on = (t % (100 * S)) < 40 * S
    curve = build_curve(t, np.where(on, 400_000, 20_000), PERIOD)
    jobs = np.arange(10) * 100 * S
    edge = (400 - 20) * 0.1 / 2
    assert curve.energy_j(jobs, jobs + 40 * S) == pytest.approx(
        np.full(10, 16_000 - edge), abs=edge
    )
    assert curve.energy_j(jobs[1:], jobs[1:] + 40 * S) / 16_000 == pytest.approx(1, rel=0.002)
    total = 10 * (16_000 + 60 * 20)
    assert curve.energy_j(0, 1000 * S) == pytest.approx(total, abs=2 * edge)


# ---- counters


def wave(seconds=10, high=300_000):
    t = np.arange(0, seconds * 10 + 1, dtype=np.int64) * PERIOD
    return t, np.where((t // S) % 2 == 0, high, high // 10)


def test_the_counter_is_the_truth_over_each_of_its_spans():
    t, power = wave()
    plain = build_curve(t, power, PERIOD)
    marks = np.arange(0, 11, dtype=np.int64) * S
    counted_j = plain.energy_j(marks[:-1], marks[1:]) * np.linspace(0.8, 1.3, 10)
    counter = 5_000_000 + np.rint(np.cumsum([0, *counted_j]) * 1000).astype(np.int64)
    curve = build_curve(t, power, PERIOD, marks, counter)
    assert curve.energy_j(marks[:-1], marks[1:]) == pytest.approx(counted_j, abs=1e-3)
    ratio = counted_j.sum() / plain.energy_j(0, 10 * S)
    assert curve.reconciliation == pytest.approx(ratio, rel=1e-4)
    # Within a span the shape is the power's, but where the power itself changes.
    first, last = np.array([(0, 2), (2, 5), (5, 8)]).T * PERIOD
    shape = curve.energy_j(first, last) / curve.energy_j(0, 8 * PERIOD)
    assert shape == pytest.approx(plain.energy_j(first, last) / plain.energy_j(0, 8 * PERIOD))


def test_counter_readings_between_samples_and_out_of_order():
    t, power = wave()
    marks = np.array([5, 0, 2, 9]) * S + 33_333_333
    counter = np.array([5_000, 0, 2_000, 9_000]) * 100
    curve = build_curve(t, power, PERIOD, marks, counter)
    ordered = np.sort(marks)
    assert curve.energy_j(ordered[:-1], ordered[1:]) == pytest.approx([200, 300, 400])
    assert curve.power_at(marks[0]) == pytest.approx(np.interp(marks[0], t, power))
    before = build_curve(t, power, PERIOD).energy_j(0, ordered[0])
    assert curve.energy_j(0, ordered[0]) == pytest.approx(before)


def test_readings_closer_than_a_second_are_merged():
    t, power = wave(high=1_000_000)
    power = power // 10 + 150_000
    marks = np.arange(0, 101, dtype=np.int64) * PERIOD
    counter = np.arange(101) * 20_000
    curve = build_curve(t, power, PERIOD, marks, counter)
    seconds = np.arange(0, 11) * S
    assert curve.energy_j(seconds[:-1], seconds[1:]) == pytest.approx(np.full(10, 200.0))
    # Finer than a second power says where: the whole first second is flat, bar its end.
    assert curve.energy_j(0, S // 2) > curve.energy_j(S // 2, S)


def test_a_reset_ends_a_span_and_the_power_speaks_there():
    t, power = wave()
    plain = build_curve(t, power, PERIOD)
    marks = np.arange(0, 11, dtype=np.int64) * S
    sampled_j = plain.energy_j(marks[:-1], marks[1:])
    counter = np.cumsum([900, *(sampled_j * 1100)]).astype(np.int64)
    counter[5:] -= counter[5]
    curve = build_curve(t, power, PERIOD, marks, counter)
    found = curve.energy_j(marks[:-1], marks[1:])
    assert found[4] == pytest.approx(sampled_j[4])
    assert np.delete(found, 4) == pytest.approx(np.delete(sampled_j, 4) * 1.1, abs=2e-3)


def test_a_counter_that_stands_still_says_nothing():
    t, power = wave()
    marks = np.arange(0, 11, dtype=np.int64) * S
    plain = build_curve(t, power, PERIOD)
    frozen = build_curve(t, power, PERIOD, marks, np.full(11, 777))
    assert np.array_equal(frozen.cumulative_j, plain.cumulative_j)
    assert frozen.reconciliation is None
    lazy = build_curve(
        t, power, PERIOD, marks, np.array([0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10]) * 150_000
    )
    assert lazy.energy_j(0, 10 * S) == pytest.approx(1500)


def test_a_span_over_a_gap_is_left_to_the_power():
    t, power = wave()
    keep = (t <= 3 * S) | (t >= 5 * S)
    marks = np.arange(0, 11, dtype=np.int64) * S
    counter = np.arange(11) * 50_000
    curve = build_curve(t[keep], power[keep], PERIOD, marks, counter)
    assert curve.energy_j(3 * S, 5 * S) == 0.0
    assert curve.energy_j(5 * S, 6 * S) == pytest.approx(50)
    assert curve.is_gap.sum() == 1


def test_power_that_reads_zero_while_the_counter_runs_is_spread_evenly():
    t, power = wave()
    marks = np.array([0, 4, 10]) * S
    curve = build_curve(t, np.zeros_like(power), PERIOD, marks, np.array([0, 40_000, 100_000]))
    assert curve.energy_j(1 * S, 3 * S) == pytest.approx(20)
    assert curve.energy_j(4 * S, 10 * S) == pytest.approx(60)
    assert curve.reconciliation is None


@given(
    samples(),
    st.lists(st.integers(0, 20 * S), min_size=2, max_size=10),
    st.lists(st.integers(0, 10**7), min_size=10, max_size=10),
    st.lists(st.integers(0, 20 * S), min_size=3, max_size=6),
)
def test_whatever_the_counter_says_splitting_changes_nothing(sampled, marks, counter, cuts):
    t, power = sampled
    curve = build_curve(t, power, S, np.array(marks), np.array(counter[: len(marks)]))
    cuts = sorted(cuts)
    parts = curve.energy_j(cuts[:-1], cuts[1:])
    assert np.isfinite(curve.cumulative_j).all()
    assert (np.diff(curve.cumulative_j) >= 0).all()
    assert parts.sum() == pytest.approx(curve.energy_j(cuts[0], cuts[-1]), rel=1e-9, abs=1e-9)
    plain = build_curve(t, power, S)
    everything = (t[0], t[-1])
    assert curve.covered_s(*everything) == pytest.approx(plain.covered_s(*everything))


def test_a_job_that_begins_between_two_slow_samples_keeps_its_energy():
    """Sampled once a second while idle, ten times a second from just after the job began."""
    edge, seen = 5 * S - PERIOD, 5 * S - PERIOD // 2
    busy = np.arange(seen, 10 * S, PERIOD)
    t = np.append(np.arange(5) * S, busy)
    period = np.append(np.full(5, S), np.full(len(busy), PERIOD))
    marks = np.append(np.arange(5) * S, np.arange(seen, 10 * S, S))
    counter_mj = (marks * 100 + np.maximum(0, marks - edge) * 300) // (S // 1000)
    curve = build_curve(t, np.where(t < edge, 100_000, 400_000), period, marks, counter_mj)
    job = edge, 9 * S
    assert curve.energy_j(*job) == pytest.approx(400 * 4.1, rel=0.01)


@given(samples(), st.lists(st.integers(0, 20 * S), min_size=2, max_size=8, unique=True))
def test_whatever_the_counter_says_power_is_never_below_nothing(sampled, marks):
    t, power = sampled
    counter = np.arange(1, len(marks) + 1) ** 3
    curve = build_curve(t, power, 7 * S, np.sort(marks), counter)
    assert (curve.left_mw >= 0).all()
    assert (curve.left_mw + curve.slope * np.diff(curve.t_ns) >= -1e-6).all()


def test_a_job_begins_while_nobody_looks_and_another_ended_a_moment_before():
    """Slow samples until it was seen; what the counter says otherwise belongs before its start."""

    def energy_mj(t_s):
        low = 100_000 * t_s
        return round(low + 300_000 * (min(max(t_s - 1.0, 0), 7.7) + max(t_s - 9.61, 0)))

    def power_mw(t_s):
        return 400_000 if 1.0 <= t_s < 8.7 or t_s >= 9.61 else 100_000

    times = [*np.arange(0.05, 9.2, 0.1), *np.arange(9.673, 20.0, 0.1)]
    t_ns = [round(t * 1e9) for t in times]
    counted = [t for n, t in enumerate(times) if n % 10 == 9]
    begin_ns, end_ns = 9_610_000_000, 18_000_000_000
    curve = build_curve(
        t_ns,
        [power_mw(t) for t in times],
        [10**8 if t < 9.2 else 10**9 if t < 9.7 else 10**8 for t in times],
        [round(t * 1e9) for t in counted],
        [energy_mj(t) for t in counted],
        edges_ns=[10**9, 8_700_000_000, begin_ns],
    )
    assert curve.energy_j(begin_ns, end_ns) == pytest.approx(400 * 8.39, rel=2e-3)
    assert curve.energy_j(8_700_000_000, begin_ns) == pytest.approx(91.0, abs=4.0)
