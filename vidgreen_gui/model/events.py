"""The closed vocabulary of the event log: what sources, devices, clocks and users can say.

Every event is frozen and carries only plain values, so that the log can be read for ever.
`t_ns` is on the run's steady clock. A field may be added with a default; a changed meaning is a
new event and a new `EVENTS_VERSION`.
"""

from dataclasses import dataclass, field
from typing import get_args

from vidgreen_gui.model.footprint import Range, Scope
from vidgreen_gui.model.learnt import WallCalibration
from vidgreen_gui.model.power import Device
from vidgreen_gui.model.session import (
    Cached,
    Done,
    EndedBy,
    Output,
    PhaseName,
    SessionKind,
    Status,
    Where,
)
from vidgreen_gui.model.settings import Extraction
from vidgreen_gui.model.user_events import UserEvent

EVENTS_VERSION = 1


@dataclass(frozen=True, slots=True)
class JobKey:
    """What makes an iteration the same iteration: the kind of source and its own id."""

    source_kind: str
    external_id: str


# ---- sources


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFound:
    """A server, a spool or a provider answers; `device_ids` are what it computes on, if known.

    `device_indexes` stand beside `device_names`: CUDA's, among the cards its process may see.
    """

    t_ns: int
    source_id: str
    source_kind: str
    label: str
    version: str = ""
    device_ids: tuple[str, ...] = ()
    device_names: tuple[str, ...] = ()
    device_indexes: tuple[int | None, ...] = ()
    pid: int | None = None
    is_local: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLost:
    """A source no longer answers; its running iterations end as unknown unless it comes back."""

    t_ns: int
    source_id: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTroubled:
    """A source answers, but something is refused or degraded; `code` names the sentence."""

    t_ns: int
    source_id: str
    code: str
    arguments: tuple[tuple[str, str | float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueChanged:
    """How many jobs of a source run and wait."""

    t_ns: int
    source_id: str
    running: int
    pending: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IterationStarted:
    """A job began to run.

    The source leaves `iteration_id`, `clip_id` and `number` empty; the engine fills them before
    the event is logged, and takes the private texts out.
    """

    t_ns: int
    key: JobKey
    source_id: str
    extraction: Extraction
    where: Where = Where.LOCAL
    provider: str | None = None
    device_ids: tuple[str, ...] = ()
    parent: JobKey | None = None
    clip_name: str | None = None
    graph_json: str | None = None
    iteration_id: str = ""
    clip_id: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStarted:
    """A job entered a phase; the one before ends here."""

    t_ns: int
    key: JobKey
    phase: PhaseName


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """A sampler pass advanced. Coalesced, shown, never stored."""

    t_ns: int
    key: JobKey
    pass_index: int
    step: int
    steps: int
    node: str | None = None
    seconds_per_step: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionSeen:
    """The server said in what precision the model really runs."""

    t_ns: int
    key: JobKey
    precision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IterationEnded:
    """A job left the source. `start_ns` and `end_ns` are the source's own, mapped to our clock.

    None where the source never said; then the times we saw stand. `clock_bound_ns` bounds the
    mapping's error. `done` is what ran.
    """

    t_ns: int
    key: JobKey
    status: Status
    start_ns: int | None = None
    end_ns: int | None = None
    clock_bound_ns: int = 0
    cached: Cached = Cached.NO
    outputs: tuple[Output, ...] = ()
    done: Done = field(default_factory=Done)
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IterationBackfilled:
    """A job from before we ran, read from the source's history: settings and times, no watts."""

    t_ns: int
    key: JobKey
    source_id: str
    extraction: Extraction
    status: Status
    started_utc_ns: int | None
    ended_utc_ns: int | None
    cached: Cached = Cached.NO
    outputs: tuple[Output, ...] = ()
    where: Where = Where.LOCAL
    iteration_id: str = ""
    clip_id: str = ""
    number: int = 0


# ---- devices and clocks


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFound:
    """A device can be read."""

    t_ns: int
    device: Device


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLost:
    """A device can no longer be read; what follows is a gap."""

    t_ns: int
    device_id: str
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceGap:
    """Samples are missing between two times, and why.

    `reason` is "slept", "stalled" or a MeterFaultKind. The steady clock may stop while the machine
    sleeps: then the two times are close, and `slept_ns` says how long it was.
    """

    t_ns: int
    device_id: str
    until_ns: int
    reason: str
    slept_ns: int = 0


@dataclass(frozen=True, slots=True)
class DeviceUser:
    """A process that uses a device. `source_id` says which source it belongs to, empty if to none.

    `utilisation_pct` and `memory_bytes` are None where the driver does not tell them apart.
    """

    pid: int
    name: str = ""
    source_id: str = ""
    utilisation_pct: int | None = None
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceUsed:
    """Who uses a device from now on, until the next such event; nobody is no users.

    The sampler tells process ids; the engine fills names and sources, and logs a change only.
    """

    t_ns: int
    device_id: str
    users: tuple[DeviceUser, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockAnchored:
    """The three clocks read together; never rewrites a sample."""

    t_ns: int
    boottime_ns: int
    utc_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineDescribed:
    """What the user says of the computer, as it holds for a session.

    `scope` is what CO2e and cost shall cover. `psu` is the 80 PLUS class of the power supply,
    `psu_w` its rating in watts ("" and None where not known), `calibration` how the modelled
    power at the socket compared with a plug meter's.
    """

    t_ns: int
    scope: Scope = Scope.GPU
    psu: str = ""
    psu_w: float | None = None
    calibration: WallCalibration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDrawn:
    """What VidGreen itself drew since its session began; a later one replaces it."""

    t_ns: int
    energy_j: Range


# ---- sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted:
    """A sitting began."""

    t_ns: int
    session_id: str
    project_id: str
    kind: SessionKind
    utc_ns: int
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    """A sitting ended."""

    t_ns: int
    session_id: str
    ended_by: EndedBy
    utc_ns: int


SourceEvent = (
    SourceFound
    | SourceLost
    | SourceTroubled
    | QueueChanged
    | IterationStarted
    | PhaseStarted
    | StepDone
    | PrecisionSeen
    | IterationEnded
    | IterationBackfilled
)
DeviceEvent = (
    DeviceFound | DeviceLost | DeviceGap | DeviceUsed | ClockAnchored | MachineDescribed | OwnDrawn
)
SessionEvent = SessionStarted | SessionEnded
Event = SourceEvent | DeviceEvent | SessionEvent | UserEvent

# Shown while it lasts, never written to the log.
TRANSIENT = (StepDone, QueueChanged)

EVENT_TYPES: dict[str, type] = {kind.__name__: kind for kind in get_args(Event)}


@dataclass(frozen=True, slots=True)
class Logged:
    """An event as the log holds it: `seq` orders it for ever, `session_id` says whose it is."""

    seq: int
    run_id: str
    session_id: str | None
    event: Event


@dataclass(frozen=True, slots=True)
class Run:
    """One life of a recorder: ties its steady clock to boot time and to UTC.

    A sample's `t_ns` is steady nanoseconds since `steady_ns`; its UTC label is
    `utc_ns + t_ns`, corrected by later ClockAnchored events.
    """

    id: str
    boot_id: str
    steady_ns: int
    boottime_ns: int
    utc_ns: int
    app_version: str
    host: str
    closed: bool = False
