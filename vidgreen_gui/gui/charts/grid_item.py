"""Level lines at the ticks: a few pixels each, which an axis' own grid would blend as a picture."""

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget


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
        """Paint the lines."""
        painter.setPen(self._pen)
        left, right = self._box.left(), self._box.right()
        painter.drawLines([QLineF(left, y, right, y) for y in self._heights])
