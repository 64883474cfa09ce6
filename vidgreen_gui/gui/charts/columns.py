"""Brings a power curve to the pixels of a chart: the lowest and the highest value in each."""

from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt

from vidgreen_gui.gui.charts.timeview import TimeView
from vidgreen_gui.model.facts import PowerCurve

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Samples a second apart leave one column of a second empty now and then; two in a row are a gap.
_LONGEST_QUIET_COLUMNS = 2.5
# How many columns beyond the view are searched for the sample before and after it.
_NEIGHBOURS = 4096


@dataclass(frozen=True, slots=True)
class Columns:
    """One device in one view, float64 per pixel in mW, NaN where nothing was measured.

    `low_mw` to `high_mw` is all that was measured in a pixel; `line_low_mw` to `line_high_mw` what
    a line through the means covers of it. `gaps` are (start, end) in UTC ms between two samples.
    """

    low_mw: Floats
    high_mw: Floats
    line_low_mw: Floats
    line_high_mw: Floats
    gaps: tuple[tuple[float, float], ...] = ()


def columns_of(curve: PowerCurve, view: TimeView) -> Columns:
    """Return the curve on the view's pixels, joined between its columns, broken in its gaps."""
    t, low, mean, high = _measured(curve, view)
    if len(t) == 0:
        nothing = np.full(view.pixels, np.nan)
        return Columns(nothing, nothing, nothing, nothing)
    wide = np.flatnonzero(np.diff(t) > _longest_quiet_ms(curve))
    gaps = tuple((float(t[at]), float(t[at + 1])) for at in wide)
    power_mw = np.array((low, mean, high))
    # All that was measured in the first row, what a line through the means covers in the second.
    under, over = slice(0, 2), slice(2, 0, -1)
    lines = _at_edges(power_mw, t, view, gaps)
    lowest = np.fmin(lines[under, :-1], lines[under, 1:])
    highest = np.fmax(lines[over, :-1], lines[over, 1:])
    pixel = ((t - view.start_ms) / view.pixel_ms).astype(np.int64)
    inside = slice(*np.searchsorted(pixel, (0, view.pixels)))
    if inside.stop > inside.start:
        first = np.flatnonzero(np.diff(pixel[inside], prepend=-1))
        at = pixel[inside][first]
        least = np.minimum.reduceat(power_mw[under, inside], first, axis=1)
        most = np.maximum.reduceat(power_mw[over, inside], first, axis=1)
        lowest[:, at] = np.fmin(lowest[:, at], least)
        highest[:, at] = np.fmax(highest[:, at], most)
    return Columns(lowest[0], highest[0], lowest[1], highest[1], gaps)


def power_at_mw(curve: PowerCurve, t_ms: float) -> float | None:
    """Return the mean power at a time, None in a gap or outside the curve."""
    t = np.frombuffer(curve.t_utc_ms, dtype=np.int64)
    mean = np.frombuffer(curve.mean_mw, dtype=np.int64)
    measured = mean >= 0
    t, mean = t[measured], mean[measured]
    if len(t) == 0:
        return None
    quiet_ms = _longest_quiet_ms(curve)
    after = int(np.searchsorted(t, t_ms))
    near = [at for at in (after - 1, after) if 0 <= at < len(t)]
    if len(near) == 2 and t[after] - t[after - 1] > quiet_ms:
        near = [at for at in near if abs(t[at] - t_ms) < 1]
    nearest = min(near, key=lambda at: abs(t[at] - t_ms), default=None)
    if nearest is None or abs(t[nearest] - t_ms) > quiet_ms:
        return None
    return float(mean[nearest])


def _measured(curve: PowerCurve, view: TimeView) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the samples in view and the nearest one on either side, without the empty ones."""
    t = np.frombuffer(curve.t_utc_ms, dtype=np.int64)
    mean = np.frombuffer(curve.mean_mw, dtype=np.int64)
    # Whole numbers: with floats numpy would convert the whole column first.
    first, last = np.searchsorted(t, (int(view.start_ms), int(view.end_ms)))
    low = np.frombuffer(curve.min_mw, dtype=np.int64)
    high = np.frombuffer(curve.max_mw, dtype=np.int64)
    kept: slice | Ints = slice(max(0, int(first) - 1), int(last) + 1)
    if (mean[kept] < 0).any():
        begin = max(0, int(first) - _NEIGHBOURS)
        filled = begin + np.flatnonzero(mean[begin : int(last) + _NEIGHBOURS] >= 0)
        left, right = np.searchsorted(filled, (first, last))
        kept = filled[max(0, int(left) - 1) : int(right) + 1]
    return t[kept], low[kept], mean[kept], high[kept]


def _longest_quiet_ms(curve: PowerCurve) -> float:
    """Return how far apart two filled columns may lie without a gap between them."""
    columns = len(curve.t_utc_ms)
    if columns < 2:
        return inf
    return _LONGEST_QUIET_COLUMNS * (curve.t_utc_ms[-1] - curve.t_utc_ms[0]) / (columns - 1)


def _at_edges(rows: Ints, t: Ints, view: TimeView, gaps: tuple[tuple[float, float], ...]) -> Floats:
    """Return each row's values at the pixels' edges, NaN outside the curve and in its gaps."""
    edges = view.start_ms + np.arange(view.pixels + 1) * view.pixel_ms
    lines: Floats = np.array([np.interp(edges, t, row, left=np.nan, right=np.nan) for row in rows])
    for before, after in gaps:
        lines[:, np.searchsorted(edges, before) : np.searchsorted(edges, after)] = np.nan
    return lines
