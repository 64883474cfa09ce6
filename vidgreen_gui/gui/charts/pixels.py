"""Painting in whole pixels from items that live in a view's coordinates."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QTransform


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


def whole(rect: QRectF) -> QRectF:
    """Return the rectangle with its edges on pixels, at least one pixel wide and high."""
    left, top = round(rect.left()), round(rect.top())
    width, height = round(rect.right()) - left, round(rect.bottom()) - top
    return QRectF(left, top, max(1, width), max(1, height))


def hatch(painter: QPainter, rect: QRectF, colour: QColor) -> None:
    """Fill a rectangle in pixels with a diagonal hatch that moves with its left edge."""
    painter.setBrushOrigin(QPointF(rect.left(), 0))
    painter.fillRect(rect, QBrush(colour, Qt.BrushStyle.BDiagPattern))


def fitted(text: str, font: QFont, width_px: float) -> str:
    """Return the text, cut off with an ellipsis where it is wider than that."""
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width_px)


def veil(ground: QColor, ink: QColor, target: QColor) -> QColor:
    """Return `ink` so thin that over `ground` it looks like `target`; a grid shines through."""
    span = ink.lightness() - ground.lightness()
    share = (target.lightness() - ground.lightness()) / span if span else 0.0
    veiled = QColor(ink)
    veiled.setAlphaF(min(1.0, max(0.0, share)))
    return veiled
