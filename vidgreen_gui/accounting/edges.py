"""Power that steps where a job began or ended, though the sensor smeared it."""

from dataclasses import replace

import numpy as np

from vidgreen_gui.accounting.curve import Drawn, Flags, Floats, Ints
from vidgreen_gui.model.power import Sensor
from vidgreen_gui.model.units import J_PER_MW_NS

# By how much of its own draw a device wanders where its samples show nothing. Assumed; it decides
# only between two sides that are both flat, and a half or twice of it changes no range by a point.
_WANDER = 0.02


def stepped(drawn: Drawn, edges_ns: Ints, sensor: Sensor) -> Drawn:
    """Return the power with a step at each edge (ascending) in the place of its smeared ramp.

    A sensor that averages, updates or is read late shows a step as a ramp somewhere within half
    its window and update and one sample around it. There power is made level up to the edge and
    level after it, with the same energy in all (close edges share one such stretch). Outside of
    the ramp the samples say the levels; what the energy then has too much or too little goes
    where power is known less well, by variance: to the job rather than to the flat rest beside
    it, so that neither lag nor averaging takes a joule from it (least squares). Where a gap or
    the record's end is in reach the samples stay as they are.
    """
    inside = edges_ns[(edges_ns > drawn.t_ns[0]) & (edges_ns < drawn.t_ns[-1])]
    if not len(inside):
        return drawn
    length = drawn.t_ns[1:] - drawn.t_ns[:-1]
    at = drawn.segment(inside)
    near = np.clip(at[:, None] + np.array([-1, 0, 1]), 0, len(length) - 1)
    spacing = length[near].max(axis=1)
    reach = (sensor.window_ns + sensor.update_ns) // 2 + spacing
    low, high = inside - reach, inside + reach
    whole = (low >= drawn.t_ns[0]) & (high <= drawn.t_ns[-1])
    whole &= ~drawn.has_gap(low, high)
    drawn = _doubted(drawn, low[~whole], inside[~whole], high[~whole])
    if not whole.any():
        return drawn
    return _Stretches(drawn, inside[whole], low[whole], high[whole], sensor).drawn()


def _doubted(drawn: Drawn, low: Ints, edges: Ints, high: Ints) -> Drawn:
    """Return the same power, known less well around edges that were smeared and stay so.

    The step may lie anywhere in reach, evenly; it is put on both sides of the edge.
    """
    if not len(edges):
        return drawn
    step = np.abs(drawn.at(high) - drawn.at(low))
    open_j2 = (step * (high - low) * J_PER_MW_NS) ** 2 / 12
    at = drawn.segment(edges)
    wider = drawn.open_j2.copy()
    for beside in (-1, 0, 1):
        near = np.clip(at + beside, 0, len(wider) - 1)
        np.add.at(wider, near, open_j2 / 2)
    return replace(drawn, open_j2=wider)


class _Stretches:
    """Stretches around edges, in pieces that meet at them: a stretch has one more than edges."""

    def __init__(self, drawn: Drawn, edges: Ints, low: Ints, high: Ints, sensor: Sensor) -> None:
        highest = np.maximum.accumulate(high)
        first = np.flatnonzero(np.append(True, low[1:] > highest[:-1]))
        # What is known of the power beside a stretch is looked up as far apart as readings are.
        readings = np.maximum(high - edges - (sensor.window_ns + sensor.update_ns) // 2, 1)
        apart = np.maximum(readings, max(sensor.window_ns, sensor.update_ns))
        self._apart = np.maximum.reduceat(apart, first)
        low = np.minimum.reduceat(low, first)
        high = np.maximum.reduceat(high, first)
        self._count = len(first)
        self._start = np.sort(np.concatenate((low, edges)))
        self._end = np.sort(np.concatenate((edges, high)))
        self._length = (self._end - self._start).astype(np.float64)
        self._of = np.searchsorted(low, self._start, side="right") - 1
        self._sensor = sensor
        self._drawn = drawn.cut(np.concatenate((self._start, high)))
        time = self._drawn.t_ns
        self._first, self._stop = (time.searchsorted(t_ns) for t_ns in (self._start, self._end))
        energy = (self._drawn.left_mw + self._drawn.right_mw) / 2 * (time[1:] - time[:-1])
        self._mw_ns = self._sums(energy)
        outward = np.arange(3)[:, None] * self._apart
        self._beside_mw = self._drawn.at(np.stack((low - outward, high + outward)))
        self._sides = np.searchsorted(self._start, low), np.searchsorted(self._end, high)

    def drawn(self) -> Drawn:
        """Return the power, level in each piece; a stretch that would go below 0 stays smeared."""
        mean, spread, lower = self._expected()
        weight = (spread * self._length) ** 2
        blind = self._summed(self._sums(self._drawn.open_j2)) / J_PER_MW_NS**2
        together = self._summed(weight)[self._of]
        part = np.divide(weight, together, out=np.zeros_like(weight), where=together > 0.0)
        left_over = self._summed(self._mw_ns - mean * self._length)[self._of]
        level = mean + left_over * part / self._length
        late = self._sensor.update_ns / np.sqrt(12) * lower[self._of]
        open_j2 = (weight * (1.0 - part) + blind[self._of] * part**2 + late**2) * J_PER_MW_NS**2
        fits = (self._summed(level < 0.0) == 0)[self._of]
        stays = np.where(fits, 0.0, (left_over * J_PER_MW_NS) ** 2)
        return self._with(level, open_j2 + stays, fits)

    def _expected(self) -> tuple[Floats, Floats, Floats]:
        """Return mean and standard deviation per piece in mW, and each stretch's lower side."""
        levels = self._beside_mw[:, 0]
        moved = (np.diff(self._beside_mw, axis=1) ** 2).sum(axis=1) / 2
        deviations = np.sqrt(moved + (_WANDER * levels) ** 2)
        mean = self._mw_ns / self._length
        spread = np.maximum(mean, levels.max(axis=0)[self._of])
        for side, level, deviation in zip(self._sides, levels, deviations, strict=True):
            mean[side], spread[side] = level, deviation
        return mean, spread, levels.min(axis=0)

    def _sums(self, values: Floats) -> Floats:
        """Return the sum per piece of values per segment."""
        sums = np.append(0.0, values.cumsum())
        found: Floats = sums[self._stop] - sums[self._first]
        return found

    def _summed(self, values: Floats | Flags) -> Floats:
        """Return the sum per stretch of values per piece."""
        return np.bincount(self._of, weights=values, minlength=self._count).astype(np.float64)

    def _with(self, level: Floats, open_j2: Floats, fits: Flags) -> Drawn:
        drawn = self._drawn
        left, right, wider = drawn.left_mw.copy(), drawn.right_mw.copy(), drawn.open_j2.copy()
        count = self._stop - self._first
        at = np.repeat(self._first - (count.cumsum() - count), count) + np.arange(count.sum())
        length = drawn.t_ns[at + 1] - drawn.t_ns[at]
        wider[at] = np.repeat(open_j2 / self._length, count) * length
        at, count = at[np.repeat(fits, count)], count[fits]
        left[at] = right[at] = np.repeat(level[fits], count)
        return Drawn(drawn.t_ns, drawn.power_mw, drawn.is_gap, left, right, wider)
