"""From what was said to what is logged: completes source events, carries out commands, undoes."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from vidgreen_gui.advice.recognise import complete
from vidgreen_gui.engine.earlier import Earlier
from vidgreen_gui.engine.edits import Edits, inverse
from vidgreen_gui.engine.endings import is_given_up
from vidgreen_gui.engine.forecast import Forecast
from vidgreen_gui.engine.hardware import devices_for
from vidgreen_gui.engine.ledger import Ledger
from vidgreen_gui.engine.placing import Placing, without_private
from vidgreen_gui.model import commands as do
from vidgreen_gui.model import events as ev
from vidgreen_gui.model import user_events as said
from vidgreen_gui.model.faults import InputFault, StoreFault
from vidgreen_gui.model.learnt import Learnt
from vidgreen_gui.model.session import EndedBy, SessionKind, Status, Where
from vidgreen_gui.model.settings import Extraction
from vidgreen_gui.store.batch import PrivateText


@dataclass(slots=True)
class Taken:
    """What is ready for the store: events to log, private texts beside them, what was learnt."""

    events: list[tuple[str | None, ev.Event]] = field(default_factory=list)
    private: list[PrivateText] = field(default_factory=list)
    learnt: list[Learnt] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)


class Intake:
    """Applies events to the ledger in order and keeps what must be logged.

    `earlier` knows what earlier runs recorded, so that a job is never recorded twice, however
    often the app starts, and their iterations can be edited.
    """

    def __init__(
        self,
        ledger: Ledger,
        forecast: Forecast,
        earlier: Earlier,
        *,
        kind: SessionKind = SessionKind.LIVE,
        keep_prompts: bool = True,
    ) -> None:
        self.ledger = ledger
        self.edits = Edits()
        self._placing = Placing(ledger, kind)
        self._forecast = forecast
        self._earlier = earlier
        self._keep_prompts = keep_prompts
        self._taken = Taken()

    def take(self) -> Taken:
        """Return what became ready since the last call."""
        taken, self._taken = self._taken, Taken()
        return taken

    # ---- events

    def event(self, event: ev.Event, utc_ns: int) -> None:
        """Take one event of a source, a device or a clock."""
        match event:
            case ev.IterationStarted():
                self._started(event)
            case ev.IterationBackfilled():
                self._backfilled(event, utc_ns)
            case ev.IterationEnded():
                self._ended(event)
            case ev.StepDone():
                self._step(event)
            case ev.PhaseStarted():
                self._resume(event.key, event.t_ns)
                self._log(event)
            case _:
                self._log(event)

    def lose_source(self, source_id: str, t_ns: int) -> None:
        """End as unknown what ran on a source that did not come back; `t_ns` is when it went."""
        for iteration in self.ledger.running():
            if iteration.source_id == source_id:
                key = ev.JobKey(iteration.source_kind, iteration.external_id)
                self._ended(ev.IterationEnded(t_ns=t_ns, key=key, status=Status.UNKNOWN))

    def end_session(self, t_ns: int, utc_ns: int, ended_by: EndedBy) -> None:
        """End the sitting; what still runs in it ends as unknown: nobody will see its end."""
        session = self.ledger.session
        if session is None:
            return
        for iteration in self.ledger.running():
            key = ev.JobKey(iteration.source_kind, iteration.external_id)
            self._ended(ev.IterationEnded(t_ns=t_ns, key=key, status=Status.UNKNOWN))
        self._log(
            ev.SessionEnded(t_ns=t_ns, session_id=session.id, ended_by=ended_by, utc_ns=utc_ns)
        )

    def end_imported(self, t_ns: int) -> None:
        """Close the sitting that only holds what came before us."""
        for session in tuple(self.ledger.sessions.values()):
            if session.kind is SessionKind.IMPORTED and session.ended_utc_ns is None:
                ends = [i.ended_utc_ns or 0 for i in self.ledger.in_session(session.id)]
                self._log(
                    ev.SessionEnded(
                        t_ns=t_ns,
                        session_id=session.id,
                        ended_by=EndedBy.QUIT,
                        utc_ns=max(ends, default=session.started_utc_ns),
                    )
                )

    def _started(self, event: ev.IterationStarted) -> None:
        if self._is_known(event.key):
            return
        source = self.ledger.sources.get(event.source_id)
        devices = event.device_ids
        here = event.provider is None and event.where is not Where.CLOUD
        if not devices and source is not None and here:
            devices = devices_for(source.found, tuple(self.ledger.devices.values()))
        event = replace(event, device_ids=devices, extraction=_completed(event.extraction))
        for placed in self._placing.started(event):
            if isinstance(placed, ev.IterationStarted):
                self._remember_private(placed.iteration_id, placed.extraction, placed.graph_json)
                extraction = without_private(placed.extraction)
                self._log(replace(placed, extraction=extraction, graph_json=None))
                self._taken.started.append(placed.iteration_id)
            else:
                self._log(placed)
                if isinstance(placed, ev.SessionStarted):
                    self._log_circumstances(placed.t_ns)

    def _backfilled(self, event: ev.IterationBackfilled, utc_ns: int) -> None:
        # One that cannot be looked up now is found again at the next start.
        if self._is_known(event.key, if_unsure=True):
            return
        event = replace(event, extraction=_completed(event.extraction))
        for placed in self._placing.backfilled(event, utc_ns):
            if isinstance(placed, ev.IterationBackfilled):
                self._remember_private(placed.iteration_id, placed.extraction, None)
                self._log(replace(placed, extraction=without_private(placed.extraction)))
            else:
                self._log(placed)

    def _ended(self, event: ev.IterationEnded) -> None:
        if not self._is_known(event.key):
            return
        self._log(event)
        iteration = self.ledger.iterations[self.ledger.by_key[event.key]]
        self._forecast.ended(iteration)
        self._taken.ended.append(iteration.id)

    def _resume(self, key: ev.JobKey, t_ns: int) -> None:
        """Let a job that was given up run on: its source came back, and it still works."""
        ledger = self.ledger
        known = ledger.iterations.get(ledger.by_key.get(key, ""))
        if known is not None and is_given_up(known, ledger.current_session_id, t_ns):
            self._log(
                ev.IterationStarted(
                    t_ns=t_ns,
                    key=key,
                    source_id=known.source_id,
                    extraction=Extraction(settings=known.settings),
                    where=known.where,
                    device_ids=known.device_ids,
                    iteration_id=known.id,
                    clip_id=known.clip_id,
                    number=known.number,
                )
            )

    def _step(self, event: ev.StepDone) -> None:
        self._resume(event.key, event.t_ns)
        self.ledger.apply(event)
        if iteration_id := self.ledger.by_key.get(event.key):
            self._forecast.step(iteration_id, event)

    def _is_known(self, key: ev.JobKey, *, if_unsure: bool = False) -> bool:
        if key not in self.ledger.by_key:
            try:
                found = self._earlier.by_key(key)
            except StoreFault:
                return if_unsure
            if found is not None:
                self.ledger.adopt(found)
        return key in self.ledger.by_key

    def _log_circumstances(self, t_ns: int) -> None:
        """Log what a session needs to be read alone: its devices and who uses them, its factor."""
        for device in self.ledger.devices.values():
            self._log(ev.DeviceFound(t_ns=t_ns, device=device))
            if used := self.ledger.uses.get(device.id):
                self._log(replace(used[-1], t_ns=t_ns))
        if self.ledger.factor is not None:
            self._log(said.FactorChosen(t_ns=t_ns, factor=self.ledger.factor))
        if self.ledger.tariff is not None:
            self._log(said.TariffChosen(t_ns=t_ns, tariff=self.ledger.tariff))
        if self.ledger.described is not None:
            self._log(replace(self.ledger.described, t_ns=t_ns))

    def _remember_private(
        self, iteration_id: str, extraction: Extraction, graph_json: str | None
    ) -> None:
        if self._keep_prompts and (extraction.texts or graph_json):
            self._taken.private.append(
                PrivateText(
                    iteration_id=iteration_id, texts=extraction.texts, graph_json=graph_json
                )
            )

    def _log(self, event: ev.Event) -> None:
        self.ledger.apply(event)
        if not isinstance(event, ev.TRANSIENT):
            self._taken.events.append((self._session_of(event), event))

    def _session_of(self, event: ev.Event) -> str | None:
        """Return the sitting an event belongs to: its own, its iteration's, else that under way."""
        ledger = self.ledger
        iteration_id = getattr(event, "iteration_id", None)
        if iteration_id is None and isinstance(event, ev.IterationEnded):
            iteration_id = ledger.by_key.get(event.key)
        if iteration := ledger.iterations.get(iteration_id or ""):
            return iteration.session_id
        return getattr(event, "session_id", None) or ledger.current_session_id

    # ---- commands

    def command(self, command: do.Command, t_ns: int, utc_ns: int) -> tuple[said.UserEvent, ...]:
        """Carry out what the user asked and return what was logged for it.

        Raise InputFault when it cannot be done.
        """
        match command:
            case do.Say(event=event):
                return self._edit((event,), t_ns)
            case do.NewClip(name=name, work_on_it=work_on_it):
                created = self._placing.clip_by_hand(t_ns, _named(name))
                chosen = said.WorkingOnChosen(t_ns=t_ns, clip_id=created.clip_id)
                return self._edit((created, chosen) if work_on_it else (created,), t_ns)
            case do.SplitClip(iteration_ids=ids, name=name):
                created = self._placing.clip_by_hand(t_ns, _named(name))
                moves = (
                    said.IterationMoved(t_ns=t_ns, iteration_id=i, clip_id=created.clip_id)
                    for i in ids
                )
                return self._edit((created, *moves), t_ns)
            case do.Undo():
                return self._step_back(self.edits.undoable, self.edits.redoable, t_ns)
            case do.Redo():
                return self._step_back(self.edits.redoable, self.edits.undoable, t_ns)
            case do.StartSession(title=title):
                self.refuse_under_a_job()
                self.end_session(t_ns, utc_ns, EndedBy.USER)
                self._log(self._placing.session_by_hand(t_ns, utc_ns, title))
                self._log_circumstances(t_ns)
            case do.KeepLearnt(learnt=learnt):
                self._taken.learnt.append(learnt)
            case do.EndSession():
                self.refuse_under_a_job()
                self.end_session(t_ns, utc_ns, EndedBy.USER)
        return ()

    def refuse_under_a_job(self) -> None:
        """Raise InputFault while a job runs: no sitting is split under one."""
        if self.ledger.running():
            raise InputFault("fault.engine.job_runs")

    def _edit(self, events: Iterable[said.UserEvent], t_ns: int) -> tuple[said.UserEvent, ...]:
        applied, back = self._apply_edits(events, t_ns)
        if back:
            self.edits.undoable.append(back)
            self.edits.redoable.clear()
        return applied

    def _step_back(
        self,
        line: list[tuple[said.UserEvent, ...]],
        other: list[tuple[said.UserEvent, ...]],
        t_ns: int,
    ) -> tuple[said.UserEvent, ...]:
        if not line:
            raise InputFault("fault.engine.nothing_to_undo")
        applied, back = self._apply_edits(line.pop(), t_ns)
        if back:
            other.append(back)
        return applied

    def _apply_edits(
        self, events: Iterable[said.UserEvent], t_ns: int
    ) -> tuple[tuple[said.UserEvent, ...], tuple[said.UserEvent, ...]]:
        """Log the events; return them, and those that take them back."""
        applied: list[said.UserEvent] = []
        back: list[said.UserEvent] = []
        for event in events:
            self._known_to_ledger(event)
            if (taken_back := inverse(event, self.ledger)) is not None:
                back.insert(0, taken_back)
            applied.append(replace(event, t_ns=t_ns))
            self._log(applied[-1])
        return tuple(applied), tuple(back)

    def _known_to_ledger(self, event: said.UserEvent) -> None:
        """Adopt what an edit is about from earlier sittings; raise InputFault for what is not."""
        ledger = self.ledger
        match event:
            case (
                said.IterationMoved(iteration_id=wanted)
                | said.IterationMarked(iteration_id=wanted)
                | said.NoteWritten(iteration_id=wanted)
            ):
                if wanted not in ledger.iterations and (found := self._earlier.by_id(wanted)):
                    ledger.adopt(found)
                if wanted not in ledger.iterations:
                    raise InputFault("fault.engine.no_such_iteration")
            case said.SessionRenamed(session_id=wanted):
                if wanted not in ledger.sessions and (session := self._earlier.session(wanted)):
                    ledger.sessions[wanted] = session
                if wanted not in ledger.sessions:
                    raise InputFault("fault.engine.no_such_session", session=wanted)
            case said.ClipRenamed(clip_id=wanted) | said.ClipsMerged(clip_id=wanted):
                if wanted not in ledger.clips:
                    raise InputFault("fault.engine.no_such_clip")


def _completed(extraction: Extraction) -> Extraction:
    return replace(extraction, settings=complete(extraction.settings))


def _named(name: str) -> str:
    if not name.strip():
        raise InputFault("fault.engine.clip_without_name")
    return name.strip()
