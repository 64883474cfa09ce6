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
    """One device in one view: `low_mw` and `high_mw` per pixel, NaN where nothing was measured.

    `gaps` are (start, end) in UTC ms between two samples, wholly or partly in view.
    """

    low_mw: Floats
    high_mw: Floats
    gaps: tuple[tuple[float, float], ...] = ()


def columns_of(curve: PowerCurve, view: TimeView) -> Columns:
    """Return the curve on the view's pixels, as a line through its samples would cover them.

    Pixels between two samples hold the line between them; a gap holds nothing.
    """
    t, low, mean, high = _measured(curve, view)
    low_mw, high_mw = np.full(view.pixels, np.nan), np.full(view.pixels, np.nan)
    if len(t) == 0:
        return Columns(low_mw, high_mw)
    pixel = ((t - view.start_ms) / view.pixel_ms).astype(np.int64)
    inside = slice(*np.searchsorted(pixel, (0, view.pixels)))
    if inside.stop > inside.start:
        pixel, at = pixel[inside], np.arange(inside.start, inside.stop)
        first = np.flatnonzero(np.diff(pixel, prepend=-1))
        low_mw[pixel[first]] = np.minimum.reduceat(low[at], first)
        high_mw[pixel[first]] = np.maximum.reduceat(high[at], first)
    wide = np.flatnonzero(np.diff(t) > _longest_quiet_ms(curve))
    gaps = [(float(t[at]), float(t[at + 1])) for at in wide]
    line = _at_pixel_edges(t, mean, view, gaps)
    low_mw = np.fmin(low_mw, np.fmin(line[:-1], line[1:]))
    high_mw = np.fmax(high_mw, np.fmax(line[:-1], line[1:]))
    return Columns(low_mw, high_mw, tuple(gaps))


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


def _at_pixel_edges(t: Ints, mean: Ints, view: TimeView, gaps: list[tuple[float, float]]) -> Floats:
    edges = view.start_ms + np.arange(view.pixels + 1) * view.pixel_ms
    line: Floats = np.interp(edges, t, mean, left=np.nan, right=np.nan)
    for before, after in gaps:
        line[np.searchsorted(edges, before) : np.searchsorted(edges, after)] = np.nan
    return line
