"""How a figure is known: grades, ranges, grid factors and prices."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How a number is known, best first; `SIMULATED` is invented and `MISSING` is no number."""

    MEASURED = "measured"
    AVERAGED = "averaged"
    HARDWARE_TIME = "hardware-time"
    MODEL = "model"
    NEAREST = "nearest"
    CEILING = "ceiling"
    SIMULATED = "simulated"
    MISSING = "missing"

    @property
    def is_measured(self) -> bool:
        """Whether a sensor said it: its range is at 95 %, a prediction's at 80 %."""
        return self in {Grade.MEASURED, Grade.AVERAGED}

    @property
    def is_estimate(self) -> bool:
        """Whether a model or a price list said it."""
        return self in {Grade.HARDWARE_TIME, Grade.MODEL, Grade.NEAREST, Grade.CEILING}

    @property
    def shape(self) -> str:
        """Return what tells it without colour: ● measured, ◐ estimated, ◌ simulated, – missing."""
        if self.is_measured:
            return "●"
        if self.is_estimate:
            return "◐"
        return "◌" if self is Grade.SIMULATED else "\u2013"


class Scope(StrEnum):
    """What an energy covers: the accelerators, the machine, or all that the socket gave."""

    GPU = "gpu"
    MACHINE = "machine"
    WALL = "wall"


class Basis(StrEnum):
    """What a grid factor counts; only lifecycle, direct and contract may fill a CO2e figure."""

    LIFECYCLE = "lifecycle"
    DIRECT = "direct"
    MARGINAL = "marginal"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Range:
    """A best value with the bounds that hold at the level of its grade."""

    best: float
    low: float
    high: float

    @classmethod
    def exact(cls, value: float) -> "Range":
        """Return a range without width."""
        return cls(value, value, value)

    def scaled(self, factor: float) -> "Range":
        """Return the range in another unit; `factor` must not be negative."""
        return Range(self.best * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Figure:
    """An energy, a mass or a sum of money with its grade; `range` is None when it is not known."""

    range: Range | None
    grade: Grade

    @property
    def best(self) -> float | None:
        """Return the best value, or None when there is none."""
        return None if self.range is None else self.range.best


MISSING = Figure(None, Grade.MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFactor:
    """Grams of CO2e per kilowatt-hour of one zone, with what stands beside it in print.

    Where `verified` is False its row could not be checked against its source: CO2e made with it
    is graded `model` at best.
    """

    id: str
    zone: str
    zone_name: str
    g_per_kwh: float
    basis: Basis
    source: str
    year: int
    licence: str
    from_utc_ns: int | None = None
    to_utc_ns: int | None = None
    guessed: bool = False
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Tariff:
    """What the user pays for electricity."""

    price_per_kwh: float
    currency: str
