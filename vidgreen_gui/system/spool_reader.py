"""Reads what other processes appended to the spool: all of it, once, whatever they wrote."""

import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import psutil

from vidgreen_gui.model.session import Status
from vidgreen_gui.system.spool import (
    FOLDER_NAME,
    LONGEST_LINE_BYTES,
    Spooled,
    SpooledEnd,
    SpooledStart,
    Stamp,
    decode,
)

BAD_LINES_NAME = "bad-lines.txt"
LONGEST_BAD_FILE_BYTES = 1 << 20
# A file that names no process is done with when nobody wrote to it for this long.
NAMELESS_IDLE_S = 3600.0

_PID = re.compile(r"-(\d{1,10})$")
_READ_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class _Place:
    """How far one file was read; kept beside it, so that a restart reads nothing twice.

    `open_ids` began and did not end; `skipping` is inside a line that is too long.
    """

    offset: int = 0
    open_ids: tuple[str, ...] = ()
    last_at: Stamp = field(default_factory=Stamp)
    skipping: bool = False


class SpoolReader:
    """Follows all files of a data directory's spool; `bad_lines` counts what was not ours.

    Call `poll`, store what it returns, then call `settle`: a crash in between reads again what
    was not settled, so nothing is lost and ids make repeats harmless.
    """

    def __init__(self, data_folder: Path) -> None:
        self.bad_lines = 0
        self._folder = data_folder / FOLDER_NAME
        self._files: dict[Path, _Follower] = {}

    def poll(self) -> tuple[Spooled, ...]:
        """Return what was said since the last call, in each file's order.

        Work whose process vanished ends with status unknown: now where the process was seen
        alive, else at its last word.
        """
        for path in sorted(self._folder.glob("*.ndjson")):
            if path not in self._files:
                self._files[path] = _Follower(path)
        said: list[Spooled] = []
        for follower in self._files.values():
            good, bad = follower.read()
            said += good
            self._set_aside(bad)
        return tuple(said)

    def settle(self) -> None:
        """Note that all that `poll` returned is stored; delete the files that are done with."""
        for path, follower in list(self._files.items()):
            # What cannot be deleted or noted now is tried again at the next call.
            with suppress(OSError):
                if follower.settle():
                    del self._files[path]

    def _set_aside(self, bad: list[bytes]) -> None:
        self.bad_lines += len(bad)
        if not bad:
            return
        path = self._folder / BAD_LINES_NAME
        # On a full disk they are counted all the same.
        with suppress(OSError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab") as stream:
                room = LONGEST_BAD_FILE_BYTES - stream.tell()
                stream.write(b"".join(line + b"\n" for line in bad)[: max(room, 0)])


class _Follower:
    """One file, read line by line as it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = path.with_suffix(".place")
        found = _PID.search(path.stem)
        self._pid = int(found[1]) if found else None
        self._seen_alive = False
        self._done = False
        try:
            self._place = msgspec.json.decode(self._beside.read_bytes(), type=_Place)
        except (OSError, ValueError):
            self._place = _Place()
        self._settled = self._place

    def read(self) -> tuple[list[Spooled], list[bytes]]:
        """Return what is new, and the lines that are not ours."""
        if self._done:
            return [], []
        # Asked before reading: what a dead process left is all there will ever be.
        alive = self._writer_lives()
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._place.offset)
                data = stream.read(_READ_BYTES)
        except FileNotFoundError:
            data, alive = b"", False
        except OSError:
            return [], []
        lines, rest = self._split(data)
        last_read = not alive and len(data) < _READ_BYTES
        if last_read and rest:
            lines.append(rest)
        good, bad = [], []
        for line in lines:
            try:
                good.append(decode(line))
            except ValueError:
                bad.append(line)
        self._note(good)
        if last_read:
            good += self._unknown_ends()
            self._done = True
        self._seen_alive = alive
        return good, bad

    def settle(self) -> bool:
        """Keep the place; return whether the file is done with, and gone."""
        if self._done:
            self._path.unlink(missing_ok=True)
            self._beside.unlink(missing_ok=True)
            return True
        if self._place != self._settled:
            partial = self._beside.with_suffix(".partial")
            partial.write_bytes(msgspec.json.encode(self._place))
            partial.replace(self._beside)
            self._settled = self._place
        return False

    def _split(self, data: bytes) -> tuple[list[bytes], bytes]:
        """Return the whole lines of `data` and what follows them; move on behind the lines."""
        *lines, rest = data.split(b"\n")
        offset = self._place.offset + len(data) - len(rest)
        skipping = self._place.skipping
        if skipping and lines:
            skipping = False
            lines = lines[1:]
        if len(rest) > LONGEST_LINE_BYTES:
            offset += len(rest)
            lines += [] if skipping else [rest]
            skipping, rest = True, b""
        self._place = replace(self._place, offset=offset, skipping=skipping)
        return [line for line in lines if line.strip()], rest

    def _note(self, good: list[Spooled]) -> None:
        open_ids = dict.fromkeys(self._place.open_ids)
        for said in good:
            if isinstance(said, SpooledStart):
                open_ids[said.id] = None
            elif isinstance(said, SpooledEnd):
                open_ids.pop(said.id, None)
        last_at = good[-1].at if good else self._place.last_at
        self._place = replace(self._place, open_ids=tuple(open_ids), last_at=last_at)

    def _unknown_ends(self) -> list[SpooledEnd]:
        at = Stamp.now() if self._seen_alive else self._place.last_at
        return [
            SpooledEnd(at=at, id=open_id, status=Status.UNKNOWN) for open_id in self._place.open_ids
        ]

    def _writer_lives(self) -> bool:
        if self._pid is not None:
            return psutil.pid_exists(self._pid)
        try:
            return time.time() - self._path.stat().st_mtime < NAMELESS_IDLE_S
        except OSError:
            return False
