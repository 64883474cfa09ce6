"""What the window, the command line and the exports are shown: computed, frozen, complete."""

from array import array
from dataclasses import dataclass, field

from vidgreen_gui.model.advice import Suggestion, Verdict
from vidgreen_gui.model.events import DeviceUser, MachineDescribed
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.footprint import MISSING, Figure, Grade, GridFactor, Range, Scope, Tariff
from vidgreen_gui.model.learnt import IdleLevels
from vidgreen_gui.model.power import Device, DeviceKind
from vidgreen_gui.model.session import Clip, Iteration, PhaseName, Project, Session


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One setting that differs from the iteration before in the same clip."""

    name: str
    before: str | float | None
    after: str | float | None


@dataclass(frozen=True, slots=True)
class PhaseFigure:
    """A phase with its UTC label, its length and its energy."""

    name: PhaseName
    start_utc_ns: int
    duration_s: float
    energy: Figure = MISSING


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running iteration is; `fraction` counts evaluations done over planned."""

    step: int
    steps: int
    pass_index: int = 0
    fraction: float | None = None
    finish_utc_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IterationFacts:
    """An iteration with all that was computed for it. Energies in Wh, CO2e in g.

    `prompts` are the user's own words: filled only where a private export asked for them.
    """

    iteration: Iteration
    energy_wh: Figure = MISSING
    host_energy_wh: Figure = MISSING
    wall_energy_wh: Figure = MISSING
    co2e_g: Figure = MISSING
    cost: Figure = MISSING
    factor_ids: tuple[str, ...] = ()
    duration_s: float | None = None
    phases: tuple[PhaseFigure, ...] = ()
    changes: tuple[SettingChange, ...] = ()
    first: bool = False
    progress: Progress | None = None
    expected_wh: Range | None = None
    gap_s: float = 0.0
    verdicts: tuple[Verdict, ...] = ()
    prompts: tuple[str, ...] = ()

    @property
    def wh_per_second(self) -> float | None:
        """Return the best energy in Wh per second of finished video, None where unknown."""
        seconds = self.iteration.settings.seconds
        if self.energy_wh.best is None or not seconds:
            return None
        return self.energy_wh.best / seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFacts:
    """A clip of this session with its iterations in order of start."""

    clip: Clip
    iterations: tuple[IterationFacts, ...]
    energy_wh: Figure = MISSING
    co2e_g: Figure = MISSING
    cost: Figure = MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums of a session; `measured_share` is the measured part of all energy known, 0 to 1."""

    energy_wh: Figure = MISSING
    host_energy_wh: Figure = MISSING
    wall_energy_wh: Figure = MISSING
    co2e_g: Figure = MISSING
    cost: Figure = MISSING
    iterations: int = 0
    kept_energy_wh: Figure = MISSING
    discarded_energy_wh: Figure = MISSING
    undecided_energy_wh: Figure = MISSING
    simulated_energy_wh: Figure = MISSING
    measured_share: float | None = None
    gap_s: float = 0.0
    grade: Grade = Grade.MISSING

    @property
    def discarded_share(self) -> float | None:
        """Return the discarded part of the iterations' energy, 0 to 1.

        None while more than a fifth of that energy is undecided: the share would mislead.
        """
        undecided = self.undecided_share
        if undecided is None or undecided > 0.2:
            return None
        return (self.discarded_energy_wh.best or 0.0) / self._iterations_wh

    @property
    def undecided_share(self) -> float | None:
        """Return the undecided part of the iterations' energy, 0 to 1; None without energy."""
        if self._iterations_wh <= 0.0:
            return None
        return (self.undecided_energy_wh.best or 0.0) / self._iterations_wh

    @property
    def _iterations_wh(self) -> float:
        marked = (self.kept_energy_wh, self.discarded_energy_wh, self.undecided_energy_wh)
        return sum(figure.best or 0.0 for figure in marked)


@dataclass(frozen=True, slots=True)
class PowerCurve:
    """A device's power over time, as columns of equal length: UTC ms, min, mean and max in mW.

    A column with no sample has -1 in all three.
    """

    device_id: str
    t_utc_ms: "array[int]" = field(default_factory=lambda: array("q"))
    min_mw: "array[int]" = field(default_factory=lambda: array("q"))
    mean_mw: "array[int]" = field(default_factory=lambda: array("q"))
    max_mw: "array[int]" = field(default_factory=lambda: array("q"))


@dataclass(frozen=True, slots=True)
class CumulativeTable:
    """Cumulative energy in Wh: a row of times (UTC ms), and one column per clip id and "idle"."""

    t_utc_ms: "array[int]" = field(default_factory=lambda: array("q"))
    owners: tuple[str, ...] = ()
    energy_wh: tuple["array[float]", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The computer it ran on."""

    name: str
    os: str
    cpu: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEvidence:
    """How well a device was read in a session.

    `gap_s` is how long it did not answer, `counter_ratio` its counter's energy over its integrated
    power, None where it has no counter. `others` are the programs of others that kept it busy:
    private names.
    """

    device_id: str
    gap_s: float = 0.0
    counter_ratio: float | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """A session as it is exported: everything a reader needs, and nothing private.

    `scope` is what every CO2e and cost in it covers. `notices` say what to know of its
    measurements beside their grades; `described` is what the user said of the computer.
    """

    app_version: str
    method_version: int
    project: Project
    session: Session
    machine: Machine
    scope: Scope
    devices: tuple[Device, ...]
    counted_device_ids: tuple[str, ...]
    factors: tuple[GridFactor, ...]
    tariff: Tariff | None
    clips: tuple[ClipFacts, ...]
    idle_wh: Figure
    idle_co2e_g: Figure
    standby_wh: Figure
    standby_co2e_g: Figure
    other_wh: Figure
    other_co2e_g: Figure
    self_wh: Figure
    totals: Totals
    curves: tuple[PowerCurve, ...] = ()
    cumulative: CumulativeTable = field(default_factory=CumulativeTable)
    digest: str = ""
    notices: tuple[Notice, ...] = ()
    idle_host_wh: Figure = MISSING
    idle_wall_wh: Figure = MISSING
    standby_host_wh: Figure = MISSING
    standby_wall_wh: Figure = MISSING
    other_host_wh: Figure = MISSING
    other_wall_wh: Figure = MISSING
    described: MachineDescribed | None = None
    evidence: tuple[DeviceEvidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session in a list: what is known of it without reading its samples."""

    session: Session
    project: Project
    iterations: int
    energy_wh: Figure = MISSING
    co2e_g: Figure = MISSING
    measured_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceNow:
    """A device this second; `power_mw` None while it cannot be read.

    `since_utc_ns` is when it was found, `samples_per_s` how often it answered of late, `gap_s` how
    long it did not since then. `users` are the processes on it, None where that cannot be seen.
    """

    device: Device
    power_mw: int | None
    counted: bool
    power_limit_mw: int | None = None
    temperature_c: int | None = None
    utilisation_pct: int | None = None
    fault: Notice | None = None
    since_utc_ns: int | None = None
    samples_per_s: float | None = None
    gap_s: float = 0.0
    users: tuple[DeviceUser, ...] | None = None
    idle: IdleLevels | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNow:
    """A source this second: state is "found", "lost", "looking" or "troubled"."""

    id: str
    kind: str
    label: str
    state: str
    running: int = 0
    pending: int = 0
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSnapshot:
    """All that the window shows at one moment; the newest replaces the one before.

    `t_ns` is the run's steady clock at `utc_ns`. `session` is None before the first job.
    `revision` grows when anything but the power readings changed. `role` is "recorder" or
    "viewer"; `simulated_why` is a sentence code when the watts are invented. `self_how` says how
    `self_w`, our own draw, is known.
    """

    t_ns: int
    utc_ns: int
    revision: int
    role: str
    devices: tuple[DeviceNow, ...] = ()
    sources: tuple[SourceNow, ...] = ()
    factor: GridFactor | None = None
    tariff: Tariff | None = None
    session: SessionFacts | None = None
    running_ids: tuple[str, ...] = ()
    working_on: str | None = None
    clips: tuple[Clip, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    suggestions_for: str | None = None
    notices: tuple[Notice, ...] = ()
    self_w: float | None = None
    self_how: Notice | None = None
    dropped: int = 0
    simulated_why: str | None = None
    can_undo: bool = False
    can_redo: bool = False
    recording: bool = True

    @property
    def gpus(self) -> tuple[DeviceNow, ...]:
        """Return the graphics cards: the devices that "now" and `energy_wh` are about."""
        return tuple(now for now in self.devices if now.device.kind is DeviceKind.GPU)
