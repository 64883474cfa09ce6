"""A pure-Python NVML behind pynvml's own library handle: the real wrappers run against it."""

import ctypes
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field

import pynvml


@dataclass
class Gpu:
    """One GPU of the stand-in. A value that is None is NOT_SUPPORTED."""

    uuid: str
    name: str = "NVIDIA GeForce RTX 4090"
    power_mw: int | None = 100_000
    energy_mj: int | None = 5_000_000
    limit_mw: int | None = 450_000
    architecture: int | None = pynvml.NVML_DEVICE_ARCH_ADA
    temperature_c: int | None = 60
    utilisation_pct: int | None = 97
    memory_total: int | None = 24 * 2**30
    memory_used: int = 10 * 2**30
    bus_id: str = "00000000:01:00.0"
    lost: int | None = None
    # By (field, scope): a number, or None for one it does not have. Where they are not named,
    # power fields answer `power_mw` in the scope of the GPU and the counter `energy_mj`.
    fields: dict = field(default_factory=dict)
    # By field: the code that stands in its own answer.
    field_errors: dict = field(default_factory=dict)
    # Samples of (pid, time in microseconds, SM per cent), and memory by pid (None is N/A).
    samples: list | None = field(default_factory=list)
    compute: dict | None = field(default_factory=dict)
    graphics: dict | None = field(default_factory=dict)
    # None is a GPU that knows no MIG, an empty place is None too.
    instances: list | None = None
    virtual: int | None = 0
    driver_model: int | None = None
    handle: object = field(default_factory=pynvml.struct_c_nvmlDevice_t)


@dataclass
class Instance:
    """A MIG instance: a UUID and a handle."""

    uuid: str
    lost: int | None = None
    handle: object = field(default_factory=pynvml.struct_c_nvmlDevice_t)


class NvmlStandin:
    """Answers as libnvidia-ml would; scripted by `fail`, by the GPUs' fields and by `before`.

    `calls` lists (function, uuid or "") in order. `before(function, gpu)` runs inside each call,
    to move a clock or to block. A function that is not here is one the driver does not have, as
    those named in `without` are. While the `driver` is None it is not loaded. `reload` is what a
    reloaded driver does to the library; each start of NVML gives new handles and voids the old.
    """

    def __init__(self, *gpus, driver="610.57"):
        self.gpus = list(gpus)
        self.driver = driver
        self.calls = []
        self.before = lambda function, gpu: None
        self._errors = {}
        self._counts = Counter()
        self._functions = {}
        self.without = set()
        self.starts = 0
        self._running = False

    def reload(self):
        """Let the library lose its driver, until it is started again."""
        self._running = False

    def fail(self, function, nth, code):
        """Make the nth call of `function` (from 0; None: every one) return `code`."""
        self._errors[function, nth] = code

    def __getattr__(self, name):
        answer = getattr(type(self), f"_{name}", None)
        if answer is None or name in self.without:
            raise AttributeError(name)
        if name not in self._functions:

            def call(*arguments):
                return self._call(name, answer, arguments)

            self._functions[name] = call
        return self._functions[name]

    def _call(self, name, answer, arguments):
        takes_handle = name.startswith("nvmlDevice") and not name.startswith(
            ("nvmlDeviceGetCount", "nvmlDeviceGetHandle")
        )
        gpu = self._gpu(arguments[0]) if takes_handle else None
        self.calls.append((name, gpu.uuid if gpu else ""))
        self.before(name, gpu)
        nth = self._counts[name]
        self._counts[name] += 1
        error = self._errors.get((name, nth), self._errors.get((name, None)))
        if error is not None:
            return error
        if not self._running and not name.startswith("nvmlInit"):
            return pynvml.NVML_ERROR_UNINITIALIZED
        if takes_handle and gpu is None:
            return pynvml.NVML_ERROR_INVALID_ARGUMENT
        if gpu is not None and gpu.lost is not None:
            return gpu.lost
        return answer(self, gpu, *arguments[1:]) if gpu else answer(self, *arguments)

    def _gpu(self, handle):
        address = ctypes.addressof(handle.contents)
        instances = (i for gpu in self.gpus for i in gpu.instances or () if i is not None)
        everyone = (*self.gpus, *instances)
        return next((gpu for gpu in everyone if ctypes.addressof(gpu.handle) == address), None)

    def _nvmlInitWithFlags(self, flags):
        if self.driver is None:
            return pynvml.NVML_ERROR_DRIVER_NOT_LOADED
        for gpu in self.gpus if self.starts else ():
            gpu.handle = pynvml.struct_c_nvmlDevice_t()
        self.starts += 1
        self._running = True
        return 0

    def _nvmlShutdown(self):
        self._running = False
        return 0

    def _nvmlDeviceGetCount_v2(self, count):
        return _put(count, len(self.gpus))

    def _nvmlSystemGetDriverVersion(self, text, size):
        text.value = self.driver.encode()
        return 0

    def _nvmlDeviceGetHandleByIndex_v2(self, index, handle):
        gpu = self.gpus[index.value]
        if gpu.lost is not None:
            return gpu.lost
        handle._obj.contents = gpu.handle
        return 0

    def _nvmlDeviceGetHandleByUUID(self, uuid, handle):
        for gpu in self.gpus:
            if gpu.uuid.encode() == uuid.value:
                handle._obj.contents = gpu.handle
                return gpu.lost or 0
        return pynvml.NVML_ERROR_NOT_FOUND

    def _nvmlDeviceGetName(self, gpu, text, size):
        text.value = gpu.name.encode()
        return 0

    def _nvmlDeviceGetUUID(self, gpu, text, size):
        text.value = gpu.uuid.encode()
        return 0

    def _nvmlDeviceGetPciInfo_v3(self, gpu, info):
        info._obj.busId = gpu.bus_id.encode()
        return 0

    def _nvmlDeviceGetArchitecture(self, gpu, value):
        return _put(value, gpu.architecture)

    def _nvmlDeviceGetPowerUsage(self, gpu, value):
        return _put(value, gpu.power_mw)

    def _nvmlDeviceGetTotalEnergyConsumption(self, gpu, value):
        return _put(value, gpu.energy_mj)

    def _nvmlDeviceGetEnforcedPowerLimit(self, gpu, value):
        return _put(value, gpu.limit_mw)

    def _nvmlDeviceGetTemperature(self, gpu, sensor, value):
        return _put(value, gpu.temperature_c)

    def _nvmlDeviceGetUtilizationRates(self, gpu, rates):
        if gpu.utilisation_pct is None:
            return pynvml.NVML_ERROR_NOT_SUPPORTED
        rates._obj.gpu = gpu.utilisation_pct
        return 0

    def _nvmlDeviceGetMemoryInfo(self, gpu, memory):
        if gpu.memory_total is None:
            return pynvml.NVML_ERROR_NOT_SUPPORTED
        memory._obj.total = gpu.memory_total
        memory._obj.used = gpu.memory_used
        return 0

    def _nvmlDeviceGetFieldValues(self, gpu, count, values):
        several = isinstance(values._obj, ctypes.Array)
        for value in values._obj if several else (values._obj,):
            number = self._field(gpu, value.fieldId, value.scopeId)
            value.nvmlReturn = gpu.field_errors.get(value.fieldId, 0)
            if value.nvmlReturn:
                continue
            if number is None:
                value.nvmlReturn = pynvml.NVML_ERROR_NOT_SUPPORTED
            elif isinstance(number, float):
                value.valueType, value.value.dVal = pynvml.NVML_VALUE_TYPE_DOUBLE, number
            elif number < 0:
                value.valueType = pynvml.NVML_VALUE_TYPE_SIGNED_LONG_LONG
                value.value.sllVal = number
            elif value.fieldId == pynvml.NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION:
                value.valueType = pynvml.NVML_VALUE_TYPE_UNSIGNED_LONG_LONG
                value.value.ullVal = number
            else:
                value.valueType, value.value.uiVal = pynvml.NVML_VALUE_TYPE_UNSIGNED_INT, number
        return 0

    def _field(self, gpu, field_id, scope):
        if (field_id, scope) in gpu.fields:
            return gpu.fields[field_id, scope]
        if scope != pynvml.NVML_POWER_SCOPE_GPU:
            return None
        if field_id == pynvml.NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION:
            return gpu.energy_mj
        return gpu.power_mw

    def _nvmlDeviceGetProcessUtilization(self, gpu, room, count, since):
        if gpu.samples is None:
            return pynvml.NVML_ERROR_NOT_SUPPORTED
        newer = [sample for sample in gpu.samples if sample[1] > since.value]
        if not newer:
            return pynvml.NVML_ERROR_NOT_FOUND
        too_many = len(newer) > len(room)
        count._obj.value = len(newer)
        if too_many:
            return pynvml.NVML_ERROR_INSUFFICIENT_SIZE
        for entry, (pid, t_us, share) in zip(room, newer, strict=False):
            entry.pid, entry.timeStamp, entry.smUtil = pid, t_us, share
        return 0

    def _nvmlDeviceGetComputeRunningProcesses_v3(self, gpu, count, room):
        return _list(gpu.compute, count, room)

    def _nvmlDeviceGetGraphicsRunningProcesses_v3(self, gpu, count, room):
        return _list(gpu.graphics, count, room)

    def _nvmlDeviceGetMigMode(self, gpu, current, pending):
        return _put(current, None if gpu.instances is None else pynvml.NVML_DEVICE_MIG_ENABLE)

    def _nvmlDeviceGetMaxMigDeviceCount(self, gpu, count):
        return _put(count, None if gpu.instances is None else len(gpu.instances))

    def _nvmlDeviceGetMigDeviceHandleByIndex(self, gpu, index, handle):
        instance = gpu.instances[index.value]
        if instance is None:
            return pynvml.NVML_ERROR_NOT_FOUND
        handle._obj.contents = instance.handle
        return 0

    def _nvmlDeviceGetVirtualizationMode(self, gpu, mode):
        return _put(mode, gpu.virtual)

    def _nvmlDeviceGetDriverModel_v2(self, gpu, current, pending):
        return _put(current, gpu.driver_model)


def _list(held, count, room):
    if held is None:
        return pynvml.NVML_ERROR_NOT_SUPPORTED
    count._obj.value = len(held)
    if len(held) > len(room):
        return pynvml.NVML_ERROR_INSUFFICIENT_SIZE
    for entry, (pid, used) in zip(room, held.items(), strict=False):
        entry.pid = pid
        entry.usedGpuMemory = 0xFFFFFFFFFFFFFFFF if used is None else used
    return 0


def _put(reference, value):
    if value is None:
        return pynvml.NVML_ERROR_NOT_SUPPORTED
    reference._obj.value = value
    return 0


@contextmanager
def installed(standin):
    """Put the stand-in where pynvml keeps its library; with None, there is no library to load."""
    kept = pynvml.nvmlLib, dict(pynvml._nvmlGetFunctionPointer_cache), pynvml.CDLL
    pynvml._nvmlGetFunctionPointer_cache.clear()
    pynvml.nvmlLib = standin
    if standin is None:
        pynvml.CDLL = _no_library
    try:
        yield standin
    finally:
        pynvml.nvmlLib, cache, pynvml.CDLL = kept
        pynvml._nvmlGetFunctionPointer_cache.clear()
        pynvml._nvmlGetFunctionPointer_cache.update(cache)


def _no_library(name):
    raise OSError(f"{name}: cannot open shared object file")
