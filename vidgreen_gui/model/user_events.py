"""What the user says about the work; each has an inverse, and undo appends it to the log."""

from dataclasses import dataclass

from vidgreen_gui.model.footprint import GridFactor, Tariff


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingOnChosen:
    """The next iterations go to this clip; None lets the graph decide again."""

    t_ns: int
    clip_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipCreated:
    """A clip came to be, by rule (`key`) or by hand (empty key)."""

    t_ns: int
    clip_id: str
    project_id: str
    name: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRenamed:
    """A clip got another name."""

    t_ns: int
    clip_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipsMerged:
    """One clip is now a part of another: its iterations are shown and summed there."""

    t_ns: int
    clip_id: str
    into_clip_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipsUnmerged:
    """The inverse of a merge: the clip stands for itself again."""

    t_ns: int
    clip_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IterationMoved:
    """An iteration belongs to another clip; `number` None takes the next free one there."""

    t_ns: int
    iteration_id: str
    clip_id: str
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IterationMarked:
    """Kept, discarded or undecided again (None)."""

    t_ns: int
    iteration_id: str
    kept: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWritten:
    """A note on an iteration."""

    t_ns: int
    iteration_id: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorChosen:
    """The grid factor that holds from now on."""

    t_ns: int
    factor: GridFactor


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffChosen:
    """The price of electricity, or none."""

    t_ns: int
    tariff: Tariff | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRenamed:
    """A session got a title."""

    t_ns: int
    session_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceDismissed:
    """A rule is not for this user."""

    t_ns: int
    rule: str
    dismissed: bool = True


UserEvent = (
    WorkingOnChosen
    | ClipCreated
    | ClipRenamed
    | ClipsMerged
    | ClipsUnmerged
    | IterationMoved
    | IterationMarked
    | NoteWritten
    | FactorChosen
    | TariffChosen
    | SessionRenamed
    | AdviceDismissed
)
