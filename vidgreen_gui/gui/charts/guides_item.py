"""What stands still over the power curve: limits, the forecast, lane names, the cross-hair."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vidgreen_gui.gui.charts.pixels import fitted, in_pixels

_DOTTED = (1.0, 4.0)
_DASHED = (4.0, 3.0)
_LABEL_GAP = 6


@dataclass(frozen=True, slots=True)
class Guide:
    """A line through `points` (x in seconds after now, y in the view), dotted or dashed."""

    points: tuple[tuple[float, float], ...]
    colour: QColor
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A label right of now at height `y`: above that line, or under it."""

    y: float
    text: str
    colour: QColor
    above: bool = True


class GuidesItem(QGraphicsItem):
    """Lines and labels that change only with the facts."""

    def __init__(self) -> None:
        super().__init__()
        self._box = QRectF()
        self._guides: tuple[Guide, ...] = ()
        self._marks: tuple[Mark, ...] = ()
        self._font = QFont()

    def set_font(self, font: QFont) -> None:
        """Write the labels in this font."""
        self._font = font
        self.update()

    def set_box(self, box: QRectF) -> None:
        """Set the view's whole box, in its own coordinates."""
        self.prepareGeometryChange()
        self._box = box

    def set_guides(self, guides: Sequence[Guide], marks: Sequence[Mark]) -> None:
        """Replace lines and labels."""
        if (tuple(guides), tuple(marks)) == (self._guides, self._marks):
            return
        self._guides, self._marks = tuple(guides), tuple(marks)
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the view's box."""
        return self._box

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,  # noqa: ARG002
        widget: QWidget | None = None,  # noqa: ARG002
    ) -> None:
        """Paint the lines, then the labels right of now."""
        with in_pixels(painter) as to_pixels:
            for guide in self._guides:
                pen = QPen(guide.colour, 1)
                pen.setDashPattern(_DOTTED if guide.dotted else _DASHED)
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                painter.setPen(pen)
                points = [_centre(to_pixels.map(QPointF(*point))) for point in guide.points]
                for start, end in pairwise(points):
                    painter.drawLine(QLineF(start, end))
            painter.setFont(self._font)
            metrics = QFontMetricsF(self._font)
            now = to_pixels.map(QPointF(0.0, 0.0)).x() + _LABEL_GAP
            room = to_pixels.map(QPointF(self._box.right(), 0.0)).x() - now
            for mark in self._marks:
                y = to_pixels.map(QPointF(0.0, mark.y)).y()
                y += -_LABEL_GAP + 1 if mark.above else metrics.ascent() + 2
                painter.setPen(mark.colour)
                text = fitted(mark.text, self._font, room)
                painter.drawText(QPointF(round(now), round(y)), text)


class CrossHair(QGraphicsItem):
    """A thin vertical line under the pointer."""

    def __init__(self, colour: QColor) -> None:
        super().__init__()
        self._height = 1.0
        self.set_colour(colour)
        self.hide()

    def set_colour(self, colour: QColor) -> None:
        """Paint in this colour from now on."""
        self._pen = QPen(colour, 0)
        self.update()

    def set_height(self, height: float) -> None:
        """Span this height of the view."""
        self.prepareGeometryChange()
        self._height = height

    def boundingRect(self) -> QRectF:
        """Return the line with a hair's width in seconds on either side."""
        return QRectF(-0.001, 0.0, 0.002, self._height)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,  # noqa: ARG002
        widget: QWidget | None = None,  # noqa: ARG002
    ) -> None:
        """Paint the line."""
        painter.setPen(self._pen)
        painter.drawLine(QLineF(0.0, 0.0, 0.0, self._height))


def _centre(point: QPointF) -> QPointF:
    return QPointF(int(point.x()) + 0.5, int(point.y()) + 0.5)
