"""Devices that draw power, and the columns of what they drew."""

from array import array
from dataclasses import dataclass, field
from enum import Flag, StrEnum, auto

from vidgreen_gui.model.footprint import Grade


class PowerSemantics(StrEnum):
    """What one power reading means on this device."""

    INSTANT = "instant"
    AVERAGE_1S = "average_1s"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """An accelerator with its identity (never its index) and what its meter can read."""

    id: str
    name: str
    uuid: str
    meter: str
    grade: Grade
    has_counter: bool
    power_semantics: PowerSemantics = PowerSemantics.UNKNOWN
    power_limit_mw: int | None = None
    memory_bytes: int | None = None
    pci_bus_id: str | None = None
    index: int | None = None
    driver: str | None = None


class Wants(Flag):
    """What one tick asks of a device.

    SLOW asks for one slow field, the next in the meter's own turn: each is a call to the driver,
    and a tick makes no more than two.
    """

    POWER = auto()
    COUNTER = auto()
    SLOW = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a device answered at one tick; None is not asked, not supported or not plausible."""

    power_mw: int | None = None
    energy_mj: int | None = None
    temperature_c: int | None = None
    utilisation_pct: int | None = None
    memory_used_bytes: int | None = None
    power_limit_mw: int | None = None


def column() -> "array[int]":
    """Return an empty column of signed 64-bit integers."""
    return array("q")


@dataclass(frozen=True, slots=True)
class PowerBlock:
    """Power samples of one device: `t_ns` on the run's steady clock, `power_mw` beside it.

    A reading that failed is absent. `period_ns` is the grid the samples were taken on: two
    neighbours more than three periods apart have a gap between them.
    """

    device_id: str
    period_ns: int
    t_ns: "array[int]" = field(default_factory=column)
    power_mw: "array[int]" = field(default_factory=column)


@dataclass(frozen=True, slots=True)
class CounterBlock:
    """Energy counter samples of one device, in millijoules since some unknown start."""

    device_id: str
    period_ns: int
    t_ns: "array[int]" = field(default_factory=column)
    energy_mj: "array[int]" = field(default_factory=column)


class SlowField(StrEnum):
    """What is read at most once a second."""

    TEMPERATURE_C = "temperature_c"
    UTILISATION_PCT = "utilisation_pct"
    MEMORY_USED_BYTES = "memory_used_bytes"
    POWER_LIMIT_MW = "power_limit_mw"


@dataclass(frozen=True, slots=True)
class SlowBlock:
    """Samples of one slow field of one device."""

    device_id: str
    quantity: SlowField
    period_ns: int
    t_ns: "array[int]" = field(default_factory=column)
    value: "array[int]" = field(default_factory=column)


Block = PowerBlock | CounterBlock | SlowBlock
