"""Arithmetic on ranges: what is common to all parts adds linearly, the rest in quadrature."""

import math
from collections.abc import Iterable

from vidgreen_gui.model.footprint import Range

# A board's power reading is off by up to 5 % of itself, the same for every reading of that board
# (Yang, Adamek, Armour: more than 70 GPUs of 12 generations, arXiv 2312.02741).
BOARD_GAIN = 0.05
# What a card whose power is only modelled by phase may be off by, until runs were measured on it.
MODEL_GAIN = 0.20


def measured_range(
    energy_j: float, doubt_j: float, gain: float = BOARD_GAIN, rival_j: float | None = None
) -> Range:
    """Return an energy with the 95 % bounds of its board's gain and of all other doubt, in joules.

    `rival_j` is what another witness of the same device says who cannot be dismissed: the bounds
    are wide enough for both.
    """
    span = sum_of_device(((energy_j, doubt_j),), gain)
    if rival_j is None:
        return span
    other = sum_of_device(((rival_j, doubt_j),), gain)
    return Range(energy_j, min(span.low, other.low), max(span.high, other.high))


def sum_of_device(parts: Iterable[tuple[float, float]], gain: float = BOARD_GAIN) -> Range:
    """Return the sum of (energy, doubt) pairs in joules, measured on one device.

    The gain is the same in all of them and scales the sum: a reading that may be a part `gain` of
    the truth too low stands for up to 1 / (1 - gain) of itself. The other doubts are independent.
    """
    energies, doubts = zip(*parts, strict=True)
    best = math.fsum(energies)
    below = math.hypot(gain * best, *doubts)
    above = math.hypot(gain / (1.0 - gain) * best, *doubts)
    return Range(best, max(0.0, best - below), best + above)


def add_common(ranges: Iterable[Range]) -> Range:
    """Return the sum where one cause moves all parts together: bounds add."""
    listed = tuple(ranges)
    return Range(
        math.fsum(part.best for part in listed),
        math.fsum(part.low for part in listed),
        math.fsum(part.high for part in listed),
    )


def add_independent(ranges: Iterable[Range]) -> Range:
    """Return the sum of parts that know nothing of each other: half widths add in quadrature."""
    listed = tuple(ranges)
    best = math.fsum(part.best for part in listed)
    below = math.hypot(*(part.best - part.low for part in listed))
    above = math.hypot(*(part.high - part.best for part in listed))
    return Range(best, best - below, best + above)
