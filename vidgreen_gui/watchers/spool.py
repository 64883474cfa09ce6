"""Follows the spool: wrapped commands, scripts, and edits made in a window that only views."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from vidgreen_gui.model.commands import Command
from vidgreen_gui.model.events import (
    IterationBackfilled,
    IterationEnded,
    IterationStarted,
    JobKey,
    PhaseStarted,
    SourceEvent,
    SourceFound,
    StepDone,
)
from vidgreen_gui.model.ports import Clock, Emit
from vidgreen_gui.model.session import Output
from vidgreen_gui.model.settings import Extraction
from vidgreen_gui.system.clock import SystemClock, boot_id
from vidgreen_gui.system.spool import (
    Spooled,
    SpooledCommand,
    SpooledEnd,
    SpooledPhase,
    SpooledStart,
    SpooledStep,
    Stamp,
    settings_of,
)
from vidgreen_gui.system.spool_reader import SpoolReader

POLL_S = 0.5


def _ignore(_command: Command) -> None:
    """Take no command."""


class SpoolWatcher:
    """Emits what other processes spooled, within a second; `on_command` gets the edits.

    What was read is settled one poll later, when the recorder has committed it: a crash in
    between reads it again, and ids make that harmless.
    """

    kind = "spool"

    def __init__(
        self, data_folder: Path, clock: Clock, on_command: Callable[[Command], None] = _ignore
    ) -> None:
        self._reader = SpoolReader(data_folder)
        self._clock = clock
        self._on_command = on_command
        self._boot_id = boot_id()
        # Read once: two readings a moment apart would put what was said in another order.
        self._anchor_ns = SystemClock.steady_ns() - clock.steady_ns()
        self._known_sources: set[tuple[str, int | None]] = set()

    async def run(self, emit: Emit) -> None:
        """Emit until cancelled; what was said until then is still taken in."""
        try:
            while True:
                self._take(emit)
                await asyncio.sleep(POLL_S)
                self._reader.settle()
        finally:
            self._take(emit)

    def _take(self, emit: Emit) -> None:
        said = self._reader.poll()
        over = {one.id: one for one in said if isinstance(one, SpooledEnd)}
        for one in said:
            for event in self._events(one, over):
                emit(event)

    def _events(self, said: Spooled, over: dict[str, SpooledEnd]) -> Iterable[SourceEvent]:
        t_ns = self._t_ns(said.at)
        match said:
            case SpooledCommand(command=command):
                self._on_command(command)
            case SpooledStart():
                yield from self._started(said, t_ns, over.get(said.id))
            case SpooledStep():
                yield StepDone(
                    t_ns=t_ns, key=_key(said.id), pass_index=said.pass_index, step=said.step,
                    steps=said.steps,
                )  # fmt: skip
            case SpooledPhase():
                yield PhaseStarted(t_ns=t_ns, key=_key(said.id), phase=said.phase)
            case SpooledEnd():
                yield IterationEnded(
                    t_ns=t_ns,
                    key=_key(said.id),
                    status=said.status,
                    outputs=_outputs(said),
                    error=said.error,
                )

    def _started(
        self, said: SpooledStart, t_ns: int, end: SpooledEnd | None
    ) -> Iterable[SourceEvent]:
        source_id = f"spool:{said.source}"
        if (source_id, said.pid) not in self._known_sources:
            self._known_sources.add((source_id, said.pid))
            yield SourceFound(
                t_ns=t_ns,
                source_id=source_id,
                source_kind=said.source,
                label=said.source,
                pid=said.pid,
            )
        extraction = Extraction(settings=settings_of(said.settings))
        if t_ns < 0 and end is not None and self._t_ns(end.at) < 0:
            # It came and went before this recorder ran: known, but not measured.
            yield IterationBackfilled(
                t_ns=0,
                key=_key(said.id),
                source_id=source_id,
                extraction=extraction,
                status=end.status,
                started_utc_ns=said.at.utc_ns or None,
                ended_utc_ns=end.at.utc_ns or None,
                outputs=_outputs(end),
                where=said.where,
            )
            return
        yield IterationStarted(
            t_ns=t_ns,
            key=_key(said.id),
            source_id=source_id,
            extraction=extraction,
            where=said.where,
            provider=said.provider,
            device_ids=said.device_ids,
            parent=_key(said.parent) if said.parent else None,
            clip_name=said.clip or said.label or None,
        )

    def _t_ns(self, at: Stamp) -> int:
        """Return a stamp on the run's clock, never later than now."""
        if at.boot_id == self._boot_id and at.steady_ns:
            return min(at.steady_ns - self._anchor_ns, self._clock.steady_ns())
        ago_ns = self._clock.utc_ns() - at.utc_ns
        return self._clock.steady_ns() - max(0, ago_ns)


def _key(external_id: str) -> JobKey:
    return JobKey("script", external_id)


def _outputs(end: SpooledEnd) -> tuple[Output, ...]:
    return tuple(Output(filename=name) for name in end.outputs)
