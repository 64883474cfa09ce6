"""Turns a session document back into rows and events of the store."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vidgreen_gui.exports.schema import ClipPart, FactorPart, IterationPart, SessionDocument
from vidgreen_gui.model.events import (
    DeviceFound,
    Event,
    Logged,
    MachineDescribed,
    Run,
    SessionEnded,
    SessionStarted,
)
from vidgreen_gui.model.footprint import GridFactor, Scope, Tariff
from vidgreen_gui.model.learnt import WallCalibration
from vidgreen_gui.model.power import Device, Sensor
from vidgreen_gui.model.session import (
    Clip,
    EndedBy,
    Iteration,
    Output,
    Project,
    Session,
    SessionKind,
    Status,
)
from vidgreen_gui.model.units import WH_PER_KWH, ns_from_s, utc_ns_from_datetime
from vidgreen_gui.model.user_events import FactorChosen, TariffChosen
from vidgreen_gui.store.batch import Batch, PrivateText
from vidgreen_gui.verbs.imported_energy import OUTSIDE, energy_rows


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has: ids, the keys of iterations, and the project a name stands for."""

    iteration_ids: frozenset[str]
    iteration_keys: frozenset[tuple[str, str]]
    clip_ids: frozenset[str]
    project: Callable[[str, str], Project]


def run_of(document: SessionDocument) -> Run:
    """Return a closed run whose clock starts with the session; its samples stayed where it ran."""
    return Run(
        id=uuid.uuid4().hex,
        boot_id="",
        steady_ns=0,
        boottime_ns=0,
        utc_ns=utc_ns_from_datetime(document.session.started_at),
        app_version=document.app_version,
        host=document.machine.name,
        closed=True,
    )


def rows_of(document: SessionDocument, run: Run, known: Known, first_seq: int) -> Batch:
    """Return the session and those of its iterations that `known` does not have."""
    session = _session(document, run, known)
    new = list(_new(document, known))
    used = {clip.id: clip for clip, _part in new}
    return Batch(
        run_id=run.id,
        events=tuple(
            Logged(first_seq + index, run.id, session.id, event)
            for index, event in enumerate(_events(document, session, run))
        ),
        projects=(known.project(document.project.id, document.project.name),),
        sessions=(session,),
        clips=tuple(
            Clip(id=clip.id, project_id=session.project_id, name=clip.name)
            for clip in used.values()
            if clip.id not in known.clip_ids
        ),
        iterations=tuple(_iteration(part, clip.id, session, run) for clip, part in new),
        energies=tuple(energy_rows(document, session, [part for _clip, part in new])),
        private=tuple(
            PrivateText(iteration_id=part.id, texts=part.prompts, graph_json=None)
            for _clip, part in new
            if part.prompts
        ),
    )


def _new(document: SessionDocument, known: Known) -> Iterator[tuple[ClipPart, IterationPart]]:
    """Return the iterations whose id and key are both unknown, each once."""
    ids, keys = {*known.iteration_ids, *OUTSIDE}, set(known.iteration_keys)
    for clip in document.clips:
        for part in clip.iterations:
            key = (part.source, part.external_id)
            if part.id not in ids and key not in keys:
                yield clip, part
            ids.add(part.id)
            keys.add(key)


def _session(document: SessionDocument, run: Run, known: Known) -> Session:
    """Return the session as an imported one; one that was running ends where the file ends."""
    part = document.session
    ended = part.ended_at
    if ended is None:
        times = [
            moment
            for clip in document.clips
            for one in clip.iterations
            for moment in (one.started_at, one.ended_at)
            if moment is not None
        ]
        ended = max(times, default=part.started_at)
    return Session(
        id=part.id,
        project_id=known.project(document.project.id, document.project.name).id,
        kind=SessionKind.IMPORTED,
        run_id=run.id,
        started_utc_ns=run.utc_ns,
        title=part.title,
        ended_utc_ns=utc_ns_from_datetime(ended),
        ended_by=part.ended_by or EndedBy.INTERRUPTED,
    )


def _events(document: SessionDocument, session: Session, run: Run) -> Iterator[Event]:
    yield SessionStarted(
        t_ns=0,
        session_id=session.id,
        project_id=session.project_id,
        kind=session.kind,
        utc_ns=session.started_utc_ns,
        title=session.title,
    )
    for part in document.devices:
        device = Device(
            id=part.id,
            name=part.name,
            uuid=part.uuid,
            meter=part.meter,
            grade=part.grade,
            has_counter=False,
            kind=part.kind,
            sensor=None if part.gain is None else Sensor(gain=part.gain),
            reads=tuple((read.quantity, read.from_) for read in part.reads),
        )
        yield DeviceFound(t_ns=0, device=device)
    if (described := _described(document)) != MachineDescribed(t_ns=0):
        yield described
    for factor in document.factors:
        yield FactorChosen(t_ns=0, factor=_factor(factor))
    if tariff := _tariff(document):
        yield TariffChosen(t_ns=0, tariff=tariff)
    ended = session.ended_utc_ns or session.started_utc_ns
    yield SessionEnded(
        t_ns=max(0, ended - run.utc_ns),
        session_id=session.id,
        ended_by=session.ended_by or EndedBy.INTERRUPTED,
        utc_ns=ended,
    )


def _described(document: SessionDocument) -> MachineDescribed:
    supply, scope = document.supply, document.session.scope
    if supply is None:
        return MachineDescribed(t_ns=0, scope=scope)
    known = supply.calibration
    return MachineDescribed(
        t_ns=0,
        scope=scope,
        psu=supply.psu or "",
        psu_w=supply.rating_w,
        calibration=None
        if known is None
        else WallCalibration(
            plug_id="",
            plug_name=known.plug,
            factor=known.factor,
            seconds=known.duration_s,
            measured_utc_ns=utc_ns_from_datetime(known.measured_at),
        ),
    )


def _factor(part: FactorPart) -> GridFactor:
    return GridFactor(
        id=part.id,
        zone=part.zone,
        zone_name=part.zone,
        g_per_kwh=part.g_per_kwh,
        basis=part.basis,
        source=part.source,
        year=part.year,
        licence=part.licence,
        from_utc_ns=None if part.from_ is None else utc_ns_from_datetime(part.from_),
        to_utc_ns=None if part.to is None else utc_ns_from_datetime(part.to),
    )


def _tariff(document: SessionDocument) -> Tariff | None:
    """Return the price that the totals imply; the file holds sums only."""
    cost, energy_wh = document.totals.cost, _priced_wh(document)
    if cost.amount is None or cost.currency is None or energy_wh <= 0:
        return None
    return Tariff(cost.amount / energy_wh * WH_PER_KWH, cost.currency)


def _priced_wh(document: SessionDocument) -> float:
    """Return the energy that the total cost is the cost of."""
    totals = document.totals
    counted = {
        Scope.GPU: (totals.energy_wh,),
        Scope.MACHINE: (totals.energy_wh, totals.host_energy_wh),
        Scope.WALL: (totals.wall_energy_wh,),
    }[document.session.scope]
    return sum(one.best for one in counted if one is not None)


def _iteration(part: IterationPart, clip_id: str, session: Session, run: Run) -> Iteration:
    return Iteration(
        id=part.id,
        source_kind=part.source,
        external_id=part.external_id,
        session_id=session.id,
        clip_id=clip_id,
        number=part.number,
        source_id=part.source,
        run_id=run.id,
        # What ran when the file was written is not known to have ended.
        status=Status.UNKNOWN if part.status is Status.RUNNING else part.status,
        where=part.where,
        provider=part.provider,
        parent_id=part.parent_id,
        device_ids=part.device_ids,
        started_utc_ns=None if part.started_at is None else utc_ns_from_datetime(part.started_at),
        ended_utc_ns=_end(part),
        kept=part.kept,
        seconds_used=part.seconds_used,
        cached=part.cached,
        settings=part.settings,
        done=part.done,
        outputs=tuple(Output(name) for name in part.outputs),
    )


def _end(part: IterationPart) -> int | None:
    if part.ended_at is not None:
        return utc_ns_from_datetime(part.ended_at)
    if part.started_at is None or part.duration_s is None:
        return None
    return utc_ns_from_datetime(part.started_at) + ns_from_s(part.duration_s)
