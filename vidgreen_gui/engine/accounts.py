"""Who used how much of a device: energy rows and phases from its samples and its jobs."""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from vidgreen_gui.accounting.curve import Asleep, EnergyCurve, Floats, Ints
from vidgreen_gui.accounting.doubt import doubt_j, period_ns
from vidgreen_gui.accounting.ranges import measured_range
from vidgreen_gui.accounting.share import METHOD_VERSION, Attribution, Use, Window, attribute
from vidgreen_gui.engine.sensing import NO_EDGES, counter_lag_of, curve_of, sensor_of
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.model.footprint import Grade, Range
from vidgreen_gui.model.power import Block, CounterBlock, Device, PowerBlock
from vidgreen_gui.model.session import Iteration, Where
from vidgreen_gui.model.units import J_PER_MW_NS, NS_PER_HALF_HOUR, NS_PER_S
from vidgreen_gui.store.batch import EnergyRow

# Samples come at least once a second, and reach the account a second later.
_MOMENT_NS = 3 * NS_PER_S
# Counter and integrated power of a healthy board differ by less; above it, it must be said.
_DISAGREEMENT = 0.05
# More than a sensor lags and smears, and than the power around an edge is looked at.
_REACH_NS = 10 * NS_PER_S
IDLE, STANDBY, OTHER = "idle", "standby", "other"


@dataclass(slots=True)
class Samples:
    """The power and counter columns of one device, growing at the end.

    How they are to be read is known once the `device` is.
    """

    device: Device | None = None
    t_ns: "array[int]" = field(default_factory=lambda: array("q"))
    power_mw: "array[int]" = field(default_factory=lambda: array("q"))
    period_ns: "array[int]" = field(default_factory=lambda: array("q"))
    counter_t_ns: "array[int]" = field(default_factory=lambda: array("q"))
    counter_mj: "array[int]" = field(default_factory=lambda: array("q"))
    asleep: list[Asleep] = field(default_factory=list)

    def add(self, block: Block) -> None:
        """Append a block of this device; slow fields carry no energy."""
        if isinstance(block, PowerBlock):
            self.t_ns.extend(block.t_ns)
            self.power_mw.extend(block.power_mw)
            self.period_ns.extend([block.period_ns] * len(block.t_ns))
        elif isinstance(block, CounterBlock):
            self.counter_t_ns.extend(block.t_ns)
            self.counter_mj.extend(block.energy_mj)

    def forget_before(self, t_ns: int) -> None:
        """Drop what lies so far before `t_ns` that nothing after it needs it."""
        t_ns -= _REACH_NS
        keep = max(0, bisect_left(self.t_ns, t_ns) - 1)
        for column in (self.t_ns, self.power_mw, self.period_ns):
            del column[:keep]
        keep = max(0, bisect_left(self.counter_t_ns, t_ns) - 1)
        for column in (self.counter_t_ns, self.counter_mj):
            del column[:keep]
        self.asleep = [sleep for sleep in self.asleep if sleep.until_ns > t_ns]

    def reading_before(self, t_ns: int, earliest_ns: int) -> int:
        """Return the latest time until `t_ns` for which a reading of the counter stands.

        That is `t_ns` itself without a counter. Cut there, no span between two readings is.
        """
        if not self.counter_t_ns:
            return t_ns
        late_ns = counter_lag_of(self.device)
        at = bisect_right(self.counter_t_ns, t_ns + late_ns) - 1
        return max(earliest_ns, self.counter_t_ns[at] - late_ns) if at >= 0 else earliest_ns

    def curve(
        self, begin_ns: int | None = None, end_ns: int | None = None, edges_ns: Ints = NO_EDGES
    ) -> EnergyCurve:
        """Return the energy curve of all that is held, or of what a span of time needs of it.

        It is the same wherever the span is cut, as long as `edges_ns`, when jobs began and ended,
        are those around it too.
        """
        late_ns = counter_lag_of(self.device)
        readings = _reach(self.counter_t_ns, _plus(begin_ns, late_ns), _plus(end_ns, late_ns))
        counter_t_ns = self.counter_t_ns[readings]
        # A span between two readings counts only where power covers all of it.
        if begin_ns is not None:
            begin_ns = min([begin_ns, *counter_t_ns[:1]]) - _REACH_NS
        if end_ns is not None:
            end_ns = max([end_ns, *counter_t_ns[-1:]]) + _REACH_NS
        power = _reach(self.t_ns, begin_ns, end_ns)
        return curve_of(
            self.device,
            (_ints(self.t_ns[power]), _ints(self.power_mw[power]), _ints(self.period_ns[power])),
            (_ints(counter_t_ns), _ints(self.counter_mj[readings])),
            self.asleep,
            _inside(edges_ns, begin_ns, end_ns),
        )


def _reach(t_ns: "array[int]", begin_ns: int | None, end_ns: int | None) -> slice:
    """Return the samples of a span with the neighbours that reach into it."""
    first = 0 if begin_ns is None else max(0, bisect_right(t_ns, begin_ns) - 1)
    stop = len(t_ns) if end_ns is None else bisect_left(t_ns, end_ns) + 1
    return slice(first, stop)


def windows_on(device_id: str, iterations: Iterable[Iteration], now_ns: int) -> list[Window]:
    """Return when each iteration ran on the device; one still running does so until now."""
    return [
        Window(
            i.id,
            i.start_ns,
            now_ns if i.end_ns is None else i.end_ns,
            i.parent_id,
            i.clock_bound_ns,
        )
        for i in iterations
        if device_id in i.device_ids and i.start_ns is not None
    ]


def seen_until(t_ns: "array[int] | Ints", end_ns: int) -> int:
    """Return the time until which a device was seen: what comes a moment later is no gap yet."""
    after = int(np.searchsorted(np.asarray(t_ns), end_ns, side="right"))
    if after < len(t_ns) or not after or end_ns - t_ns[after - 1] > _MOMENT_NS:
        return end_ns
    return int(t_ns[after - 1])


def disagrees(reconciliation: float | None) -> bool:
    """Return whether a counter's energy over the integrated one must be spoken of."""
    return reconciliation is not None and abs(reconciliation - 1.0) > _DISAGREEMENT


def half_hour_edges(start_ns: int, end_ns: int, times: TimeMap) -> list[int]:
    """Return steady times from start to end, cut where a UTC half hour begins."""
    edges = [start_ns]
    reached: int | None = None
    for begin_ns, until_ns, ahead_ns in times.stretches(start_ns, end_ns):
        first = (begin_ns + ahead_ns) // NS_PER_HALF_HOUR
        if reached not in {None, first}:
            # The wall clock stepped into another half hour.
            edges.append(begin_ns)
        reached = (until_ns - 1 + ahead_ns) // NS_PER_HALF_HOUR
        begun = range(first + 1, reached + 1)
        edges += [number * NS_PER_HALF_HOUR - ahead_ns for number in begun]
    return [*edges, max(end_ns, start_ns + 1)]


@dataclass(frozen=True, slots=True)
class Span:
    """What is accounted on one device: its samples, who ran, from when to when, for whom.

    `uses` say who else was on it, and divide what ran at once.
    """

    session_id: str
    device: Device
    curve: EnergyCurve
    windows: Sequence[Window]
    edges_ns: Sequence[int]
    last_job_end_ns: int | None = None
    uses: Sequence[Use] = ()


def energy_rows(span: Span, times: TimeMap) -> tuple[EnergyRow, ...]:
    """Return the energy of every owner on the span's device, per bin of its edges.

    An owner has a row in each bin where samples cover it, even of 0 J: measured to be nothing
    is not the same as not measured. Where none does, a row that is graded missing keeps the
    seconds of the gap.
    """
    edges = np.array(span.edges_ns, dtype=np.int64)
    shared = attribute(
        span.curve, span.windows, edges, last_job_end_ns=span.last_job_end_ns, uses=span.uses
    )
    rows, rest_j = _owned_rows(span, times, shared, edges)
    for owner, per_bin, open_per_bin in (
        (IDLE, shared.idle_j, rest_j),
        (STANDBY, shared.standby_j, np.zeros_like(rest_j)),
        (OTHER, shared.other_j, shared.other_shared_j),
    ):
        for number in np.flatnonzero(per_bin).tolist():
            joules, open_j = float(per_bin[number]), float(open_per_bin[number])
            rows.append(_row(span, times, number, owner, joules, open_j))
    for number in np.flatnonzero(shared.free_gap_s).tolist():
        rows += _gap_row(span, times, number, IDLE, float(shared.free_gap_s[number]))
    return merged(rows)


def _owned_rows(
    span: Span, times: TimeMap, shared: Attribution, edges: Ints
) -> tuple[list[EnergyRow], Floats]:
    """Return the rows of all owners, and per bin by how much their ends leave the rest open."""
    rows: list[EnergyRow] = []
    rest_j2 = np.zeros(len(edges) - 1)
    doubts_j = _doubts_j(span, edges).tolist()
    for owner, (window, doubt) in enumerate(zip(span.windows, doubts_j, strict=True)):
        grade = _grade(span, window)
        beside_j = doubt
        first, last = _bins(edges, window)
        for number in range(first, last + 1):
            begin = max(window.start_ns, span.edges_ns[number])
            end = min(window.end_ns, span.edges_ns[number + 1])
            gap_s = float(shared.owner_gap_s[owner, number])
            if not _covers(span.curve, begin, end):
                rows += _gap_row(span, times, number, window.owner, gap_s)
                continue
            joules = float(shared.energy_j[owner, number])
            open_j = math.hypot(beside_j, shared.shared_j[owner, number])
            rows.append(_row(span, times, number, window.owner, joules, open_j, gap_s, grade))
            # What a job may have had more of, the rest had less of. It is said once.
            rest_j2[number] += beside_j**2
            beside_j = 0.0
    return rows, np.sqrt(rest_j2)


def phase_energies_j(
    curve: EnergyCurve, windows: Sequence[Window], iteration: Iteration, uses: Sequence[Use] = ()
) -> tuple[float | None, ...]:
    """Return the joules of each of an ended iteration's phases, None where samples are missing."""
    energies: list[float | None] = []
    for phase in iteration.phases:
        if phase.end_ns is None or not _covers(curve, phase.start_ns, phase.end_ns):
            energies.append(None)
            continue
        near = [w for w in windows if w.end_ns > phase.start_ns and w.start_ns < phase.end_ns]
        shared = attribute(curve, near, np.array([phase.start_ns, phase.end_ns]), uses=uses)
        owners = shared.owners
        owned = iteration.id in owners
        energies.append(float(shared.energy_j[owners.index(iteration.id), 0]) if owned else None)
    return tuple(energies)


def merged(rows: Iterable[EnergyRow]) -> tuple[EnergyRow, ...]:
    """Return the rows with those of one owner, device and half hour added up."""
    sums: dict[tuple[str, str, str, int], EnergyRow] = {}
    for row in rows:
        key = (row.session_id, row.owner, row.device_id, row.half_hour_utc_ns)
        before = sums.get(key)
        sums[key] = row if before is None else replace(
            before,
            energy_j=before.energy_j + row.energy_j,
            low_j=before.low_j + row.low_j,
            high_j=before.high_j + row.high_j,
            gap_s=before.gap_s + row.gap_s,
            grade=row.grade if before.grade == Grade.MISSING else before.grade,
        )  # fmt: skip
    return tuple(sums.values())


def graded(rows: Iterable[EnergyRow], iterations: Iterable[Iteration]) -> tuple[EnergyRow, ...]:
    """Return the rows, those of jobs that ran in somebody's cloud too as estimates.

    What was measured here is a part of what such a job used, and must not pass for all of it.
    """
    mixed = {i.id for i in iterations if i.where is Where.MIXED}
    if not mixed:
        return tuple(rows)
    return tuple(
        replace(row, grade=Grade.MODEL.value)
        if row.owner in mixed and Grade(row.grade).is_measured
        else row
        for row in rows
    )


def _bins(edges: Ints, window: Window) -> tuple[int, int]:
    last = len(edges) - 2
    if window.end_ns < edges[0] or window.start_ns > edges[-1]:
        return 0, -1
    first = int(np.searchsorted(edges, window.start_ns, side="right")) - 1
    stop = int(np.searchsorted(edges, window.end_ns, side="left")) - 1
    first = min(max(first, 0), last)
    return first, min(max(stop, first), last)


def _covers(curve: EnergyCurve, begin: int, end: int) -> bool:
    """Return whether any sample covers the time; an instant is covered between two samples."""
    if end > begin:
        return bool(curve.covered_s(begin, end) > 0.0)
    return not bool(np.isnan(curve.power_at(begin)))


def _row(
    span: Span,
    times: TimeMap,
    number: int,
    owner: str,
    joules: float,
    doubt_j: float,
    gap_s: float = 0.0,
    grade: Grade | None = None,
) -> EnergyRow:
    grade = span.device.grade if grade is None else grade
    rival_j = None if span.curve.rival is None else joules * span.curve.rival
    exact = grade is Grade.SIMULATED
    gain = sensor_of(span.device).gain
    bounds = Range.exact(joules) if exact else measured_range(joules, doubt_j, gain, rival_j)
    half_hour = times.utc_ns(span.edges_ns[number]) // NS_PER_HALF_HOUR * NS_PER_HALF_HOUR
    return EnergyRow(
        session_id=span.session_id,
        owner=owner,
        device_id=span.device.id,
        half_hour_utc_ns=half_hour,
        energy_j=joules,
        low_j=bounds.low,
        high_j=bounds.high,
        grade=grade.value,
        gap_s=gap_s,
        method_version=METHOD_VERSION,
    )


def _gap_row(
    span: Span, times: TimeMap, number: int, owner: str, gap_s: float
) -> tuple[EnergyRow, ...]:
    """Return a row that only says for how long nothing was measured; none for no time."""
    if gap_s <= 0.0:
        return ()
    return (_row(span, times, number, owner, 0.0, 0.0, gap_s, Grade.MISSING),)


def _doubts_j(span: Span, edges: Ints) -> Floats:
    """Return how far each window's energy may be off beside the gain, half width at 95 %."""
    ends = np.array([(w.start_ns, w.end_ns) for w in span.windows], dtype=np.int64).reshape(-1, 2)
    found = doubt_j(span.curve, *np.clip(ends, edges[0], edges[-1]).T)
    found = np.hypot(found, _unlooked_j(span, ends[:, 1] - ends[:, 0]))
    bounds = np.array([w.clock_bound_ns for w in span.windows], dtype=np.float64)
    if bounds.any():
        beside = NS_PER_S // 2
        steps = span.curve.power_at(ends + beside) - span.curve.power_at(ends - beside)
        steps[np.isnan(steps) | (ends < edges[0]) | (ends > edges[-1])] = 0.0
        moved = np.hypot(*steps.T) * bounds * J_PER_MW_NS
        found = np.hypot(found, moved)
    return found


def _unlooked_j(span: Span, length_ns: Ints) -> Floats:
    """Return what windows of these lengths may have drawn while the sensor did not look.

    One that says the power of a moment misses a job shorter than its update, or takes a peak for
    all of it: anything between nothing and the most the device may draw. At two updates the
    samples show what they leave open themselves.
    """
    sensor = sensor_of(span.device)
    seen = sensor.observed * min(1.0, sensor.window_ns / max(1, sensor.update_ns))
    short_ns = np.minimum(length_ns, 2 * sensor.update_ns - length_ns).clip(min=0)
    highest_mw = span.device.power_limit_mw or span.curve.power_mw.max(initial=0.0)
    found: Floats = short_ns * ((1.0 - seen) * highest_mw * J_PER_MW_NS)
    return found


def _grade(span: Span, window: Window) -> Grade:
    """Return how well a window is known: of less than two periods of its witness, on average."""
    grade = span.device.grade
    if grade is not Grade.MEASURED:
        return grade
    at_least = 2 * period_ns(span.curve, sensor_of(span.device), window.start_ns, window.end_ns)
    return grade if window.end_ns - window.start_ns >= at_least else Grade.AVERAGED


def _ints(column: "array[int]") -> Ints:
    return np.array(column, dtype=np.int64)


def _inside(edges_ns: Ints, begin_ns: int | None, end_ns: int | None) -> Ints:
    first = 0 if begin_ns is None else int(np.searchsorted(edges_ns, begin_ns))
    stop = len(edges_ns) if end_ns is None else int(np.searchsorted(edges_ns, end_ns))
    return edges_ns[first:stop]


def _plus(t_ns: int | None, late_ns: int) -> int | None:
    return None if t_ns is None else t_ns + late_ns
