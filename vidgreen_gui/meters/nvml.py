"""NVIDIA GPUs through NVML: each known by its UUID, found again after its driver was reloaded."""

import threading
from collections.abc import Sequence

from vidgreen_gui.meters.nvml_door import NvmlDoor
from vidgreen_gui.meters.nvml_gpu import NvmlGpu, SlowQuery
from vidgreen_gui.meters.nvml_probe import GpuProbe
from vidgreen_gui.meters.nvml_sensors import TABLE, SensorTable
from vidgreen_gui.meters.nvml_together import TogetherReader
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.ports import TogetherAnswer
from vidgreen_gui.model.power import Device, Reading, Wants
from vidgreen_gui.system.resources import resource

# So many faults in a row are no accident. A library without its driver needs no second.
_ENOUGH = 2


class NvmlMeter:
    """All GPUs that NVML shows; a fault of one leaves the others alone.

    `skipped` holds the faults of GPUs that could not be read when they were last looked for. A
    quantity that fails while its GPU answers otherwise is reported once and then no longer asked
    for. Devices may be read from several threads, each device from one at a time.
    """

    name = "nvml"

    def __init__(self, door: NvmlDoor | None = None) -> None:
        """Take an open door, or open one; raise MeterFault where NVML cannot be used."""
        self.skipped: tuple[MeterFault, ...] = ()
        self._door = NvmlDoor() if door is None else door
        self._gpus: dict[str, NvmlGpu] = {}
        self._generation = 0
        self._looked: tuple[int, int] = (0, 0)
        self._reopening = threading.Lock()

    def open(self) -> tuple[Device, ...]:
        """Return the GPUs whose power or energy can be read; raise MeterFault where none can."""
        self._gpus = {}
        devices = self._look(self._door.ask("nvmlDeviceGetCount"))
        if devices:
            return devices
        if self.skipped:
            raise self.skipped[0]
        raise MeterFault(MeterFaultKind.NO_DEVICE, detail="0 GPU")

    def found(self) -> tuple[Device, ...]:
        """Return the GPUs that came since the last look; one cheap call where none did.

        Empty where NVML cannot be asked. From one thread at a time, which need not be a reader's.
        """
        try:
            count = self._door.ask("nvmlDeviceGetCount")
        except MeterFault:
            return ()
        waiting = any(fault.kind is not MeterFaultKind.NOT_SUPPORTED for fault in self.skipped)
        if (count, self._generation) == self._looked and not waiting:
            return ()
        return self._look(count)

    def read(self, device_id: str, wants: Wants) -> Reading:
        """Return what was asked for, in at most two calls; raise MeterFault for this GPU."""
        gpu = self._gpus.get(device_id)
        if gpu is None:
            raise MeterFault(MeterFaultKind.GPU_LOST, device_id)
        try:
            # Not `in`: a Flag's own operators cost more than a call to the driver.
            if gpu.handle is not None:
                return gpu.read(gpu.handle, wants._value_)
            reading = gpu.read(self._handle_again(gpu), wants._value_)
        except MeterFault as fault:
            _count(gpu, fault)
            raise
        gpu.failures = 0
        return reading

    def together(self, device_ids: Sequence[str]) -> TogetherReader | None:
        """Return what reads these GPUs in one go, None where the power of one is no field."""
        gpus = [self._gpus[device_id] for device_id in device_ids if device_id in self._gpus]
        ready = [gpu for gpu in gpus if gpu.handle is not None and gpu.power_field is not None]
        if len(ready) < len(device_ids):
            return None
        try:
            return TogetherReader(self._door, ready, self._alone)
        except MeterFault:
            return None

    def close(self) -> None:
        """Shut NVML down."""
        self._door.close()

    def _alone(self, gpu: NvmlGpu, what: Wants | SlowQuery) -> TogetherAnswer:
        """Return what one GPU answers by itself."""
        try:
            if isinstance(what, SlowQuery):
                return gpu.slow_value(gpu.handle, what)
            reading = gpu.read(gpu.handle, what.value)
        except MeterFault as fault:
            _count(gpu, fault)
            return fault
        return reading.power_mw if what is Wants.POWER else reading.energy_mj

    def _look(self, count: int) -> tuple[Device, ...]:
        """Return the GPUs not known yet."""
        looked = count, self._generation
        probe = GpuProbe(self._door, SensorTable(resource(TABLE)), self.name)
        devices, skipped = [], []
        for index in range(count):
            try:
                handle, uuid = probe.identify(index)
                if uuid in self._gpus:
                    continue
                gpu, device = probe.examine(handle, uuid, index)
            except MeterFault as fault:
                skipped.append(fault)
            else:
                gpu.generation = self._generation
                # A new one, as readers may be looking at the old.
                self._gpus = {**self._gpus, uuid: gpu}
                devices.append(device)
        self.skipped = tuple(skipped)
        self._looked = looked
        return tuple(devices)

    def _handle_again(self, gpu: NvmlGpu) -> object:
        """Return the handle of a GPU that failed; raise MeterFault.

        Where no GPU answers any more and a new handle did not help, the driver was reloaded or
        the library lost it: NVML is started again, once for all GPUs in a round of their retries.
        """
        with self._reopening:
            tried = gpu.failures >= _ENOUGH and gpu.generation == self._generation
            if tried and all(other.handle is None for other in self._gpus.values()):
                self._generation += 1
                gpu.generation = self._generation
                self._door.reopen()
            gpu.generation = self._generation
        gpu.handle = self._door.ask("nvmlDeviceGetHandleByUUID", gpu.uuid, device=gpu.name)
        return gpu.handle


def _count(gpu: NvmlGpu, fault: MeterFault) -> None:
    """Take note of a fault: but for an odd value, the handle may be void."""
    if fault.kind is not MeterFaultKind.IMPLAUSIBLE:
        gpu.handle = None
        gpu.failures += _ENOUGH if fault.kind is MeterFaultKind.DRIVER_NOT_LOADED else 1
