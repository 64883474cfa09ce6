"""Which devices rest, and how: from what the ledger knows of jobs, sources and users."""

from collections.abc import Iterable

from vidgreen_gui.engine.idle import Rest
from vidgreen_gui.engine.users import NOISE_PCT
from vidgreen_gui.engine.work_state import SourceState, WorkState
from vidgreen_gui.model.events import DeviceUser
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import Device, DeviceKind
from vidgreen_gui.model.session import Iteration, Where
from vidgreen_gui.model.units import NS_PER_S

# After a job a card's clocks come down and it cools.
SETTLE_NS = 10 * NS_PER_S
_LONG_AGO_NS = -(1 << 62)
# What lives on after its job, and keeps its context.
SERVERS = frozenset({"comfyui"})


class Resting:
    """Remembers when work was last seen and what it touched; asked before each batch of samples."""

    def __init__(self, work: WorkState) -> None:
        self._work = work
        self.busy_ns = _LONG_AGO_NS
        self.last_source: dict[str, str] = {}

    def look(self, now_ns: int) -> tuple[tuple[str, Iteration], ...]:
        """See what works now; return the jobs, each with the id of a device it works on."""
        running = self._work.running()
        if running or any(one.running or one.pending for one in self.local_sources()):
            self.busy_ns = now_ns
        at_work = tuple((d, job) for job in running for d in self._devices_of(job))
        self.last_source |= {device_id: job.source_id for device_id, job in at_work}
        return at_work

    def is_quiet(self, now_ns: int, for_ns: int = SETTLE_NS) -> bool:
        """Return whether nothing has worked, and nothing has waited, for so long."""
        return now_ns - self.busy_ns >= for_ns

    def rest_of(self, device: Device, now_ns: int) -> Rest | None:
        """Return how a device rests; None while it does not, or where that cannot be known.

        Where no process can be seen, a device is untouched while no server is there that could
        hold it, and held by the server that is there after work.
        """
        if not self.is_quiet(now_ns):
            return None
        touched = device.id in self.last_source
        if not device.sees_processes:
            if any(one.found.source_kind in SERVERS for one in self.local_sources()):
                return Rest.CONTEXT if touched else None
            return None if touched else Rest.UNTOUCHED
        users = self.users_of(device.id)
        if is_foreign_busy(users):
            return None
        holders = {user.source_id for user in users if user.source_id}
        if holders:
            alive = {one.found.source_id for one in self.local_sources()}
            return Rest.CONTEXT if holders & alive else None
        return Rest.BARE if touched else Rest.UNTOUCHED

    def users_of(self, device_id: str) -> tuple[DeviceUser, ...]:
        """Return who uses a device now, as far as is known."""
        told = self._work.uses.get(device_id)
        return told[-1].users if told else ()

    def local_sources(self) -> Iterable[SourceState]:
        """Return the sources on this machine that answer."""
        found = self._work.sources.values()
        return (one for one in found if one.found.is_local and one.state == "found")

    def _devices_of(self, iteration: Iteration) -> Iterable[str]:
        if iteration.device_ids or iteration.where is Where.CLOUD:
            return iteration.device_ids
        return self._work.devices


def is_foreign_busy(users: Iterable[DeviceUser]) -> bool:
    """Return whether somebody who is no source works on a device, more than a desktop does."""
    return any(not one.source_id and (one.utilisation_pct or 0) >= NOISE_PCT for one in users)


def is_learnt_from(device: Device) -> bool:
    """Return whether a device's idle power is worth learning: a card that is really measured."""
    return device.kind is DeviceKind.GPU and device.grade is Grade.MEASURED
