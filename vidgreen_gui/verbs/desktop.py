"""Opens the recording that a window shows: a recorder, a demo, or a view of another's."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from vidgreen_gui.engine.run_clock import RunClock
from vidgreen_gui.engine.viewer import Viewer
from vidgreen_gui.model.commands import Command
from vidgreen_gui.model.faults import Notice, StoreFault, StoreFaultKind
from vidgreen_gui.model.ports import Recording, Watcher
from vidgreen_gui.model.session import SessionKind
from vidgreen_gui.store.database import FILE_NAME
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.clock import SystemClock
from vidgreen_gui.system.crash import CrashRecords
from vidgreen_gui.system.lock import RecorderBusy
from vidgreen_gui.system.logs import start_logging
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.resources import resource
from vidgreen_gui.system.spool import SpooledCommand, SpoolWriter, Stamp
from vidgreen_gui.verbs.assembly import RecorderRequest, assemble
from vidgreen_gui.verbs.watching import watchers_for
from vidgreen_gui.watchers.comfyui.transcript import TranscriptWatcher, read_transcript

_DEMO_CARD = "simulated:GeForce RTX 4090"

# Nothing can be written, but what was recorded can be read.
_SHOWN_ANYWAY = {StoreFaultKind.READ_ONLY, StoreFaultKind.NO_ROOM, StoreFaultKind.NEWER_SCHEMA}


@dataclass(frozen=True, slots=True)
class OpenedRecording:
    """A recording that runs, and how to end it."""

    recording: Recording
    close: Callable[[], None]


def open_recording(paths: Paths, *, demo: bool = False) -> OpenedRecording:
    """Return the window's recording; a view where it cannot record but there is what to show.

    Raise Fault where there is not even that.
    """
    start_logging(paths.data / "logs")
    CrashRecords(paths.crashes).install()
    request = RecorderRequest(
        paths=paths,
        holder="window",
        meter=_DEMO_CARD if demo else "auto",
        kind=SessionKind.DEMO if demo else SessionKind.LIVE,
        tolerant=True,
    )
    try:
        assembled = assemble(request, _demo_watchers if demo else watchers_for)
    except RecorderBusy:
        return _view(paths)
    except StoreFault as fault:
        if fault.kind not in _SHOWN_ANYWAY or not (paths.data / FILE_NAME).exists():
            raise
        return _view(paths, Notice.of(fault, severity="error"))
    assembled.recorder.start()
    return OpenedRecording(assembled.recorder, assembled.close)


def _demo_watchers(clock: RunClock, *_: object) -> tuple[Watcher, ...]:
    with resource("demo/session.ndjson").open(encoding="utf-8") as lines:
        return (TranscriptWatcher(clock, read_transcript(lines)),)


def _view(paths: Paths, why: Notice | None = None) -> OpenedRecording:
    spool = SpoolWriter(paths.data)
    reader = Reader(paths.data)
    viewer = Viewer(reader, RunClock(SystemClock()), partial(_pass_on, spool), why)
    viewer.start()

    def close() -> None:
        viewer.stop()
        reader.close()
        spool.close()

    return OpenedRecording(viewer, close)


def _pass_on(spool: SpoolWriter, command: Command) -> None:
    spool.append(SpooledCommand(at=Stamp.now(), command=command))
