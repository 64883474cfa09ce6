"""Turns a session into what the power chart shows beside the curve: spans, guides and labels."""

from collections.abc import Sequence
from math import inf

import numpy as np

from vidgreen_gui.gui.charts.columns import Columns
from vidgreen_gui.gui.charts.guides_item import Guide, Mark
from vidgreen_gui.gui.charts.lanes import Lane
from vidgreen_gui.gui.charts.moment_items import Span
from vidgreen_gui.gui.charts.timeline import Stretch
from vidgreen_gui.gui.charts.timeview import TimeView, ms_of
from vidgreen_gui.gui.theme import Theme
from vidgreen_gui.gui.wording import DOT, short_device
from vidgreen_gui.model.facts import LiveSnapshot, PowerCurve
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.units import w_from_mw
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.visible import visible

# The strip under the plot: its upper part stays free, phases fill the rest.
_STRIP_TOP = 0.6
_MOST_TRACKS = 3
_LANE_LABEL_PX = 30
# A gap is hatched low in its lane, where it is seen and weighs nothing.
_GAP_SHARE = 0.06
# The forecast goes on at the mean of this much of the curve.
_RECENT_MS = 30_000
# It need not follow every watt: each change repaints what stands behind the curve.
_FORECAST_STEP_W = 5.0


def bands_of(
    stretches: Sequence[Stretch],
    lanes: Sequence[Lane],
    theme: Theme,
    selected: str | None,
    edge_ms: float,
) -> list[Span]:
    """Return a band per iteration and lane it ran on; its number stands in its first lane.

    What runs reaches to the view's edge, so that its band changes only when the view moves.
    """
    plain, chosen = theme.colour("band"), theme.colour("band_selected")
    bands = []
    for stretch in stretches:
        label = str(stretch.facts.iteration.number)
        for lane in lanes:
            if not stretch.on_device(lane.device_id):
                continue
            colour = chosen if stretch.id == selected else plain
            bands.append(
                Span(
                    stretch.start_ms, edge_ms if stretch.running else stretch.end_ms, colour,
                    lane.floor, lane.floor + lane.whole, label,
                )
            )  # fmt: skip
            label = ""
    return bands


def gaps_of(lanes: Sequence[Lane], columns: Sequence[Columns], theme: Theme) -> list[Span]:
    """Return a hatched span per gap, low in its lane: nothing was measured there."""
    return [
        Span(
            start, end, theme.colour("hatch"), lane.floor, lane.floor + _GAP_SHARE * lane.height,
            hatched=True,
        )
        for lane, device in zip(lanes, columns, strict=True)
        for start, end in device.gaps
    ]  # fmt: skip


def phases_of(stretches: Sequence[Stretch], theme: Theme) -> list[Span]:
    """Return a span per phase; iterations at the same time share the strip's height."""
    tracks = min(_MOST_TRACKS, 1 + max((one.track for one in stretches), default=0))
    height = _STRIP_TOP / tracks
    spans = []
    for stretch in stretches:
        floor = _STRIP_TOP - (1 + stretch.track % tracks) * height
        for phase in stretch.facts.phases:
            start_ms = ms_of(phase.start_utc_ns)
            spans.append(
                Span(
                    start_ms, start_ms + 1000 * phase.duration_s,
                    theme.colour(f"phase_{phase.name.value}"), floor, floor + height,
                    hatched=stretch.in_cloud,
                )
            )  # fmt: skip
    return spans


def guides_of(
    snapshot: LiveSnapshot,
    lanes: Sequence[Lane],
    stretches: Sequence[Stretch],
    curves: dict[str, PowerCurve],
    theme: Theme,
    view: TimeView,
) -> list[Guide]:
    """Return the dotted power limits and the dashed forecasts of what runs.

    A forecast goes from the view's edge to a whole pixel, or out of the view: it changes as seldom
    as it can.
    """
    guides = [
        Guide(((-inf, lane.y(lane.limit_w)), (inf, lane.y(lane.limit_w))), theme.colour("notice"),
              dotted=True)
        for lane in lanes
        if lane.limit_w is not None and (len(lanes) == 1 or lane.whole < 1)
    ]  # fmt: skip
    now_ms = ms_of(snapshot.utc_ns)
    for stretch in stretches:
        progress = stretch.facts.progress
        if not stretch.running or progress is None or progress.finish_utc_ns is None:
            continue
        finish_ms = ms_of(progress.finish_utc_ns)
        pixels = round((finish_ms - view.edge_ms) / view.pixel_ms)
        finish_s = pixels * view.pixel_ms / 1000 if pixels <= view.ahead else inf
        for lane in lanes:
            watts = _recent_w(curves.get(lane.device_id), now_ms)
            if pixels <= 0 or watts is None or not stretch.on_device(lane.device_id):
                continue
            level = lane.y(_FORECAST_STEP_W * round(watts / _FORECAST_STEP_W))
            points = ((0.0, level), (finish_s, level), (finish_s, lane.floor))
            guides.append(Guide(points, theme.colour("data")))
    return guides


def marks_of(lanes: Sequence[Lane], theme: Theme, texts: Texts) -> list[Mark]:
    """Return the labels right of now: limits, names of several devices, what is not measured."""
    muted = theme.colour("muted")
    if len(lanes) == 1:
        (lane,) = lanes
        grade = _grade_words(lane.grade, texts)
        marks = [Mark(lane.y(lane.scale.top / 2), grade, muted, 0.5)] if grade else []
        if lane.limit_w is not None:
            text = texts.say("chart.limit", power=texts.numbers.power(lane.limit_w))
            marks.append(Mark(lane.y(lane.limit_w), text, theme.colour("notice")))
        return marks
    return [
        Mark(
            lane.floor + (lane.whole if lane.whole < 1 else lane.height / 2),
            f"{number}{DOT}{_grade_words(lane.grade, texts) or short_device(visible(lane.name))}",
            muted,
            1.0 if lane.whole < 1 else 0.5,
        )
        for number, lane in enumerate(lanes)
    ]


def _grade_words(grade: Grade, texts: Texts) -> str:
    """Return shape and word of watts that no sensor read, "" for measured ones."""
    if grade is Grade.SIMULATED:
        return f"{grade.shape} {texts.say('chart.simulated')}"
    return f"{grade.shape} {texts.say('chart.estimated')}" if grade.is_estimate else ""


def lane_ticks(lanes: Sequence[Lane], height_px: int, texts: Texts) -> list[tuple[float, str]]:
    """Return the value axis' ticks: the whole scale of one device, the ends of several."""
    if len(lanes) == 1:
        (lane,) = lanes
        return [(lane.y(watts), texts.numbers.integer(watts)) for watts in lane.scale.ticks]
    roomy = height_px / len(lanes) >= _LANE_LABEL_PX
    ticks = []
    for lane in lanes:
        top = texts.numbers.integer(lane.scale.top) if roomy else ""
        ticks += [(lane.y(0.0), ""), (lane.y(lane.scale.top), top)]
    return ticks


def _recent_w(curve: PowerCurve | None, now_ms: float) -> float | None:
    if curve is None:
        return None
    t = np.frombuffer(curve.t_utc_ms, dtype=np.int64)
    mean = np.frombuffer(curve.mean_mw, dtype=np.int64)
    recent = mean[(t > now_ms - _RECENT_MS) & (t <= now_ms) & (mean >= 0)]
    return w_from_mw(float(recent.mean())) if len(recent) else None
