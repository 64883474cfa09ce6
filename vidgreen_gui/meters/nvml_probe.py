"""What one GPU can tell, found out by asking: its identity, its sources, what it lacks."""

from contextlib import suppress
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
        limit_mw = self._optional("nvmlDeviceGetEnforcedPowerLimit", handle)
        limit_mw = None if limit_mw in BLANK or not limit_mw else limit_mw
        if limit_mw is not None:
            gpu.believe(limit_mw)
        return gpu, self._describe(gpu, handle, index, limit_mw)

    def _describe(self, gpu: NvmlGpu, handle: object, index: int, limit_mw: int | None) -> Device:
        architecture = self._architectures.get(
            self._optional("nvmlDeviceGetArchitecture", handle) or 0
        )
        answers = self._answers(gpu, handle, limit_mw)
        power = power_source(answers, self._table.plain_meaning(architecture, gpu.name))
        gpu.has_power = power is not None
        gpu.has_counter = counter_field(answers) is not None or answers.plain_energy_mj is not None
        if not gpu.has_power and not gpu.has_counter:
            what = f"{PLAIN_POWER}{', vGPU' if self._is_virtual(handle) else ''}"
            raise MeterFault(MeterFaultKind.NOT_SUPPORTED, gpu.name, what)
        reads, missing = self._choose(gpu, power, answers, architecture)
        if not gpu.has_counter and self._is_virtual(handle):
            missing.append("virtual")
        parts, sees_processes, unseen = self._sharing(gpu, handle)
        if sees_processes:
            reads.append(("processes", BUSY))
        if limit_mw is None:
            missing.append("power_limit")
        meaning = PowerSemantics.UNKNOWN if power is None else power.meaning
        memory = self._optional("nvmlDeviceGetMemoryInfo", handle)
        pci = self._optional("nvmlDeviceGetPciInfo", handle)
        return Device(
            id=gpu.uuid,
            name=gpu.name,
            uuid=gpu.uuid,
            meter=self._meter,
            grade=Grade.MEASURED,
            has_counter=gpu.has_counter,
            power_semantics=meaning,
            power_limit_mw=limit_mw,
            memory_bytes=None if memory is None else memory.total,
            pci_bus_id=None if pci is None else pci.busId,
            index=index,
            driver=self._driver,
            sensor=self._table.sensor(architecture, gpu.name, meaning),
            architecture=architecture,
            reads=tuple(reads),
            missing=tuple(MISSING + what for what in (*missing, *unseen)),
            sees_processes=sees_processes,
            parts=parts,
        )

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
        for number, field in enumerate(FIELDS):
            with suppress(MeterFault):
                answers[field] = reader.value(number)
        return answers

    def _plain(self, function: str, gpu: NvmlGpu, handle: object) -> int | None:
        """Return what the GPU answers, None where it does not have it, 0 after other trouble."""
        try:
            value: int = self._door.ask(function, handle, device=gpu.name)
        except MeterFault as fault:
            return None if fault.kind is MeterFaultKind.NOT_SUPPORTED else 0
        return value

    def _choose(
        self, gpu: NvmlGpu, power: PowerSource | None, answers: Answers, architecture: str | None
    ) -> tuple[list[tuple[str, str]], list[str]]:
        """Set what is read of the GPU; return where from, and what is missing."""
        counter = counter_field(answers)
        reads, missing = [], []
        if power is None:
            missing.append("power")
        else:
            reads.append(("power", str(power)))
            missing += power.missing
        if not gpu.has_counter:
            missing.append("counter_old" if architecture in _NO_COUNTERS else "counter")
        elif power is not None and self._counts_more(gpu, power, architecture):
            gpu.has_counter = False
            missing.append("counter_of_module")
        else:
            reads.append(("energy", PLAIN_COUNTER if counter is None else str(counter)))
        gpu.use_fields(None if power is None else power.field, counter)
        return reads, missing

    def _counts_more(self, gpu: NvmlGpu, power: PowerSource, architecture: str | None) -> bool:
        return not power.is_module and self._table.counts_module(architecture, gpu.name)

    def _is_virtual(self, handle: object) -> bool:
        """Return whether this is a guest's share of a GPU, whose sensors stay with the host."""
        mode = self._optional("nvmlDeviceGetVirtualizationMode", handle)
        return bool(mode == self._door.constants.NVML_GPU_VIRTUALIZATION_MODE_VGPU)

    def _sharing(
        self, gpu: NvmlGpu, handle: object
    ) -> tuple[tuple[str, ...], bool, tuple[str, ...]]:
        """Return the MIG instances, whether users can be told apart, and why they cannot."""
        mode = self._optional("nvmlDeviceGetMigMode", handle)
        if mode is not None and mode[0] == self._door.constants.NVML_DEVICE_MIG_ENABLE:
            # nvml.h: "On MIG-enabled GPUs, querying process utilization is not currently
            # supported." Some drivers answer zero instead.
            return self._instances(handle), False, ("processes_mig",)
        processes = ProcessReader(self._door, gpu.name)
        refused = processes.probe(handle)
        if refused is None:
            gpu.use_processes(processes)
            return (), True, ()
        if refused is MeterFaultKind.NO_PERMISSION:
            return (), False, ("processes_permission",)
        model = self._optional("nvmlDeviceGetCurrentDriverModel", handle)
        if model is not None and model == self._door.constants.NVML_DRIVER_WDDM:
            return (), False, ("processes_wddm",)
        return (), False, ("processes",)

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
