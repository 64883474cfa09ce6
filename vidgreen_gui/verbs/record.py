"""Record without a window: until told to stop, for a time, or until the queue is empty."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

from vidgreen_gui.engine.recorder import SAMPLES_DUE_NS
from vidgreen_gui.model.facts import IterationFacts, LiveSnapshot
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.session import Status
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.verbs.assembly import RecorderRequest, assemble
from vidgreen_gui.verbs.watching import watchers_for

_LOOK_S = 0.25
# Without a first job, `until_idle_s` gives up after this many times as long.
_PATIENCE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRequest:
    """How long to record, and what to watch. Without an address, servers are looked for."""

    paths: Paths
    comfyui: tuple[str, ...] = ()
    meter: str = "auto"
    until_idle_s: float | None = None
    for_s: float | None = None
    trace: Path | None = None


@dataclass(frozen=True, slots=True)
class RecordAnswer:
    """What was recorded; `gave_up` when no job came in time."""

    iterations: int
    gave_up: bool


Tell = Callable[[IterationFacts], None]
Warn = Callable[[Notice], None]


def _unheard(_notice: Notice) -> None:
    """Take no warning."""


def record(request: RecordRequest, stop: Event, tell: Tell, warn: Warn = _unheard) -> RecordAnswer:
    """Record until `stop` is set or the request's time is over.

    `tell` hears of each end, `warn` of each trouble: a server, a device or the disk that refuses.
    Raise Fault when recording cannot begin: another recorder, a meter or a folder that refuses.
    """
    assembled = assemble(
        RecorderRequest(
            paths=request.paths, holder="record", meter=request.meter, trace=request.trace
        ),
        partial(watchers_for, addresses=request.comfyui),
    )
    recorder = assembled.recorder
    recorder.start()
    patience = _Patience(request)
    told: set[str] = set()
    warned: set[tuple[object, ...]] = set()
    try:
        while not stop.wait(_LOOK_S):
            snapshot = recorder.latest()
            if snapshot is not None:
                _warn_of(snapshot, warned, warn)
                _tell_ended(snapshot, told, tell, SAMPLES_DUE_NS)
            if patience.is_over(snapshot):
                break
    finally:
        assembled.close()
    last = recorder.latest()
    if last is not None:
        _warn_of(last, warned, warn)
        _tell_ended(last, told, tell)
    return RecordAnswer(len(told), gave_up=patience.gave_up)


class _Patience:
    """Decides when to stop by itself."""

    def __init__(self, request: RecordRequest) -> None:
        self._for_s = request.for_s
        self._until_idle_s = request.until_idle_s
        self._began_s = time.monotonic()
        self._busy_s: float | None = None
        self.gave_up = False

    def is_over(self, snapshot: LiveSnapshot | None) -> bool:
        now_s = time.monotonic()
        if self._for_s is not None and now_s - self._began_s >= self._for_s:
            return True
        if self._until_idle_s is None or snapshot is None:
            return False
        waiting = sum(source.running + source.pending for source in snapshot.sources)
        if snapshot.running_ids or waiting:
            self._busy_s = now_s
        elif self._busy_s is None and snapshot.session and snapshot.session.totals.iterations:
            # A job that came and went between two looks.
            self._busy_s = now_s
        if self._busy_s is None:
            self.gave_up = now_s - self._began_s >= _PATIENCE * self._until_idle_s
            return self.gave_up
        return now_s - self._busy_s >= self._until_idle_s


def _tell_ended(snapshot: LiveSnapshot, told: set[str], tell: Tell, after_ns: int = 0) -> None:
    """Tell of what ended `after_ns` ago or earlier, once: by then its last samples are there."""
    if snapshot.session is None:
        return
    for clip in snapshot.session.clips:
        for facts in clip.iterations:
            ended_utc_ns = facts.iteration.ended_utc_ns or snapshot.utc_ns
            over = facts.iteration.status is not Status.RUNNING
            over = over and snapshot.utc_ns - ended_utc_ns >= after_ns
            if over and facts.iteration.id not in told:
                told.add(facts.iteration.id)
                tell(facts)


def _warn_of(snapshot: LiveSnapshot, warned: set[tuple[object, ...]], warn: Warn) -> None:
    notices = [notice for notice in snapshot.notices if notice.severity != "info"]
    notices += [device.fault for device in snapshot.devices if device.fault is not None]
    notices += [source.notice for source in snapshot.sources if source.notice is not None]
    for notice in notices:
        if (said := (notice.code, notice.arguments)) not in warned:
            warned.add(said)
            warn(notice)
