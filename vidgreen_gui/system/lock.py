"""One recorder per data directory: a lock that the system lets go when its holder dies."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.system.refusals import refusal

LOCK_NAME = "recorder.lock"
KINDS = ("window", "record", "run")

# One who has just locked has not yet written his name; one who only asks is gone in a moment.
_TRIES = 10
_PAUSE_S = 0.02

if sys.platform == "win32":
    import msvcrt

    # Windows forbids others to read locked bytes: the byte that is locked lies behind the text.
    _LOCKED_BYTE = 1 << 30

    def _try_lock(descriptor: int, *, shared: bool) -> bool:  # noqa: ARG001, no shared form here
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        # flock belongs to the open file, not to the process: that this process opens and closes
        # the same file elsewhere does not let it go.
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Holder:
    """Who records into a data directory: kind is "window", "record" or "run"."""

    pid: int
    kind: str
    started_utc_ns: int


# Somebody holds the lock and never said who.
_NAMELESS = Holder(0, "record", 0)


class RecorderBusy(InputFault):
    """Another process records into this data directory; `holder` says which."""

    def __init__(self, holder: Holder, folder: Path) -> None:
        kind = holder.kind if holder.kind in KINDS else "record"
        super().__init__(f"fault.lock.{kind}", pid=holder.pid, folder=str(folder))
        self.holder = holder


class RecorderLock:
    """The lock, for as long as it is not released and the process lives."""

    def __init__(self, descriptor: int, holder: Holder) -> None:
        self.holder = holder
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Let others record; a second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def acquire(folder: Path, kind: str) -> RecorderLock:
    """Return the lock of a data directory, which is made where there is none.

    Raise RecorderBusy where another process holds it, StoreFault where it cannot be written.
    """
    path = folder / LOCK_NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise refusal(error, folder) from error
    if not _locked(descriptor):
        named = _read(descriptor)
        os.close(descriptor)
        raise RecorderBusy(named or _NAMELESS, folder)
    mine = Holder(os.getpid(), kind, time.time_ns())
    try:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, msgspec.json.encode(mine))
    except OSError as error:
        os.close(descriptor)
        raise refusal(error, folder) from error
    return RecorderLock(descriptor, mine)


def holder(folder: Path) -> Holder | None:
    """Return who records into a data directory, None where nobody does."""
    try:
        descriptor = os.open(folder / LOCK_NAME, os.O_RDONLY)
    except OSError:
        return None
    try:
        for _ in range(_TRIES):
            if _try_lock(descriptor, shared=True):
                return None
            named = _read(descriptor)
            if named is not None:
                return named
            time.sleep(_PAUSE_S)
        return _NAMELESS
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    for _ in range(_TRIES):
        if _try_lock(descriptor, shared=False):
            return True
        time.sleep(_PAUSE_S)
    return False


def _read(descriptor: int) -> Holder | None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        return msgspec.json.decode(os.read(descriptor, 4096), type=Holder)
    except ValueError:
        return None
