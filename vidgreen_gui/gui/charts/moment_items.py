"""What stands still in time and moves through the view: bands, gaps and clock labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vidgreen_gui.gui.charts.pixels import hatch, in_pixels, whole
from vidgreen_gui.gui.charts.timeview import TimeView, clock_ticks

# How much of an axis a clock label takes.
TICK_PX = 64
_LABEL_PAD = 7
_LABEL_TOP = 5
# A band lower than this has no room for a number beside the curve.
_LABELLED_PX = 40


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in UTC ms, over `floor` to `top` of the view's height."""

    start_ms: float
    end_ms: float
    colour: QColor
    floor: float = 0.0
    top: float = 1.0
    label: str = ""
    hatched: bool = False


class MomentItem(QGraphicsItem):
    """An item in seconds after its own epoch; `follow` moves it, nothing is computed anew."""

    def __init__(self, epoch_ms: float) -> None:
        super().__init__()
        self._epoch_ms = epoch_ms
        self._box = QRectF()

    def follow(self, view: TimeView) -> None:
        """Move to where the view's edge is now."""
        self.setX((self._epoch_ms - view.edge_ms) / 1000)

    def seconds(self, t_ms: float) -> float:
        """Return the x of a time in the item's own coordinates."""
        return (t_ms - self._epoch_ms) / 1000

    def boundingRect(self) -> QRectF:
        """Return the box around all moments."""
        return self._box

    def _set_box(self, box: QRectF) -> None:
        if box != self._box:
            self.prepareGeometryChange()
            self._box = box
        self.update()


class SpansItem(MomentItem):
    """Rectangles between two moments: iteration bands with their numbers, gaps, phases."""

    def __init__(self, epoch_ms: float) -> None:
        super().__init__(epoch_ms)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._spans: tuple[Span, ...] = ()
        self._ink, self._font = QColor(), QFont()

    def set_ink(self, ink: QColor, font: QFont) -> None:
        """Set the colour and the font of the labels."""
        self._ink, self._font = ink, font
        self.update()

    def set_spans(self, spans: Sequence[Span]) -> bool:
        """Replace all spans; return whether they are others."""
        if tuple(spans) == self._spans:
            return False
        self._spans = tuple(spans)
        box = QRectF()
        for span in self._spans:
            box = box.united(self._rect(span))
        self._set_box(box)
        return True

    def span_at(self, t_ms: float, y: float) -> int | None:
        """Return the index of the topmost span at that place, None where there is none."""
        for index in range(len(self._spans) - 1, -1, -1):
            span = self._spans[index]
            if span.start_ms <= t_ms < span.end_ms and span.floor <= y < span.top:
                return index
        return None

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,  # noqa: ARG002
    ) -> None:
        """Paint the spans in view, with a label where it fits."""
        exposed = option.exposedRect
        first_ms = self._epoch_ms + 1000 * exposed.left()
        last_ms = self._epoch_ms + 1000 * exposed.right()
        seen = [one for one in self._spans if one.end_ms >= first_ms and one.start_ms <= last_ms]
        with in_pixels(painter) as to_pixels:
            painter.setFont(self._font)
            view_left = self._view_left(to_pixels)
            for span in seen:
                rect = whole(to_pixels.mapRect(self._rect(span)))
                if span.hatched:
                    hatch(painter, rect, span.colour)
                else:
                    painter.fillRect(rect, span.colour)
                if span.label:
                    self._paint_label(painter, span.label, rect, view_left)

    def _paint_label(self, painter: QPainter, label: str, band: QRect, view_left: float) -> None:
        left = max(band.left(), view_left)
        metrics = QFontMetricsF(self._font)
        if left + metrics.horizontalAdvance(label) + 2 * _LABEL_PAD > band.right() + 1:
            return
        if band.height() < _LABELLED_PX:
            return
        painter.setPen(self._ink)
        baseline = band.top() + _LABEL_TOP + metrics.ascent()
        painter.drawText(QPointF(left + _LABEL_PAD, round(baseline)), label)

    def _view_left(self, to_pixels: QTransform) -> float:
        """Return the left edge of the box that the item is seen through, in pixels."""
        group = self.parentItem()
        box = group.parentItem() if group else None
        if box is None:
            return -inf
        return to_pixels.map(self.mapFromScene(box.sceneBoundingRect().topLeft())).x()

    def _rect(self, span: Span) -> QRectF:
        left, right = self.seconds(span.start_ms), self.seconds(span.end_ms)
        return QRectF(left, span.floor, right - left, span.top - span.floor)


class ClockItem(MomentItem):
    """The times of day under a chart, painted anew only when one enters or leaves."""

    def __init__(self, epoch_ms: float, colour: QColor, font: QFont) -> None:
        super().__init__(epoch_ms)
        self._ticks: tuple[tuple[float, str], ...] = ()
        self._seen: tuple[tuple[float, str], ...] = ()
        self._pixel_ms = self._from_ms = self._until_ms = 0.0
        self._half_px = 0
        # Moved by whole pixels, a cached picture is only copied.
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.set_look(colour, font)

    def set_look(self, colour: QColor, font: QFont) -> None:
        """Paint in this colour and font from now on."""
        self._colour, self._font = colour, font
        self._pixel_ms = 0.0
        self.update()

    def follow(self, view: TimeView) -> None:
        """Move with the view; the picture is made anew only when a label enters or leaves."""
        super().follow(view)
        if view.pixel_ms != self._pixel_ms or not self._from_ms <= view.start_ms <= self._until_ms:
            self._label(view)
        half_ms = self._half_px * view.qt_pixel_ms
        seen = tuple(
            tick
            for tick in self._ticks
            if view.start_ms + half_ms <= tick[0] <= view.end_ms - half_ms
        )
        if seen != self._seen:
            self._seen = seen
            left, right = self.seconds(seen[0][0] - half_ms), self.seconds(seen[-1][0] + half_ms)
            self._set_box(QRectF(left, 0.0, right - left, 1.0))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,  # noqa: ARG002
        widget: QWidget | None = None,  # noqa: ARG002
    ) -> None:
        """Paint each label centred under its moment."""
        with in_pixels(painter) as to_pixels:
            painter.setFont(self._font)
            painter.setPen(self._colour)
            for t_ms, label in self._seen:
                at = to_pixels.map(QPointF(self.seconds(t_ms), 1.0))
                place = QRectF(round(at.x()) - self._half_px, at.y(), 2 * self._half_px, 18)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, label)

    def _label(self, view: TimeView) -> None:
        """Make labels for the view and as much again, so that it is seldom done."""
        self._pixel_ms, self._from_ms, self._until_ms = view.pixel_ms, view.start_ms, view.end_ms
        length_ms = view.end_ms - view.start_ms
        most = int(2 * view.qt_pixels / TICK_PX)
        self._ticks = clock_ticks(view.start_ms, view.end_ms + length_ms, most)
        metrics = QFontMetricsF(self._font)
        widest = max((metrics.horizontalAdvance(label) for _ms, label in self._ticks), default=0.0)
        self._half_px = ceil(widest / 2) + 1
