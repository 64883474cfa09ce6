"""Round numbers for axes: steps of 1, 2 or 5 times a power of ten."""

from dataclasses import dataclass
from math import ceil, floor, log10

_MANTISSAS = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from 0 to `top`, a whole number of `step`s, in the unit of what it shows."""

    top: float
    step: float

    @property
    def ticks(self) -> tuple[float, ...]:
        """Return the tick values from 0 to `top`."""
        return tuple(self.step * index for index in range(round(self.top / self.step) + 1))

    @property
    def places(self) -> int:
        """Return how many decimals tell two ticks apart."""
        return max(0, -floor(log10(self.step) + 1e-9))


def round_step(least: float) -> float:
    """Return the smallest 1-2-5 step that is not under `least`, which must be above 0."""
    power = 10.0 ** floor(log10(least))
    mantissa = next(one for one in _MANTISSAS if one * power >= least * (1 - 1e-9))
    return mantissa * power


def scale_for(highest: float, most_steps: int) -> Scale:
    """Return the lowest scale that holds `highest` in at most `most_steps` steps."""
    if highest <= 0:
        return Scale(1.0, 1.0)
    step = round_step(highest / most_steps)
    return Scale(step * max(1, ceil(highest / step - 1e-9)), step)
