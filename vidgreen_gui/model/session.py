"""The words of the work: projects, sessions, clips and iterations."""

from dataclasses import dataclass, field
from enum import StrEnum

from vidgreen_gui.model.settings import Settings


class SessionKind(StrEnum):
    """Where a session came from."""

    LIVE = "live"
    IMPORTED = "imported"
    DEMO = "demo"


class EndedBy(StrEnum):
    """Why a session ended."""

    USER = "user"
    QUIT = "quit"
    IDLE = "idle"
    INTERRUPTED = "interrupted"


class Status(StrEnum):
    """How an iteration stands."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Where(StrEnum):
    """Where an iteration is computed."""

    LOCAL = "local"
    CLOUD = "cloud"
    MIXED = "mixed"


class Cached(StrEnum):
    """How much of a graph the server's cache answered."""

    NO = "no"
    PART = "part"
    ALL = "all"


class PhaseName(StrEnum):
    """What an iteration is busy with."""

    LOAD = "load"
    ENCODE = "encode"
    SAMPLE = "sample"
    DECODE = "decode"
    SAVE = "save"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of an iteration on the run's steady clock; `end_ns` is None while it lasts."""

    name: PhaseName
    start_ns: int
    end_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """A finished file, as the source names it."""

    filename: str
    subfolder: str = ""
    kind: str = "output"
    media: str = "video"
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What really ran."""

    steps: int | None = None
    evaluations: int | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """What the work is for."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sitting at the work; times are UTC labels, `run_id` the recorder's run."""

    id: str
    project_id: str
    kind: SessionKind
    run_id: str
    started_utc_ns: int
    title: str = ""
    ended_utc_ns: int | None = None
    ended_by: EndedBy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """The shot the creator is after; belongs to the project."""

    id: str
    project_id: str
    name: str
    key: str = ""
    merged_into: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Iteration:
    """One generation attempt, unique by (`source_kind`, `external_id`).

    `start_ns` and `end_ns` are on the steady clock of run `run_id` (both None for work that was
    not recorded live); the `_utc_ns` pair are labels. `recut` says that the source's own start
    and end were used; `clock_bound_ns` is how far its clock may be off.
    """

    id: str
    source_kind: str
    external_id: str
    session_id: str
    clip_id: str
    number: int
    source_id: str
    run_id: str
    status: Status
    where: Where = Where.LOCAL
    provider: str | None = None
    parent_id: str | None = None
    device_ids: tuple[str, ...] = ()
    start_ns: int | None = None
    end_ns: int | None = None
    started_utc_ns: int | None = None
    ended_utc_ns: int | None = None
    recut: bool = False
    clock_bound_ns: int = 0
    kept: bool | None = None
    seconds_used: float | None = None
    cached: Cached = Cached.NO
    settings: Settings = field(default_factory=Settings)
    done: Done = field(default_factory=Done)
    phases: tuple[Phase, ...] = ()
    outputs: tuple[Output, ...] = ()
    note: str = ""
