"""Axes of a report's charts: round ticks, and positions in a drawing's units."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from math import ceil, floor, log10

_DAY_S = 86_400
_STEPS_S = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10_800, 21_600, 43_200, _DAY_S),
)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and what is written there."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The plotting area of a drawing, and the values at its edges."""

    left: float
    top: float
    width: float
    height: float
    start: float
    end: float
    highest: float

    @property
    def right(self) -> float:
        """Return the x of the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Return the y of the lower edge."""
        return self.top + self.height

    def x(self, value: float) -> float:
        """Return the x of a value, kept inside the frame, to a tenth of a unit."""
        share = (value - self.start) / (self.end - self.start)
        return round(self.left + min(max(share, 0.0), 1.0) * self.width, 1)

    def y(self, value: float) -> float:
        """Return the y of a value, to a tenth of a unit; 0 is the lower edge."""
        return round(self.bottom - value / self.highest * self.height, 1)


def round_steps(highest: float, most: int = 5) -> tuple[float, ...]:
    """Return 0 and up to `most` multiples of 1, 2 or 5 times a power of ten, the last >= highest.

    Of nothing (0 or less) they are 0 and 1.
    """
    if highest <= 0:
        return (0.0, 1.0)
    power = 10.0 ** floor(log10(highest / most))
    step = next(factor * power for factor in (1, 2, 5, 10, 20) if highest <= most * factor * power)
    return tuple(index * step for index in range(ceil(highest / step - 1e-9) + 1))


def clock_ticks(start_ms: int, end_ms: int, zone: tzinfo | None, most: int = 9) -> list[Tick]:
    """Return ticks at round clock times of `zone` between two UTC times, `at` in UTC ms."""
    start, end = (
        datetime.fromtimestamp(ms / 1000, zone).astimezone(zone) for ms in (start_ms, end_ms)
    )
    length_s = (end - start).total_seconds()
    step_s = next((one for one in _STEPS_S if length_s / one <= most), None)
    if step_s is None:
        step_s = _DAY_S * ceil(length_s / _DAY_S / most)
    form = "%H:%M:%S" if step_s < 60 else "%H:%M" if step_s < _DAY_S else "%d.%m."
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    index = ceil((start - midnight).total_seconds() / step_s)
    ticks: list[Tick] = []
    while (moment := midnight + timedelta(seconds=index * step_s)) <= end:
        ticks.append(Tick(moment.timestamp() * 1000, f"{moment:{form}}"))
        index += 1
    return ticks
