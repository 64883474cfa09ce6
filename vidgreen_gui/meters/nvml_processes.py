"""Who uses a GPU: NVML's utilisation by process, and the processes that hold memory on it."""

from collections import deque
from collections.abc import Callable
from ctypes import Array, byref, c_uint, c_ulonglong
from typing import Any

from vidgreen_gui.meters.nvml_door import NvmlDoor
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.power import ProcessUse

BUSY = "nvmlDeviceGetProcessUtilization"
LISTS = ("nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetGraphicsRunningProcesses_v3")
_FIRST_ROOM = 64
_LARGEST_ROOM = 65_536
_NO_MEMORY = 0xFFFFFFFFFFFFFFFF
_REFUSED = frozenset({MeterFaultKind.NOT_SUPPORTED, MeterFaultKind.NO_PERMISSION})


class ProcessReader:
    """Asks one GPU who uses it, one call at a time: utilisation every other time.

    What it returns is put together from the newest answer of each call. NVML samples utilisation
    between once and six times a second, so asking more often than that finds nobody.
    """

    def __init__(self, door: NvmlDoor, device: str) -> None:
        self._door = door
        self._device = device
        self._room = dict.fromkeys((BUSY, *LISTS), _FIRST_ROOM)
        self._calls: dict[str, tuple[Callable[..., int], Array[Any]]] = {}
        self._turns = deque((BUSY, LISTS[0], BUSY, LISTS[1]))
        self._since_us = c_ulonglong(0)
        self._busy: dict[int, int] = {}
        self._memory: dict[str, dict[int, int | None]] = {}

    def probe(self, handle: object) -> MeterFaultKind | None:
        """Try each call once; return why utilisation is refused, None where it is not.

        Other trouble is for `read` to report.
        """
        refused = None
        for function in (BUSY, *LISTS):
            try:
                self._ask(function, handle)
            except MeterFault as fault:
                if fault.kind in _REFUSED:
                    self._drop(function)
                    refused = fault.kind if function == BUSY else refused
        # What the driver remembered from before is not of now.
        self._busy = {}
        return refused

    def read(self, handle: object) -> tuple[ProcessUse, ...]:
        """Return the processes that use the GPU, by pid; raise MeterFault.

        `utilisation_pct` is the mean of the driver's samples since it was last asked, 0 for one
        that holds memory and was not busy.
        """
        if self._turns:
            function = self._turns[0]
            self._turns.rotate(-1)
            try:
                self._ask(function, handle)
            except MeterFault as fault:
                if fault.kind not in _REFUSED:
                    raise
                self._drop(function)
        memory = self._held()
        idle = 0 if BUSY in self._turns else None
        return tuple(
            ProcessUse(pid, self._busy.get(pid, idle), memory.get(pid))
            for pid in sorted(memory.keys() | self._busy.keys())
        )

    def _ask(self, function: str, handle: object) -> None:
        call, room = self._prepared(function)
        count = c_uint(len(room))
        if function == BUSY:
            code = call(handle, room, byref(count), self._since_us)
        else:
            code = call(handle, byref(count), room)
        constants = self._door.constants
        if code == constants.NVML_ERROR_INSUFFICIENT_SIZE:
            # The next turn has room enough; until then the last answer stands.
            needed = max(count.value, len(room)) * 2
            self._room[function] = min(needed, _LARGEST_ROOM)
            self._calls.pop(function, None)
            return
        if function == BUSY and code == constants.NVML_ERROR_NOT_FOUND:
            # No samples since the last time: nobody was busy.
            self._busy = {}
            return
        if code:
            raise self._door.fault(code, function, self._device)
        entries = room[: min(count.value, len(room))]
        if function == BUSY:
            self._keep_busy(entries)
        else:
            self._memory[function] = {
                entry.pid: None if entry.usedGpuMemory == _NO_MEMORY else entry.usedGpuMemory
                for entry in entries
                if entry.pid
            }

    def _prepared(self, function: str) -> tuple[Callable[..., int], Array[Any]]:
        known = self._calls.get(function)
        if known is None:
            constants = self._door.constants
            struct: Any = (
                constants.c_nvmlProcessUtilizationSample_t
                if function == BUSY
                else constants.c_nvmlProcessInfo_v3_t
            )
            call = self._door.function(function, self._device)
            known = self._calls[function] = call, (struct * self._room[function])()
        return known

    def _keep_busy(self, samples: list[Any]) -> None:
        seen: dict[int, list[int]] = {}
        for sample in samples:
            # Drivers are known to leave entries of more than 100 % or without a process.
            if sample.pid and sample.smUtil <= 100:
                seen.setdefault(sample.pid, []).append(sample.smUtil)
            self._since_us.value = max(self._since_us.value, sample.timeStamp)
        self._busy = {pid: round(sum(shares) / len(shares)) for pid, shares in seen.items()}

    def _held(self) -> dict[int, int | None]:
        """Return memory by process; one with both kinds of contexts is told the same twice."""
        held: dict[int, int | None] = {}
        for listed in self._memory.values():
            for pid, used in listed.items():
                known = held.get(pid)
                held[pid] = known if used is None else max(used, known or 0)
        return held

    def _drop(self, function: str) -> None:
        """Ask no more what this GPU does not tell."""
        self._turns = deque(turn for turn in self._turns if turn != function)
        self._memory.pop(function, None)
        if function == BUSY:
            self._busy = {}
