"""Level lines at the ticks: a few pixels each, which an axis' own grid would blend as a picture."""

from collections.abc import Sequence
from math import floor

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vidgreen_gui.gui.charts.pixels import in_pixels

# Rounds to the nearest row; a little more, since halves come with an error in their last digits.
_HALF_ROW = 0.501


class GridItem(QGraphicsItem):
    """Horizontal lines across a view."""

    def __init__(self) -> None:
        super().__init__()
        self._box = QRectF()
        self._heights: tuple[float, ...] = ()
        self._pen = QPen()

    def set_colour(self, colour: QColor) -> None:
        """Paint in this colour from now on."""
        self._pen = QPen(colour, 0)
        self.update()

    def set_box(self, box: QRectF) -> None:
        """Set the view's range."""
        if box != self._box:
            self.prepareGeometryChange()
            self._box = box

    def set_heights(self, heights: Sequence[float]) -> None:
        """Set the lines' y."""
        self._heights = tuple(heights)
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the view's range."""
        return self._box

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,  # noqa: ARG002
        widget: QWidget | None = None,  # noqa: ARG002
    ) -> None:
        """Paint the lines, each in one row of pixels: the same row from whatever corner it is."""
        left, right = self._box.left(), self._box.right()
        with in_pixels(painter) as to_pixels:
            painter.setPen(self._pen)
            for height in self._heights:
                line = to_pixels.map(QLineF(left, height, right, height))
                row = floor(line.y1() + _HALF_ROW)
                painter.drawLine(QLineF(line.x1(), row, line.x2(), row))
