"""Turns rows of energy into the facts of a session: what the window and the exports show."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from vidgreen_gui import __version__
from vidgreen_gui.accounting.share import METHOD_VERSION
from vidgreen_gui.accounting.sums import figure
from vidgreen_gui.engine.accounts import IDLE, OTHER, STANDBY
from vidgreen_gui.engine.coverage import (
    Covered,
    Meters,
    load_w,
    meters_of,
    of_iteration,
    of_rest,
)
from vidgreen_gui.engine.cumulative import cumulative_table
from vidgreen_gui.engine.differences import setting_changes
from vidgreen_gui.engine.host import is_gpu
from vidgreen_gui.engine.memo import Memo
from vidgreen_gui.engine.scopes import Pricing, fallback_notices, known_scopes
from vidgreen_gui.engine.totals import ClipSum, clip_sum, session_totals
from vidgreen_gui.model.advice import Verdict
from vidgreen_gui.model.events import MachineDescribed
from vidgreen_gui.model.facts import (
    DeviceEvidence,
    IterationFacts,
    Machine,
    PhaseFigure,
    PowerCurve,
    Progress,
    SessionFacts,
)
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.footprint import MISSING, Figure, Grade, GridFactor, Range, Scope, Tariff
from vidgreen_gui.model.power import Device
from vidgreen_gui.model.session import Clip, Iteration, Project, Session, SessionKind
from vidgreen_gui.model.units import s_from_ns, wh_from_j
from vidgreen_gui.store.batch import EnergyRow

# Two clocks that nobody set stay closer than this over any render.
_SLACK_S = 1.0
# A plug answers over the network, and its samples come once a second.
_TOLD_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionData:
    """All that a session's facts are computed from; `clip_of` follows merges.

    `phases_j` holds joules per phase of an iteration, `progress` and `expected_wh` are of the
    running ones. `described` is what was said of the machine. `utc_ns` labels steady times;
    `now_utc_ns` ends what has not ended. A `memo` that is given again and again spares what has
    not changed.
    """

    project: Project
    session: Session
    machine: Machine
    devices: tuple[Device, ...]
    iterations: tuple[Iteration, ...]
    clip_of: Callable[[str], Clip | None]
    rows: Sequence[EnergyRow]
    utc_ns: Callable[[int], int]
    now_utc_ns: int
    factor: GridFactor | None = None
    tariff: Tariff | None = None
    phases_j: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    progress: Mapping[str, Progress] = field(default_factory=dict)
    expected_wh: Mapping[str, Range] = field(default_factory=dict)
    verdicts: Mapping[str, tuple[Verdict, ...]] = field(default_factory=dict)
    curves: tuple[PowerCurve, ...] = ()
    self_wh: Figure = MISSING
    digest: str = ""
    notices: tuple[Notice, ...] = ()
    described: MachineDescribed | None = None
    evidence: tuple[DeviceEvidence, ...] = ()
    memo: Memo = field(default_factory=Memo)


def counted_devices(
    devices: Sequence[Device], iterations: Sequence[Iteration]
) -> tuple[Device, ...]:
    """Return the GPUs that ran a job, or all where none did yet."""
    ran = {device_id for iteration in iterations for device_id in iteration.device_ids}
    gpus = tuple(device for device in devices if is_gpu(device))
    return tuple(device for device in gpus if device.id in ran) or gpus


def session_facts(data: SessionData) -> SessionFacts:
    """Return the facts of a session."""
    rows: dict[str, list[EnergyRow]] = defaultdict(list)
    for row in data.rows:
        rows[row.owner].append(row)
    meters = _meters(data)
    covered = {i.id: _covered(data, i, rows.get(i.id, ()), meters) for i in data.iterations}
    judged = [covered[i.id] for i in data.iterations if _is_told(data, i)]
    known = known_scopes(meters, judged)
    wanted = meters.described.scope
    pricing = Pricing(wanted if wanted in known else Scope.GPU, data.factor, data.tariff)
    clips = _clips(data, covered, pricing)
    listed = tuple(clip.facts for clip in clips)
    idle, standby, other = _rest(data, rows, meters)
    began, ended_utc_ns = data.session.started_utc_ns, data.session.ended_utc_ns
    rest = tuple(figure(one.gpu) for one in (idle, standby, other))
    return SessionFacts(
        app_version=__version__,
        method_version=METHOD_VERSION,
        project=data.project,
        session=data.session,
        machine=data.machine,
        scope=pricing.scope,
        devices=data.devices,
        counted_device_ids=tuple(d.id for d in counted_devices(data.devices, data.iterations)),
        factors=() if data.factor is None else (data.factor,),
        tariff=data.tariff,
        clips=listed,
        idle_wh=rest[0],
        idle_host_wh=figure(idle.host),
        idle_wall_wh=figure(idle.wall),
        idle_co2e_g=pricing.co2e_g(idle),
        standby_wh=rest[1],
        standby_host_wh=figure(standby.host),
        standby_wall_wh=figure(standby.wall),
        standby_co2e_g=pricing.co2e_g(standby),
        other_wh=rest[2],
        other_host_wh=figure(other.host),
        other_wall_wh=figure(other.wall),
        other_co2e_g=pricing.co2e_g(other),
        self_wh=data.self_wh,
        totals=session_totals(clips, (idle, standby, other), pricing, known),
        curves=data.curves,
        cumulative=cumulative_table(
            listed, rest, began, ended_utc_ns or data.now_utc_ns, data.memo
        ),
        digest=data.digest,
        notices=(*data.notices, *(fallback_notices(wanted, pricing.scope) if judged else ())),
        described=data.described,
        evidence=data.evidence,
    )


def _is_told(data: SessionData, iteration: Iteration) -> bool:
    """Return whether an iteration is over, and long enough for slow meters to have answered."""
    if iteration.ended_utc_ns is None:
        return False
    if data.session.ended_utc_ns is not None:
        return True
    return s_from_ns(data.now_utc_ns - iteration.ended_utc_ns) >= _TOLD_S


def _meters(data: SessionData) -> Meters:
    # A file that was imported says of a device what it said, if anything.
    rows = data.rows if data.session.kind is SessionKind.IMPORTED else None
    inputs = (data.devices, data.described, rows)
    return data.memo.get("meters", inputs, lambda: meters_of(*inputs))


def _covered(
    data: SessionData, iteration: Iteration, rows: Sequence[EnergyRow], meters: Meters
) -> Covered:
    now_utc_ns = None if iteration.ended_utc_ns is not None else data.now_utc_ns

    def made() -> Covered:
        seconds = _duration_s(iteration, data.now_utc_ns, meters.gap_s(rows))
        return of_iteration(rows, meters, seconds)

    inputs = (iteration, tuple(rows), meters, now_utc_ns)
    return data.memo.get(("covered", iteration.id), inputs, made)


def _rest(
    data: SessionData, rows: Mapping[str, Sequence[EnergyRow]], meters: Meters
) -> tuple[Covered, Covered, Covered]:
    """Return what was used while idle, on standby, and by programs of others."""
    given_w = _free_load_w(data, rows, meters)
    idle, standby = (of_rest(rows.get(name, ()), meters, given_w) for name in (IDLE, STANDBY))
    return idle, standby, of_rest(rows.get(OTHER, ()), meters)


def _free_load_w(
    data: SessionData, rows: Mapping[str, Sequence[EnergyRow]], meters: Meters
) -> float | None:
    """Return the mean power of all devices while no job ran; None where nothing asks for it."""
    if not (meters.described.psu and meters.described.psu_w and meters.host_ids):
        return None
    ended_utc_ns = data.session.ended_utc_ns or data.now_utc_ns
    free_ns = ended_utc_ns - data.session.started_utc_ns
    reached_ns = data.session.started_utc_ns
    for iteration in sorted(data.iterations, key=lambda i: i.started_utc_ns or 0):
        began, ended = iteration.started_utc_ns, iteration.ended_utc_ns or ended_utc_ns
        if began is not None and ended > reached_ns:
            free_ns -= ended - max(began, reached_ns)
            reached_ns = ended
    used = (*rows.get(IDLE, ()), *rows.get(STANDBY, ()))
    behind = [row for row in used if row.device_id not in meters.wall_ids]
    return load_w(behind, s_from_ns(free_ns))


def _clips(
    data: SessionData, covered: Mapping[str, Covered], pricing: Pricing
) -> tuple[ClipSum, ...]:
    by_clip: dict[str, list[IterationFacts]] = {}
    clips: dict[str, Clip] = {}
    for iteration in sorted(data.iterations, key=lambda i: (i.started_utc_ns or 0, i.number)):
        clip = data.clip_of(iteration.clip_id)
        if clip is None:
            continue
        clips[clip.id] = clip
        listed = by_clip.setdefault(clip.id, [])
        before = listed[-1].iteration if listed else None
        listed.append(_iteration(data, iteration, before, covered[iteration.id], pricing))
    sums = []
    for clip_id, listed in by_clip.items():
        used = tuple(covered[facts.iteration.id] for facts in listed)
        inputs = (clips[clip_id], tuple(listed), used, pricing)
        sums.append(data.memo.get(("clip", clip_id), inputs, partial(clip_sum, *inputs)))
    return tuple(sums)


def _iteration(
    data: SessionData,
    iteration: Iteration,
    before: Iteration | None,
    covered: Covered,
    pricing: Pricing,
) -> IterationFacts:
    over = iteration.ended_utc_ns is not None
    inputs = (
        iteration,
        before,
        covered,
        pricing,
        data.phases_j.get(iteration.id),
        data.progress.get(iteration.id),
        data.expected_wh.get(iteration.id),
        data.verdicts.get(iteration.id, ()),
        None if over else data.now_utc_ns,
    )
    place = ("iteration", iteration.id)
    return data.memo.get(
        place, inputs, lambda: _made_iteration(data, iteration, before, covered, pricing)
    )


def _made_iteration(
    data: SessionData,
    iteration: Iteration,
    before: Iteration | None,
    covered: Covered,
    pricing: Pricing,
) -> IterationFacts:
    energy = figure(covered.gpu)
    return IterationFacts(
        iteration=iteration,
        energy_wh=energy,
        host_energy_wh=figure(covered.host),
        wall_energy_wh=figure(covered.wall),
        co2e_g=pricing.co2e_g(covered),
        cost=pricing.cost(covered),
        factor_ids=() if data.factor is None else (data.factor.id,),
        duration_s=_duration_s(iteration, data.now_utc_ns, covered.gap_s),
        phases=_phases(data, iteration, energy.grade),
        changes=setting_changes(before, iteration),
        first=before is None,
        progress=data.progress.get(iteration.id),
        expected_wh=data.expected_wh.get(iteration.id),
        gap_s=covered.gap_s,
        verdicts=data.verdicts.get(iteration.id, ()),
    )


def _duration_s(iteration: Iteration, now_utc_ns: int, gap_s: float) -> float | None:
    """Return how long an iteration took, until now where it still runs; None where unknown.

    The wall clock counts the time asleep, which the steady clock may not, but it may be set: a
    difference between the two that no gap explains is no time.
    """
    began, ended = iteration.started_utc_ns, iteration.ended_utc_ns
    if ended is None and iteration.start_ns is not None:
        ended = now_utc_ns
    if began is None or ended is None:
        return None
    by_wall_s = s_from_ns(ended - began)
    if iteration.start_ns is None or iteration.end_ns is None:
        return max(0.0, by_wall_s)
    steady_s = s_from_ns(iteration.end_ns - iteration.start_ns)
    explained = -_SLACK_S <= by_wall_s - steady_s <= gap_s + _SLACK_S
    return max(0.0, by_wall_s if explained else steady_s)


def _phases(data: SessionData, iteration: Iteration, grade: Grade) -> tuple[PhaseFigure, ...]:
    energies = data.phases_j.get(iteration.id, (None,) * len(iteration.phases))
    figures = []
    for phase, joules in zip(iteration.phases, energies, strict=False):
        began = data.utc_ns(phase.start_ns)
        took_ns = data.now_utc_ns - began
        if phase.end_ns is not None:
            took_ns = phase.end_ns - phase.start_ns
        energy = MISSING if joules is None else Figure(Range.exact(wh_from_j(joules)), grade)
        figures.append(PhaseFigure(phase.name, began, max(0.0, s_from_ns(took_ns)), energy))
    return tuple(figures)
