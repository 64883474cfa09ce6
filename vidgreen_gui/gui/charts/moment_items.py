"""What stands still in time and moves through the view: bands, gaps and clock labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vidgreen_gui.gui.charts.pixels import hatch, in_pixels, whole
from vidgreen_gui.gui.charts.timeview import TimeView

_LABEL_PAD = 7
_LABEL_TOP = 7


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
        self._spans: tuple[Span, ...] = ()
        self._ink, self._font = QColor(), QFont()

    def set_ink(self, ink: QColor, font: QFont) -> None:
        """Set the colour and the font of the labels."""
        self._ink, self._font = ink, font
        self.update()

    def set_spans(self, spans: Sequence[Span]) -> None:
        """Replace all spans."""
        if tuple(spans) == self._spans:
            return
        self._spans = tuple(spans)
        box = QRectF()
        for span in self._spans:
            box = box.united(self._rect(span))
        self._set_box(box)

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
        option: QStyleOptionGraphicsItem,  # noqa: ARG002
        widget: QWidget | None = None,  # noqa: ARG002
    ) -> None:
        """Paint the spans in view, with a label where it fits."""
        with in_pixels(painter) as to_pixels:
            seen = painter.viewport().toRectF()
            painter.setFont(self._font)
            for span in self._spans:
                rect = whole(to_pixels.mapRect(self._rect(span)))
                if rect.right() < seen.left() or rect.left() > seen.right():
                    continue
                if span.hatched:
                    hatch(painter, rect, span.colour)
                else:
                    painter.fillRect(rect, span.colour)
                if span.label:
                    self._paint_label(painter, span.label, rect)

    def _paint_label(self, painter: QPainter, label: str, band: QRectF) -> None:
        left = max(band.left(), self._view_left(painter))
        metrics = QFontMetricsF(self._font)
        if left + metrics.horizontalAdvance(label) + 2 * _LABEL_PAD > band.right() + 1:
            return
        if metrics.height() + _LABEL_TOP > band.height():
            return
        painter.setPen(self._ink)
        baseline = band.top() + _LABEL_TOP + metrics.ascent()
        painter.drawText(QPointF(left + _LABEL_PAD, round(baseline)), label)

    def _view_left(self, painter: QPainter) -> float:
        parent = self.parentItem()
        box = parent.parentItem() if parent else None
        if box is None:
            return painter.viewport().left()
        return box.sceneBoundingRect().left()

    def _rect(self, span: Span) -> QRectF:
        left, right = self.seconds(span.start_ms), self.seconds(span.end_ms)
        return QRectF(left, span.floor, right - left, span.top - span.floor)


class ClockItem(MomentItem):
    """The times of day under a chart, painted anew only when one enters or leaves."""

    def __init__(self, epoch_ms: float, colour: QColor, font: QFont) -> None:
        super().__init__(epoch_ms)
        self._ticks: tuple[tuple[float, str], ...] = ()
        self.set_look(colour, font)

    def set_look(self, colour: QColor, font: QFont) -> None:
        """Paint in this colour and font from now on."""
        self._colour, self._font = colour, font
        self.update()

    def set_ticks(self, ticks: tuple[tuple[float, str], ...], pixel_ms: float) -> None:
        """Replace the labels: (UTC ms, text); the box leaves them room on either side."""
        if ticks == self._ticks:
            return
        self._ticks = ticks
        if not ticks:
            self._set_box(QRectF())
            return
        room_s = 40 * pixel_ms / 1000
        left, right = self.seconds(ticks[0][0]) - room_s, self.seconds(ticks[-1][0]) + room_s
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
            for t_ms, label in self._ticks:
                at = to_pixels.map(QPointF(self.seconds(t_ms), 1.0))
                box = QRectF(round(at.x()) - 40, round(at.y()), 80, 18)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label)
