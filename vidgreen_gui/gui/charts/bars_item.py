"""Draws minimum and maximum per pixel as one vertical line each, the cheapest curve in Qt."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vidgreen_gui.gui.charts.pixels import Floats, draw_lines


class BarsItem(QGraphicsItem):
    """Columns of one colour, for any number of devices that share their x.

    It repaints no more than the columns that changed; where a value is NaN nothing is painted.
    """

    def __init__(self, colour: QColor) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._box = QRectF()
        self._x: Floats = np.empty(0)
        self._low: Floats = np.empty((0, 0))
        self._high: Floats = np.empty((0, 0))
        self._lines: Floats = np.empty((0, 4))
        self.set_colour(colour)

    def set_colour(self, colour: QColor) -> None:
        """Paint in this colour from now on."""
        # A width of 0 is one device pixel, whatever the view's transformation.
        self._pen = QPen(colour, 0)
        self.update()

    def set_box(self, box: QRectF) -> None:
        """Set the part of the view that columns may cover, in the view's coordinates."""
        self.prepareGeometryChange()
        self._box = box

    def set_columns(self, x: Floats, low: Sequence[Floats], high: Sequence[Floats]) -> None:
        """Replace all columns: x ascending float64[n], and per device its low and high y."""
        lows, highs = np.array(low, ndmin=2), np.array(high, ndmin=2)
        if np.array_equal(x, self._x) and lows.shape == self._low.shape:
            moved = ~_same(lows, self._low) | ~_same(highs, self._high)
            changed = np.flatnonzero(moved.any(axis=0))
            dirty = self._around(x, changed[0], changed[-1]) if len(changed) else QRectF()
        else:
            dirty = self._box
        self._x, self._low, self._high = x, lows, highs
        if not dirty.isEmpty():
            self.update(dirty)

    def boundingRect(self) -> QRectF:
        """Return the box given by `set_box`."""
        return self._box

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,  # noqa: ARG002
    ) -> None:
        """Paint the columns that are exposed."""
        exposed = option.exposedRect
        first = max(0, int(np.searchsorted(self._x, exposed.left())) - 1)
        last = int(np.searchsorted(self._x, exposed.right())) + 1
        low, high = self._low[:, first:last], self._high[:, first:last]
        seen = ~np.isnan(low)
        count = int(np.count_nonzero(seen))
        if count == 0:
            return
        if count > len(self._lines):
            self._lines = np.empty((count, 4))
        lines = self._lines[:count]
        lines[:, 0] = lines[:, 2] = np.broadcast_to(self._x[first:last], seen.shape)[seen]
        lines[:, 1], lines[:, 3] = low[seen], high[seen]
        painter.setPen(self._pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        draw_lines(painter, lines)

    def _around(self, x: Floats, first: int, last: int) -> QRectF:
        pitch = x[1] - x[0] if len(x) > 1 else self._box.width()
        left, right = x[first] - 2 * pitch, x[last] + 2 * pitch
        return QRectF(left, self._box.top(), right - left, self._box.height())


def _same(one: Floats, other: Floats) -> npt.NDArray[np.bool_]:
    same: npt.NDArray[np.bool_] = (one == other) | (np.isnan(one) & np.isnan(other))
    return same
