"""An energy counter: where it can be trusted, power is made to agree with it."""

import math
from collections.abc import Sequence

import numpy as np

from vidgreen_gui.accounting.curve import (
    Asleep,
    Counted,
    Drawn,
    EnergyCurve,
    Flags,
    Floats,
    Ints,
    integrated,
)
from vidgreen_gui.model.power import Sensor
from vidgreen_gui.model.units import J_PER_MW_NS, NS_PER_S, j_from_mj

# Read more often than once a second, counters of some boards lose energy (13 % at 0.1 s, 1.6 %
# at 1 s: Dauner et al., HotCarbon'26, by way of a citing paper). A timer may be a little early.
SHORTEST_SPAN_NS = NS_PER_S * 95 // 100
# A counter that says less than half of what was sampled, or more than twice as much, beyond what
# the samples leave open, stood still, was reset unseen or is broken: the worst that is told of a
# working one is 187 J for 327 J, at idle (Zeus, issue 181).
_FACTOR = 2.0
# Over this long, this many of its updates, and by more than this, a difference is no matter of
# sampling, nor of how old the first and the last reading were.
_JUDGED_NS, _JUDGED_UPDATES, _DISAGREEMENT = 60 * NS_PER_S, 40, 0.05


def counter_spans(t_ns: Ints, energy_mj: Ints) -> tuple[Ints, Ints, Floats]:
    """Return start ns, end ns and joules of consecutive spans of a counter's readings.

    Readings may come in any order. A backward step (a reset, a reloaded driver, a counter that
    began again at 0) ends a run and no span crosses it. Within a run readings are merged until a
    span lasts a second and the counter has moved: one that stands still has not been updated and
    says nothing yet.
    """
    order = np.lexsort((energy_mj, t_ns))
    time, energy = t_ns[order], energy_mj[order]
    newest = np.append(np.diff(time) > 0, True)[: len(time)]
    time, energy = time[newest], energy[newest]
    resets = np.flatnonzero(np.diff(energy) < 0) + 1
    first: list[int] = []
    last: list[int] = []
    for begin, stop in zip([0, *resets], [*resets, len(time)], strict=True):
        marks = _marks(time[begin:stop], energy[begin:stop])
        first += [begin + mark for mark in marks[:-1]]
        last += [begin + mark for mark in marks[1:]]
    return time[first], time[last], j_from_mj(1) * (energy[last] - energy[first])


def _marks(time: Ints, energy: Ints) -> list[int]:
    """Return the indices at which one run's spans meet."""
    following = np.maximum(
        np.searchsorted(time, time + SHORTEST_SPAN_NS),
        np.searchsorted(energy, energy, side="right"),
    ).tolist()
    marks = []
    at = 0
    while at < len(following):
        marks.append(at)
        at = following[at]
    return marks


def is_prompt(sensor: Sensor) -> bool:
    """Return whether a counter moves often enough to say when its energy was drawn."""
    return sensor.counter_update_ns <= SHORTEST_SPAN_NS


def reconciled(
    drawn: Drawn,
    counter_t: Ints,
    counter_mj: Ints,
    *,
    sensor: Sensor,
    highest_mw: int,
    asleep: Sequence[Asleep],
) -> EnergyCurve:
    """Return the curve of drawn power, made to agree with its counter where that is plausible.

    A span over a gap, one that counts more than `highest_mw` allows and one that is far from what
    was sampled are left to the power: a counter that stood still, or was reset unseen, is never
    taken for a device that drew nothing, or everything. One that moves less often than spans are
    long (a plug's, by the minute) says when energy was drawn less well than the power does: the
    two are compared, and power stays.
    """
    start, end, counted_j = counter_spans(counter_t, counter_mj)
    heard = (start >= drawn.t_ns[0]) & (end <= drawn.t_ns[-1])
    heard &= counted_j <= (end - start) * (highest_mw * J_PER_MW_NS)
    heard &= ~drawn.has_gap(start, end)
    if not heard.any():
        return integrated(drawn, asleep=asleep)
    spans = _Spans(drawn, start[heard], end[heard], counted_j[heard])
    believed = spans.plausible(sensor) & is_prompt(sensor)
    ratio, rival = spans.compared(believed, sensor.counter_update_ns)
    believed &= ~spans.too_high(spans.scaled(believed), highest_mw)
    if not believed.any():
        return integrated(drawn, reconciliation=ratio, rival=rival, asleep=asleep)
    return integrated(
        spans.scaled(believed),
        counted=spans.counted(believed, sensor.counter_update_ns),
        reconciliation=ratio,
        rival=rival,
        asleep=asleep,
    )


class _Spans:
    """Spans of a counter, ascending and apart, on the power drawn meanwhile."""

    def __init__(self, drawn: Drawn, start: Ints, end: Ints, counted_j: Floats) -> None:
        self._start, self._end, self._counted_j = start, end, counted_j
        self._drawn = drawn = drawn.cut(np.concatenate((start, end)))
        half_j = (drawn.t_ns[1:] - drawn.t_ns[:-1]) * (J_PER_MW_NS / 2)
        self._segment_j = (drawn.left_mw + drawn.right_mw) * half_j
        self._bend_j = np.abs(drawn.right_mw - drawn.left_mw) * half_j
        self._first, self._stop = (drawn.t_ns.searchsorted(t_ns) for t_ns in (start, end))
        self._ends_mw = drawn.at(np.stack((start, end), axis=1))
        self._drawn_j = self._sums(self._segment_j)
        self._open_j = self._sums(self._bend_j)

    def plausible(self, sensor: Sensor) -> Flags:
        """Return which spans may be believed; where no power was sampled there is none to doubt."""
        mean = self._drawn_j / ((self._end - self._start) * J_PER_MW_NS)
        late_ns = sensor.counter_update_ns + sensor.update_ns + sensor.window_ns / 2
        highest = np.maximum(self._ends_mw.max(axis=1), mean)
        open_j = self._open_j + late_ns * highest * J_PER_MW_NS
        least, most = self._drawn_j / _FACTOR - open_j, self._drawn_j * _FACTOR + open_j
        believed: Flags = (least <= self._counted_j) & (self._counted_j <= most)
        return believed | (self._drawn_j <= 0.0)

    def too_high(self, scaled: Drawn, highest_mw: int) -> Flags:
        """Return which spans have more power somewhere than the device can draw."""
        beyond = (scaled.left_mw + scaled.right_mw) / 2 > highest_mw
        return self._sums(beyond.astype(np.float64)) > 0.0

    def compared(self, believed: Flags, update_ns: int) -> tuple[float | None, float | None]:
        """Return counted over integrated energy, and the rival's part where they disagree.

        None is not known yet.
        """
        total_j = float(self._drawn_j.sum())
        length_ns = int((self._end - self._start).sum())
        if total_j <= 0.0 or length_ns < _JUDGED_UPDATES * update_ns:
            return None, None
        ratio = float(self._counted_j.sum()) / total_j
        long = length_ns >= _JUDGED_NS
        if not long or abs(ratio - 1.0) <= _DISAGREEMENT:
            return ratio, None
        best_j = np.where(believed, self._counted_j, self._drawn_j).sum()
        other_j = np.where(believed, self._drawn_j, self._counted_j).sum()
        return ratio, float(other_j / best_j)

    def counted(self, believed: Flags, update_ns: int) -> Counted:
        """Return the believed spans; a reading is evenly up to one update old."""
        stale_j = self._ends_mw[believed] * (update_ns / math.sqrt(12) * J_PER_MW_NS)
        return Counted(self._start[believed], self._end[believed], stale_j)

    def scaled(self, believed: Flags) -> Drawn:
        """Return the power scaled so that each believed span has the energy that was counted.

        Between two unlike samples power may have changed at once and at any time, and beside a
        job's edge it is known less well than within the job. What the counter says otherwise is
        put there first, by variance and as far as it fits (a value that may lie anywhere within
        ± a has the variance a²/3), and the rest is the board's gain, the same for all of a span.
        Power that was 0 throughout is spread evenly.
        """
        drawn = self._drawn
        time = drawn.t_ns[:-1]
        span = self._start.searchsorted(time, side="right") - 1
        inside = (span >= 0) & (time < self._end[span]) & believed[span]
        missing_j = (self._counted_j - self._drawn_j)[span]
        part = _over(drawn.open_j2, self._sums(drawn.open_j2)[span])
        fits_j = np.maximum(self._bend_j, np.sqrt(3.0 * drawn.open_j2))
        moved_j = np.clip(missing_j * part, -np.minimum(fits_j, self._segment_j), fits_j)
        moved_j[~inside] = 0.0
        gain = _over(self._counted_j, self._drawn_j + self._signed_sums(moved_j))
        length_ns = self._end - self._start
        even_mw = np.where(self._drawn_j <= 0.0, self._counted_j / J_PER_MW_NS / length_ns, 0.0)
        scale = np.where(inside, gain[span] * (1.0 + _over(moved_j, self._segment_j)), 1.0)
        added = np.where(inside, even_mw[span], 0.0)
        return Drawn(
            drawn.t_ns,
            drawn.power_mw,
            drawn.is_gap,
            drawn.left_mw * scale + added,
            drawn.right_mw * scale + added,
            drawn.open_j2,
        )

    def _sums(self, values: Floats) -> Floats:
        # Differences of running sums may be a rounding below 0.
        found: Floats = np.maximum(0.0, self._signed_sums(values))
        return found

    def _signed_sums(self, values: Floats) -> Floats:
        sums = np.append(0.0, np.cumsum(values))
        found: Floats = sums[self._stop] - sums[self._first]
        return found


def _over(above: Floats, below: Floats) -> Floats:
    ratio: Floats = np.divide(above, below, out=np.zeros_like(above), where=below > 0.0)
    return ratio
