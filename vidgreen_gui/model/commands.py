"""What the window asks of the engine; each is answered by an acknowledgement or a fault."""

from dataclasses import dataclass

from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.learnt import Learnt
from vidgreen_gui.model.user_events import UserEvent


@dataclass(frozen=True, slots=True)
class Say:
    """Append a user's event to the log; its `t_ns` is set by the engine."""

    event: UserEvent


@dataclass(frozen=True, slots=True)
class Undo:
    """Append the inverse of the newest user event that is not undone."""


@dataclass(frozen=True, slots=True)
class Redo:
    """Append again what was undone last."""


@dataclass(frozen=True, slots=True)
class NewClip:
    """Create a clip and, when `work_on_it`, send the next iterations there."""

    name: str
    work_on_it: bool = True


@dataclass(frozen=True, slots=True)
class SplitClip:
    """Move the listed iterations into a new clip of that name."""

    iteration_ids: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class StartSession:
    """Begin a sitting by hand."""

    title: str = ""


@dataclass(frozen=True, slots=True)
class EndSession:
    """End the sitting by hand."""


@dataclass(frozen=True, slots=True)
class WatchAddress:
    """Look for a ComfyUI at this address too, and remember it."""

    address: str


@dataclass(frozen=True, slots=True)
class ShowWindow:
    """The window is visible or hidden: the engine commits and samples accordingly."""

    visible: bool


@dataclass(frozen=True, slots=True)
class KeepLearnt:
    """Keep what was learnt, in the place of what was known of the same kind about its subject."""

    learnt: Learnt


@dataclass(frozen=True, slots=True)
class FreeModels:
    """Ask a source to let go of the models that it holds in memory, if it does no work."""

    source_id: str


Command = (
    Say
    | Undo
    | Redo
    | NewClip
    | SplitClip
    | StartSession
    | EndSession
    | WatchAddress
    | ShowWindow
    | KeepLearnt
    | FreeModels
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a command: `notice` is None when it was done."""

    command: Command
    notice: Notice | None = None
