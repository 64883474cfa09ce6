"""Paints stacked layers: clips filled, all else hatched, the newest in the data's colour."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
    QPolygonF,
    QTransform,
)
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vidgreen_gui.gui.charts.pixels import fitted, in_pixels
from vidgreen_gui.gui.charts.stack import EMPTY_STACK, Floats, Stack
from vidgreen_gui.gui.charts.timeview import TimeView

_LABEL_GAP = 8
_MARKER_PX = 2.5
# More of them would be noise; the table still has each end.
_MOST_MARKERS = 40
# A point every so many pixels is enough for curves that only bend where a job begins or ends.
_POINT_PX = 2
# A layer thinner than this would be no more than its edge.
_EDGED_PX = 4


@dataclass(frozen=True, slots=True)
class LayerLook:
    """How a layer is painted: its colour, its label's; `first` is labelled before the others.

    Without a label none is written.
    """

    colour: QColor
    ink: QColor
    label: str
    hatched: bool = False
    first: bool = False


class StackItem(QGraphicsItem):
    """The stack in one view; repainted when it is given anew, never in between."""

    def __init__(self) -> None:
        super().__init__()
        self._box = QRectF()
        self._stack: Stack = EMPTY_STACK
        self._view: TimeView | None = None
        self._looks: tuple[LayerLook, ...] = ()
        self._ground, self._marker, self._font = QColor(), QColor(), QFont()
        self._labels = True

    def set_look(self, ground: QColor, marker: QColor, font: QFont) -> None:
        """Set the colour behind the stack, that of the end markers, and the labels' font."""
        self._ground, self._marker, self._font = ground, marker, font
        self.update()

    def set_stack(
        self, stack: Stack, looks: Sequence[LayerLook], view: TimeView, box: QRectF, *, labels: bool
    ) -> None:
        """Show a stack: `box` is the view's range, x in seconds after now."""
        if box != self._box:
            self.prepareGeometryChange()
            self._box = box
        self._stack, self._looks, self._view = stack, tuple(looks), view
        self._labels = labels
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
        """Paint layers from the top down, then markers, then labels."""
        if self._view is None or not self._stack.layers:
            return
        x, tops = self._points(self._view)
        if len(x) < 2:
            return
        with in_pixels(painter) as to_pixels:
            painter.setPen(Qt.PenStyle.NoPen)
            for look, top in reversed(list(zip(self._looks, tops, strict=True))):
                outline = _outline(x, top, to_pixels)
                painter.setBrush(self._ground if look.hatched else look.colour)
                painter.drawPolygon(outline)
                if look.hatched:
                    painter.setBrush(QBrush(look.colour, Qt.BrushStyle.BDiagPattern))
                    painter.drawPolygon(outline)
            self._paint_edges(painter, x, tops, to_pixels)
            self._paint_ends(painter, x, tops, to_pixels)
            if self._labels:
                self._paint_labels(painter, tops[:, -1], to_pixels)

    def _points(self, view: TimeView) -> tuple[Floats, Floats]:
        """Return x in seconds after now and the layers' tops there, where the table reaches."""
        first = max(view.start_ms, self._stack.t_ms[0])
        last = min(view.edge_ms, self._stack.t_ms[-1])
        count = max(2, int((last - first) / view.qt_pixel_ms / _POINT_PX))
        t_ms = np.linspace(first, last, count) if last > first else np.zeros(0)
        tops = np.array([np.interp(t_ms, self._stack.t_ms, top) for top in self._stack.tops])
        return (t_ms - view.edge_ms) / 1000, tops

    def _paint_edges(
        self, painter: QPainter, x: Floats, tops: Floats, to_pixels: QTransform
    ) -> None:
        """Paint a line of the ground between layers: greys alone would run together."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._ground, 1))
        floors = np.vstack((np.zeros_like(x), tops[:-1]))
        least = _EDGED_PX / abs(to_pixels.m22())
        for floor, top in zip(floors, tops, strict=True):
            if top[-1] - floor[-1] >= least:
                painter.drawPolyline(_line(x, top, to_pixels))

    def _paint_ends(
        self, painter: QPainter, x: Floats, tops: Floats, to_pixels: QTransform
    ) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._marker)
        edge_ms = self._view.edge_ms if self._view else 0.0
        first_ms, last_ms = edge_ms + 1000 * x[0], edge_ms + 1000 * x[-1]
        ends = [end for end in self._stack.ends if first_ms <= end[0] <= last_ms]
        for t_ms, place in ends if len(ends) <= _MOST_MARKERS else ():
            at = (t_ms - edge_ms) / 1000
            height = float(np.interp(at, x, tops[place]))
            painter.drawEllipse(to_pixels.map(QPointF(at, height)), _MARKER_PX, _MARKER_PX)

    def _paint_labels(self, painter: QPainter, ends: Floats, to_pixels: QTransform) -> None:
        """Write each layer's name right of it, the one in work first; none over another."""
        painter.setFont(self._font)
        metrics = QFontMetricsF(self._font)
        left = to_pixels.map(QPointF(0.0, 0.0)).x() + _LABEL_GAP
        room = to_pixels.map(QPointF(self._box.right(), 0.0)).x() - left
        floors = np.concatenate(([0.0], ends[:-1]))
        taken: list[float] = []
        for place in sorted(
            range(len(ends)), key=lambda at: (not self._looks[at].first, floors[at] - ends[at])
        ):
            middle = to_pixels.map(QPointF(0.0, (ends[place] + floors[place]) / 2)).y()
            covered = any(abs(middle - other) < metrics.height() for other in taken)
            if covered or ends[place] == floors[place] or not self._looks[place].label:
                continue
            taken.append(middle)
            painter.setPen(self._looks[place].ink)
            baseline = middle + (metrics.ascent() - metrics.descent()) / 2
            text = fitted(self._looks[place].label, self._font, room)
            width, top = metrics.horizontalAdvance(text), baseline - metrics.ascent()
            ground = QRectF(round(left) - 2, round(top), width + 4, metrics.height())
            painter.fillRect(ground, self._ground)
            painter.drawText(QPointF(round(left), round(baseline)), text)


def _line(x: Floats, y: Floats, to_pixels: QTransform) -> QPolygonF:
    line: QPolygonF = arrayToQPolygonF(
        x * to_pixels.m11() + to_pixels.dx(), y * to_pixels.m22() + to_pixels.dy()
    )
    return line


def _outline(x: Floats, top: Floats, to_pixels: QTransform) -> QPolygonF:
    around = np.concatenate((x, x[-1:], x[:1])), np.concatenate((top, [0.0, 0.0]))
    return _line(*around, to_pixels)
