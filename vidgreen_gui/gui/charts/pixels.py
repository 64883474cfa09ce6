"""Painting in whole pixels from items that live in a view's coordinates."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import shiboken6
from PySide6.QtCore import QLineF, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QTransform

Floats = npt.NDArray[np.float64]


def draw_lines(painter: QPainter, lines: Floats) -> None:
    """Draw float64[n, 4] of x1, y1, x2, y2 (contiguous) without making an object per line."""
    if len(lines):
        # PySide takes a pointer to the first line and their number. `lines.ctypes` would import a
        # module each time, which PySide looks into.
        first = shiboken6.wrapInstance(lines.__array_interface__["data"][0], QLineF)
        painter.drawLines(first, len(lines))  # type: ignore[call-overload]


@contextmanager
def in_pixels(painter: QPainter) -> Iterator[QTransform]:
    """Let the painter paint in pixels; yield the transformation from the item's coordinates.

    Text and hatches would be stretched and mirrored by the view's transformation.
    """
    to_pixels = painter.transform()
    painter.save()
    painter.resetTransform()
    try:
        yield to_pixels
    finally:
        painter.restore()


def whole(rect: QRectF) -> QRect:
    """Return the rectangle with its edges on pixels, at least one pixel wide and high."""
    left, top = round(rect.left()), round(rect.top())
    width, height = round(rect.right()) - left, round(rect.bottom()) - top
    return QRect(left, top, max(1, width), max(1, height))


def hatch(painter: QPainter, rect: QRect, colour: QColor) -> None:
    """Fill a rectangle in pixels with a diagonal hatch that moves with its left edge."""
    painter.setBrushOrigin(QPoint(rect.left(), 0))
    painter.fillRect(rect, QBrush(colour, Qt.BrushStyle.BDiagPattern))


def fitted(text: str, font: QFont, width_px: float) -> str:
    """Return the text, cut off with an ellipsis where it is wider than that."""
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width_px)
