"""What one GPU can tell, found out by asking: its identity, its sources, what it lacks."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from vidgreen_gui.meters.nvml_door import NvmlDoor
from vidgreen_gui.meters.nvml_fields import Field, FieldReader
from vidgreen_gui.meters.nvml_gpu import HEADROOM, HIGHEST_POWER_MW, NvmlGpu
from vidgreen_gui.meters.nvml_processes import BUSY, ProcessReader
from vidgreen_gui.meters.nvml_sensors import SensorTable
from vidgreen_gui.meters.nvml_sources import (
    BLANK,
    FIELDS,
    MISSING,
    PLAIN_COUNTER,
    PLAIN_POWER,
    Answers,
    PowerSource,
    counter_field,
    power_source,
)
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import Device, PowerSemantics

# Before Volta no GPU has a counter (nvml.h at nvmlDeviceGetTotalEnergyConsumption).
_NO_COUNTERS = frozenset({"Kepler", "Maxwell", "Pascal"})


@dataclass(frozen=True, slots=True)
class _Findings:
    """Where quantities come from, and the ends of the codes of what is missing."""

    reads: list[tuple[str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


class GpuProbe:
    """Asks each GPU once, when it is found; its answers decide how it is read."""

    def __init__(self, door: NvmlDoor, table: SensorTable, meter: str) -> None:
        self._door = door
        self._table = table
        self._meter = meter
        self._driver = self._optional("nvmlSystemGetDriverVersion")
        self._architectures = {
            code: name.removeprefix("NVML_DEVICE_ARCH_").title()
            for name, code in vars(door.constants).items()
            if name.startswith("NVML_DEVICE_ARCH_") and not name.endswith("_UNKNOWN")
        }

    def identify(self, index: int) -> tuple[object, str]:
        """Return handle and UUID of GPU number `index`; raise MeterFault."""
        place = f"GPU {index}"
        handle = self._door.ask("nvmlDeviceGetHandleByIndex", index, device=place)
        return handle, self._door.ask("nvmlDeviceGetUUID", handle, device=place)

    def examine(self, handle: object, uuid: str, index: int) -> tuple[NvmlGpu, Device]:
        """Return a GPU ready to be read; raise MeterFault where it cannot be."""
        name = self._door.ask("nvmlDeviceGetName", handle, device=f"GPU {index}")
        gpu = NvmlGpu(self._door, uuid, name, handle)
        findings = _Findings()
        limit_mw = self._limit_mw(gpu, handle, findings)
        code = self._optional("nvmlDeviceGetArchitecture", handle)
        architecture = self._architectures.get(code)
        meaning = self._choose(gpu, handle, architecture, limit_mw, findings)
        parts, sees_processes = self._sharing(gpu, handle, findings)
        memory = self._optional("nvmlDeviceGetMemoryInfo", handle)
        pci = self._optional("nvmlDeviceGetPciInfo", handle)
        return gpu, Device(
            id=uuid,
            name=name,
            uuid=uuid,
            meter=self._meter,
            grade=Grade.MEASURED,
            has_counter=gpu.has_counter,
            power_semantics=meaning,
            power_limit_mw=limit_mw,
            memory_bytes=None if memory is None else memory.total,
            pci_bus_id=None if pci is None else pci.busId,
            index=index,
            driver=self._driver,
            sensor=self._table.sensor(architecture, name, meaning),
            architecture=architecture,
            reads=tuple(findings.reads),
            missing=tuple(MISSING + what for what in findings.missing),
            sees_processes=sees_processes,
            parts=parts,
        )

    def _limit_mw(self, gpu: NvmlGpu, handle: object, findings: _Findings) -> int | None:
        limit_mw: int | None = self._optional("nvmlDeviceGetEnforcedPowerLimit", handle)
        if not limit_mw or limit_mw in BLANK:
            findings.missing.append("power_limit")
            return None
        gpu.believe(limit_mw)
        return limit_mw

    def _choose(
        self,
        gpu: NvmlGpu,
        handle: object,
        architecture: str | None,
        limit_mw: int | None,
        findings: _Findings,
    ) -> PowerSemantics:
        """Set what is read of the GPU and return what its power means; raise MeterFault."""
        answers = self._answers(gpu, handle, limit_mw)
        power = power_source(answers, self._table.plain_meaning(architecture, gpu.name))
        counter = counter_field(answers)
        gpu.has_power = power is not None
        gpu.has_counter = counter is not None or answers.plain_energy_mj is not None
        if not gpu.has_power and not gpu.has_counter:
            what = f"{PLAIN_POWER}{', vGPU' if self._is_virtual(handle) else ''}"
            raise MeterFault(MeterFaultKind.NOT_SUPPORTED, gpu.name, what)
        gpu.use_fields(None if power is None else power.field, counter)
        if power is None:
            findings.missing.append("power")
        else:
            findings.reads.append(("power", str(power)))
            findings.missing.extend(power.missing)
        if not gpu.has_counter:
            old = architecture in _NO_COUNTERS
            findings.missing.append("counter_old" if old else "counter")
            if self._is_virtual(handle):
                findings.missing.append("virtual")
        elif power is not None and self._counts_more(gpu, power, architecture):
            gpu.has_counter = False
            findings.missing.append("counter_of_module")
        else:
            origin = PLAIN_COUNTER if counter is None else str(counter)
            findings.reads.append(("energy", origin))
        return PowerSemantics.UNKNOWN if power is None else power.meaning

    def _answers(self, gpu: NvmlGpu, handle: object, limit_mw: int | None) -> Answers:
        return Answers(
            fields=self._fields(gpu, handle),
            plain_power_mw=self._plain(PLAIN_POWER, gpu, handle),
            plain_energy_mj=self._plain(PLAIN_COUNTER, gpu, handle),
            highest_mw=HEADROOM * limit_mw if limit_mw else HIGHEST_POWER_MW,
        )

    def _fields(self, gpu: NvmlGpu, handle: object) -> dict[Field, float]:
        """Return the fields that the GPU has."""
        try:
            reader = FieldReader(self._door, gpu.name, FIELDS)
            reader.ask(handle)
        except MeterFault:
            return {}
        answers = {}
        for number, wanted in enumerate(FIELDS):
            with suppress(MeterFault):
                answers[wanted] = reader.value(number)
        return answers

    def _plain(self, function: str, gpu: NvmlGpu, handle: object) -> int | None:
        """Return what the GPU answers, None where it does not have it, 0 after other trouble."""
        try:
            value: int = self._door.ask(function, handle, device=gpu.name)
        except MeterFault as fault:
            return None if fault.kind is MeterFaultKind.NOT_SUPPORTED else 0
        return value

    def _counts_more(self, gpu: NvmlGpu, power: PowerSource, architecture: str | None) -> bool:
        return not power.is_module and self._table.counts_module(architecture, gpu.name)

    def _is_virtual(self, handle: object) -> bool:
        """Return whether this is a guest's share of a GPU, whose sensors stay with the host."""
        mode = self._optional("nvmlDeviceGetVirtualizationMode", handle)
        return bool(mode == self._door.constants.NVML_GPU_VIRTUALIZATION_MODE_VGPU)

    def _sharing(
        self, gpu: NvmlGpu, handle: object, findings: _Findings
    ) -> tuple[tuple[str, ...], bool]:
        """Return the MIG instances, and whether users can be told apart."""
        mode = self._optional("nvmlDeviceGetMigMode", handle)
        if mode is not None and mode[0] == self._door.constants.NVML_DEVICE_MIG_ENABLE:
            # nvml.h: "On MIG-enabled GPUs, querying process utilization is not currently
            # supported." Some drivers answer zero instead.
            findings.missing.append("processes_mig")
            return self._instances(handle), False
        processes = ProcessReader(self._door, gpu.name)
        refused = processes.probe(handle)
        if refused is None:
            gpu.use_processes(processes)
            findings.reads.append(("processes", BUSY))
        elif refused is MeterFaultKind.NO_PERMISSION:
            findings.missing.append("processes_permission")
        elif self._is_wddm(handle):
            findings.missing.append("processes_wddm")
        else:
            findings.missing.append("processes")
        return (), refused is None

    def _is_wddm(self, handle: object) -> bool:
        """Return whether Windows manages this GPU for its desktop."""
        model = self._optional("nvmlDeviceGetCurrentDriverModel", handle)
        return bool(model == self._door.constants.NVML_DRIVER_WDDM)

    def _instances(self, handle: object) -> tuple[str, ...]:
        """Return the UUIDs of the MIG instances; their places need not follow each other."""
        places = self._optional("nvmlDeviceGetMaxMigDeviceCount", handle) or 0
        handles = (
            self._optional("nvmlDeviceGetMigDeviceHandleByIndex", handle, place)
            for place in range(places)
        )
        uuids = (self._optional("nvmlDeviceGetUUID", h) for h in handles if h is not None)
        return tuple(uuid for uuid in uuids if uuid is not None)

    def _optional(self, function: str, *arguments: object) -> Any:  # noqa: ANN401
        """Return what `function` says, None where it does not."""
        try:
            return self._door.ask(function, *arguments)
        except MeterFault:
            return None
