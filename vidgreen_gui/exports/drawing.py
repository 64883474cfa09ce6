"""Shapes of a report's charts, for inline SVG; colours and fonts are the page's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from vidgreen_gui.exports.axes import Frame, Tick, clock_ticks
from vidgreen_gui.texts.numbers import Numbers

WIDTH = 920.0
BELOW = 24.0
# Room at the right for labels; charts over time share it and so their clock axis.
BESIDE = 120.0
_LEFT, _RIGHT, _TOP = 44.0, 12.0, 18.0


@dataclass(frozen=True, slots=True)
class Band:
    """An iteration behind a curve; no label where it is too narrow for one."""

    x: float
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class Area:
    """A stacked stretch: its outline as a path, how it is filled, its label at the right end."""

    path: str
    style: str
    label: str
    label_y: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """An iteration's energy with its range; `style` is kept, discarded, undecided or simulated."""

    x: float
    y: float
    width: float
    height: float
    style: str
    low_y: float | None
    high_y: float | None
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing: axes in its own units, then what applies to its kind."""

    title: str
    height: float
    frame: Frame
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    bands: tuple[Band, ...] = ()
    line: str = ""
    spread: str = ""
    areas: tuple[Area, ...] = ()
    bars: tuple[Bar, ...] = ()
    limit_y: float | None = None
    limit: str = ""
    width: float = WIDTH

    @property
    def styles(self) -> frozenset[str]:
        """Return what its bars stand for, for a legend."""
        return frozenset(bar.style for bar in self.bars)


def frame_of(
    height: float, start: float, end: float, highest: float, beside: float = _RIGHT
) -> Frame:
    """Return the plotting area, with room for what is written around it."""
    return Frame(_LEFT, _TOP, WIDTH - _LEFT - beside, height, start, max(end, start + 1), highest)


def y_ticks(frame: Frame, steps: Sequence[float], numbers: Numbers) -> tuple[Tick, ...]:
    """Return the marks of an upright axis, with as many decimals as its step needs."""
    places = 0 if steps[1] >= 1 else len(f"{steps[1]:.6f}".rstrip("0")) - 2
    return tuple(Tick(frame.y(value), numbers.decimal(value, places)) for value in steps)


def x_ticks(frame: Frame, zone: tzinfo | None) -> tuple[Tick, ...]:
    """Return the marks of a time axis; the frame runs in UTC ms."""
    ticks = clock_ticks(int(frame.start), int(frame.end), zone)
    return tuple(Tick(frame.x(tick.at), tick.label) for tick in ticks)
