"""NVIDIA GPUs through NVML: power at each tick, the energy counter, one slow field in turn."""

import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from vidgreen_gui.meters.nvml_door import NvmlDoor
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import Device, PowerSemantics, Reading, SlowField, Wants

# What power readings mean by architecture (nvml.h at nvmlDeviceGetPowerUsage): the mean of the
# last second "on Ampere (except GA100) or newer", the present draw before.
_SEMANTICS = {
    "KEPLER": PowerSemantics.INSTANT,
    "MAXWELL": PowerSemantics.INSTANT,
    "PASCAL": PowerSemantics.INSTANT,
    "VOLTA": PowerSemantics.INSTANT,
    "TURING": PowerSemantics.INSTANT,
    "AMPERE": PowerSemantics.AVERAGE_1S,
    "ADA": PowerSemantics.AVERAGE_1S,
    "HOPPER": PowerSemantics.AVERAGE_1S,
    "BLACKWELL": PowerSemantics.AVERAGE_1S,
    "RUBIN": PowerSemantics.AVERAGE_1S,
}
_POWER, _COUNTER, _SLOW = (flag.value for flag in (Wants.POWER, Wants.COUNTER, Wants.SLOW))
_GA100 = re.compile(r"\bA(100|800|30)X?\b")
# NVML's "no value" in 32 and 64 bits.
_BLANK = frozenset({0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF})
# What fits a column of samples.
_HIGHEST_VALUE = 2**63 - 1
# Short peaks may pass the limit; half as much again is no GPU.
_HEADROOM = 1.5
# For a GPU that names no limit.
_HIGHEST_POWER_MW = 2_000_000
# Faults of the whole device. Others may come from the one quantity that was asked for.
_WHOLE_DEVICE = frozenset(
    {MeterFaultKind.GPU_LOST, MeterFaultKind.RESET_REQUIRED, MeterFaultKind.TIMEOUT}
)


@dataclass(frozen=True, slots=True)
class _SlowQuery:
    """How one slow field is asked for; `part` names the member of an answer that is a struct."""

    quantity: SlowField
    function: str
    more: tuple[object, ...] = ()
    part: str = ""


# nvmlTemperatureSensors_t: 0 is the GPU die.
_TEMPERATURE = _SlowQuery(SlowField.TEMPERATURE_C, "nvmlDeviceGetTemperature", more=(0,))
_UTILISATION = _SlowQuery(SlowField.UTILISATION_PCT, "nvmlDeviceGetUtilizationRates", part="gpu")
_MEMORY = _SlowQuery(SlowField.MEMORY_USED_BYTES, "nvmlDeviceGetMemoryInfo", part="used")
_LIMIT = _SlowQuery(SlowField.POWER_LIMIT_MW, "nvmlDeviceGetEnforcedPowerLimit")
_SLOW_QUERIES = (_TEMPERATURE, _UTILISATION, _MEMORY, _LIMIT)


@dataclass(slots=True)
class _Gpu:
    """One GPU; `handle` is None until it is looked up again by UUID after a fault."""

    uuid: str
    name: str
    handle: object | None
    has_power: bool = True
    has_counter: bool = True
    highest_mw: float = _HIGHEST_POWER_MW
    slow: deque[_SlowQuery] = field(default_factory=lambda: deque(_SLOW_QUERIES))


class NvmlMeter:
    """All GPUs that NVML shows, each known by its UUID; a fault of one leaves the others alone.

    `skipped` holds the faults of GPUs that could not even be named. A quantity that fails while
    its GPU answers otherwise is reported once and then no longer asked for.
    """

    name = "nvml"

    def __init__(self, door: NvmlDoor | None = None) -> None:
        """Take an open door, or open one; raise MeterFault where NVML cannot be used."""
        self.skipped: tuple[MeterFault, ...] = ()
        self._door = NvmlDoor() if door is None else door
        self._gpus: dict[str, _Gpu] = {}

    def open(self) -> tuple[Device, ...]:
        """Return the GPUs whose power or energy can be read; raise MeterFault where none can."""
        count = self._door.ask("nvmlDeviceGetCount")
        driver = self._optional("nvmlSystemGetDriverVersion")
        devices = []
        skipped = []
        for index in range(count):
            try:
                devices.append(self._discover(index, driver))
            except MeterFault as fault:
                skipped.append(fault)
        self.skipped = tuple(skipped)
        if not devices:
            raise skipped[0] if skipped else MeterFault(MeterFaultKind.NO_DEVICE, detail="0 GPU")
        return tuple(devices)

    def read(self, device_id: str, wants: Wants) -> Reading:
        """Return what was asked for, in one NVML call each; raise MeterFault for this GPU."""
        gpu = self._gpus.get(device_id)
        if gpu is None:
            raise MeterFault(MeterFaultKind.GPU_LOST, device_id)
        try:
            if gpu.handle is None:
                gpu.handle = self._door.ask("nvmlDeviceGetHandleByUUID", gpu.uuid, device=gpu.name)
            # Not `in`: a Flag's own operators cost more than a call to the driver.
            bits: int = wants._value_
            power_mw = self._power_mw(gpu) if bits & _POWER and gpu.has_power else None
            if bits & _COUNTER and gpu.has_counter:
                return Reading(power_mw=power_mw, energy_mj=self._energy_mj(gpu))
            if bits & _SLOW and gpu.slow:
                return Reading(power_mw=power_mw, **self._next_slow_field(gpu))
        except MeterFault as fault:
            if fault.kind is not MeterFaultKind.IMPLAUSIBLE:
                gpu.handle = None
            raise
        return Reading(power_mw=power_mw)

    def close(self) -> None:
        """Shut NVML down."""
        self._door.close()

    def _discover(self, index: int, driver: str | None) -> Device:
        handle = self._door.ask("nvmlDeviceGetHandleByIndex", index, device=f"GPU {index}")
        uuid = self._door.ask("nvmlDeviceGetUUID", handle, device=f"GPU {index}")
        name = self._door.ask("nvmlDeviceGetName", handle, device=f"GPU {index}")
        gpu = _Gpu(uuid, name, handle)
        limit_mw = self._optional("nvmlDeviceGetEnforcedPowerLimit", handle)
        if limit_mw in _BLANK:
            limit_mw = None
        if limit_mw:
            gpu.highest_mw = _HEADROOM * limit_mw
        gpu.has_power = self._supports("nvmlDeviceGetPowerUsage", gpu)
        gpu.has_counter = self._supports("nvmlDeviceGetTotalEnergyConsumption", gpu)
        if not gpu.has_power and not gpu.has_counter:
            raise MeterFault(MeterFaultKind.NOT_SUPPORTED, name, "nvmlDeviceGetPowerUsage")
        memory = self._optional("nvmlDeviceGetMemoryInfo", handle)
        pci = self._optional("nvmlDeviceGetPciInfo", handle)
        self._gpus[uuid] = gpu
        return Device(
            id=uuid,
            name=name,
            uuid=uuid,
            meter=self.name,
            grade=Grade.MEASURED,
            has_counter=gpu.has_counter,
            power_semantics=self._semantics(handle, name),
            power_limit_mw=limit_mw,
            memory_bytes=None if memory is None else memory.total,
            pci_bus_id=None if pci is None else pci.busId,
            index=index,
            driver=driver,
        )

    def _optional(self, function: str, *arguments: object) -> Any:  # noqa: ANN401
        """Return what `function` says, None where it does not."""
        try:
            return self._door.ask(function, *arguments)
        except MeterFault:
            return None

    def _supports(self, function: str, gpu: _Gpu) -> bool:
        """Return whether the GPU has this quantity; other trouble is for `read` to report."""
        try:
            self._door.ask(function, gpu.handle, device=gpu.name)
        except MeterFault as fault:
            return fault.kind is not MeterFaultKind.NOT_SUPPORTED
        return True

    def _semantics(self, handle: object, name: str) -> PowerSemantics:
        code = self._optional("nvmlDeviceGetArchitecture", handle)
        for architecture, semantics in _SEMANTICS.items():
            known = getattr(self._door.constants, f"NVML_DEVICE_ARCH_{architecture}", None)
            if known is not None and known == code:
                return PowerSemantics.INSTANT if _GA100.search(name) else semantics
        return PowerSemantics.UNKNOWN

    def _power_mw(self, gpu: _Gpu) -> int:
        power_mw: int = self._door.ask("nvmlDeviceGetPowerUsage", gpu.handle, device=gpu.name)
        if power_mw > gpu.highest_mw:
            raise MeterFault(MeterFaultKind.IMPLAUSIBLE, gpu.name, f"{power_mw} mW")
        return power_mw

    def _energy_mj(self, gpu: _Gpu) -> int:
        function = "nvmlDeviceGetTotalEnergyConsumption"
        try:
            energy_mj: int = self._door.ask(function, gpu.handle, device=gpu.name)
        except MeterFault as fault:
            gpu.has_counter = fault.kind in _WHOLE_DEVICE
            raise
        if energy_mj > _HIGHEST_VALUE:
            raise MeterFault(MeterFaultKind.IMPLAUSIBLE, gpu.name, f"{energy_mj} mJ")
        return energy_mj

    def _next_slow_field(self, gpu: _Gpu) -> dict[str, Any]:
        """Return the field whose turn it is, nothing for one that this GPU does not have."""
        query = gpu.slow.popleft()
        try:
            answer = self._door.ask(query.function, gpu.handle, *query.more, device=gpu.name)
        except MeterFault as fault:
            if fault.kind in _WHOLE_DEVICE:
                gpu.slow.append(query)
            elif fault.kind is MeterFaultKind.NOT_SUPPORTED:
                return {}
            raise
        gpu.slow.append(query)
        value: int = getattr(answer, query.part) if query.part else answer
        if value in _BLANK or value > _HIGHEST_VALUE:
            return {}
        if query is _LIMIT:
            gpu.highest_mw = max(gpu.highest_mw, _HEADROOM * value)
        return {query.quantity: value}
