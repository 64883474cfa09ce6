"""The devices' lines in the power chart, made anew only where a pixel would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vidgreen_gui.gui.charts.columns import Columns, Floats, columns_of
from vidgreen_gui.gui.charts.lanes import Lane
from vidgreen_gui.gui.charts.timeview import TimeView
from vidgreen_gui.model.facts import PowerCurve

# A level line is this thick, so that it is seen as well as a steep one.
_LEAST_PX = 1.6
# Simulated columns come in dashes of this many pixels, with the gap between them.
_DASH_PX, _PITCH_PX = 5, 8
# From one frame to the next only the newest columns of a curve change.
_NEWEST = 3

# Lower and upper end in the view's heights, float64 per pixel.
Ends = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """What is drawn of one device: its line and, where it counts, all that was measured.

    Two strokes are equal only where they are the same object.
    """

    lane: Lane
    curve: PowerCurve
    columns: Columns
    line: Ends
    measured: Ends | None


class Strokes:
    """Keeps what was drawn last, for all that looks the same in the next frame."""

    def __init__(self) -> None:
        self._place: tuple[TimeView, float] | None = None
        self._known: dict[str, Stroke] = {}

    def of(
        self,
        lanes: Sequence[Lane],
        curves: Mapping[str, PowerCurve],
        view: TimeView,
        pixel_y: float,
    ) -> tuple[Stroke, ...]:
        """Return a stroke per lane: the same object as before where nothing is to be seen."""
        if self._place != (view, pixel_y):
            self._place = view, pixel_y
            self._known.clear()
        found = []
        for lane in lanes:
            curve = curves.get(lane.device_id) or PowerCurve(lane.device_id)
            stroke = self._known.get(lane.device_id)
            if stroke is None or stroke.lane != lane or not _alike(stroke, curve, pixel_y):
                stroke = self._known[lane.device_id] = _stroke(lane, curve, view, pixel_y)
            found.append(stroke)
        return tuple(found)


def _stroke(lane: Lane, curve: PowerCurve, view: TimeView, pixel_y: float) -> Stroke:
    columns = columns_of(curve, view)
    low, high, least, most = lane.heights(
        np.array((columns.line_low_mw, columns.line_high_mw, columns.low_mw, columns.high_mw))
    )
    lift = np.fmax(0.0, _LEAST_PX * pixel_y - (high - low)) / 2
    low, high = np.fmax(low - lift, lane.floor), high + lift
    if lane.simulated:
        number = view.edge_index - view.pixels + np.arange(view.pixels)
        blank = (number % _PITCH_PX >= _DASH_PX) & (high - low < _PITCH_PX * pixel_y)
        low[blank] = high[blank] = np.nan
    measured = (least, most) if lane.counted and not lane.simulated else None
    return Stroke(lane, curve, columns, (low, high), measured)


def _alike(stroke: Stroke, curve: PowerCurve, pixel_y: float) -> bool:
    """Return whether a curve differs from what was drawn by less than half a pixel anywhere."""
    drawn, lane = stroke.curve, stroke.lane
    if drawn is curve:
        return True
    if drawn.t_utc_ms != curve.t_utc_ms:
        return False
    half_px_mw = max(1, int(500 * pixel_y * lane.scale.top / lane.height))
    return all(
        before[:-_NEWEST] == now[:-_NEWEST]
        and all(
            # Rounded down, what is missing (-1) differs from no power at all.
            a // half_px_mw == b // half_px_mw
            for a, b in zip(before[-_NEWEST:], now[-_NEWEST:], strict=True)
        )
        for before, now in (
            (drawn.min_mw, curve.min_mw),
            (drawn.mean_mw, curve.mean_mw),
            (drawn.max_mw, curve.max_mw),
        )
    )
