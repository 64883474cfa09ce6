"""What a power supply takes from the socket for what it gives: 80 PLUS curves."""

import numpy as np

from vidgreen_gui.model.footprint import Range

# Efficiency at 20, 50 and 100 % of the rating, at 115 V and at 230 V (European, internal), as the
# programme asks of a class at least. Bronze, gold, platinum and titanium: Tom's Hardware, "What do
# 80 PLUS levels mean"; white and silver: the programme's own table, recalled.
CLASSES: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "white": ((0.80, 0.80, 0.80), (0.82, 0.85, 0.82)),
    "bronze": ((0.82, 0.85, 0.82), (0.85, 0.88, 0.85)),
    "silver": ((0.85, 0.88, 0.85), (0.87, 0.90, 0.87)),
    "gold": ((0.87, 0.90, 0.87), (0.90, 0.92, 0.89)),
    "platinum": ((0.90, 0.92, 0.89), (0.92, 0.94, 0.90)),
    "titanium": ((0.92, 0.94, 0.90), (0.94, 0.96, 0.94)),
}
# Of a power supply of which nothing is known: between a good bronze and a fair platinum.
DEFAULT_EFFICIENCY = 0.90
_LOADS = (0.20, 0.50, 1.00)
# Below a fifth of its rating no class promises anything. Half of what is lost there is taken to be
# lost at any load: fans, standby rail, switching.
_FIXED_LOSS = 0.5
_LOWEST = 0.50


def efficiency(load_w: float | None, rating_w: float | None, psu: str) -> float:
    """Return the part of what a power supply takes that it gives on, at `load_w` watts given.

    `psu` is one of CLASSES, or "" for the default. Which mains it is on is not known: the mean of
    both. Without a rating or a load it is the class's figure at half load.
    """
    if psu not in CLASSES:
        return DEFAULT_EFFICIENCY
    low, middle, full = ((us + eu) / 2 for us, eu in zip(*CLASSES[psu], strict=True))
    if not rating_w or not load_w:
        return middle
    load = load_w / rating_w
    if load >= _LOADS[0]:
        return float(np.interp(load, _LOADS, (low, middle, full)))
    lost_at_low = _LOADS[0] * (1.0 / low - 1.0)
    lost = lost_at_low * (_FIXED_LOSS + (1.0 - _FIXED_LOSS) * load / _LOADS[0])
    return max(_LOWEST, load / (load + lost))


def doubt(rating_w: float | None, psu: str) -> float:
    """Return the half width at 80 % of an efficiency's relative error.

    A class says what its worst member does at either mains voltage, 2 to 3 % apart; without the
    rating the load is open too; without the class it is 0.84 to 0.96.
    """
    if psu not in CLASSES:
        return 0.06
    return 0.03 if rating_w else 0.04


def at_socket(
    load_w: float | None, rating_w: float | None, psu: str, factor: Range | None
) -> Range:
    """Return how many joules the socket gives for one behind the power supply.

    `factor` is what a plug measured over what this says without it, at 95 %: it was measured on
    this very power supply, so its uncertainty stands for the class's.
    """
    taken = 1.0 / efficiency(load_w, rating_w, psu)
    if factor is None:
        half = doubt(rating_w, psu)
        return Range(taken, taken * (1.0 - half), taken * (1.0 + half))
    return factor.scaled(taken)


def relative_half_width(span: Range) -> float:
    """Return the larger of a range's half widths over its best value; 0 of nothing."""
    if span.best <= 0.0:
        return 0.0
    return max(span.best - span.low, span.high - span.best, 0.0) / span.best
