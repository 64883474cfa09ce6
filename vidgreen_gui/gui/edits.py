"""Turns what the user does to clips and iterations into commands for the engine."""

from collections.abc import Iterable

from vidgreen_gui.gui.bridge import Bridge
from vidgreen_gui.gui.models.rows import Row, RowKind
from vidgreen_gui.model.commands import (
    EndSession,
    FreeModels,
    NewClip,
    Redo,
    Say,
    SplitClip,
    StartSession,
    Undo,
    WatchAddress,
)
from vidgreen_gui.model.facts import LiveSnapshot
from vidgreen_gui.model.footprint import GridFactor, Tariff
from vidgreen_gui.model.user_events import (
    AdviceDismissed,
    ClipRenamed,
    ClipsMerged,
    FactorChosen,
    IterationMarked,
    IterationMoved,
    TariffChosen,
    UserEvent,
    WorkingOnChosen,
)

# A drop was measured on this card when models were freed.
FREE_OFFER = "engine.free_models"


class Edits:
    """Each method sends; the list changes when the engine has answered."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def mark(self, row: Row, kept: bool | None) -> None:
        """Keep, discard or undecide what the row stands for."""
        for iteration_id in row.iteration_ids:
            self._say(IterationMarked(t_ns=0, iteration_id=iteration_id, kept=kept))

    def move(self, row: Row, clip_id: str) -> None:
        """Move the row's iterations into another clip."""
        for iteration_id in row.iteration_ids:
            self._say(IterationMoved(t_ns=0, iteration_id=iteration_id, clip_id=clip_id))

    def merge(self, row: Row, into_clip_id: str) -> None:
        """Merge the row's clip into another."""
        self._say(ClipsMerged(t_ns=0, clip_id=row.clip_id, into_clip_id=into_clip_id))

    def split(self, row: Row, name: str) -> None:
        """Split the row's iterations off into a new clip."""
        self._bridge.send(SplitClip(row.iteration_ids, name))

    def rename(self, clip_id: str, name: str) -> None:
        """Give a clip another name."""
        self._say(ClipRenamed(t_ns=0, clip_id=clip_id, name=name))

    def work_on(self, clip_id: str | None) -> None:
        """Send the next iterations to a clip; None lets the graph decide."""
        self._say(WorkingOnChosen(t_ns=0, clip_id=clip_id))

    def new_clip(self, name: str) -> None:
        """Create a clip and work on it."""
        self._bridge.send(NewClip(name))

    def choose_factor(self, factor: GridFactor) -> None:
        """Let this grid factor hold from now on."""
        self._say(FactorChosen(t_ns=0, factor=factor))

    def choose_tariff(self, tariff: Tariff | None) -> None:
        """Let this price hold from now on."""
        self._say(TariffChosen(t_ns=0, tariff=tariff))

    def dismiss_advice(self, rule: str) -> None:
        """Show this rule no more."""
        self._say(AdviceDismissed(t_ns=0, rule=rule))

    def watch(self, address: str) -> None:
        """Look for a server at this address too."""
        self._bridge.send(WatchAddress(address))

    def free_models(self, source_ids: Iterable[str]) -> None:
        """Ask sources to let go of the models they hold."""
        for source_id in source_ids:
            self._bridge.send(FreeModels(source_id))

    def start_session(self) -> None:
        """Begin a sitting."""
        self._bridge.send(StartSession())

    def end_session(self) -> None:
        """End the sitting."""
        self._bridge.send(EndSession())

    def undo(self) -> None:
        """Take the last edit back."""
        self._bridge.send(Undo())

    def redo(self) -> None:
        """Make the edit again that was taken back last."""
        self._bridge.send(Redo())

    def _say(self, event: UserEvent) -> None:
        self._bridge.send(Say(event))


def can_mark(row: Row | None) -> bool:
    """Return whether the row stands for iterations that can be decided on."""
    return row is not None and bool(row.iteration_ids) and not row.running


def freeable(snapshot: LiveSnapshot) -> tuple[str, ...]:
    """Return the sources that may let go of their models: found, at rest, with nothing queued.

    Where freeing is offered for one of them, that one alone.
    """
    offered = {
        value
        for notice in snapshot.notices
        if notice.code == FREE_OFFER
        for name, value in notice.arguments
        if name == "source"
    }
    return tuple(
        source.id
        for source in snapshot.sources
        if source.kind == "comfyui" and source.state == "found"
        if not source.running and not source.pending
        if not offered or source.id in offered
    )


def can_move(row: Row | None) -> bool:
    """Return whether the row stands for iterations."""
    return row is not None and row.kind in {RowKind.ITERATION, RowKind.FOLD}
