"""One iteration around a command: its streams untouched, its exit status passed on."""

import os
import shutil
import signal
import subprocess
import uuid
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.session import Status
from vidgreen_gui.system.lock import RecorderBusy
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.spool import SpooledEnd, SpooledStart, SpoolWriter, Stamp
from vidgreen_gui.verbs.assembly import RecorderRequest, assemble
from vidgreen_gui.verbs.watching import spool_only

# What a shell's `env` and `timeout` answer: failed before, cannot be executed, not found.
OUR_FAILURE, NOT_EXECUTABLE, NOT_FOUND = 125, 126, 127
_SIGNALLED = 128


class NotStarted(InputFault):
    """The command could not be started; `status` is what a shell would answer."""

    def __init__(self, status: int, code: str, command: str, detail: str = "") -> None:
        super().__init__(code, command=command, detail=detail)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """The command and what is known of it; `settings` are plain keys of the session JSON."""

    paths: Paths
    command: tuple[str, ...]
    clip: str | None = None
    settings: tuple[tuple[str, str], ...] = ()
    meter: str = "auto"


def run(request: RunRequest) -> int:
    """Run the command as one iteration; return its exit status.

    Without a recorder this process records for as long as the command runs. Raise NotStarted
    for a command that cannot run, another Fault when recording cannot begin.
    """
    _check_program(request.command[0])
    with ExitStack() as closing:
        try:
            assembled = assemble(
                RecorderRequest(paths=request.paths, holder="run", meter=request.meter), spool_only
            )
            closing.callback(assembled.close)
            assembled.recorder.start()
        except RecorderBusy:
            # Whoever records reads what we spool.
            pass
        spool = SpoolWriter(request.paths.data)
        closing.callback(spool.close)
        return _spooled(request, spool)


def _spooled(request: RunRequest, spool: SpoolWriter) -> int:
    identity = uuid.uuid4().hex
    spool.append(
        SpooledStart(
            at=Stamp.now(),
            id=identity,
            source="run",
            label=Path(request.command[0]).name,
            clip=request.clip,
            settings=dict(request.settings),
            pid=os.getpid(),
        )
    )
    status = Status.FAILED
    try:
        code = _run_child(request.command)
        status = Status.COMPLETED if code == 0 else Status.FAILED
        if code == _SIGNALLED + signal.SIGINT:
            status = Status.CANCELLED
    finally:
        spool.append(SpooledEnd(at=Stamp.now(), id=identity, status=status))
    return code


def _run_child(command: tuple[str, ...]) -> int:
    try:
        child = subprocess.Popen(command)
    except OSError as error:
        raise NotStarted(
            NOT_EXECUTABLE, "fault.run.cannot_start", command[0], str(error)
        ) from error

    def pass_on(number: int, _frame: FrameType | None) -> None:
        # Ctrl-C reaches the whole terminal group already; the child decides what to do.
        if number != signal.SIGINT:
            with suppress(ProcessLookupError):
                child.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _SIGNALS}
    try:
        code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else _SIGNALLED - code


def _check_program(name: str) -> None:
    if shutil.which(name) is not None:
        return
    if Path(name).exists():
        raise NotStarted(NOT_EXECUTABLE, "fault.run.not_executable", name)
    raise NotStarted(NOT_FOUND, "fault.run.not_found", name)


_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
