"""The stated model of what has no sensor: processor by load, memory by module, board by guess."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import psutil

from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import (
    Device,
    DeviceKind,
    PowerSemantics,
    Reading,
    Sensor,
    Stated,
    Wants,
)
from vidgreen_gui.model.units import NS_PER_S, mw_from_w

# A processor's draw as a part of its TDP by load: the mean of the servers that Teads measured for
# its data set of cloud machines, as Boavizta uses it. Concave: the first busy core wakes the rest.
_LOADS = ((0.0, 0.12), (0.1, 0.32), (0.5, 0.75), (1.0, 1.02))
# CodeCarbon's constant for a module of DDR4 or DDR5; at least two of them.
_DIMM_W = 5.0
_FEWEST_DIMMS = 2
_BYTES_PER_DIMM = 32 * 2**30
# Assumptions, not measurements: processors sold for desktops have 65 W, larger ones about 8 W for
# each core up to 350 W; those of portables that carry a graphics card have 45 W.
_DESKTOP_TDP_W = 65.0
_CORE_TDP_W = 8.0
_HIGHEST_TDP_W = 350.0
_PORTABLE_TDP_W = 45.0
# Board, fans and drives of a desktop, 30 to 50 W; a portable has its screen instead of the fans.
_BOARD_W = 40.0
_PORTABLE_BOARD_W = 15.0
_GAIN = 0.30
_SOURCE = "Teads 2021, Boavizta, CodeCarbon"
_ID = "machine"

CpuTimes = Callable[[], tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFacts:
    """What the model goes by; the first three are the user's word, None where none was given."""

    cpu_tdp_w: float | None = None
    dimms: int | None = None
    board_w: float | None = None
    cores: int = 4
    memory_bytes: int = 16 * 2**30
    portable: bool = False


def this_machine(
    *, cpu_tdp_w: float | None = None, dimms: int | None = None, board_w: float | None = None
) -> MachineFacts:
    """Return the facts of this computer, completed by what the user said of it."""
    return MachineFacts(
        cpu_tdp_w=cpu_tdp_w,
        dimms=dimms,
        board_w=board_w,
        cores=psutil.cpu_count(logical=False) or psutil.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
        portable=_has_battery(),
    )


def cpu_share(load: float) -> float:
    """Return the part of its TDP that a processor draws at `load`, both 0 to 1 and a little."""
    for (from_load, from_share), (to_load, to_share) in pairwise(_LOADS):
        if load <= to_load:
            way = max(0.0, load - from_load) / (to_load - from_load)
            return from_share + way * (to_share - from_share)
    return _LOADS[-1][1]


class MachineMeter:
    """One device for all that is behind the power supply and has no sensor of its own.

    `senses_cpu` and `senses_memory` leave out what another device measures; `missing` are the
    sentence codes of why the processor has to be modelled. The GPUs are never in it.
    """

    name = "machine"

    def __init__(
        self,
        facts: MachineFacts,
        *,
        senses_cpu: bool,
        senses_memory: bool,
        missing: tuple[str, ...] = (),
        cpu_times: CpuTimes | None = None,
    ) -> None:
        """Take what is known; `cpu_times` returns (busy, all) seconds of the processor so far."""
        self._tdp_w = 0.0 if senses_cpu else _tdp_w(facts)
        self._fixed_w = _board_w(facts) + (0.0 if senses_memory else _dimms(facts) * _DIMM_W)
        self._times = cpu_times or _cpu_times
        self._before = (0.0, 0.0)
        self._load: float | None = None
        self._device = Device(
            id=_ID,
            name="Machine",
            uuid=_ID,
            meter=self.name,
            grade=Grade.MODEL,
            has_counter=False,
            power_semantics=PowerSemantics.SINCE_LAST,
            kind=DeviceKind.MACHINE,
            sensor=Sensor(update_ns=NS_PER_S, gain=_GAIN, source=_SOURCE),
            sampling_ns=NS_PER_S,
            missing=missing,
            model=_stated(facts, senses_cpu=senses_cpu, senses_memory=senses_memory),
        )

    def open(self) -> tuple[Device, ...]:
        """Return the one device; the processor's load counts from here."""
        self._before = self._times()
        return (self._device,)

    def read(self, device_id: str, wants: Wants) -> Reading:
        """Return the modelled draw by the load since power was last asked for."""
        if device_id != _ID:
            raise MeterFault(MeterFaultKind.GPU_LOST, device_id)
        if Wants.POWER not in wants:
            return Reading()
        busy_s, all_s = self._times()
        passed_s = all_s - self._before[1]
        if passed_s > 0:
            self._load = (busy_s - self._before[0]) / passed_s
            self._before = busy_s, all_s
        if self._tdp_w == 0.0:
            return Reading(power_mw=mw_from_w(self._fixed_w))
        if self._load is None:
            return Reading()
        return Reading(power_mw=mw_from_w(self._fixed_w + self._tdp_w * cpu_share(self._load)))

    def close(self) -> None:
        """Do nothing."""


def _stated(facts: MachineFacts, *, senses_cpu: bool, senses_memory: bool) -> tuple[Stated, ...]:
    said = []
    if not senses_cpu:
        known = facts.cpu_tdp_w is not None
        code = "sensors_host.model.cpu" if known else "sensors_host.model.cpu_guessed"
        said.append(Stated(code, (("tdp_w", _tdp_w(facts)), ("cores", facts.cores))))
    if not senses_memory:
        inputs = (("dimms", _dimms(facts)), ("dimm_w", _DIMM_W))
        said.append(Stated("sensors_host.model.memory", inputs))
    known = facts.board_w is not None
    code = "sensors_host.model.board" if known else "sensors_host.model.board_guessed"
    said.append(Stated(code, (("board_w", _board_w(facts)),)))
    return tuple(said)


def _tdp_w(facts: MachineFacts) -> float:
    if facts.cpu_tdp_w is not None:
        return facts.cpu_tdp_w
    if facts.portable:
        return _PORTABLE_TDP_W
    return min(max(_DESKTOP_TDP_W, _CORE_TDP_W * facts.cores), _HIGHEST_TDP_W)


def _dimms(facts: MachineFacts) -> int:
    if facts.dimms is not None:
        return facts.dimms
    return max(_FEWEST_DIMMS, math.ceil(facts.memory_bytes / _BYTES_PER_DIMM))


def _board_w(facts: MachineFacts) -> float:
    if facts.board_w is not None:
        return facts.board_w
    return _PORTABLE_BOARD_W if facts.portable else _BOARD_W


def _cpu_times() -> tuple[float, float]:
    times = psutil.cpu_times()._asdict()
    # Linux counts a guest's time in the user's already; waiting for a disk is no work.
    all_s = sum(times.values()) - times.get("guest", 0.0) - times.get("guest_nice", 0.0)
    return all_s - times["idle"] - times.get("iowait", 0.0), all_s


def _has_battery() -> bool:
    try:
        return psutil.sensors_battery() is not None
    # Not every system has the call, and drivers of batteries answer oddly.
    except (AttributeError, OSError, ValueError):
        return False
