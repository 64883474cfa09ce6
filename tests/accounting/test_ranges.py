"""Ranges: what is common adds, what is independent adds in quadrature."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.accounting.ranges import (
    add_common,
    add_independent,
    measured_range,
    sum_of_device,
)
from vidgreen_gui.model.footprint import Range

joules = st.floats(0, 1e7)
parts = st.lists(st.tuples(joules, st.floats(0, 1e3)), min_size=1, max_size=8)


def test_gain_and_other_doubts_are_independent():
    span = measured_range(1000.0, 120.0)
    assert (span.best, span.low, span.high) == pytest.approx(
        (1000, 870, 1000 + math.hypot(120, 1000 / 19))
    )
    assert measured_range(1.0, 5.0).low == 0.0


def test_a_rival_widens_to_its_side_only():
    span = measured_range(1000.0, 0.0, 0.05, rival_j=1200.0)
    assert (span.best, span.low, span.high) == pytest.approx((1000, 950, 1200 / 0.95))
    assert measured_range(1000.0, 0.0, 0.05, rival_j=800.0).low == pytest.approx(760)


@given(parts)
def test_a_device_s_sum_keeps_its_gain_common(listed):
    total = sum_of_device(listed)
    best = sum(energy for energy, _ in listed)
    assert total.best == pytest.approx(best)
    assert total.high - total.best >= 0.05 * best - 1e-6
    apart = add_common(measured_range(*part) for part in listed)
    assert total.high <= apart.high * (1 + 1e-12) + 1e-9


def test_common_adds_and_independent_adds_in_quadrature():
    spans = (Range(10, 7, 14), Range(20, 16, 23))
    assert add_common(spans) == Range(30, 23, 37)
    together = add_independent(spans)
    assert (together.best, together.low, together.high) == pytest.approx((30, 25, 35))
    assert add_independent(()) == add_common(()) == Range(0, 0, 0)


@given(st.lists(joules, min_size=1, max_size=8))
def test_independent_is_never_wider_than_common(energies):
    spans = [Range(e, e * 0.9, e * 1.2) for e in energies]
    together, apart = add_independent(spans), add_common(spans)
    assert math.isclose(together.best, apart.best)
    assert together.high <= apart.high * (1 + 1e-9)
    assert together.low >= apart.low * (1 - 1e-9)
