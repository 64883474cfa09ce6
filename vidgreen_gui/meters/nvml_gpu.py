"""One GPU under measurement: its power at each tick, its counter, one slow question in turn."""

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from vidgreen_gui.meters.nvml_door import NvmlDoor
from vidgreen_gui.meters.nvml_fields import Field, FieldReader
from vidgreen_gui.meters.nvml_processes import ProcessReader
from vidgreen_gui.meters.nvml_sources import BLANK, HIGHEST_VALUE, PLAIN_COUNTER, PLAIN_POWER
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.power import Reading, SlowField, Wants

# Short peaks may pass the limit; half as much again is no GPU.
HEADROOM = 1.5
# For a GPU that names no limit.
HIGHEST_POWER_MW = 2_000_000
_POWER, _COUNTER, _SLOW, _PROCESSES = (
    flag.value for flag in (Wants.POWER, Wants.COUNTER, Wants.SLOW, Wants.PROCESSES)
)
# Faults of the whole device. Others may come from the one quantity that was asked for.
_WHOLE_DEVICE = frozenset(
    {
        MeterFaultKind.GPU_LOST,
        MeterFaultKind.RESET_REQUIRED,
        MeterFaultKind.TIMEOUT,
        MeterFaultKind.DRIVER_NOT_LOADED,
        MeterFaultKind.LIBRARY_MISMATCH,
    }
)


@dataclass(frozen=True, slots=True)
class SlowQuery:
    """How one slow field is asked for; an answer that is a struct has a `kind`, and a `part`."""

    quantity: SlowField
    function: str
    more: tuple[int, ...] = ()
    kind: str = ""
    part: str = ""


# nvmlTemperatureSensors_t: 0 is the GPU die.
_TEMPERATURE = SlowQuery(SlowField.TEMPERATURE_C, "nvmlDeviceGetTemperature", more=(0,))
_UTILISATION = SlowQuery(
    SlowField.UTILISATION_PCT,
    "nvmlDeviceGetUtilizationRates",
    kind="c_nvmlUtilization_t",
    part="gpu",
)
_MEMORY = SlowQuery(
    SlowField.MEMORY_USED_BYTES, "nvmlDeviceGetMemoryInfo", kind="c_nvmlMemory_t", part="used"
)
_LIMIT = SlowQuery(SlowField.POWER_LIMIT_MW, "nvmlDeviceGetEnforcedPowerLimit")
SLOW_QUERIES = (_TEMPERATURE, _UTILISATION, _MEMORY, _LIMIT)


class NvmlGpu:
    """Reads one GPU, in at most two calls to the driver.

    `handle` is None until it is looked up again by `uuid`. `failures` counts the faults since it
    last answered, `generation` is the start of NVML in which it was last looked up: both are the
    meter's. Field values are one call for power and counter together.
    """

    __slots__ = (
        "_both", "_counter", "_door", "_power", "_processes", "_slow", "counter_field",
        "failures", "generation", "handle", "has_counter", "has_power", "highest_mw", "name",
        "power_field", "uuid",
    )  # fmt: skip

    def __init__(self, door: NvmlDoor, uuid: str, name: str, handle: object) -> None:
        self.uuid = uuid
        self.name = name
        self.handle: object | None = handle
        self.failures = 0
        self.generation = 0
        self.has_power = True
        self.has_counter = True
        self._door = door
        self.highest_mw: float = HIGHEST_POWER_MW
        self.power_field: Field | None = None
        self.counter_field: Field | None = None
        self._power: FieldReader | None = None
        self._counter: FieldReader | None = None
        self._both: FieldReader | None = None
        self._processes: ProcessReader | None = None
        self._slow = deque(SLOW_QUERIES)

    def use_fields(self, power: Field | None, counter: Field | None) -> None:
        """Read these as field values from now on, what is None by its plain function."""
        self.power_field, self.counter_field = power, counter
        if power is not None:
            self._power = FieldReader(self._door, self.name, (power,))
        if counter is not None:
            self._counter = FieldReader(self._door, self.name, (counter,))
        if power is not None and counter is not None:
            self._both = FieldReader(self._door, self.name, (power, counter))

    def use_processes(self, processes: ProcessReader) -> None:
        """Tell who uses the GPU from now on."""
        self._processes = processes

    def believe(self, limit_mw: int) -> None:
        """Take a power limit into account: what lies far above it is no measurement."""
        self.highest_mw = HEADROOM * limit_mw

    def read(self, handle: object, bits: int) -> Reading:
        """Return what was asked for by the values of `Wants`; raise MeterFault.

        Beside power one thing at a time: counter, slow field or processes, in this order.
        """
        wants_counter = bits & _COUNTER and self.has_counter
        power_mw = None
        if bits & _POWER and self.has_power:
            if wants_counter and self._both is not None:
                return self._read_both(handle, self._both)
            power_mw = self._power_mw(handle)
        if wants_counter:
            return Reading(power_mw=power_mw, energy_mj=self._energy_mj(handle))
        if bits & _SLOW and self._slow:
            return Reading(power_mw=power_mw, **self._next_slow_field(handle))
        if bits & _PROCESSES and self._processes is not None:
            return Reading(power_mw=power_mw, processes=self._users(handle, self._processes))
        return Reading(power_mw=power_mw)

    def _read_both(self, handle: object, fields: FieldReader) -> Reading:
        fields.ask(handle)
        power_mw = self._plausible_mw(handle, fields.value(0))
        return Reading(power_mw=power_mw, energy_mj=self._counted_mj(fields, 1))

    def _power_mw(self, handle: object) -> int:
        if self._power is None:
            power_mw = self._door.ask(PLAIN_POWER, handle, device=self.name)
            return self._plausible_mw(handle, power_mw)
        self._power.ask(handle)
        return self._plausible_mw(handle, self._power.value(0))

    def _plausible_mw(self, handle: object, power_mw: float) -> int:
        """Return a power that can be true; raise MeterFault.

        A GPU that answers is switched on, and then draws watts: zero is a sensor that does not
        work. The comparison is false for NaN too.
        """
        if power_mw > self.highest_mw:
            # A portable's limit rises when it is plugged in; asked nothing but power while it is
            # lost, the GPU would stay so.
            with suppress(MeterFault):
                limit_mw = self._door.ask(_LIMIT.function, handle, device=self.name)
                self._allow(0 if limit_mw in BLANK else limit_mw)
        if 0 < power_mw <= self.highest_mw:
            return int(power_mw)
        raise MeterFault(MeterFaultKind.IMPLAUSIBLE, self.name, f"{power_mw} mW")

    def _energy_mj(self, handle: object) -> int:
        if self._counter is not None:
            self._counter.ask(handle)
            return self._counted_mj(self._counter, 0)
        try:
            energy_mj: int = self._door.ask(PLAIN_COUNTER, handle, device=self.name)
        except MeterFault as fault:
            self.has_counter = fault.kind in _WHOLE_DEVICE
            raise
        return self._plausible_mj(energy_mj)

    def _counted_mj(self, fields: FieldReader, index: int) -> int:
        try:
            energy_mj = fields.value(index)
        except MeterFault as fault:
            self.has_counter = fault.kind in _WHOLE_DEVICE
            raise
        return self._plausible_mj(energy_mj)

    def _plausible_mj(self, energy_mj: float) -> int:
        if 0 <= energy_mj <= HIGHEST_VALUE and energy_mj not in BLANK:
            return int(energy_mj)
        raise MeterFault(MeterFaultKind.IMPLAUSIBLE, self.name, f"{energy_mj} mJ")

    def _next_slow_field(self, handle: object) -> dict[str, Any]:
        """Return the field whose turn it is, nothing for one that this GPU does not have."""
        query = self._slow[0]
        self._slow.rotate(-1)
        value = self.slow_value(handle, query)
        return {} if value is None else {query.quantity: value}

    def slow_value(self, handle: object, query: SlowQuery) -> int | None:
        """Return a slow field, None where this GPU does not have it; raise MeterFault once."""
        if query not in self._slow:
            return None
        try:
            answer = self._door.ask(query.function, handle, *query.more, device=self.name)
        except MeterFault as fault:
            if fault.kind not in _WHOLE_DEVICE:
                self._slow.remove(query)
            if fault.kind is MeterFaultKind.NOT_SUPPORTED:
                return None
            raise
        value: int = getattr(answer, query.part) if query.part else answer
        if value in BLANK or value > HIGHEST_VALUE:
            return None
        if query is _LIMIT:
            self._allow(value)
        return value

    def _allow(self, limit_mw: int) -> None:
        """Believe more than before where the limit was raised."""
        self.highest_mw = max(self.highest_mw, HEADROOM * limit_mw)

    def _users(self, handle: object, processes: ProcessReader) -> Any:  # noqa: ANN401
        try:
            return processes.read(handle)
        except MeterFault as fault:
            if fault.kind not in _WHOLE_DEVICE:
                self._processes = None
            raise
