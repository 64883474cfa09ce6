"""Turns rows of energy into the facts of a session: what the window and the exports show."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vidgreen_gui import __version__
from vidgreen_gui.accounting.footprint import Sum, co2e_g, combine, cost
from vidgreen_gui.accounting.share import METHOD_VERSION
from vidgreen_gui.engine.accounts import IDLE, OTHER, STANDBY
from vidgreen_gui.engine.cumulative import cumulative_table
from vidgreen_gui.engine.differences import setting_changes
from vidgreen_gui.engine.memo import Memo
from vidgreen_gui.model.advice import Verdict
from vidgreen_gui.model.facts import (
    ClipFacts,
    IterationFacts,
    Machine,
    PhaseFigure,
    PowerCurve,
    Progress,
    SessionFacts,
    Totals,
)
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.footprint import MISSING, Figure, Grade, GridFactor, Range, Scope, Tariff
from vidgreen_gui.model.power import Device
from vidgreen_gui.model.session import Clip, Iteration, Project, Session
from vidgreen_gui.model.units import s_from_ns, wh_from_j
from vidgreen_gui.store.batch import EnergyRow

# Two clocks that nobody set stay closer than this over any render.
_SLACK_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionData:
    """All that a session's facts are computed from; `clip_of` follows merges.

    `phases_j` holds joules per phase of an iteration, `progress` and `expected_wh` are of the
    running ones. `utc_ns` labels steady times; `now_utc_ns` ends what has not ended. A `memo` that
    is given again and again spares what has not changed.
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
    memo: Memo = field(default_factory=Memo)


def counted_devices(
    devices: Sequence[Device], iterations: Sequence[Iteration]
) -> tuple[Device, ...]:
    """Return the devices that ran a job, or all where none did yet."""
    ran = {device_id for iteration in iterations for device_id in iteration.device_ids}
    return tuple(device for device in devices if device.id in ran) or tuple(devices)


def session_facts(data: SessionData) -> SessionFacts:
    """Return the facts of a session."""
    rows: dict[str, list[EnergyRow]] = defaultdict(list)
    for row in data.rows:
        rows[row.owner].append(row)
    clips = _clips(data, rows)
    idle, standby, other = (_figure(rows.get(name, ())) for name in (IDLE, STANDBY, OTHER))
    totals = _totals(data, clips, (idle, standby, other), rows)
    began, ended = data.session.started_utc_ns, data.session.ended_utc_ns or data.now_utc_ns
    return SessionFacts(
        app_version=__version__,
        method_version=METHOD_VERSION,
        project=data.project,
        session=data.session,
        machine=data.machine,
        scope=Scope.GPU,
        devices=data.devices,
        counted_device_ids=tuple(d.id for d in counted_devices(data.devices, data.iterations)),
        factors=() if data.factor is None else (data.factor,),
        tariff=data.tariff,
        clips=clips,
        idle_wh=idle,
        idle_co2e_g=co2e_g(idle, data.factor),
        standby_wh=standby,
        standby_co2e_g=co2e_g(standby, data.factor),
        other_wh=other,
        other_co2e_g=co2e_g(other, data.factor),
        self_wh=data.self_wh,
        totals=totals,
        curves=data.curves,
        cumulative=cumulative_table(clips, (idle, standby, other), began, ended, data.memo),
        digest=data.digest,
        notices=data.notices,
    )


def _clips(data: SessionData, rows: Mapping[str, Sequence[EnergyRow]]) -> tuple[ClipFacts, ...]:
    by_clip: dict[str, list[IterationFacts]] = {}
    clips: dict[str, Clip] = {}
    for iteration in sorted(data.iterations, key=lambda i: (i.started_utc_ns or 0, i.number)):
        clip = data.clip_of(iteration.clip_id)
        if clip is None:
            continue
        clips[clip.id] = clip
        listed = by_clip.setdefault(clip.id, [])
        before = listed[-1].iteration if listed else None
        listed.append(_iteration(data, iteration, before, rows.get(iteration.id, ())))
    return tuple(
        _clip(data.memo, clips[clip_id], tuple(listed)) for clip_id, listed in by_clip.items()
    )


def _clip(memo: Memo, clip: Clip, iterations: tuple[IterationFacts, ...]) -> ClipFacts:
    inputs = (clip, iterations)
    return memo.get(("clip", clip.id), inputs, lambda: _made_clip(clip, iterations))


def _made_clip(clip: Clip, iterations: tuple[IterationFacts, ...]) -> ClipFacts:
    return ClipFacts(
        clip=clip,
        iterations=iterations,
        energy_wh=sum_up(i.energy_wh for i in iterations),
        co2e_g=sum_up(i.co2e_g for i in iterations),
        cost=sum_up(i.cost for i in iterations),
    )


def _iteration(
    data: SessionData,
    iteration: Iteration,
    before: Iteration | None,
    rows: Sequence[EnergyRow],
) -> IterationFacts:
    over = iteration.ended_utc_ns is not None
    inputs = (
        iteration,
        before,
        tuple(rows),
        data.factor,
        data.tariff,
        data.phases_j.get(iteration.id),
        data.progress.get(iteration.id),
        data.expected_wh.get(iteration.id),
        data.verdicts.get(iteration.id, ()),
        None if over else data.now_utc_ns,
    )
    place = ("iteration", iteration.id)
    return data.memo.get(place, inputs, lambda: _made_iteration(data, iteration, before, rows))


def _made_iteration(
    data: SessionData,
    iteration: Iteration,
    before: Iteration | None,
    rows: Sequence[EnergyRow],
) -> IterationFacts:
    energy = _figure(rows)
    gap_s = sum(row.gap_s for row in rows)
    return IterationFacts(
        iteration=iteration,
        energy_wh=energy,
        co2e_g=co2e_g(energy, data.factor),
        cost=cost(energy, data.tariff),
        factor_ids=() if data.factor is None else (data.factor.id,),
        duration_s=_duration_s(iteration, data.now_utc_ns, gap_s),
        phases=_phases(data, iteration, energy.grade),
        changes=setting_changes(before, iteration),
        first=before is None,
        progress=data.progress.get(iteration.id),
        expected_wh=data.expected_wh.get(iteration.id),
        gap_s=gap_s,
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


def _figure(rows: Sequence[EnergyRow]) -> Figure:
    """Return the energy of rows in Wh; simulated rows count only where there are no others."""
    return sum_up(
        Figure(Range(row.energy_j, row.low_j, row.high_j).scaled(wh_from_j(1.0)), Grade(row.grade))
        for row in rows
        if row.grade != Grade.MISSING
    )


def sum_up(figures: Iterable[Figure]) -> Figure:
    """Return the sum of figures; simulated ones only where there are no others."""
    total = combine(figures)
    return total.simulated if total.figure.range is None else total.figure


def _counted(total: Sum, wholly_simulated: bool) -> Figure:
    return total.simulated if wholly_simulated else total.figure


def _totals(
    data: SessionData,
    clips: Sequence[ClipFacts],
    rest: Sequence[Figure],
    rows: Mapping[str, Sequence[EnergyRow]],
) -> Totals:
    iterations = [facts for clip in clips for facts in clip.iterations]
    total = combine((*(facts.energy_wh for facts in iterations), *rest))
    wholly_simulated = total.figure.range is None
    energy = _counted(total, wholly_simulated)
    marked = {
        kept: _counted(
            combine(f.energy_wh for f in iterations if f.iteration.kept is kept), wholly_simulated
        )
        for kept in (True, False, None)
    }
    return Totals(
        energy_wh=energy,
        co2e_g=co2e_g(energy, data.factor),
        cost=cost(energy, data.tariff),
        iterations=len(iterations),
        kept_energy_wh=marked[True],
        discarded_energy_wh=marked[False],
        undecided_energy_wh=marked[None],
        simulated_energy_wh=total.simulated,
        measured_share=0.0 if wholly_simulated and energy.range else total.measured_share,
        gap_s=sum(row.gap_s for listed in rows.values() for row in listed),
        grade=energy.grade,
    )
