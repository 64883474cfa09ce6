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
    handle: object = field(default_factory=pynvml.struct_c_nvmlDevice_t)


class NvmlStandin:
    """Answers as libnvidia-ml would; scripted by `fail`, by the GPUs' fields and by `before`.

    `calls` lists (function, uuid or "") in order. `before(function, gpu)` runs inside each call,
    to move a clock or to block. A function that is not here is one the driver does not have.
    """

    def __init__(self, *gpus, driver="610.57"):
        self.gpus = list(gpus)
        self.driver = driver
        self.calls = []
        self.before = lambda function, gpu: None
        self._errors = {}
        self._counts = Counter()
        self._functions = {}

    def fail(self, function, nth, code):
        """Make the nth call of `function` (from 0; None: every one) return `code`."""
        self._errors[function, nth] = code

    def __getattr__(self, name):
        answer = getattr(type(self), f"_{name}", None)
        if answer is None:
            raise AttributeError(name)
        if name not in self._functions:

            def call(*arguments):
                return self._call(name, answer, arguments)

            self._functions[name] = call
        return self._functions[name]

    def _call(self, name, answer, arguments):
        gpu = None
        if name.startswith("nvmlDevice") and not name.startswith(
            ("nvmlDeviceGetCount", "nvmlDeviceGetHandle")
        ):
            gpu = self._gpu(arguments[0])
        self.calls.append((name, gpu.uuid if gpu else ""))
        self.before(name, gpu)
        nth = self._counts[name]
        self._counts[name] += 1
        error = self._errors.get((name, nth), self._errors.get((name, None)))
        if error is not None:
            return error
        if gpu is not None and gpu.lost is not None:
            return gpu.lost
        return answer(self, gpu, *arguments[1:]) if gpu else answer(self, *arguments)

    def _gpu(self, handle):
        address = ctypes.addressof(handle.contents)
        return next(gpu for gpu in self.gpus if ctypes.addressof(gpu.handle) == address)

    def _nvmlInitWithFlags(self, flags):
        return 0

    def _nvmlShutdown(self):
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
