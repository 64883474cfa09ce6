"""What is so, from what was said: a fold of the event log into sessions, clips and iterations."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import singledispatchmethod

from vidgreen_gui.engine.endings import ended_later, fitted, resumed
from vidgreen_gui.model import events as ev
from vidgreen_gui.model import user_events as said
from vidgreen_gui.model.footprint import GridFactor, Tariff
from vidgreen_gui.model.power import Device
from vidgreen_gui.model.session import (
    Clip,
    Done,
    Iteration,
    Phase,
    Project,
    Session,
    SessionKind,
    Status,
)
from vidgreen_gui.model.settings import Extraction

LabelUtc = Callable[[int], int]


@dataclass(slots=True)
class SourceState:
    """What is known of one source right now."""

    found: ev.SourceFound
    state: str = "found"
    running: int = 0
    pending: int = 0
    trouble: ev.SourceTroubled | None = None
    lost_at_ns: int | None = None


@dataclass(slots=True)
class Changed:
    """The rows that changed since the last commit."""

    sessions: set[str] = field(default_factory=set)
    clips: set[str] = field(default_factory=set)
    iterations: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self.sessions or self.clips or self.iterations)


class Ledger:
    """The state of the work as the log tells it.

    `apply` takes each event once, in order, and is total: an event about something unknown
    changes nothing. `utc_ns` labels steady times. It reads no clock and opens no file.
    """

    def __init__(self, run_id: str, project: Project, utc_ns: LabelUtc) -> None:
        self.run_id = run_id
        self.project = project
        self.utc_ns = utc_ns
        self.sessions: dict[str, Session] = {}
        self.current_session_id: str | None = None
        self.session_start_ns: dict[str, int] = {}
        self.session_end_ns: dict[str, int] = {}
        self.clips: dict[str, Clip] = {}
        self.numbers_before: dict[str, int] = {}
        self.iterations: dict[str, Iteration] = {}
        self.by_key: dict[ev.JobKey, str] = {}
        self.extractions: dict[str, Extraction] = {}
        self.steps: dict[str, dict[int, ev.StepDone]] = {}
        self.sources: dict[str, SourceState] = {}
        self.devices: dict[str, Device] = {}
        self.lost_devices: dict[str, ev.DeviceLost] = {}
        self.working_on: str | None = None
        self.factor: GridFactor | None = None
        self.factors: list[GridFactor] = []
        self.tariff: Tariff | None = None
        self.dismissed: set[str] = set()
        self.changed = Changed()
        self.last_job_ns: int | None = None

    # ---- questions

    @property
    def session(self) -> Session | None:
        """Return the sitting under way, None between sittings."""
        return self.sessions.get(self.current_session_id or "")

    @property
    def newest_end_ns(self) -> int:
        """Return when the last sitting ended on the steady clock, long ago before the first."""
        return max(self.session_end_ns.values(), default=-(1 << 62))

    @property
    def imported(self) -> Session | None:
        """Return the sitting that holds what came before this run, None before the first."""
        own = (s for s in self.sessions.values() if s.run_id == self.run_id)
        return next((s for s in own if s.kind is SessionKind.IMPORTED), None)

    def running(self) -> tuple[Iteration, ...]:
        """Return the iterations that run now, in order of start."""
        here = (i for i in self.iterations.values() if i.run_id == self.run_id)
        return tuple(i for i in here if i.status is Status.RUNNING)

    def in_session(self, session_id: str) -> tuple[Iteration, ...]:
        """Return the iterations of a session, in order of start."""
        return tuple(i for i in self.iterations.values() if i.session_id == session_id)

    def clip_of(self, clip_id: str) -> Clip | None:
        """Return the clip that shows `clip_id`: itself, or what it was merged into."""
        clip = self.clips.get(clip_id)
        seen: set[str] = set()
        while clip and clip.merged_into and clip.id not in seen:
            seen.add(clip.id)
            clip = self.clips.get(clip.merged_into, clip)
        return clip

    def next_number(self, clip_id: str) -> int:
        """Return the next free iteration number of a clip."""
        here = (i.number for i in self.iterations.values() if i.clip_id == clip_id)
        return 1 + max([self.numbers_before.get(clip_id, 0), *here])

    # ---- the fold

    @singledispatchmethod
    def apply(self, event: ev.Event) -> None:
        """Take one event into the state; one without a rule here changes nothing."""

    def adopt(self, iteration: Iteration) -> None:
        """Know an iteration of an earlier sitting, so that it can be edited and numbered after."""
        self.iterations.setdefault(iteration.id, iteration)
        key = ev.JobKey(iteration.source_kind, iteration.external_id)
        self.by_key.setdefault(key, iteration.id)

    def _put(self, iteration: Iteration) -> None:
        self.iterations[iteration.id] = iteration
        self.changed.iterations.add(iteration.id)

    def _of_key(self, key: ev.JobKey) -> Iteration | None:
        return self.iterations.get(self.by_key.get(key, ""))

    @apply.register
    def _source_found(self, event: ev.SourceFound) -> None:
        before = self.sources.get(event.source_id)
        running, pending = (before.running, before.pending) if before else (0, 0)
        self.sources[event.source_id] = SourceState(event, running=running, pending=pending)

    @apply.register
    def _source_lost(self, event: ev.SourceLost) -> None:
        if state := self.sources.get(event.source_id):
            state.state, state.running, state.pending = "lost", 0, 0
            state.lost_at_ns = event.t_ns

    @apply.register
    def _source_troubled(self, event: ev.SourceTroubled) -> None:
        state = self.sources.get(event.source_id) or self._looked_for(event)
        state.trouble = event

    def _looked_for(self, event: ev.SourceTroubled) -> SourceState:
        """Return a new source that somebody named and nobody has found yet."""
        kind, _, label = event.source_id.partition(":")
        named = ev.SourceFound(
            t_ns=event.t_ns, source_id=event.source_id, source_kind=kind, label=label
        )
        state = self.sources[event.source_id] = SourceState(named, "looking")
        return state

    @apply.register
    def _queue_changed(self, event: ev.QueueChanged) -> None:
        if state := self.sources.get(event.source_id):
            state.running, state.pending = event.running, event.pending

    @apply.register
    def _iteration_started(self, event: ev.IterationStarted) -> None:
        if not event.iteration_id or self.session is None:
            return
        if (known := self._of_key(event.key)) is not None:
            if known.status is Status.UNKNOWN:
                self._put(resumed(known))
            return
        parent = self._of_key(event.parent) if event.parent else None
        self.by_key[event.key] = event.iteration_id
        self.extractions[event.iteration_id] = event.extraction
        self.last_job_ns = max(event.t_ns, self.last_job_ns or 0)
        self._put(
            Iteration(
                id=event.iteration_id,
                source_kind=event.key.source_kind,
                external_id=event.key.external_id,
                session_id=self.session.id,
                clip_id=event.clip_id,
                number=event.number,
                source_id=event.source_id,
                run_id=self.run_id,
                status=Status.RUNNING,
                where=event.where,
                provider=event.provider,
                parent_id=parent.id if parent else None,
                device_ids=event.device_ids,
                start_ns=event.t_ns,
                started_utc_ns=self.utc_ns(event.t_ns),
                settings=event.extraction.settings,
            )
        )

    @apply.register
    def _phase_started(self, event: ev.PhaseStarted) -> None:
        iteration = self._of_key(event.key)
        if iteration is None or iteration.status is not Status.RUNNING:
            return
        phases = iteration.phases
        if phases and phases[-1].end_ns is None:
            if phases[-1].name is event.phase:
                return
            ended = replace(phases[-1], end_ns=max(event.t_ns, phases[-1].start_ns))
            phases = (*phases[:-1], ended)
        self._put(replace(iteration, phases=(*phases, Phase(event.phase, event.t_ns))))

    @apply.register
    def _step_done(self, event: ev.StepDone) -> None:
        if iteration := self._of_key(event.key):
            self.steps.setdefault(iteration.id, {})[event.pass_index] = event

    @apply.register
    def _precision_seen(self, event: ev.PrecisionSeen) -> None:
        if iteration := self._of_key(event.key):
            settings = replace(iteration.settings, precision=event.precision)
            self._put(replace(iteration, settings=settings))

    @apply.register
    def _iteration_ended(self, event: ev.IterationEnded) -> None:
        iteration = self._of_key(event.key)
        if iteration is None or iteration.status not in {Status.RUNNING, Status.UNKNOWN}:
            return
        if iteration.run_id != self.run_id:
            self._put(ended_later(iteration, event, self.utc_ns(event.t_ns)))
            return
        told = event.start_ns is not None and event.end_ns is not None
        start_ns = event.start_ns if told else iteration.start_ns
        end_ns = event.end_ns if told else event.t_ns
        end_ns = max(end_ns or 0, start_ns or 0)
        self.last_job_ns = max(end_ns, self.last_job_ns or 0)
        self._put(
            replace(
                iteration,
                status=event.status,
                start_ns=start_ns,
                end_ns=end_ns,
                started_utc_ns=None if start_ns is None else self.utc_ns(start_ns),
                ended_utc_ns=self.utc_ns(end_ns),
                recut=told,
                clock_bound_ns=event.clock_bound_ns,
                cached=event.cached,
                outputs=event.outputs,
                done=event.done if event.done != Done() else self._steps_seen(iteration),
                phases=fitted(iteration.phases, start_ns or 0, end_ns),
            )
        )
        self.steps.pop(iteration.id, None)

    def _steps_seen(self, iteration: Iteration) -> Done:
        seen = self.steps.get(iteration.id)
        return Done(steps=sum(step.step for step in seen.values())) if seen else Done()

    @apply.register
    def _backfilled(self, event: ev.IterationBackfilled) -> None:
        if event.key in self.by_key or not event.iteration_id:
            return
        imported = self.imported
        if imported is None:
            return
        self.by_key[event.key] = event.iteration_id
        self._put(
            Iteration(
                id=event.iteration_id,
                source_kind=event.key.source_kind,
                external_id=event.key.external_id,
                session_id=imported.id,
                clip_id=event.clip_id,
                number=event.number,
                source_id=event.source_id,
                run_id=self.run_id,
                status=event.status,
                where=event.where,
                started_utc_ns=event.started_utc_ns,
                ended_utc_ns=event.ended_utc_ns,
                cached=event.cached,
                outputs=event.outputs,
                settings=event.extraction.settings,
            )
        )

    @apply.register
    def _device_found(self, event: ev.DeviceFound) -> None:
        self.devices[event.device.id] = event.device
        self.lost_devices.pop(event.device.id, None)

    @apply.register
    def _device_lost(self, event: ev.DeviceLost) -> None:
        self.lost_devices[event.device_id] = event

    @apply.register
    def _session_started(self, event: ev.SessionStarted) -> None:
        self.sessions[event.session_id] = Session(
            id=event.session_id,
            project_id=event.project_id,
            kind=event.kind,
            run_id=self.run_id,
            started_utc_ns=event.utc_ns,
            title=event.title,
        )
        self.session_start_ns[event.session_id] = event.t_ns
        self.changed.sessions.add(event.session_id)
        if event.kind != "imported":
            self.current_session_id = event.session_id

    @apply.register
    def _session_ended(self, event: ev.SessionEnded) -> None:
        session = self.sessions.get(event.session_id)
        if session is None or session.ended_utc_ns is not None:
            return
        self.sessions[session.id] = replace(
            session, ended_utc_ns=event.utc_ns, ended_by=event.ended_by
        )
        self.session_end_ns[session.id] = event.t_ns
        self.changed.sessions.add(session.id)
        if self.current_session_id == session.id:
            self.current_session_id = None

    # ---- what the user said

    @apply.register
    def _working_on(self, event: said.WorkingOnChosen) -> None:
        self.working_on = event.clip_id

    @apply.register
    def _clip_created(self, event: said.ClipCreated) -> None:
        if event.clip_id not in self.clips:
            self.put_clip(
                Clip(id=event.clip_id, project_id=event.project_id, name=event.name, key=event.key)
            )

    def put_clip(self, clip: Clip) -> None:
        """Set a clip's row."""
        self.clips[clip.id] = clip
        self.changed.clips.add(clip.id)

    @apply.register
    def _clip_renamed(self, event: said.ClipRenamed) -> None:
        if clip := self.clips.get(event.clip_id):
            self.put_clip(replace(clip, name=event.name))

    @apply.register
    def _clips_merged(self, event: said.ClipsMerged) -> None:
        clip, into = self.clips.get(event.clip_id), self.clip_of(event.into_clip_id)
        if clip and into and into.id != clip.id:
            self.put_clip(replace(clip, merged_into=into.id))

    @apply.register
    def _clips_unmerged(self, event: said.ClipsUnmerged) -> None:
        if clip := self.clips.get(event.clip_id):
            self.put_clip(replace(clip, merged_into=None))

    @apply.register
    def _iteration_moved(self, event: said.IterationMoved) -> None:
        iteration = self.iterations.get(event.iteration_id)
        if iteration and event.clip_id in self.clips:
            number = event.number or self.next_number(event.clip_id)
            self._put(replace(iteration, clip_id=event.clip_id, number=number))

    @apply.register
    def _iteration_marked(self, event: said.IterationMarked) -> None:
        if iteration := self.iterations.get(event.iteration_id):
            self._put(replace(iteration, kept=event.kept))

    @apply.register
    def _note_written(self, event: said.NoteWritten) -> None:
        if iteration := self.iterations.get(event.iteration_id):
            self._put(replace(iteration, note=event.note))

    @apply.register
    def _factor_chosen(self, event: said.FactorChosen) -> None:
        self.factor = event.factor
        self.factors = [f for f in self.factors if f.id != event.factor.id] + [event.factor]

    @apply.register
    def _tariff_chosen(self, event: said.TariffChosen) -> None:
        self.tariff = event.tariff

    @apply.register
    def _session_renamed(self, event: said.SessionRenamed) -> None:
        if session := self.sessions.get(event.session_id):
            self.sessions[session.id] = replace(session, title=event.title)
            self.changed.sessions.add(session.id)

    @apply.register
    def _advice_dismissed(self, event: said.AdviceDismissed) -> None:
        (self.dismissed.add if event.dismissed else self.dismissed.discard)(event.rule)
