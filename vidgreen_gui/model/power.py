"""Devices that draw power, and the columns of what they drew."""

from array import array
from dataclasses import dataclass, field
from enum import Flag, StrEnum, auto

from vidgreen_gui.model.footprint import Grade


class PowerSemantics(StrEnum):
    """What one power reading means on this device."""

    INSTANT = "instant"
    AVERAGE_1S = "average_1s"
    SINCE_LAST = "since_last"
    UNKNOWN = "unknown"


class DeviceKind(StrEnum):
    """What a device is: only GPUs are in `energy_wh`.

    CPU (package and memory) and MACHINE (all else behind the power supply) make up the rest of
    the machine; WALL is a meter at the socket, which sees everything.
    """

    GPU = "gpu"
    CPU = "cpu"
    MACHINE = "machine"
    WALL = "wall"

    @property
    def is_host(self) -> bool:
        """Whether it is the rest of the machine."""
        return self in {DeviceKind.CPU, DeviceKind.MACHINE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """How a device is sensed: what the range of its energy must cover.

    A new value comes every `update_ns`. A power value is the mean of the `window_ns` before it
    (0: of the moment), of which the sensor looked at the part `observed`, 0 to 1. The counter
    moves every `counter_update_ns`. `gain` is the half width at 95 % of the relative error that
    all its readings share. `defects` are sentence codes; `source` says where all this is from.
    """

    update_ns: int = 100_000_000
    window_ns: int = 0
    observed: float = 1.0
    counter_update_ns: int = 100_000_000
    gain: float = 0.05
    defects: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """One sentence of a stated model: `code` names it in texts, `arguments` are its inputs."""

    code: str
    arguments: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Something that draws power, with its identity (never its index) and what is read of it.

    `sampling_ns` is how often it is worth asking, None for every tick; `is_slow` keeps its calls
    off the thread that reads the others. `reads` names, by quantity, the call or file each comes
    from; `missing` are sentence codes of what could not be had and what to do about it.
    `sees_processes` says whether its driver tells who uses it, None where that was not tried.
    `parts` are the ids of its MIG instances, which cannot be measured apart. `model` says in words
    and with its inputs what the watts of a device of grade MODEL are made of.
    """

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
    kind: DeviceKind = DeviceKind.GPU
    sensor: Sensor | None = None
    architecture: str | None = None
    sampling_ns: int | None = None
    is_slow: bool = False
    reads: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    sees_processes: bool | None = None
    parts: tuple[str, ...] = ()
    model: tuple[Stated, ...] = ()


class Wants(Flag):
    """What one tick asks of a device.

    SLOW asks for one slow field, the next in the meter's own turn: each is a call to the driver,
    and a tick makes no more than two.
    """

    POWER = auto()
    COUNTER = auto()
    SLOW = auto()
    PROCESSES = auto()


@dataclass(frozen=True, slots=True)
class ProcessUse:
    """A process on a GPU: its share of the time in percent and its memory, None where not told."""

    pid: int
    utilisation_pct: int | None = None
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a device answered at one tick; None is not asked, not supported or not plausible.

    No process on a GPU is an empty `processes`.
    """

    power_mw: int | None = None
    energy_mj: int | None = None
    temperature_c: int | None = None
    utilisation_pct: int | None = None
    memory_used_bytes: int | None = None
    power_limit_mw: int | None = None
    processes: tuple[ProcessUse, ...] | None = None


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
