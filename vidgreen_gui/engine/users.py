"""Who uses each GPU: process ids completed by names and sources; only a change is news."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePath

import psutil

from vidgreen_gui.model.events import DeviceUsed, DeviceUser, Event, SourceFound
from vidgreen_gui.model.units import NS_PER_S

# What belongs to no source and uses less is the desktop drawing itself: shown, never logged. One
# that was logged is let go at half of it, so that what hovers there does not come and go.
NOISE_PCT = 5
# A share of the GPU's time that moved by less, in points, is no news.
MOVED_PCT = 10
# Nor is memory, unless it doubled or halved by so much: a model came or went.
MOVED_BYTES = 256 << 20
SOONEST_NS = 2 * NS_PER_S


@dataclass(frozen=True, slots=True)
class _Process:
    """A process and its ancestors, the nearest first, itself among them."""

    name: str
    lineage: tuple[int, ...]


class Users:
    """Completes what the sampler tells; `now` holds all users of each device, noise included.

    A process belongs to the source whose process it is, or descends from. Our own is no user.
    """

    def __init__(self) -> None:
        self.now: dict[str, tuple[DeviceUser, ...]] = {}
        self._logged: dict[str, DeviceUsed] = {}
        self._sources: dict[int, str] = {}
        self._processes: dict[int, _Process] = {}
        self._own_pid = os.getpid()

    def source_found(self, found: SourceFound) -> None:
        """Know a source by its process; one source may have several, such as wrapped commands."""
        if found.pid is None or not found.is_local:
            return
        self._sources = {
            pid: source_id for pid, source_id in self._sources.items() if psutil.pid_exists(pid)
        }
        self._sources[found.pid] = found.source_id

    def without_repeats(self, events: Iterable[Event]) -> list[Event]:
        """Return the events without those that only say again who uses a device."""
        told = (self.news(e) if isinstance(e, DeviceUsed) else e for e in events)
        return [event for event in told if event is not None]

    def news(self, told: DeviceUsed) -> DeviceUsed | None:
        """Return what to log of who uses a device now, completed; None where it is no news."""
        users = tuple(self._completed(user) for user in told.users if user.pid != self._own_pid)
        self.now[told.device_id] = users
        self._forget()
        last = self._logged.get(told.device_id)
        before = {user.pid: user for user in last.users} if last is not None else {}
        listed = tuple(user for user in users if _counts(user, known=user.pid in before))
        if last is not None and told.t_ns - last.t_ns < SOONEST_NS:
            return None
        if not _moved(before, {user.pid: user for user in listed}):
            return None
        self._logged[told.device_id] = news = replace(told, users=listed)
        return news

    def _completed(self, user: DeviceUser) -> DeviceUser:
        process = self._processes.get(user.pid)
        if process is None:
            process = self._processes[user.pid] = _looked_up(user.pid)
        owners = (self._sources.get(pid) for pid in process.lineage)
        source_id = next((owner for owner in owners if owner), "")
        return replace(user, name=process.name, source_id=source_id)

    def _forget(self) -> None:
        """Let go of processes that use no device any more: their ids may come again."""
        here = {user.pid for users in self.now.values() for user in users}
        for pid in self._processes.keys() - here:
            del self._processes[pid]


def _looked_up(pid: int) -> _Process:
    try:
        process = psutil.Process(pid)
        name = PurePath(process.name()).name
        lineage = (pid, *(parent.pid for parent in process.parents()))
    except (psutil.Error, OSError):
        # It has ended, or the driver counts ids of another namespace.
        return _Process("", (pid,))
    return _Process(name, lineage)


def _counts(user: DeviceUser, *, known: bool) -> bool:
    if user.source_id or user.utilisation_pct is None:
        return True
    return user.utilisation_pct >= (NOISE_PCT / 2 if known else NOISE_PCT)


def _moved(before: dict[int, DeviceUser], after: dict[int, DeviceUser]) -> bool:
    if before.keys() != after.keys():
        return True
    pairs: Iterable[tuple[DeviceUser, DeviceUser]] = ((before[pid], after[pid]) for pid in after)
    return any(_has_moved(old, new) for old, new in pairs)


def _has_moved(old: DeviceUser, new: DeviceUser) -> bool:
    if old.source_id != new.source_id:
        return True
    if abs((new.utilisation_pct or 0) - (old.utilisation_pct or 0)) >= MOVED_PCT:
        return True
    low, high = sorted((old.memory_bytes or 0, new.memory_bytes or 0))
    return high >= 2 * low and high - low >= MOVED_BYTES
