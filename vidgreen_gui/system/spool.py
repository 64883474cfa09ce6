"""How processes that do not record tell the one that does: lines of JSON in files of a folder.

A process appends to a file of its own, `DATA_DIR/spool/ANYTHING-PID.ndjson`, one JSON object per
line, UTF-8, at most a mebibyte. The recorder reads new lines within a second and deletes the file
once all of it is stored and process PID is gone. Every line has

    "v"     1
    "kind"  what it says, below
    "at"    {"boot_id": "…", "steady_ns": 0, "utc_ns": 0}

where `steady_ns` is CLOCK_MONOTONIC (Windows: the performance counter) and `boot_id` the machine's
id of this boot; a line without them ("" and 0) is placed by `utc_ns`, nanoseconds since 1970.

    iteration_started  "id" (unique for ever, such as a UUID), "source" ("script", "run"), "label",
                       "clip" (a name), "parent" (the id of the iteration this one is part of),
                       "settings" {"model": "…", "width": 832, "steps": 20, …: the plain keys of
                       the session JSON's settings, others are ignored}, "device_ids" [],
                       "where" ("local", "cloud", "mixed"), "provider", "pid" (of the process that
                       does the work, or that starts the one that does)
    step               "id", "step", "steps", "pass_index" (from 0)
    phase              "id", "phase" ("load", "encode", "sample", "decode", "save", "other")
    iteration_ended    "id", "status" ("completed", "failed", "cancelled"), "outputs" [file names],
                       "error"
    user_event         "name" (of the event), "fields" {}: an edit made in a window that only views
    learnt             "name" (of what was learnt), "fields" {}: by a calibration beside a recorder
    command            "name" (of the command), "fields" {}: as above

Only "v", "kind", "at" and "id" are required of an iteration's lines, with "step" and "steps" or
"phase" or "status". Unknown keys are ignored, so that fields can be added to version 1.
"""

import errno
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import msgspec

from vidgreen_gui.model.commands import Command, KeepLearnt, Say
from vidgreen_gui.model.faults import Fault
from vidgreen_gui.model.learnt import Learnt
from vidgreen_gui.model.session import PhaseName, Status, Where
from vidgreen_gui.model.settings import Settings
from vidgreen_gui.model.user_events import UserEvent
from vidgreen_gui.system.clock import SystemClock, boot_id

FOLDER_NAME = "spool"
VERSION = 1
LONGEST_LINE_BYTES = 1 << 20

Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something was said, on the steady clock of a boot and on the wall clock."""

    boot_id: str = ""
    steady_ns: int = 0
    utc_ns: int = 0

    @classmethod
    def now(cls) -> "Stamp":
        """Return this moment."""
        return cls(boot_id(), SystemClock.steady_ns(), SystemClock.utc_ns())


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledStart:
    """A script's work began."""

    at: Stamp
    id: str
    source: str = "script"
    label: str = ""
    clip: str | None = None
    parent: str | None = None
    settings: dict[str, Plain] = field(default_factory=dict)
    device_ids: tuple[str, ...] = ()
    where: Where = Where.LOCAL
    provider: str | None = None
    pid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledStep:
    """A sampler pass advanced."""

    at: Stamp
    id: str
    step: int
    steps: int
    pass_index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledPhase:
    """The work entered a phase."""

    at: Stamp
    id: str
    phase: PhaseName


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledEnd:
    """The work ended; status unknown where its process vanished without a word."""

    at: Stamp
    id: str
    status: Status
    outputs: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledCommand:
    """A window that only views asks for something."""

    at: Stamp
    command: Command


Spooled = SpooledStart | SpooledStep | SpooledPhase | SpooledEnd | SpooledCommand

_KINDS: dict[str, type[SpooledStart | SpooledStep | SpooledPhase | SpooledEnd]] = {
    "iteration_started": SpooledStart,
    "step": SpooledStep,
    "phase": SpooledPhase,
    "iteration_ended": SpooledEnd,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_USER_EVENTS: dict[str, type[UserEvent]] = {kind.__name__: kind for kind in get_args(UserEvent)}
_LEARNT: dict[str, type[Learnt]] = {kind.__name__: kind for kind in get_args(Learnt)}
_COMMANDS: dict[str, type[Command]] = {kind.__name__: kind for kind in get_args(Command)}
# Their loss would lose an iteration; a lost step costs nothing.
_SYNCED = (SpooledStart, SpooledEnd, SpooledCommand)


@dataclass(frozen=True, slots=True)
class _Head:
    v: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Named:
    at: Stamp
    name: str
    fields: dict[str, Any] = field(default_factory=dict)


def encode(said: Spooled) -> bytes:
    """Return what was said as one line; raise ValueError for NaN and infinity."""
    head: dict[str, object] = {"v": VERSION}
    if isinstance(said, SpooledCommand):
        head["kind"], named = _named(said.command)
        at, fields = msgspec.to_builtins((said.at, named))
        body = {"at": at, "name": type(named).__name__, "fields": fields}
    else:
        head["kind"] = _NAMES[type(said)]
        body = msgspec.to_builtins(said)
    line = json.dumps(head | body, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return line.encode("utf-8", "replace") + b"\n"


def _named(command: Command) -> tuple[str, object]:
    """Return the kind of line a command stands in, and what of it is written there."""
    match command:
        case Say(event=event):
            return "user_event", event
        case KeepLearnt(learnt=learnt):
            return "learnt", learnt
        case _:
            return "command", command


def decode(line: bytes) -> Spooled:
    """Return what a line says; raise ValueError for one that is not ours, whatever it holds."""
    if len(line) > LONGEST_LINE_BYTES:
        raise ValueError("the line is too long")
    try:
        head = msgspec.json.decode(line, type=_Head)
        if head.v != VERSION:
            raise ValueError(f"version {head.v} is not known here")
        if head.kind in _KINDS:
            return msgspec.json.decode(line, type=_KINDS[head.kind])
        named = msgspec.json.decode(line, type=_Named)
        if head.kind == "user_event" and named.name in _USER_EVENTS:
            event = msgspec.convert(named.fields, _USER_EVENTS[named.name])
            return SpooledCommand(at=named.at, command=Say(event))
        if head.kind == "learnt" and named.name in _LEARNT:
            learnt = msgspec.convert(named.fields, _LEARNT[named.name])
            return SpooledCommand(at=named.at, command=KeepLearnt(learnt))
        if head.kind == "command" and named.name in _COMMANDS:
            return SpooledCommand(
                at=named.at, command=msgspec.convert(named.fields, _COMMANDS[named.name])
            )
    except RecursionError as error:
        raise ValueError("the line is nested too deeply") from error
    raise ValueError(f"{head.kind} is not known here")


def settings_of(plain: dict[str, Plain]) -> Settings:
    """Return the settings among plain keys; what is unknown or of the wrong type is left out."""
    known = {}
    for name, kind in Settings.__annotations__.items():
        if name in plain:
            try:
                known[name] = msgspec.convert(plain[name], kind, strict=False)
            except msgspec.ValidationError:
                continue
    return Settings(**known)


class SpoolFault(Fault):
    """The spool cannot be written: what was said is not recorded."""

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__("fault.spool.write", path=str(path), detail=detail)


class SpoolWriter:
    """Appends to this process's own file below a data directory; the file is made at first use."""

    def __init__(self, data_folder: Path) -> None:
        self.path = data_folder / FOLDER_NAME / f"{SystemClock.utc_ns()}-{os.getpid()}.ndjson"
        self._descriptor: int | None = None
        self._torn = False

    def append(self, said: Spooled) -> None:
        """Write one line, on the disk before this returns where its loss would matter.

        Raise SpoolFault where the folder or the disk refuses.
        """
        line = encode(said)
        try:
            descriptor = self._open()
            # A line that was cut off by a full disk must not swallow this one.
            whole = b"\n" + line if self._torn else line
            self._torn = True
            if os.write(descriptor, whole) < len(whole):
                raise SpoolFault(self.path, os.strerror(errno.ENOSPC))
            self._torn = False
            if isinstance(said, _SYNCED):
                os.fsync(descriptor)
        except OSError as error:
            raise SpoolFault(self.path, str(error)) from error

    def close(self) -> None:
        """Give the file back; the recorder deletes it once it has read it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._descriptor = os.open(self.path, flags, 0o600)
        return self._descriptor
