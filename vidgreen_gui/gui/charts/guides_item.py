"""What stands still over the power curve: limits, the forecast, lane names."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vidgreen_gui.gui.charts.pixels import Floats, draw_lines, fitted, in_pixels

_DOTTED, _DASHED = (1, 4), (4, 3)
_LABEL_GAP, _LABEL_PAD = 6, 1


@dataclass(frozen=True, slots=True)
class Guide:
    """A line through `points` (x in seconds after now, y in the view), dotted or dashed."""

    points: tuple[tuple[float, float], ...]
    colour: QColor
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A label right of now: above height `y` with `anchor` 0, around it with 0.5, under with 1."""

    y: float
    text: str
    colour: QColor
    anchor: float = 0.0


class GuidesItem(QGraphicsItem):
    """Lines and labels that change only with the facts."""

    def __init__(self) -> None:
        super().__init__()
        self._box = QRectF()
        self._guides: tuple[Guide, ...] = ()
        self._marks: tuple[Mark, ...] = ()
        self._dashes: list[tuple[QColor, Floats]] = []
        self._letters: list[tuple[QRect, QPointF, str, QColor]] = []
        self._drawn_for: QTransform | None = None
        self._font, self._ground = QFont(), QColor()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def set_look(self, font: QFont, ground: QColor) -> None:
        """Write the labels in this font, on this colour."""
        self._font, self._ground = font, ground
        self._drawn_for = None
        self.update()

    def set_box(self, box: QRectF) -> None:
        """Set the view's whole box, in its own coordinates."""
        self.prepareGeometryChange()
        self._box = box
        self._drawn_for = None

    def set_guides(self, guides: Sequence[Guide], marks: Sequence[Mark]) -> bool:
        """Replace lines and labels; return whether they are others."""
        if (tuple(guides), tuple(marks)) == (self._guides, self._marks):
            return False
        self._guides, self._marks = tuple(guides), tuple(marks)
        self._drawn_for = None
        self.update()
        return True

    def boundingRect(self) -> QRectF:
        """Return the view's box."""
        return self._box

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,  # noqa: ARG002
    ) -> None:
        """Paint the lines that are exposed, then the labels right of now."""
        with in_pixels(painter) as to_pixels:
            if to_pixels != self._drawn_for:
                self._dash(to_pixels)
                self._letter(to_pixels)
                self._drawn_for = to_pixels
            seen = to_pixels.mapRect(option.exposedRect)
            for colour, lines in self._dashes:
                painter.setPen(QPen(colour, 1))
                exposed = (lines[:, 2] >= seen.left()) & (lines[:, 0] <= seen.right())
                draw_lines(painter, lines[exposed])
            painter.setFont(self._font)
            for ground, baseline, text, colour in self._letters:
                if ground.left() > seen.right():
                    continue
                painter.fillRect(ground, self._ground)
                painter.setPen(colour)
                painter.drawText(baseline, text)

    def _dash(self, to_pixels: QTransform) -> None:
        """Cut all lines into dashes: Qt's own dashing costs as much as the curve, each time."""
        left, right = self._box.left(), self._box.right()
        self._dashes = []
        for guide in self._guides:
            pattern = _DOTTED if guide.dotted else _DASHED
            cuts = [np.empty((0, 4))]
            for (x, y), (to_x, to_y) in pairwise(guide.points):
                if min(x, to_x) < right:
                    start = to_pixels.map(QPointF(max(x, left), y))
                    end = to_pixels.map(QPointF(min(to_x, right), to_y))
                    cuts.append(_cut(_centre(start), _centre(end), *pattern))
            self._dashes.append((guide.colour, np.concatenate(cuts)))

    def _letter(self, to_pixels: QTransform) -> None:
        """Place all labels, with a ground each: a line through a label makes both hard to read."""
        metrics = QFontMetricsF(self._font)
        height = metrics.height()
        left = round(to_pixels.map(QPointF(0.0, 0.0)).x()) + _LABEL_GAP
        room = to_pixels.map(QPointF(self._box.right(), 0.0)).x() - left
        self._letters = []
        for mark in self._marks:
            text = fitted(mark.text, self._font, room)
            line = to_pixels.map(QPointF(0.0, mark.y)).y()
            top = round(line + (mark.anchor - 1) * height + (2 * mark.anchor - 1) * _LABEL_PAD)
            ground = QRectF(left - 2, top, metrics.horizontalAdvance(text) + 4, height)
            baseline = QPointF(left, round(top + metrics.ascent()))
            self._letters.append((ground.toRect(), baseline, text, mark.colour))


def _cut(start: QPointF, end: QPointF, dash: int, blank: int) -> Floats:
    """Return a level or upright line in dashes, float64[n, 4] of x and y pairs."""
    whole = QLineF(start, end)
    at = np.arange(0.0, whole.length(), dash + blank)
    if len(at) == 0:
        return np.empty((0, 4))
    until = np.minimum(at + dash - 1, whole.length())
    dx, dy = whole.dx() / whole.length(), whole.dy() / whole.length()
    ends = (
        start.x() + dx * at,
        start.y() + dy * at,
        start.x() + dx * until,
        start.y() + dy * until,
    )
    return np.column_stack(ends)


def _centre(point: QPointF) -> QPointF:
    return QPointF(int(point.x()) + 0.5, int(point.y()) + 0.5)
