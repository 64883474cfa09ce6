"""How far a window's energy may be off beside the gain: sampling, edges and the counter's steps."""

from dataclasses import dataclass

import numpy as np

from vidgreen_gui.accounting.curve import Counted, EnergyCurve, Floats, Ints, within
from vidgreen_gui.model.power import Sensor

# Half the width of a normal distribution's central 95 %, in standard deviations.
_SIGMAS = 1.96
# A variance that comes from n samples is itself uncertain: Student's t is wider by about 1 + 1.5/n.
_FEW = 1.5


def doubt_j(curve: EnergyCurve, start_ns: Ints, end_ns: Ints) -> Floats:
    """Return the half width at 95 % of the joules of windows, without what the gain adds.

    Where the counter speaks only its two ends count: a window that ends within a span knows the
    span's energy, and not how it divides. There the variances of the two parts hold each other
    (v1 v2 / (v1 + v2), as of a bridge), and a reading that is late moves energy into both in
    proportion. Elsewhere what the samples did not see adds up.
    """
    if len(curve.t_ns) < 2:
        return np.zeros(len(start_ns))
    start, end = (within(t, curve.t_ns[0], curve.t_ns[-1]) for t in (start_ns, end_ns))
    open_j2 = _until(curve, end) - _until(curve, start)
    if curve.counted is not None:
        spans = _Bridges(curve, curve.counted)
        open_j2 += spans.change_j2(start, end)
    samples = np.searchsorted(curve.t_ns, end) - np.searchsorted(curve.t_ns, start)
    sigmas = _SIGMAS * (1.0 + _FEW / np.maximum(1, samples))
    half: Floats = sigmas * np.sqrt(np.maximum(0.0, open_j2))
    return half


def period_ns(curve: EnergyCurve, sensor: Sensor, start_ns: int, end_ns: int) -> int:
    """Return the longest period of what a window's energy rests on: the counter, or the samples."""
    counted = curve.counted
    if counted is not None:
        first = int(np.searchsorted(counted.start_ns, start_ns))
        stop = int(np.searchsorted(counted.end_ns, end_ns, side="right"))
        if stop > first:
            return sensor.counter_update_ns
    first, stop = np.searchsorted(curve.t_ns, (start_ns, end_ns)).tolist()
    spacing = np.diff(curve.t_ns[max(0, first - 1) : stop + 1])
    return max(sensor.update_ns, sensor.window_ns, int(spacing.max(initial=0)))


def _until(curve: EnergyCurve, t_ns: Ints) -> Floats:
    segment = within(np.searchsorted(curve.t_ns, t_ns, side="right") - 1, 0, len(curve.t_ns) - 2)
    begin, end = curve.t_ns[segment], curve.t_ns[segment + 1]
    left, right = curve.open_j2[segment], curve.open_j2[segment + 1]
    return left + (right - left) * ((t_ns - begin) / (end - begin))


@dataclass(frozen=True, slots=True)
class _Part:
    """Where times lie in the counter's spans: -1 is none; what came before them there."""

    span: Ints
    open_j2: Floats
    share: Floats


class _Bridges:
    """What a counter takes away from the variance of windows, and what it adds."""

    def __init__(self, curve: EnergyCurve, counted: Counted) -> None:
        self._curve, self._counted = curve, counted
        self._open_j2 = _until(curve, counted.end_ns) - _until(curve, counted.start_ns)
        self._energy_j = curve.energy_j(counted.start_ns, counted.end_ns)
        self._before_j2 = np.append(0.0, np.cumsum(self._open_j2))
        self._stale_j2 = counted.stale_j**2

    def change_j2(self, start: Ints, end: Ints) -> Floats:
        """Return by how much the variance of each window differs from that of its samples."""
        change = self._counted_until(start) - self._counted_until(end)
        first, last = self._part(start), self._part(end)
        same = (first.span >= 0) & (first.span == last.span)
        change += np.where(same, self._within(first, last), self._at(first) + self._at(last))
        return change + np.where(same, 0.0, self._borders(start, end))

    def _part(self, t_ns: Ints) -> _Part:
        span = np.searchsorted(self._counted.start_ns, t_ns, side="right") - 1
        begin = self._counted.start_ns[span]
        outside = (span < 0) | (t_ns >= self._counted.end_ns[span]) | (t_ns <= begin)
        span = np.where(outside, -1, span)
        energy_j = self._energy_j[span]
        passed_j = self._curve.energy_j(begin, t_ns)
        share = np.divide(passed_j, energy_j, out=np.zeros_like(energy_j), where=energy_j > 0.0)
        return _Part(span, _until(self._curve, t_ns) - _until(self._curve, begin), share)

    def _at(self, part: _Part) -> Floats:
        whole = self._open_j2[part.span]
        stale = self._stale_j2[part.span]
        found = _bridge(part.open_j2, whole)
        found += stale[:, 0] * (1.0 - part.share) ** 2 + stale[:, 1] * part.share**2
        return np.where(part.span < 0, 0.0, found)

    def _within(self, first: _Part, last: _Part) -> Floats:
        inside = _bridge(last.open_j2 - first.open_j2, self._open_j2[first.span])
        share = last.share - first.share
        late: Floats = self._stale_j2[first.span].sum(axis=1) * share**2
        return inside + late

    def _counted_until(self, t_ns: Ints) -> Floats:
        span = np.searchsorted(self._counted.start_ns, t_ns, side="right") - 1
        known = np.maximum(span, 0)
        begin, end = self._counted.start_ns[known], self._counted.end_ns[known]
        reached = _until(self._curve, np.minimum(t_ns, end)) - _until(self._curve, begin)
        return np.where(span < 0, 0.0, self._before_j2[known] + reached)

    def _borders(self, start: Ints, end: Ints) -> Floats:
        """Return what late readings leave open where the counter begins or ceases to speak."""
        begin_ns, end_ns = self._counted.start_ns, self._counted.end_ns
        begins = np.append(True, begin_ns[1:] != end_ns[:-1])
        ends = np.append(begins[1:], True)
        found = np.zeros(len(start))
        for times, stale in (
            (begin_ns[begins], self._stale_j2[begins, 0]),
            (end_ns[ends], self._stale_j2[ends, 1]),
        ):
            sums = np.append(0.0, np.cumsum(stale))
            found += sums[np.searchsorted(times, end)]
            found -= sums[np.searchsorted(times, start, side="right")]
        return np.maximum(0.0, found)


def _bridge(part: Floats, whole: Floats) -> Floats:
    held: Floats = np.zeros_like(part)
    return np.divide(part * (whole - part), whole, out=held, where=whole > 0.0)
