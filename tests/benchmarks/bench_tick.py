"""A second of readings of 16 GPUs through the meter, against the same calls bare through pynvml."""

import gc
import os
import time
from collections.abc import Callable
from ctypes import CDLL
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pynvml
from run import Row
from standin.build import build_standin

from vidgreen_gui.meters.nvml import NvmlMeter
from vidgreen_gui.model.power import Wants

GPUS, TICKS = 16, 10
ROUNDS, SECONDS_A_ROUND = 41, 5
POWER, COUNTER = Wants.POWER, Wants.POWER | Wants.COUNTER
SLOW, USERS = Wants.POWER | Wants.SLOW, Wants.POWER | Wants.PROCESSES
# What the sampler asks in a second, of which every other one has a turn for the processes.
SECOND = (COUNTER, SLOW, SLOW, *[POWER] * (TICKS - 3))
WITH_USERS = (COUNTER, SLOW, SLOW, USERS, *[POWER] * (TICKS - 4))
INSTANT = [(pynvml.NVML_FI_DEV_POWER_INSTANT, pynvml.NVML_POWER_SCOPE_GPU)]
BOTH = [*INSTANT, (pynvml.NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION, pynvml.NVML_POWER_SCOPE_GPU)]


def main() -> list[Row]:
    with TemporaryDirectory(prefix="vidgreen-bench-") as folder:
        os.environ |= {"VIDGREEN_STANDIN_GPUS": str(GPUS), "VIDGREEN_STANDIN_PID": str(os.getpid())}
        # The binding takes the library that stands there.
        pynvml.nvmlLib = CDLL(str(build_standin(Path(folder))))
        meter = NvmlMeter()
        devices = [device.id for device in meter.open()]
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(GPUS)]
        rows = [
            _row("a tick: power", meter, devices, handles, (POWER,) * TICKS),
            _row("a tick: a second's mix", meter, devices, handles, SECOND),
            _row("a tick: the mix with processes", meter, devices, handles, WITH_USERS),
        ]
        meter.close()
        return rows


def _row(
    what: str, meter: NvmlMeter, devices: list[str], handles: list, turns: tuple[Wants, ...]
) -> Row:
    """Time both in turns, many times; a tick is all GPUs once."""
    ours: list[int] = []
    bare: list[int] = []
    gc.disable()
    for _ in range(ROUNDS):
        ours.append(_timed(lambda: _through_the_meter(meter, devices, turns)))
        bare.append(_timed(lambda: _bare(handles, turns)))
        gc.collect()
    gc.enable()
    each = TICKS * SECONDS_A_ROUND * 1000
    here, there = median(ours) / each, median(bare) / each
    return Row(f"{what}, {GPUS} GPUs", f"{here:.0f} us", f"{there:.0f} us", here / there, 1.5)


def _timed(work: Callable[[], None]) -> int:
    begin = time.perf_counter_ns()
    for _ in range(SECONDS_A_ROUND):
        work()
    return time.perf_counter_ns() - begin


def _through_the_meter(meter: NvmlMeter, devices: list[str], turns: tuple[Wants, ...]) -> None:
    """Read as the sampler does: together what can be, who uses a GPU one by one."""
    together = meter.together(devices)
    for wants in turns:
        together(POWER, [])
        if wants is USERS:
            for device in devices:
                meter.read(device, Wants.PROCESSES)
        elif wants is not POWER:
            together(Wants.COUNTER if wants is COUNTER else Wants.SLOW, [])


def _bare(handles: list, turns: tuple[Wants, ...]) -> None:
    slow = 0
    for wants in turns:
        slow += wants is SLOW
        for handle in handles:
            if wants is COUNTER:
                power, energy = pynvml.nvmlDeviceGetFieldValues(handle, BOTH)
                _ = power.value.uiVal, energy.value.ullVal
                continue
            (power,) = pynvml.nvmlDeviceGetFieldValues(handle, INSTANT)
            _ = power.value.uiVal
            if wants is SLOW:
                _SLOW[slow % len(_SLOW)](handle)
            elif wants is USERS:
                pynvml.nvmlDeviceGetProcessUtilization(handle, 0)


_SLOW = (
    lambda handle: pynvml.nvmlDeviceGetTemperature(handle, pynvml.NVML_TEMPERATURE_GPU),
    lambda handle: pynvml.nvmlDeviceGetUtilizationRates(handle).gpu,
    lambda handle: pynvml.nvmlDeviceGetMemoryInfo(handle).used,
    pynvml.nvmlDeviceGetEnforcedPowerLimit,
)
