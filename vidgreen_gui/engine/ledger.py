"""What is so, from what was said: a fold of the event log into sessions, clips and iterations."""

from dataclasses import replace
from functools import singledispatchmethod

from vidgreen_gui.engine.endings import ended_later, fitted, resumed
from vidgreen_gui.engine.user_rules import obey
from vidgreen_gui.engine.work_state import SourceState, WorkState
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.session import (
    Done,
    Iteration,
    Phase,
    Session,
    Status,
)


class Ledger(WorkState):
    """The state of the work as the log tells it.

    `apply` takes each event once, in order, and is total: an event about something unknown
    changes nothing. It reads no clock and opens no file.
    """

    @singledispatchmethod
    def apply(self, event: ev.Event) -> None:
        """Take one event into the state; what is not of a source or a device the user said."""
        obey(event, self)

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
        if (known := self.of_key(event.key)) is not None:
            if known.status is Status.UNKNOWN:
                self.put(resumed(known))
            return
        parent = self.of_key(event.parent) if event.parent else None
        self.by_key[event.key] = event.iteration_id
        self.extractions[event.iteration_id] = event.extraction
        self.last_job_ns = max(event.t_ns, self.last_job_ns or 0)
        self.put(
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
        iteration = self.of_key(event.key)
        if iteration is None or iteration.status is not Status.RUNNING:
            return
        phases = iteration.phases
        if phases and phases[-1].end_ns is None:
            if phases[-1].name is event.phase:
                return
            ended = replace(phases[-1], end_ns=max(event.t_ns, phases[-1].start_ns))
            phases = (*phases[:-1], ended)
        self.put(replace(iteration, phases=(*phases, Phase(event.phase, event.t_ns))))

    @apply.register
    def _step_done(self, event: ev.StepDone) -> None:
        if iteration := self.of_key(event.key):
            self.steps.setdefault(iteration.id, {})[event.pass_index] = event

    @apply.register
    def _precision_seen(self, event: ev.PrecisionSeen) -> None:
        if iteration := self.of_key(event.key):
            settings = replace(iteration.settings, precision=event.precision)
            self.put(replace(iteration, settings=settings))

    @apply.register
    def _iteration_ended(self, event: ev.IterationEnded) -> None:
        iteration = self.of_key(event.key)
        if iteration is None or iteration.status not in {Status.RUNNING, Status.UNKNOWN}:
            return
        if iteration.run_id != self.run_id:
            self.put(ended_later(iteration, event, self.utc_ns(event.t_ns)))
            return
        told = event.start_ns is not None and event.end_ns is not None
        start_ns = event.start_ns if told else iteration.start_ns
        end_ns = event.end_ns if told else event.t_ns
        end_ns = max(end_ns or 0, start_ns or 0)
        self.last_job_ns = max(end_ns, self.last_job_ns or 0)
        self.put(
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
        self.put(
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
    def _machine_described(self, event: ev.MachineDescribed) -> None:
        self.described = event

    @apply.register
    def _device_used(self, event: ev.DeviceUsed) -> None:
        self.uses.setdefault(event.device_id, []).append(event)

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
