"""The state of the work: sessions, clips, iterations, sources, devices, and questions to it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from vidgreen_gui.model import events as ev
from vidgreen_gui.model.footprint import GridFactor, Tariff
from vidgreen_gui.model.power import Device
from vidgreen_gui.model.session import (
    Clip,
    Iteration,
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


class WorkState:
    """What is so. `utc_ns` labels steady times; `changed` holds what a commit has to store."""

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
        self.uses: dict[str, list[ev.DeviceUsed]] = {}
        self.working_on: str | None = None
        self.factor: GridFactor | None = None
        self.factors: list[GridFactor] = []
        self.tariff: Tariff | None = None
        self.described: ev.MachineDescribed | None = None
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

    # ---- changes

    def adopt(self, iteration: Iteration) -> None:
        """Know an iteration of an earlier sitting, so that it can be edited and numbered after."""
        self.iterations.setdefault(iteration.id, iteration)
        key = ev.JobKey(iteration.source_kind, iteration.external_id)
        self.by_key.setdefault(key, iteration.id)

    def put(self, iteration: Iteration) -> None:
        """Set an iteration's row."""
        self.iterations[iteration.id] = iteration
        self.changed.iterations.add(iteration.id)

    def put_clip(self, clip: Clip) -> None:
        """Set a clip's row."""
        self.clips[clip.id] = clip
        self.changed.clips.add(clip.id)

    def of_key(self, key: ev.JobKey) -> Iteration | None:
        """Return the iteration a source knows by `key`, None before it was placed."""
        return self.iterations.get(self.by_key.get(key, ""))
