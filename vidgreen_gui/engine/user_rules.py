"""What the user said, folded into the state of the work."""

from dataclasses import replace
from functools import singledispatch

from vidgreen_gui.engine.work_state import WorkState
from vidgreen_gui.model import user_events as said
from vidgreen_gui.model.session import Clip


@singledispatch
def obey(event: object, state: WorkState) -> None:
    """Take one event of the user into the state; one without a rule here changes nothing."""


@obey.register
def _working_on(event: said.WorkingOnChosen, state: WorkState) -> None:
    state.working_on = event.clip_id


@obey.register
def _clip_created(event: said.ClipCreated, state: WorkState) -> None:
    if event.clip_id not in state.clips:
        state.put_clip(
            Clip(id=event.clip_id, project_id=event.project_id, name=event.name, key=event.key)
        )


@obey.register
def _clip_renamed(event: said.ClipRenamed, state: WorkState) -> None:
    if clip := state.clips.get(event.clip_id):
        state.put_clip(replace(clip, name=event.name))


@obey.register
def _clips_merged(event: said.ClipsMerged, state: WorkState) -> None:
    clip, into = state.clips.get(event.clip_id), state.clip_of(event.into_clip_id)
    if clip and into and into.id != clip.id:
        state.put_clip(replace(clip, merged_into=into.id))


@obey.register
def _clips_unmerged(event: said.ClipsUnmerged, state: WorkState) -> None:
    if clip := state.clips.get(event.clip_id):
        state.put_clip(replace(clip, merged_into=None))


@obey.register
def _iteration_moved(event: said.IterationMoved, state: WorkState) -> None:
    iteration = state.iterations.get(event.iteration_id)
    if iteration and event.clip_id in state.clips:
        number = event.number or state.next_number(event.clip_id)
        state.put(replace(iteration, clip_id=event.clip_id, number=number))


@obey.register
def _iteration_marked(event: said.IterationMarked, state: WorkState) -> None:
    if iteration := state.iterations.get(event.iteration_id):
        state.put(replace(iteration, kept=event.kept))


@obey.register
def _note_written(event: said.NoteWritten, state: WorkState) -> None:
    if iteration := state.iterations.get(event.iteration_id):
        state.put(replace(iteration, note=event.note))


@obey.register
def _factor_chosen(event: said.FactorChosen, state: WorkState) -> None:
    state.factor = event.factor
    state.factors = [f for f in state.factors if f.id != event.factor.id] + [event.factor]


@obey.register
def _tariff_chosen(event: said.TariffChosen, state: WorkState) -> None:
    state.tariff = event.tariff


@obey.register
def _session_renamed(event: said.SessionRenamed, state: WorkState) -> None:
    if session := state.sessions.get(event.session_id):
        state.sessions[session.id] = replace(session, title=event.title)
        state.changed.sessions.add(session.id)


@obey.register
def _advice_dismissed(event: said.AdviceDismissed, state: WorkState) -> None:
    (state.dismissed.add if event.dismissed else state.dismissed.discard)(event.rule)
