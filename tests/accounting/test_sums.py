"""Sums of ranges: a device's common error adds linearly, everything else in quadrature."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.accounting.sums import amount, figure, gain_of, gathered, scaled, total
from vidgreen_gui.model.footprint import MISSING, Grade, Range
from vidgreen_gui.model.power import Sensor


def on(device, best, half, gain=0.05, grade=Grade.MEASURED):
    return amount(device, Range(best, best - half, best + half), grade, gain)


def half_of(found):
    return found.range.high - found.range.best


def test_the_gain_of_a_board_is_in_all_its_energy_alike():
    thousand = [on("gpu", 10.0, 0.5) for _ in range(1000)]
    assert half_of(figure(thousand)) == pytest.approx(0.05 * 10_000)


def test_edges_know_nothing_of_each_other():
    # 5 % of the truth in common, and 1.2 alone.
    below, above = math.hypot(0.5, 1.2), math.hypot(0.5 / 0.95, 1.2)
    span = Range(10.0, 10.0 - below, 10.0 + above)
    found = figure([amount("gpu", span, Grade.MEASURED, 0.05) for _ in range(4)]).range
    assert 40.0 - found.low == pytest.approx(math.hypot(4 * 0.5, 2 * 1.2))
    assert found.high - 40.0 == pytest.approx(math.hypot(4 * 0.5 / 0.95, 2 * 1.2))


def test_two_boards_know_nothing_of_each_other():
    assert half_of(figure([on("a", 60.0, 3.0), on("b", 80.0, 4.0)])) == pytest.approx(5.0)


def test_a_counter_that_disagrees_does_so_throughout():
    parts = [amount("gpu", Range(10.0, 9.5, 14.0), Grade.MEASURED, 0.05) for _ in range(9)]
    span = figure(parts).range
    assert (span.low, span.high) == pytest.approx((9 * 9.5, 9 * 14.0))


def test_jobs_too_short_to_tell_from_nothing_are_told_together():
    parts = [amount("gpu", Range(1.0, 0.0, 3.0), Grade.AVERAGED, 0.05) for _ in range(100)]
    span = figure(parts).range
    assert span.low == pytest.approx(100.0 - math.hypot(5.0, 10.0), rel=1e-2)
    assert span.high == pytest.approx(100.0 + math.hypot(5.3, 20.0), rel=1e-2)


def test_simulated_energy_is_added_to_nothing():
    found = total([on("gpu", 10.0, 0.5), on("sim", 99.0, 0.0, 0.0, Grade.SIMULATED)])
    assert found.figure.best == 10.0
    assert found.simulated.best == 99.0
    assert found.measured_share == 1.0
    assert figure([on("sim", 99.0, 0.0, 0.0, Grade.SIMULATED)]).grade is Grade.SIMULATED
    assert figure(()) == MISSING


def test_the_worst_grade_speaks_for_the_sum():
    found = total([on("gpu", 30.0, 1.5), on("cpu", 10.0, 3.0, 0.3, Grade.MODEL)])
    assert found.figure.grade is Grade.MODEL
    assert found.measured_share == pytest.approx(0.75)
    assert half_of(found.figure) == pytest.approx(math.hypot(1.5, 3.0))


def test_a_device_says_its_gain_else_its_grade_does():
    assert gain_of(Sensor(gain=0.02), Grade.MEASURED) == 0.02
    assert [gain_of(None, grade) for grade in (Grade.AVERAGED, Grade.MODEL)] == [0.05, 0.20]
    assert gain_of(Sensor(), Grade.SIMULATED) == 0.0


def test_the_measured_share_of_many_odd_parts_is_never_more_than_all():
    for count in range(2, 60):
        assert total(on("gpu", 0.1 + n / 7, 0.0) for n in range(count)).measured_share <= 1.0


amounts = st.lists(
    st.builds(
        lambda device, best, below, above, gain: amount(
            device,
            Range(best, best * (1.0 - below), best * (1.0 + above)),
            Grade.MEASURED,
            gain,
        ),
        st.sampled_from(["a", "b", "c"]),
        st.floats(0.0, 1e9),
        st.floats(0.0, 1.0),
        st.floats(0.0, 3.0),
        st.floats(0.0, 0.5),
    ),
    min_size=1,
    max_size=12,
)


@given(amounts, st.integers(0, 12))
def test_a_total_never_contradicts_its_parts(parts, cut):
    span = figure(parts).range
    assert 0.0 <= span.low <= span.best <= span.high
    assert span.best == pytest.approx(math.fsum(part.best for part in parts))
    # However it is put together, it comes to the same.
    halves = (*gathered(parts[:cut]), *gathered(parts[cut:]))
    again = figure(halves).range
    assert (again.low, again.high) == pytest.approx((span.low, span.high), rel=1e-9, abs=1e-6)
    # Never wider than if all parts moved together, never narrower than the widest of them.
    alone = [figure([part]).range for part in parts]
    slack = 1e-9 * (1.0 + span.high)
    assert span.high - span.best <= sum(one.high - one.best for one in alone) + slack
    widest = max(one.high - one.best for one in alone)
    assert span.high - span.best >= widest - slack


@given(amounts, st.floats(0.0, 10.0))
def test_scaled_is_scaled(parts, factor):
    once, twice = figure(parts).range, figure(scaled(parts, factor, Grade.MODEL))
    assert twice.grade is Grade.MODEL
    assert twice.range.high == pytest.approx(once.high * factor, rel=1e-9, abs=1e-9)
