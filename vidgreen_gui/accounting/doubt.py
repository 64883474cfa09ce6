"""How far a window's energy may be off beside the gain: sampling, edges and the counter's steps."""

from typing import NamedTuple

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
    ends = within(np.concatenate((start_ns, end_ns)), curve.t_ns[0], curve.t_ns[-1])
    open_j2 = _open_j2(curve, ends, len(start_ns))
    node = curve.t_ns.searchsorted(ends)
    samples = np.maximum(1, node[len(start_ns) :] - node[: len(start_ns)])
    half: Floats = _SIGMAS * (1.0 + _FEW / samples) * np.sqrt(np.maximum(0.0, open_j2))
    return half


def period_ns(curve: EnergyCurve, sensor: Sensor, start_ns: int, end_ns: int) -> int:
    """Return the longest period of what a window's energy rests on: the counter, or the samples."""
    counted = curve.counted
    if counted is not None:
        first = int(np.searchsorted(counted.start_ns, start_ns))
        stop = int(np.searchsorted(counted.end_ns, end_ns, side="right"))
        if stop > first:
            return sensor.counter_update_ns
    first, last = curve.t_ns.searchsorted((start_ns, end_ns)).tolist()
    first, last = max(0, first - 1), min(last, len(curve.t_ns) - 1)
    spacing = (curve.covered_ns[last] - curve.covered_ns[first]) / max(1, last - first)
    return max(sensor.update_ns, sensor.window_ns, int(spacing))


def _open_j2(curve: EnergyCurve, ends: Ints, count: int) -> Floats:
    """Return the variance of windows; `ends` are the starts of all `count`, then their ends."""
    first, last = slice(0, count), slice(count, None)
    reached = _until(curve, ends)
    if curve.counted is None:
        return reached[last] - reached[first]
    at = _reached(curve, curve.counted, ends, reached)
    change = at.uncounted_j2[last] - at.uncounted_j2[first]
    inside = (at.span[first] >= 0) & (at.span[first] == at.span[last])
    part, share = (v[last] - v[first] for v in (at.part_j2, at.share))
    within_one = _bridge(part, at.whole_j2[first]) + at.stale_j2[first].sum(axis=1) * share**2
    apart = at.cut_j2[first] + at.cut_j2[last] + _borders_j2(curve.counted, ends, count)
    return change + np.where(inside, within_one, apart)


class _Reached(NamedTuple):
    """How far into the counter's spans times lie; `span` is -1 where they are in none.

    What came before them there (variance, part of its energy), the variance of the whole span
    and of its late ends, what it costs to cut it there; the variance until then beside all spans.
    """

    span: Ints
    part_j2: Floats
    whole_j2: Floats
    share: Floats
    stale_j2: Floats
    cut_j2: Floats
    uncounted_j2: Floats


def _reached(curve: EnergyCurve, counted: Counted, t_ns: Ints, until_j2: Floats) -> _Reached:
    start, end = counted.start_ns, counted.end_ns
    open_j2 = _until(curve, np.concatenate((start, end)))
    begun_j2 = open_j2[: len(start)]
    spans_j2 = open_j2[len(start) :] - begun_j2
    before_j2 = spans_j2.cumsum() - spans_j2
    found = start.searchsorted(t_ns, side="right") - 1
    span = np.maximum(found, 0)
    whole_j2 = spans_j2[span]
    part_j2 = until_j2 - begun_j2[span]
    passed_j = curve.energy_j(start[span], t_ns)
    energy_j = curve.energy_j(start[span], end[span])
    share = np.divide(passed_j, energy_j, out=np.zeros_like(energy_j), where=energy_j > 0.0)
    stale_j2 = counted.stale_j[span] ** 2
    cut_j2 = stale_j2[:, 0] * (1.0 - share) ** 2 + stale_j2[:, 1] * share**2
    inside = (found >= 0) & (t_ns > start[span]) & (t_ns < end[span])
    return _Reached(
        np.where(inside, span, -1),
        part_j2,
        whole_j2,
        share,
        stale_j2,
        np.where(inside, _bridge(part_j2, whole_j2) + cut_j2, 0.0),
        until_j2 - np.where(found < 0, 0.0, before_j2[span] + np.minimum(part_j2, whole_j2)),
    )


def _borders_j2(counted: Counted, ends: Ints, count: int) -> Floats:
    """Return what late readings leave open where the counter begins or ceases to speak."""
    begins = np.ones(len(counted.start_ns), dtype=np.bool_)
    np.not_equal(counted.start_ns[1:], counted.end_ns[:-1], out=begins[1:])
    stops = np.append(begins[1:], True)
    times = np.stack((counted.start_ns[begins], counted.end_ns[stops]), axis=1).ravel()
    late = np.stack((counted.stale_j[begins, 0], counted.stale_j[stops, 1]), axis=1).ravel()
    sums = np.append(0.0, (late**2).cumsum())
    found: Floats = sums[times.searchsorted(ends[count:])]
    found -= sums[times.searchsorted(ends[:count], side="right")]
    return np.maximum(found, 0.0, out=found)


def _until(curve: EnergyCurve, t_ns: Ints) -> Floats:
    """Return the variance in J² of what the samples did not see until each time in the record."""
    segment = np.minimum(curve.t_ns.searchsorted(t_ns, side="right"), len(curve.t_ns) - 1) - 1
    begin, left = curve.t_ns[segment], curve.open_j2[segment]
    part = (t_ns - begin) / (curve.t_ns[segment + 1] - begin)
    reached: Floats = left + (curve.open_j2[segment + 1] - left) * part
    return reached


def _bridge(part: Floats, whole: Floats) -> Floats:
    held: Floats = np.zeros_like(part)
    return np.divide(part * (whole - part), whole, out=held, where=whole > 0.0)
