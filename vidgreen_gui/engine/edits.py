"""Undo: for every user event the event that takes it back, computed before it is applied."""

from dataclasses import dataclass, field
from functools import singledispatch

from vidgreen_gui.engine.ledger import Ledger
from vidgreen_gui.model import user_events as said
from vidgreen_gui.model.user_events import UserEvent


@singledispatch
def inverse(event: UserEvent, ledger: Ledger) -> UserEvent | None:  # noqa: ARG001
    """Return the event that restores what `event` is about to change, None where nothing can.

    A created clip stays: without iterations it is not shown.
    """
    return None


@inverse.register
def _working_on(event: said.WorkingOnChosen, ledger: Ledger) -> UserEvent:  # noqa: ARG001
    return said.WorkingOnChosen(t_ns=0, clip_id=ledger.working_on)


@inverse.register
def _renamed(event: said.ClipRenamed, ledger: Ledger) -> UserEvent | None:
    clip = ledger.clips.get(event.clip_id)
    return said.ClipRenamed(t_ns=0, clip_id=clip.id, name=clip.name) if clip else None


@inverse.register
def _merged(event: said.ClipsMerged, ledger: Ledger) -> UserEvent:  # noqa: ARG001
    return said.ClipsUnmerged(t_ns=0, clip_id=event.clip_id)


@inverse.register
def _unmerged(event: said.ClipsUnmerged, ledger: Ledger) -> UserEvent | None:
    clip = ledger.clips.get(event.clip_id)
    if clip is None or clip.merged_into is None:
        return None
    return said.ClipsMerged(t_ns=0, clip_id=clip.id, into_clip_id=clip.merged_into)


@inverse.register
def _moved(event: said.IterationMoved, ledger: Ledger) -> UserEvent | None:
    before = ledger.iterations.get(event.iteration_id)
    if before is None:
        return None
    return said.IterationMoved(
        t_ns=0, iteration_id=before.id, clip_id=before.clip_id, number=before.number
    )


@inverse.register
def _marked(event: said.IterationMarked, ledger: Ledger) -> UserEvent | None:
    before = ledger.iterations.get(event.iteration_id)
    if before is None:
        return None
    return said.IterationMarked(t_ns=0, iteration_id=before.id, kept=before.kept)


@inverse.register
def _noted(event: said.NoteWritten, ledger: Ledger) -> UserEvent | None:
    before = ledger.iterations.get(event.iteration_id)
    return said.NoteWritten(t_ns=0, iteration_id=before.id, note=before.note) if before else None


@inverse.register
def _factor(event: said.FactorChosen, ledger: Ledger) -> UserEvent | None:  # noqa: ARG001
    return said.FactorChosen(t_ns=0, factor=ledger.factor) if ledger.factor else None


@inverse.register
def _tariff(event: said.TariffChosen, ledger: Ledger) -> UserEvent:  # noqa: ARG001
    return said.TariffChosen(t_ns=0, tariff=ledger.tariff)


@inverse.register
def _titled(event: said.SessionRenamed, ledger: Ledger) -> UserEvent | None:
    before = ledger.sessions.get(event.session_id)
    if before is None:
        return None
    return said.SessionRenamed(t_ns=0, session_id=before.id, title=before.title)


@inverse.register
def _dismissed(event: said.AdviceDismissed, ledger: Ledger) -> UserEvent:  # noqa: ARG001
    return said.AdviceDismissed(t_ns=0, rule=event.rule, dismissed=not event.dismissed)


@dataclass(slots=True)
class Edits:
    """The line of what can be undone and redone; a step holds the events that do it."""

    undoable: list[tuple[UserEvent, ...]] = field(default_factory=list)
    redoable: list[tuple[UserEvent, ...]] = field(default_factory=list)
