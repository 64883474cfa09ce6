"""From energy to grams and money."""

from collections.abc import Iterable

from vidgreen_gui.model.footprint import MISSING, Basis, Figure, Grade, GridFactor, Tariff
from vidgreen_gui.model.units import g_from_wh, money_from_wh

_WORST_LAST = tuple(Grade)


def worst(grades: Iterable[Grade]) -> Grade:
    """Return the grade that is known least well; MISSING where there is none."""
    return max(grades, key=_WORST_LAST.index, default=Grade.MISSING)


def factor_at(factors: Iterable[GridFactor], utc_ns: int) -> GridFactor | None:
    """Return the last of `factors` that holds at a time, None where none does."""
    found = None
    for factor in factors:
        begun = factor.from_utc_ns is None or factor.from_utc_ns <= utc_ns
        over = factor.to_utc_ns is not None and factor.to_utc_ns <= utc_ns
        if begun and not over:
            found = factor
    return found


def co2e_g(energy_wh: Figure, factor: GridFactor | None) -> Figure:
    """Return the grams of CO2e of the energy of one half hour, MISSING without a factor.

    Its grade and range are the energy's; the factor stands beside it with source and year. A
    marginal factor answers what one kWh more would cause, and never fills a CO2e figure.
    """
    if energy_wh.range is None or factor is None or factor.basis is Basis.MARGINAL:
        return MISSING
    # A recalled factor makes an estimate of the best measurement.
    grade = energy_wh.grade if factor.verified else worst((energy_wh.grade, Grade.MODEL))
    return Figure(energy_wh.range.scaled(g_from_wh(1.0, factor.g_per_kwh)), grade)


def cost(energy_wh: Figure, tariff: Tariff | None) -> Figure:
    """Return what an energy costs, in the tariff's currency; MISSING without a tariff."""
    if energy_wh.range is None or tariff is None:
        return MISSING
    return Figure(energy_wh.range.scaled(money_from_wh(1.0, tariff.price_per_kwh)), energy_wh.grade)
