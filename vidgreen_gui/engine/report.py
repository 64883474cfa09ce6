"""A whole session from the store: everything is computed again from its log and its samples."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vidgreen_gui.accounting.curve import Asleep, EnergyCurve, Ints
from vidgreen_gui.engine.accounts import (
    Span,
    disagrees,
    energy_rows,
    graded,
    half_hour_edges,
    phase_energies_j,
    seen_until,
)
from vidgreen_gui.engine.figures import SessionData, counted_devices, session_facts
from vidgreen_gui.engine.hardware import this_machine
from vidgreen_gui.engine.host import beside_gpus, windows_of
from vidgreen_gui.engine.notices import counter_notice
from vidgreen_gui.engine.own_draw import drawn_in
from vidgreen_gui.engine.sensing import curve_of, job_edges
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.engine.uses import uses_of
from vidgreen_gui.model.events import (
    ClockAnchored,
    DeviceFound,
    DeviceGap,
    DeviceUsed,
    Logged,
    MachineDescribed,
    SessionEnded,
    SessionStarted,
)
from vidgreen_gui.model.facts import DeviceEvidence, PowerCurve, SessionFacts, Totals
from vidgreen_gui.model.faults import InputFault, Notice
from vidgreen_gui.model.footprint import GridFactor, Tariff
from vidgreen_gui.model.power import Device
from vidgreen_gui.model.session import Clip, Iteration, Project, Session, SessionKind
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S
from vidgreen_gui.model.user_events import FactorChosen, TariffChosen
from vidgreen_gui.store.batch import EnergyRow
from vidgreen_gui.store.queries import Reader

CURVE_COLUMNS = 1200
# More than a sensor lags and smears.
_BEYOND_NS = 10 * NS_PER_S
_FOREVER_NS = 2**63 - 1
# In a shorter session the lag of one power reading passes for a counter that disagrees.
_JUDGED_NS = 60 * NS_PER_S


def find_session(reader: Reader, wanted: str) -> Session:
    """Return the session of that id, or for "last" the latest with an iteration, else the latest.

    Raise InputFault where there is none.
    """
    if wanted != "last":
        if (session := reader.session(wanted)) is not None:
            return session
        raise InputFault("fault.engine.no_such_session", session=wanted)
    rows = reader.sessions()
    for row in rows:
        if row.iterations:
            return row.session
    if not rows:
        raise InputFault("fault.engine.no_session")
    return rows[0].session


@dataclass(frozen=True, slots=True)
class _Stored:
    """A session as it lies in the store, before anything is computed."""

    session: Session
    events: tuple[Logged, ...]
    iterations: tuple[Iteration, ...]
    devices: tuple[Device, ...]
    counted: tuple[Device, ...]
    beside: tuple[Device, ...]
    times: TimeMap
    span_ns: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Energy:
    rows: tuple[EnergyRow, ...]
    phases_j: dict[str, tuple[float | None, ...]]
    notices: tuple[Notice, ...] = ()
    evidence: tuple[DeviceEvidence, ...] = ()


def session_report(reader: Reader, session: Session) -> SessionFacts:
    """Return the facts of a stored session, with its power curves and its digest."""
    stored = _read(reader, session)
    curves = tuple(
        power_curve(reader, session.run_id, device.id, stored.span_ns, stored.times)
        for device in stored.counted
    )
    digest = reader.digest(session.id)
    return _facts(reader, stored, _account(reader, stored), curves, digest)


def session_totals(reader: Reader, session: Session) -> Totals:
    """Return the totals of a stored session from its stored energy, without its samples."""
    energy = _Energy(reader.energies(session.id), {})
    return _facts(reader, _read(reader, session), energy).totals


def _facts(
    reader: Reader,
    stored: _Stored,
    energy: _Energy,
    curves: tuple[PowerCurve, ...] = (),
    digest: str = "",
) -> SessionFacts:
    session = stored.session
    projects = {project.id: project for project in reader.projects()}
    clips = {clip.id: clip for clip in reader.clips(session.project_id)}
    factor, tariff = _choices(stored.events)
    return session_facts(
        SessionData(
            project=projects.get(session.project_id, Project(session.project_id, "")),
            session=session,
            machine=this_machine(),
            devices=stored.devices,
            iterations=stored.iterations,
            clip_of=lambda clip_id: _shown(clips, clip_id),
            rows=energy.rows,
            utc_ns=stored.times.utc_ns,
            now_utc_ns=stored.times.utc_ns(stored.span_ns[1]),
            factor=factor,
            tariff=tariff,
            phases_j=energy.phases_j,
            notices=energy.notices,
            evidence=energy.evidence,
            described=described(stored.events),
            self_wh=drawn_in(stored.events),
            curves=curves,
            digest=digest,
        )
    )


def session_energy(reader: Reader, session: Session) -> tuple[EnergyRow, ...]:
    """Return the energy rows of a stored session, computed again from its samples."""
    return _account(reader, _read(reader, session)).rows


def _read(reader: Reader, session: Session) -> _Stored:
    events = reader.events(session.id)
    run = next((run for run in reader.runs() if run.id == session.run_id), None)
    if run is None:
        raise InputFault("fault.engine.no_such_session", session=session.id)
    iterations = reader.iterations(session.id)
    devices = tuple(_devices(events).values())
    anchors = [logged.event for logged in events if isinstance(logged.event, ClockAnchored)]
    if anchors:
        # The wall clock may have stepped between the run's start and the session's.
        run = replace(run, utc_ns=anchors[0].utc_ns - anchors[0].t_ns)
    times = TimeMap(run)
    for anchor in anchors:
        times.anchor(anchor)
    imported = session.kind is SessionKind.IMPORTED
    counted = () if imported else counted_devices(devices, iterations)
    beside = () if imported else beside_gpus(devices)
    span_ns = _span(session, events, iterations, times)
    if session.ended_utc_ns is None:
        span_ns = span_ns[0], _last_sample_ns(reader, session, counted, span_ns[1])
    return _Stored(session, events, iterations, devices, counted, beside, times, span_ns)


def _account(reader: Reader, stored: _Stored) -> _Energy:
    session, (start_ns, end_ns) = stored.session, stored.span_ns
    # What an imported session used was measured elsewhere: its rows are all there is.
    imported = session.kind is SessionKind.IMPORTED
    rows = list(reader.energies(session.id)) if imported else []
    phases: dict[str, tuple[float | None, ...]] = {}
    notices: list[Notice] = []
    evidence: list[DeviceEvidence] = []
    for device in (*stored.counted, *stored.beside):
        windows = windows_of(device, stored.iterations, end_ns)
        curve = _curve(reader, stored, device, job_edges(windows, end_ns))
        ratio = curve.reconciliation if end_ns - start_ns >= _JUDGED_NS else None
        if ratio is not None and disagrees(ratio):
            notices.append(counter_notice(device, ratio))
        last_ns = max(start_ns, seen_until(curve.t_ns, end_ns))
        edges = half_hour_edges(start_ns, last_ns, stored.times)
        used = tuple(event for event in _told(stored.events) if event.device_id == device.id)
        uses = uses_of(device.id, used, stored.iterations)
        rows += energy_rows(
            Span(session.id, device, curve, windows, edges, uses=uses), stored.times
        )
        for iteration in stored.iterations:
            if device.id in iteration.device_ids:
                energies = phase_energies_j(curve, windows, iteration, uses)
                phases[iteration.id] = _added(phases.get(iteration.id), energies)
        shared = any(use.foreign for use in uses)
        evidence.append(
            DeviceEvidence(
                device_id=device.id,
                gap_s=float(curve.gap_s(start_ns, last_ns)),
                counter_ratio=ratio,
                others=_others(used) if shared else (),
            )
        )
    return _Energy(graded(rows, stored.iterations), phases, tuple(notices), tuple(evidence))


def _told(events: Iterable[Logged]) -> Iterator[DeviceUsed]:
    return (logged.event for logged in events if isinstance(logged.event, DeviceUsed))


def _others(events: Iterable[DeviceUsed]) -> tuple[str, ...]:
    """Return the names of the programs that kept a device busy for nobody's job."""
    busy = (user for event in events for user in event.users if user.utilisation_pct)
    return tuple(dict.fromkeys(user.name for user in busy if not user.source_id))


def power_curve(
    reader: Reader, run_id: str, device_id: str, span_ns: tuple[int, int], times: TimeMap
) -> PowerCurve:
    """Return a device's power over a span in at most CURVE_COLUMNS columns, labelled with UTC.

    A column is no narrower than a second, the slowest sampling: an empty one is a gap.
    """
    columns = max(2, min(CURVE_COLUMNS, (span_ns[1] - span_ns[0]) // NS_PER_S))
    found = reader.envelope(run_id, device_id, *span_ns, columns)
    if found is None:
        return PowerCurve(device_id)
    empty = found.count == 0
    starts = found.start_ns + np.arange(len(found.count), dtype=np.int64) * found.width_ns
    mean = found.sum_mw // np.maximum(found.count, 1)
    return PowerCurve(
        device_id,
        array("q", [times.utc_ns(t) // NS_PER_MS for t in starts.tolist()]),
        array("q", np.where(empty, -1, found.low_mw).tolist()),
        array("q", np.where(empty, -1, mean).tolist()),
        array("q", np.where(empty, -1, found.high_mw).tolist()),
    )


def _asleep(stored: _Stored, device: Device) -> tuple[Asleep, ...]:
    gaps = (logged.event for logged in stored.events if isinstance(logged.event, DeviceGap))
    return tuple(
        Asleep(gap.t_ns, gap.until_ns, gap.slept_ns)
        for gap in gaps
        if gap.device_id == device.id and gap.slept_ns
    )


def _curve(reader: Reader, stored: _Stored, device: Device, edges_ns: Ints) -> EnergyCurve:
    # Samples beyond each end, so that the ends themselves lie between two.
    span_ns = stored.span_ns[0] - _BEYOND_NS, stored.span_ns[1] + _BEYOND_NS
    power = reader.power(stored.session.run_id, device.id, *span_ns)
    counter = reader.counter(stored.session.run_id, device.id, *span_ns)
    return curve_of(
        device,
        (power.t_ns, power.value, power.period_ns),
        (counter.t_ns, counter.value),
        _asleep(stored, device),
        edges_ns,
    )


def _span(
    session: Session, events: Sequence[Logged], iterations: Iterable[Iteration], times: TimeMap
) -> tuple[int, int]:
    start_ns = times.steady_ns(session.started_utc_ns)
    end_ns = times.steady_ns(session.ended_utc_ns) if session.ended_utc_ns else start_ns
    for logged in events:
        if isinstance(logged.event, SessionStarted):
            start_ns = logged.event.t_ns
        elif isinstance(logged.event, SessionEnded):
            end_ns = logged.event.t_ns
        elif session.ended_utc_ns is None:
            end_ns = max(end_ns, logged.event.t_ns)
    own = [i for i in iterations if i.run_id == session.run_id]
    begun = [i.start_ns for i in own if i.start_ns is not None]
    ended = [i.end_ns for i in own if i.end_ns is not None]
    return min([start_ns, *begun]), max([end_ns, *ended])


def _last_sample_ns(
    reader: Reader, session: Session, devices: Iterable[Device], since_ns: int
) -> int:
    """Return how far a session that is still going on has been sampled."""
    last_ns = since_ns
    for device in devices:
        found = reader.power(session.run_id, device.id, since_ns, _FOREVER_NS)
        if len(found.t_ns):
            last_ns = max(last_ns, int(found.t_ns[-1]))
    return last_ns


def _devices(events: Iterable[Logged]) -> dict[str, Device]:
    found = (logged.event.device for logged in events if isinstance(logged.event, DeviceFound))
    return {device.id: device for device in found}


def _choices(events: Iterable[Logged]) -> tuple[GridFactor | None, Tariff | None]:
    factor: GridFactor | None = None
    tariff: Tariff | None = None
    for logged in events:
        if isinstance(logged.event, FactorChosen):
            factor = logged.event.factor
        elif isinstance(logged.event, TariffChosen):
            tariff = logged.event.tariff
    return factor, tariff


def described(events: Iterable[Logged]) -> MachineDescribed | None:
    """Return what a session's log says of its computer, None where nothing was said."""
    found = [logged.event for logged in events if isinstance(logged.event, MachineDescribed)]
    return found[-1] if found else None


def _shown(clips: dict[str, Clip], clip_id: str) -> Clip | None:
    clip, steps = clips.get(clip_id), len(clips)
    while clip is not None and clip.merged_into is not None and steps:
        clip, steps = clips.get(clip.merged_into, clip), steps - 1
    return clip


def _added(
    one: tuple[float | None, ...] | None, other: tuple[float | None, ...]
) -> tuple[float | None, ...]:
    if one is None:
        return other
    return tuple(
        a if b is None else b if a is None else a + b for a, b in zip(one, other, strict=True)
    )
