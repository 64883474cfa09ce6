"""The curve's own surface: columns drawn over a picture of all that stands still behind them."""

from collections.abc import Mapping
from math import ceil, floor

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsView, QWidget

from vidgreen_gui.gui.charts.pixels import Floats, draw_lines

# Columns of one colour: upper and lower end in Qt's pixels, float64[devices, n].
Bars = tuple[Floats, Floats]


class Canvas(QWidget):
    """Covers the past of a view and paints there what the view would, with the columns on top.

    The view's items are painted into a picture only when `renew` says that they have changed. A
    frame repaints no more than the columns that changed; where a value is NaN nothing is painted.
    """

    def __init__(self, view: QGraphicsView) -> None:
        super().__init__(view.viewport())
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._view = view
        self._behind: QPixmap | None = None
        self._pens: dict[str, QPen] = {}
        self._bars: dict[str, Bars] = {}
        self._lines: Floats = np.empty((0, 4))
        self._cross_x: float | None = None
        self._cross_pen = QPen()

    @property
    def bars(self) -> Mapping[str, Bars]:
        """Return the columns on show, by the name of their colour."""
        return self._bars

    def set_colours(self, colours: Mapping[str, QColor], cross: QColor) -> None:
        """Set the colours of the columns, the first at the back, and of the cross-hair."""
        # A pen of no width is one pixel of the screen wide.
        self._pens = {name: QPen(colour, 0) for name, colour in colours.items()}
        self._cross_pen = QPen(cross, 0)
        self.renew()

    def renew(self) -> None:
        """Have everything painted anew: something behind the columns has changed."""
        self._behind = None
        self.update()

    def set_bars(self, bars: Mapping[str, Bars]) -> None:
        """Replace all columns."""
        for name in {*bars, *self._bars}:
            self.update(self._changed(self._bars.get(name), bars.get(name)))
        self._bars = dict(bars)

    def set_cross(self, x: float | None) -> None:
        """Put the cross-hair at this x in pixels, None for nowhere."""
        for old_or_new in (self._cross_x, x):
            if old_or_new is not None:
                self.update(QRect(floor(old_or_new) - 1, 0, 3, self.height()))
        self._cross_x = x

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the exposed part."""
        painter = QPainter(self)
        exposed = event.rect()
        painter.drawPixmap(exposed, self._picture(), self._on_screen(exposed))
        for name, pen in self._pens.items():
            if name in self._bars:
                painter.setPen(pen)
                self._draw(painter, exposed, *self._bars[name])
        if self._cross_x is not None:
            painter.setPen(self._cross_pen)
            painter.drawLine(QLineF(self._cross_x, 0.0, self._cross_x, self.height()))

    def _draw(self, painter: QPainter, exposed: QRect, top: Floats, bottom: Floats) -> None:
        ratio = self.devicePixelRatioF()
        first = max(0, floor(exposed.left() * ratio) - 1)
        last = ceil((exposed.right() + 1) * ratio) + 1
        high, low = top[:, first:last], bottom[:, first:last]
        seen = ~np.isnan(high)
        count = int(np.count_nonzero(seen))
        if count > len(self._lines):
            self._lines = np.empty((count, 4))
        lines = self._lines[:count]
        lines[:, 0] = lines[:, 2] = (first + np.nonzero(seen)[1] + 0.5) / ratio
        lines[:, 1], lines[:, 3] = high[seen], low[seen]
        draw_lines(painter, lines)

    def _picture(self) -> QPixmap:
        """Return the picture of the view's items behind the columns."""
        ratio = self.devicePixelRatioF()
        size = self.size() * ratio
        if self._behind is None or self._behind.size() != size:
            self._behind = QPixmap(size)
            self._behind.setDevicePixelRatio(ratio)
            self._behind.fill(self._view.backgroundBrush().color())
            painter = QPainter(self._behind)
            self._view.render(painter, QRectF(self.rect()), self.geometry())
            painter.end()
        return self._behind

    def _on_screen(self, rect: QRect) -> QRect:
        ratio = self.devicePixelRatioF()
        return QRectF(
            rect.x() * ratio, rect.y() * ratio, rect.width() * ratio, rect.height() * ratio
        ).toRect()

    def _changed(self, old: Bars | None, new: Bars | None) -> QRect:
        """Return what must be painted anew when these columns replace those."""
        if old is None or new is None or old[0].shape != new[0].shape:
            return self.rect()
        moved = _differ(old[0], new[0]) | _differ(old[1], new[1])
        at = np.flatnonzero(moved.any(axis=0))
        if len(at) == 0:
            return QRect()
        ratio = self.devicePixelRatioF()
        left, right = floor(at[0] / ratio) - 1, ceil(at[-1] / ratio) + 2
        return QRect(left, 0, right - left, self.height())


def _differ(one: Floats, other: Floats) -> npt.NDArray[np.bool_]:
    """Return where two differ; compared bit by bit, what is missing equals what is missing."""
    differ: npt.NDArray[np.bool_] = one.view(np.int64) != other.view(np.int64)
    return differ
