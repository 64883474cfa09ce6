"""A device's energy over time: power samples integrated once, reconciled with its counter."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from vidgreen_gui.accounting.counter import counter_spans
from vidgreen_gui.model.units import J_PER_MW_NS, NS_PER_S

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Neighbours further apart than this many sampling periods have a gap between them.
GAP_PERIODS = 3
# Running sums are kept in two integers of this many low bits, so that they are exact.
_LOW_BITS = 30


def _no_times() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Asleep:
    """The machine slept for `slept_ns` between the samples at `t_ns` and `until_ns`.

    On a steady clock that stands still meanwhile the two lie close together.
    """

    t_ns: int
    until_ns: int
    slept_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class EnergyCurve:
    """Power and cumulative energy of one device at n nodes, linear in between.

    `t_ns` int64[n] ascends; `power_mw` float64[n] is what the samples say, interpolated at the
    nodes that counter readings add. Segment i lies between nodes i and i+1: `is_gap` bool[n-1],
    and, once the counter was heard, `left_mw` float64[n-1] its power after node i and `slope`
    float64[n-1] the change per nanosecond, both 0 in a gap. `cumulative_j` float64[n] and
    `covered_ns` int64[n] count from the first node. `reconciliation` is the counter's joules
    over the integrated ones where there are both, else None. `asleep_t_ns` int64[k] ascends: at
    each the machine fell asleep, for `asleep_ns` int64[k].
    """

    t_ns: Ints
    power_mw: Floats
    is_gap: Flags
    left_mw: Floats
    slope: Floats
    cumulative_j: Floats
    covered_ns: Ints
    reconciliation: float | None = None
    asleep_t_ns: Ints = field(default_factory=_no_times)
    asleep_ns: Ints = field(default_factory=_no_times)

    def energy_j(self, start_ns: npt.ArrayLike, end_ns: npt.ArrayLike) -> Floats:
        """Return the joules in each window [start, end), float64 in the windows' shape.

        Gaps and what lies outside the record carry nothing; an end before its start neither.
        """
        start, end = _windows(start_ns, end_ns)
        if len(self.t_ns) < 2:
            return np.zeros(start.shape)
        return self._energy_until(end) - self._energy_until(start)

    def covered_s(self, start_ns: npt.ArrayLike, end_ns: npt.ArrayLike) -> Floats:
        """Return the seconds of each window that samples cover."""
        start, end = _windows(start_ns, end_ns)
        if len(self.t_ns) < 2:
            return np.zeros(start.shape)
        return (self._covered_until(end) - self._covered_until(start)) / NS_PER_S

    def gap_s(self, start_ns: npt.ArrayLike, end_ns: npt.ArrayLike) -> Floats:
        """Return the seconds of each window in a gap, asleep or outside the record."""
        start, end = _windows(start_ns, end_ns)
        gap_s: Floats = (end - start) / NS_PER_S - self.covered_s(start, end)
        if len(self.asleep_t_ns):
            slept_ns = np.append(0, np.cumsum(self.asleep_ns))
            first, stop = (np.searchsorted(self.asleep_t_ns, t_ns) for t_ns in (start, end))
            gap_s += (slept_ns[stop] - slept_ns[first]) / NS_PER_S
        return gap_s

    def power_at(self, t_ns: npt.ArrayLike) -> Floats:
        """Return the sampled power in mW at each time, NaN in a gap or outside the record."""
        at = np.asarray(t_ns, dtype=np.int64)
        if len(self.t_ns) == 0:
            return np.full(at.shape, np.nan)
        unknown = (at < self.t_ns[0]) | (at > self.t_ns[-1])
        if len(self.t_ns) == 1:
            return np.where(unknown, np.nan, self.power_mw[0])
        # Only the segments asked for are looked at, however long the record is.
        segment = self._segment(at)
        begin, end = self.t_ns[segment], self.t_ns[segment + 1]
        left, right = self.power_mw[segment], self.power_mw[segment + 1]
        power = left + (right - left) * ((at - begin) / (end - begin))
        unknown |= self.is_gap[segment] & (at != begin) & (at != end)
        return np.where(unknown, np.nan, power)

    def _segment(self, t_ns: Ints) -> Ints:
        found = np.searchsorted(self.t_ns, t_ns, side="right") - 1
        return _within(found, 0, len(self.t_ns) - 2)

    def _energy_until(self, t_ns: Ints) -> Floats:
        at = _within(t_ns, self.t_ns[0], self.t_ns[-1])
        segment = self._segment(at)
        elapsed = at - self.t_ns[segment]
        mean_mw = self.left_mw[segment] + 0.5 * self.slope[segment] * elapsed
        return self.cumulative_j[segment] + elapsed * mean_mw * J_PER_MW_NS

    def _covered_until(self, t_ns: Ints) -> Ints:
        at = _within(t_ns, self.t_ns[0], self.t_ns[-1])
        segment = self._segment(at)
        elapsed = np.where(self.is_gap[segment], 0, at - self.t_ns[segment])
        return self.covered_ns[segment] + elapsed


def build_curve(
    t_ns: npt.ArrayLike,
    power_mw: npt.ArrayLike,
    period_ns: npt.ArrayLike,
    counter_t_ns: npt.ArrayLike | None = None,
    counter_mj: npt.ArrayLike | None = None,
    asleep: Sequence[Asleep] = (),
) -> EnergyCurve:
    """Return the energy curve of one device from its samples, in any order, duplicates allowed.

    `period_ns` is one number or one per sample. Between two neighbours lies a trapezium, unless
    they are more than three periods apart (the longer of the two counts) or the machine was
    `asleep` between them. Where the counter
    (mJ) spans at least a second without a gap or a backward step, the curve is made to agree
    with its difference: on some boards a counter read more often loses energy, and differenced at a
    second or more it is the truth (Dauner et al., HotCarbon'26, by way of a citing paper).
    """
    time, power, period = _in_order(_ints(t_ns), _ints(power_mw), _ints(period_ns))
    is_gap = np.diff(time) > GAP_PERIODS * np.maximum(period[:-1], period[1:])
    for sleep in asleep:
        first = int(np.searchsorted(time, sleep.t_ns, side="right")) - 1
        stop = int(np.searchsorted(time, sleep.until_ns))
        is_gap[max(first, 0) : max(stop, first + 1)] = True
    drawn = power.astype(np.float64)
    sampled = _curve(time, drawn, is_gap, ends=(drawn[:-1], drawn[1:]))
    if asleep:
        slept = sorted((sleep.t_ns, sleep.slept_ns) for sleep in asleep)
        at_ns, slept_ns = np.array(slept, dtype=np.int64).T
        sampled = replace(sampled, asleep_t_ns=at_ns, asleep_ns=slept_ns)
    if counter_t_ns is None or counter_mj is None or len(time) < 2:
        return sampled
    return _reconciled(sampled, _ints(counter_t_ns), _ints(counter_mj))


def _reconciled(sampled: EnergyCurve, counter_t: Ints, counter_mj: Ints) -> EnergyCurve:
    start, end, counted_j = counter_spans(counter_t, counter_mj)
    within = (start >= sampled.t_ns[0]) & (end <= sampled.t_ns[-1])
    heard = within & (sampled.gap_s(start, end) == 0.0)
    if not heard.any():
        return sampled
    start, end, counted_j = start[heard], end[heard], counted_j[heard]
    integrated_j = sampled.energy_j(start, end)

    added = np.sort(np.append(start, end[~np.isin(end, start, kind="sort")]))
    at = np.searchsorted(sampled.t_ns, added)
    fresh = sampled.t_ns[at] != added
    added, at = added[fresh], at[fresh]
    time = np.insert(sampled.t_ns, at, added)
    power = np.insert(sampled.power_mw, at, sampled.power_at(added))
    is_gap = np.insert(sampled.is_gap, at - 1, False)
    first, last = np.searchsorted(time, start), np.searchsorted(time, end)
    silent = integrated_j <= 0.0
    inside = np.zeros(len(time), dtype=np.int8)
    inside[first] += 1
    inside[last] -= 1
    scaled = np.cumsum(inside[:-1], dtype=np.int8).view(np.bool_)
    scale, added_mw = np.ones(len(is_gap)), np.zeros(len(is_gap))
    even_mw = np.where(silent, counted_j / J_PER_MW_NS / (end - start), 0.0)
    scale[scaled] = _scale(time, power, scaled, last - first, counted_j)
    added_mw[scaled] = np.repeat(even_mw, last - first)

    total_j = integrated_j.sum()
    counted = _curve(
        time,
        power,
        is_gap,
        ends=(power[:-1] * scale + added_mw, power[1:] * scale + added_mw),
        reconciliation=float(counted_j.sum() / total_j) if total_j > 0.0 else None,
    )
    if not len(sampled.asleep_t_ns):
        return counted
    return replace(counted, asleep_t_ns=sampled.asleep_t_ns, asleep_ns=sampled.asleep_ns)


def _scale(time: Ints, power: Floats, scaled: Flags, sizes: Ints, counted_j: Floats) -> Floats:
    """Return by how much to scale each segment of the counted spans, of `sizes` segments each.

    Between two unlike samples power may have changed at once and at any time: the trapezium is
    off by up to half the change. What the counter says otherwise is put there first, as far as
    it fits, and the rest is the board's gain, the same for all of a span.
    """
    left, right = power[:-1][scaled], power[1:][scaled]
    half_j = np.diff(time)[scaled] * (J_PER_MW_NS / 2)
    drawn_j, open_j = (left + right) * half_j, np.abs(right - left) * half_j
    begin = np.cumsum(sizes) - sizes
    span_drawn_j, span_open_j = np.add.reduceat(drawn_j, begin), np.add.reduceat(open_j, begin)
    moved_j = np.clip(counted_j - span_drawn_j, -span_open_j, span_open_j)
    share = np.divide(moved_j, span_open_j, out=np.zeros_like(moved_j), where=span_open_j > 0.0)
    known_j = span_drawn_j + moved_j
    gain = np.divide(counted_j, known_j, out=np.zeros_like(known_j), where=known_j > 0.0)
    bend = np.divide(open_j, drawn_j, out=np.zeros_like(open_j), where=drawn_j > 0.0)
    return np.repeat(gain, sizes) * (1.0 + np.repeat(share, sizes) * bend)


def _curve(
    time: Ints,
    power: Floats,
    is_gap: Flags,
    *,
    ends: tuple[Floats, Floats],
    reconciliation: float | None = None,
) -> EnergyCurve:
    left, right = (np.where(is_gap, 0.0, at_node) for at_node in ends)
    length = np.diff(time)
    twice_pj = np.rint((left + right) * length).astype(np.int64)
    covered = np.zeros_like(time)
    np.cumsum(np.where(is_gap, 0, length), out=covered[1:])
    return EnergyCurve(
        time,
        power,
        is_gap,
        left,
        (right - left) / length,
        cumulative_j=_running_sum(twice_pj)[: len(time)] * (J_PER_MW_NS / 2),
        covered_ns=covered,
        reconciliation=reconciliation,
    )


def _running_sum(values: Ints) -> Floats:
    """Return 0 and the running sums of `values`, each rounded once: a year stays exact to an ulp.

    A float64 cumsum drifts by its length; int64 overflows after some hours of picojoules.
    """
    high = np.cumsum(values >> _LOW_BITS)
    low = np.cumsum(values & ((1 << _LOW_BITS) - 1))
    sums = np.zeros(len(values) + 1)
    sums[1:] = (high + (low >> _LOW_BITS)) * float(1 << _LOW_BITS)
    sums[1:] += low & ((1 << _LOW_BITS) - 1)
    return sums


def _in_order(time: Ints, power: Ints, period: Ints) -> tuple[Ints, Ints, Ints]:
    period = np.broadcast_to(period, time.shape)
    if (np.diff(time) > 0).all():
        return time, power, period
    order = np.lexsort((period, power, time))
    time, power, period = time[order], power[order], period[order]
    first = np.append(True, np.diff(time) > 0)[: len(time)]
    return time[first], power[first], period[first]


def _ints(column: npt.ArrayLike) -> Ints:
    return np.asarray(column, dtype=np.int64)


def _within(values: Ints, low: int, high: int) -> Ints:
    """Return what np.clip does, in a third of its time for the few values of a second."""
    bounded: Ints = np.minimum(np.maximum(values, low), high)
    return bounded


def _windows(start_ns: npt.ArrayLike, end_ns: npt.ArrayLike) -> tuple[Ints, Ints]:
    start, end = np.broadcast_arrays(_ints(start_ns), _ints(end_ns))
    return start, np.maximum(start, end)
