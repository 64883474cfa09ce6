"""The energy of an owner by what it covers: the GPUs, the rest of the machine, the socket."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vidgreen_gui.accounting.psu import at_socket, relative_half_width
from vidgreen_gui.accounting.sums import Amount, Amounts, amount, gain_of, gathered, scaled
from vidgreen_gui.model.events import MachineDescribed
from vidgreen_gui.model.footprint import Grade, Range, Scope
from vidgreen_gui.model.power import Device, DeviceKind
from vidgreen_gui.model.units import w_from_j, wh_from_j
from vidgreen_gui.store.batch import EnergyRow

# A figure of the machine may miss this much more of an iteration than the GPUs' own does: more,
# and it would pass for the whole. One sample a second is what most of its meters give.
_MISSED_SHARE = 0.05
_MISSED_S = 1.0
_SUPPLY = "psu"


@dataclass(frozen=True, slots=True)
class Covered:
    """Energies in Wh, per device; an empty one is not known.

    `gap_s` is what the GPUs missed. `lacks` are the scopes that would leave out energy of theirs.
    """

    gpu: Amounts = ()
    machine: Amounts = ()
    host: Amounts = ()
    wall: Amounts = ()
    gap_s: float = 0.0
    lacks: frozenset[Scope] = frozenset()

    def of(self, scope: Scope) -> Amounts:
        """Return what a scope counts."""
        if scope is Scope.GPU:
            return self.gpu
        return self.machine if scope is Scope.MACHINE else self.wall


@dataclass(frozen=True, slots=True)
class Meters:
    """What measures a session, and what is said of the machine.

    The devices of `host_ids` make up the rest of the machine together, those of `wall_ids` see
    all that is plugged in behind them.
    """

    gains: dict[str, float]
    host_ids: frozenset[str]
    wall_ids: frozenset[str]
    described: MachineDescribed

    def can(self, scope: Scope) -> bool:
        """Return whether a scope's figure can be known at all."""
        if scope is Scope.GPU:
            return True
        return bool(self.host_ids or (self.wall_ids and scope is Scope.WALL))

    def is_gpu(self, device_id: str) -> bool:
        """Return whether a device is in `energy_wh`; one that nothing is known of is."""
        return device_id not in self.host_ids and device_id not in self.wall_ids

    def gap_s(self, rows: Iterable[EnergyRow]) -> float:
        """Return the seconds that the GPUs missed: of several, those of the one that missed most.

        A machine that slept an hour missed an hour, however many it has.
        """
        missed_s: dict[str, float] = {}
        for row in rows:
            if self.is_gpu(row.device_id):
                missed_s[row.device_id] = missed_s.get(row.device_id, 0.0) + row.gap_s
        return max(missed_s.values(), default=0.0)

    def amounts(self, rows: Iterable[EnergyRow]) -> Amounts:
        """Return the energy of rows in Wh, per device; those that say nothing are left out."""
        return gathered(
            amount(
                row.device_id,
                Range(row.energy_j, row.low_j, row.high_j).scaled(wh_from_j(1.0)),
                Grade(row.grade),
                self._gain(row),
            )
            for row in rows
            if row.grade != Grade.MISSING
        )

    def _gain(self, row: EnergyRow) -> float:
        known = self.gains.get(row.device_id)
        return gain_of(None, Grade(row.grade)) if known is None else known


def meters_of(
    devices: Iterable[Device], described: MachineDescribed | None, rows: Sequence[EnergyRow] | None
) -> Meters:
    """Return what measures with `devices`; where `rows` are given, only those that are in them."""
    listed = tuple(devices)
    if rows is not None:
        heard = {row.device_id for row in rows}
        listed = tuple(device for device in listed if device.id in heard)
    return Meters(
        gains={device.id: gain_of(device.sensor, device.grade) for device in listed},
        host_ids=frozenset(device.id for device in listed if device.kind.is_host),
        wall_ids=frozenset(device.id for device in listed if device.kind is DeviceKind.WALL),
        described=described or MachineDescribed(t_ns=0),
    )


def of_iteration(rows: Sequence[EnergyRow], meters: Meters, seconds: float | None) -> Covered:
    """Return what an iteration used; of the machine only where each of its meters knows it."""
    gpu_rows = [row for row in rows if meters.is_gpu(row.device_id)]
    gpu, gap_s = meters.amounts(gpu_rows), meters.gap_s(gpu_rows)
    if not (meters.host_ids or meters.wall_ids):
        return Covered(gpu, gap_s=gap_s)
    missed_s = gap_s + max(_MISSED_S, _MISSED_SHARE * (seconds or 0.0))
    host = _of_all(rows, meters, meters.host_ids, missed_s)
    machine, wall = (*gpu, *host), _of_all(rows, meters, meters.wall_ids, missed_s)
    if not (gpu and host) or _invented(gpu):
        machine = ()
    if _invented(gpu):
        wall = ()
    elif not meters.wall_ids and machine:
        wall = _at_socket(machine, load_w(rows, seconds or 0.0), meters.described)
    lacks: frozenset[Scope] = frozenset()
    if _best(gpu) > 0.0:
        known = ((Scope.MACHINE, machine), (Scope.WALL, wall))
        lacks = frozenset(scope for scope, found in known if not found)
    return Covered(gpu, machine, host, wall, gap_s, lacks)


def of_rest(rows: Sequence[EnergyRow], meters: Meters, given_w: float | None = None) -> Covered:
    """Return what belongs to no iteration: whatever its meters say, each of its own times.

    `given_w` is the mean power behind the power supply then.
    """
    gpu_rows = [row for row in rows if meters.is_gpu(row.device_id)]
    gpu, gap_s = meters.amounts(gpu_rows), meters.gap_s(gpu_rows)
    if not (meters.host_ids or meters.wall_ids) or _invented(gpu):
        return Covered(gpu, gap_s=gap_s)
    host = meters.amounts(row for row in rows if row.device_id in meters.host_ids)
    machine = (*gpu, *host) if meters.host_ids else ()
    wall = meters.amounts(row for row in rows if row.device_id in meters.wall_ids)
    if not meters.wall_ids and machine:
        wall = _at_socket(machine, given_w, meters.described)
    return Covered(gpu, machine, host, wall, gap_s)


def load_w(rows: Iterable[EnergyRow], seconds: float) -> float | None:
    """Return the mean power of what rows of `seconds` tell, each device over the time it was read.

    None where none was.
    """
    joules: dict[str, float] = {}
    read_s: dict[str, float] = {}
    for row in rows:
        joules[row.device_id] = joules.get(row.device_id, 0.0) + row.energy_j
        read_s[row.device_id] = read_s.get(row.device_id, seconds) - row.gap_s
    powers = [w_from_j(joules[name], read) for name, read in read_s.items() if read > 0.0]
    return math.fsum(powers) if powers else None


def added(parts: Iterable[Covered]) -> Covered:
    """Return the sum, per device, of what is known of each."""
    listed = tuple(parts)
    return Covered(
        gpu=gathered(one for part in listed for one in part.gpu),
        machine=gathered(one for part in listed for one in part.machine),
        host=gathered(one for part in listed for one in part.host),
        wall=gathered(one for part in listed for one in part.wall),
        gap_s=sum(part.gap_s for part in listed),
    )


def _of_all(
    rows: Iterable[EnergyRow], meters: Meters, ids: frozenset[str], missed_s: float
) -> Amounts:
    """Return the energy on the devices of `ids`, nothing unless each knows all but `missed_s`."""
    own = [row for row in rows if row.device_id in ids]
    gaps = dict.fromkeys((row.device_id for row in own if row.grade != Grade.MISSING), 0.0)
    for row in own:
        if row.device_id in gaps:
            gaps[row.device_id] += row.gap_s
    if gaps.keys() != ids or any(gap_s > missed_s for gap_s in gaps.values()):
        return ()
    return meters.amounts(own)


def _at_socket(parts: Amounts, given_w: float | None, described: MachineDescribed) -> Amounts:
    """Return what the power supply takes for energies behind it: a model.

    Its own doubt is common to all it gives. What a calibration leaves open stands beside the
    errors of the meters it was made with: wider than need be, never narrower.
    """
    calibration = described.calibration
    factor = None if calibration is None else calibration.factor
    taken = at_socket(given_w, described.psu_w, described.psu, factor)
    at_wall = scaled(parts, taken.best, Grade.MODEL)
    doubt = relative_half_width(taken) * _best(at_wall)
    return (*at_wall, Amount(_SUPPLY, 0.0, (doubt, doubt), (0.0, 0.0), Grade.MODEL, 0.0))


def _best(parts: Amounts) -> float:
    return math.fsum(part.best for part in parts)


def _invented(parts: Amounts) -> bool:
    return any(part.is_simulated for part in parts)
