"""Grams and money: they keep the energy's grade, and missing stays missing."""

import pytest

from vidgreen_gui.accounting.footprint import co2e_g, cost, factor_at, worst
from vidgreen_gui.model.footprint import (
    MISSING,
    Basis,
    Figure,
    Grade,
    GridFactor,
    Range,
    Tariff,
)


def factor(g=50.0, *, basis=Basis.LIFECYCLE, start=None, end=None):
    return GridFactor(
        id=f"f{g}", zone="FR", zone_name="France", g_per_kwh=g, basis=basis, source="s",
        year=2025, licence="l", from_utc_ns=start, to_utc_ns=end,
    )  # fmt: skip


MEASURED = Figure(Range(60, 57, 63), Grade.MEASURED)


def test_grams_and_money_keep_grade_and_proportions():
    grams = co2e_g(MEASURED, factor(50))
    assert grams.grade is Grade.MEASURED
    assert (grams.best, grams.range.low) == pytest.approx((3.0, 2.85))
    assert cost(MEASURED, Tariff(0.25, "EUR")).best == pytest.approx(0.015)


@pytest.mark.parametrize(
    ("energy", "by"),
    [(MISSING, factor()), (MEASURED, None), (MEASURED, factor(basis=Basis.MARGINAL))],
)
def test_no_energy_no_factor_or_a_marginal_one_is_no_mass(energy, by):
    assert co2e_g(energy, by) == MISSING


def test_no_tariff_is_no_cost():
    assert cost(MEASURED, None) == MISSING
    assert cost(MISSING, Tariff(1.0, "EUR")) == MISSING


def test_the_worst_grade_wins():
    assert worst([Grade.MEASURED, Grade.NEAREST, Grade.AVERAGED]) is Grade.NEAREST
    assert worst([]) is Grade.MISSING


def test_the_factor_that_holds_at_a_time():
    always, later = factor(10), factor(20, start=100, end=200)
    assert factor_at([always, later], 99) is always
    assert factor_at([always, later], 100) is later
    assert factor_at([always, later], 200) is always
    assert factor_at([later], 0) is None
