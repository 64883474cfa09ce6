"""The power chart: curve, iteration bands, phases, limit and forecast over one clock axis."""

from collections.abc import Sequence
from math import inf, isfinite

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsView, QToolTip, QVBoxLayout, QWidget

from vidgreen_gui.gui.charts.axes import CLOCK_ROW_PX, Frame, small_font
from vidgreen_gui.gui.charts.canvas import Bars, Canvas
from vidgreen_gui.gui.charts.guides_item import GuidesItem
from vidgreen_gui.gui.charts.lanes import EMPTY_LANE, Lane, lanes_of
from vidgreen_gui.gui.charts.live_marks import (
    bands_of,
    gaps_of,
    guides_of,
    lane_ticks,
    marks_of,
    phases_of,
)
from vidgreen_gui.gui.charts.moment_items import ClockItem, SpansItem
from vidgreen_gui.gui.charts.readout import Readout
from vidgreen_gui.gui.charts.strokes import Ends, Stroke, Strokes
from vidgreen_gui.gui.charts.timeline import Stretch, stretches_of
from vidgreen_gui.gui.charts.timeview import (
    TimeView,
    auto_span_s,
    ms_of,
    time_view,
    whole_span_s,
)
from vidgreen_gui.gui.theme import Theme
from vidgreen_gui.model.facts import LiveSnapshot, PowerCurve
from vidgreen_gui.model.units import w_from_mw
from vidgreen_gui.texts.catalog import Texts

# The room right of now: forecast, limit, names.
AHEAD_PX = 104
_PHASE_ROW_PX = 15
_PHASE_ROW, _CLOCK_ROW = 1, 2
# From the back: all that was measured, the line of a device that is not counted, the others'.
_BARS = ("data_fill", "muted", "data")
# A window that changes by less than this share keeps its length.
_CREEP = 0.05


class LiveChart(QWidget):
    """Draws power against a clock that runs through a fixed view, at the pace it is fed.

    `iteration_clicked` carries an iteration's id, `hovered` what is under the pointer ("" for
    nothing).
    """

    iteration_clicked = Signal(str)
    hovered = Signal(str)

    def __init__(self, theme: Theme, texts: Texts) -> None:
        super().__init__()
        self._theme, self._texts = theme, texts
        self._snapshot: LiveSnapshot | None = None
        self._curves: dict[str, PowerCurve] = {}
        self._strokes = Strokes()
        self._drawn: tuple[Stroke, ...] = ()
        self._lanes: tuple[Lane, ...] = (EMPTY_LANE,)
        self._stretches: tuple[Stretch, ...] = ()
        self._highest_w: dict[str, float] = {}
        self._window_s: float | None = None
        self._selected: str | None = None
        self._view: TimeView | None = None
        self._laid_out_for: tuple[int, QSize] | None = None
        self._build()
        self.apply_theme(theme)

    @property
    def view(self) -> TimeView | None:
        """Return the time on show, None before the first snapshot."""
        return self._view

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """Return the session's iterations in time."""
        return self._stretches

    @property
    def span_s(self) -> float:
        """Return the length of the past on show."""
        return auto_span_s(0.0) if self._snapshot is None else self._span_s(self._snapshot)

    def set_window_seconds(self, seconds: float | None) -> bool:
        """Show that much of the past; None chooses, infinity is the whole session.

        Return whether that is new. A length that creeps is followed in steps: each new length
        moves every column.
        """
        old = self._window_s
        if seconds == old or (
            old and seconds and isfinite(old) and abs(seconds - old) < _CREEP * old
        ):
            return False
        self._window_s = seconds
        self._highest_w.clear()
        return True

    def set_selected(self, iteration_id: str | None) -> None:
        """Lift this iteration's band out a little."""
        if iteration_id != self._selected:
            self._selected = iteration_id
            self._place_bands()

    def set_texts(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        if self._snapshot is not None:
            self.show_facts(self._snapshot, self._curves)

    def apply_theme(self, theme: Theme) -> None:
        """Put on another theme."""
        self._theme = theme
        font = small_font(self)
        number = QFont(font)
        number.setBold(True)
        self._frame.dress(theme, font)
        self._bands.set_ink(theme.colour("muted"), number)
        self._clock.set_look(theme.colour("muted"), font)
        self._guides.set_look(font, theme.colour("window"))
        colours = {name: theme.colour(name) for name in _BARS}
        self._canvas.set_colours(colours, theme.colour("muted"))
        self._drawn = ()
        self._repaint_all()
        if self._snapshot is not None:
            self.show_facts(self._snapshot, self._curves)

    def show_facts(self, snapshot: LiveSnapshot, curves: dict[str, PowerCurve]) -> None:
        """Place all but the curve: bands, phases, limits, forecast."""
        self._snapshot, self._curves = snapshot, curves
        self._stretches = stretches_of(snapshot)
        self._lay_out(snapshot)
        self._lay_lanes(snapshot)
        if self._phases.set_spans(phases_of(self._stretches, self._theme)):
            self._repaint_rows()

    def show_power(self, snapshot: LiveSnapshot, curves: dict[str, PowerCurve]) -> None:
        """Draw one frame: move to now and set the columns."""
        self._snapshot, self._curves = snapshot, curves
        view = self._view
        if view is None or self._laid_out_for != (snapshot.utc_ns, self._frame.view.size()):
            view = self._lay_out(snapshot)
        before = self._drawn
        strokes = self._strokes.of(self._lanes, curves, view, self._frame.pixel_y)
        if strokes == before:
            return
        self._drawn = strokes
        self._canvas.set_bars(self._bars(strokes))
        columns = [stroke.columns for stroke in strokes]
        if self._gaps.set_spans(gaps_of(self._lanes, columns, self._theme)):
            self._canvas.renew()
        grown = [self._grew(stroke) for stroke in strokes if stroke not in before]
        if any(grown):
            self._lay_lanes(snapshot)
            self.show_power(snapshot, curves)

    def _bars(self, strokes: Sequence[Stroke]) -> dict[str, Bars]:
        """Return all columns by their colour, in pixels."""
        lines: dict[str, list[Ends]] = {}
        for stroke in strokes:
            lines.setdefault("data" if stroke.lane.counted else "muted", []).append(stroke.line)
            if stroke.measured is not None:
                lines.setdefault("data_fill", []).append(stroke.measured)
        return {name: self._in_pixels(ends) for name, ends in lines.items()}

    def _in_pixels(self, ends: Sequence[Ends]) -> Bars:
        upper, pixel_y = self._frame.shown.bottom(), self._frame.pixel_y
        bottom, top = (upper - np.array(ends).transpose(1, 0, 2)) / pixel_y
        return top, bottom

    def _lay_out(self, snapshot: LiveSnapshot) -> TimeView:
        """Move to the snapshot's time where that is another pixel; return the view."""
        self._laid_out_for = snapshot.utc_ns, self._frame.view.size()
        width, _height = self._frame.plot_px
        ahead = min(AHEAD_PX, width // 4)
        now_ms, ratio = ms_of(snapshot.utc_ns), self.devicePixelRatioF()
        view = time_view(now_ms, self._span_s(snapshot), width, ahead, ratio)
        if view != self._view:
            self._view = view
            self._frame.set_x(view.first_x, view.last_x)
            self._move(view)
            self._place_bands()
        return view

    def _lay_lanes(self, snapshot: LiveSnapshot) -> None:
        """Give each device its lane and its scale, and place what stands in them."""
        _width, height = self._frame.plot_px
        self._lanes = lanes_of(snapshot, self._highest_w, height) or (EMPTY_LANE,)
        if self._frame.set_ticks(lane_ticks(self._lanes, height, self._texts)):
            self._repaint_all()
        self._frame.set_y(float(len(self._lanes)))
        self._fit_boxes()
        self._place_bands()
        self._place_guides()

    def _move(self, view: TimeView) -> None:
        self._fit_boxes()
        for moment in (self._bands, self._gaps, self._phases, self._clock):
            moment.follow(view)
        self._repaint_rows()
        self._canvas.renew()

    def _repaint_rows(self) -> None:
        """Repaint phases and clock alone: what moves beyond the canvas."""
        viewport = self._frame.view.viewport()
        top = round(self._frame.box.sceneBoundingRect().bottom())
        viewport.update(0, top, viewport.width(), viewport.height() - top)

    def _repaint_box(self) -> None:
        """Repaint the plot alone: the canvas, and what is right of it."""
        self._canvas.renew()
        seen = self._canvas.geometry()
        viewport = self._frame.view.viewport()
        viewport.update(seen.right() + 1, seen.y(), viewport.width(), seen.height())

    def _repaint_all(self) -> None:
        self._canvas.renew()
        self._frame.view.viewport().update()

    def _fit_boxes(self) -> None:
        box = self._frame.shown
        if box != self._guides.boundingRect():
            self._guides.set_box(box)
            self._repaint_all()
        if self._view is not None:
            seen = self._frame.box.sceneBoundingRect().toRect()
            past_px = round(self._view.pixels / self._view.ratio)
            self._canvas.setGeometry(seen.x(), seen.y(), past_px, seen.height())

    def _grew(self, stroke: Stroke) -> bool:
        """Note the highest power seen; return whether it left the lane's scale."""
        lane = stroke.lane
        highest_w = w_from_mw(float(np.fmax.reduce(stroke.columns.high_mw, initial=0.0)))
        self._highest_w[lane.device_id] = max(highest_w, self._highest_w.get(lane.device_id, 0.0))
        return highest_w > lane.scale.top

    def _span_s(self, snapshot: LiveSnapshot) -> float:
        if self._window_s == inf:
            started_ns = snapshot.session.session.started_utc_ns if snapshot.session else None
            past_ms = ms_of(snapshot.utc_ns) - ms_of(started_ns or snapshot.utc_ns)
            return whole_span_s(past_ms / 1000)
        if self._window_s is not None:
            return self._window_s
        running = [one for one in self._stretches if one.running]
        longest_ms = max((one.end_ms - one.start_ms for one in running), default=0.0)
        return auto_span_s(longest_ms / 1000)

    def _place_bands(self) -> None:
        if self._view is None:
            return
        edge_ms = self._view.edge_ms
        bands = bands_of(self._stretches, self._lanes, self._theme, self._selected, edge_ms)
        if self._bands.set_spans(bands):
            self._canvas.renew()

    def _place_guides(self) -> None:
        if self._snapshot is None or self._view is None:
            return
        guides = guides_of(
            self._snapshot, self._lanes, self._stretches, self._curves, self._theme, self._view
        )
        marks = marks_of(self._lanes, self._theme, self._texts)
        if self._guides.set_guides(guides, marks):
            self._repaint_box()

    def _build(self) -> None:
        self._frame = Frame((_PHASE_ROW_PX, CLOCK_ROW_PX))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._frame.view)
        # Any epoch near the data keeps seconds exact; the first full second of 2026 is as good.
        epoch_ms = 1_767_225_600_000.0
        self._bands, self._gaps = SpansItem(epoch_ms), SpansItem(epoch_ms)
        self._phases = SpansItem(epoch_ms)
        self._clock = ClockItem(epoch_ms, self._theme.colour("muted"), QFont())
        self._guides = GuidesItem()
        # The canvas covers what moves most; the view would paint it once more, unseen.
        self._frame.view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.NoViewportUpdate)
        self._canvas = Canvas(self._frame.view)
        for item in (
            self._bands,
            self._frame.grid,
            self._gaps,
            self._guides,
        ):
            self._frame.box.addItem(item, ignoreBounds=True)
        self._frame.rows[_PHASE_ROW - 1].addItem(self._phases, ignoreBounds=True)
        self._frame.rows[_CLOCK_ROW - 1].addItem(self._clock, ignoreBounds=True)
        viewport = self._frame.view.viewport()
        viewport.setMouseTracking(True)
        viewport.installEventFilter(self)
        self.setMinimumHeight(120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew in the new size."""
        super().resizeEvent(event)
        if self._snapshot is not None:
            self.show_facts(self._snapshot, self._curves)
            self.show_power(self._snapshot, self._curves)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the pointer over the chart."""
        match event.type():
            case QEvent.Type.MouseMove if isinstance(event, QMouseEvent):
                self._on_moved(event.position().toPoint())
            case QEvent.Type.Leave:
                self._canvas.set_cross(None)
                self.hovered.emit("")
            case QEvent.Type.MouseButtonRelease if isinstance(event, QMouseEvent):
                self._on_clicked(event)
            case QEvent.Type.ToolTip if isinstance(event, QHelpEvent):
                QToolTip.showText(event.globalPos(), self._tooltip(event.pos()), self)
                return True
        return super().eventFilter(watched, event)

    def _readout(self) -> Readout:
        columns = [stroke.columns for stroke in self._drawn]
        return Readout(self._texts, self._lanes, self._stretches, columns, self._curves)

    def _at(self, point: QPoint) -> tuple[float, float] | None:
        """Return (UTC ms, y) under a point of the viewport, None before the first snapshot."""
        if self._view is None:
            return None
        place = self._frame.box.mapSceneToView(self._frame.view.mapToScene(point))
        return self._view.edge_ms + 1000 * place.x(), place.y()

    def _on_moved(self, point: QPoint) -> None:
        at = self._at(point)
        if at is None or self._view is None or not self._view.start_ms <= at[0] < self._view.end_ms:
            self._canvas.set_cross(None)
            self.hovered.emit("")
            return
        self._canvas.set_cross(point.x() - self._canvas.x() + 0.5)
        self.hovered.emit(self._readout().line(*at))

    def _on_clicked(self, event: QMouseEvent) -> None:
        at = self._at(event.position().toPoint())
        if at is None or event.button() != Qt.MouseButton.LeftButton:
            return
        stretch = self._readout().stretch_at(*at)
        if stretch is not None:
            self.iteration_clicked.emit(stretch.id)

    def _tooltip(self, point: QPoint) -> str:
        at = self._at(point)
        return "" if at is None else self._readout().tooltip(*at)
