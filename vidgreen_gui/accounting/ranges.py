"""Arithmetic on ranges: what is common to all parts adds linearly, the rest in quadrature."""

import math
from collections.abc import Iterable, Sequence

from vidgreen_gui.model.footprint import Range
from vidgreen_gui.model.units import J_PER_MW_NS

# A board's power reading is off by up to 5 % of itself, the same for every reading of that board
# (Yang, Adamek, Armour: more than 70 GPUs of 12 generations, arXiv 2312.02741).
BOARD_GAIN = 0.05
# What a card whose power is only modelled by phase may be off by, until runs were measured on it.
MODEL_GAIN = 0.20


def edge_j(steps_mw: Sequence[float], period_ns: int, clock_bound_ns: int = 0) -> float:
    """Return how many joules a window's edges leave open: half a period of power step at each.

    `steps_mw` are the changes of power at its edges, which are independent of each other. A
    source's clock that may be off by `clock_bound_ns` widens each edge by as much.
    """
    uncertain_ns = period_ns / 2 + clock_bound_ns
    return math.hypot(*steps_mw) * uncertain_ns * J_PER_MW_NS


def measured_range(energy_j: float, edge_j: float, gain: float = BOARD_GAIN) -> Range:
    """Return an energy with the 95 % bounds of its board's gain and of its edges, in joules."""
    return sum_of_device(((energy_j, edge_j),), gain)


def sum_of_device(parts: Iterable[tuple[float, float]], gain: float = BOARD_GAIN) -> Range:
    """Return the sum of (energy, edge) pairs in joules, measured on one device.

    The gain is the same in all of them and scales the sum; the edges are independent.
    """
    energies, edges = zip(*parts, strict=True)
    best = math.fsum(energies)
    half = math.hypot(gain * best, *edges)
    return Range(best, max(0.0, best - half), best + half)


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
