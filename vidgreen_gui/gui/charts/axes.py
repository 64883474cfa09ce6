"""A chart's frame: cached value axis, grid, plot box, rows under it; nothing in it moves."""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QFrame, QGraphicsItem, QGraphicsView, QWidget

from vidgreen_gui.gui.charts.grid_item import GridItem
from vidgreen_gui.gui.theme import Theme

AXIS_WIDTH = 46
CLOCK_ROW_PX = 22
# The axis paints nothing outside its box: the labels at its ends need this much of it.
_LABEL_ROOM_PX = 8
_RIGHT_MARGIN = 1


class Frame:
    """A view with one plot box, its value axis to the left and thin rows under it.

    `grid` is the caller's to add, over what fills the box and under its curves.

    Every box shows the same x; y is whatever the caller's items are in. Mouse, menus, automatic
    ranges and animations are off: each of them costs more than the curve.
    """

    def __init__(self, rows_px: Sequence[int]) -> None:
        self.view = pg.GraphicsLayoutWidget(show=False)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setInteractive(False)
        # Two rectangles to repaint would be a complex clip, and each line would be cut to it.
        self.view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.BoundingRectViewportUpdate)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = self.view.ci.layout
        layout.setContentsMargins(0, 0, _RIGHT_MARGIN, 0)
        layout.setSpacing(0)
        self.axis = pg.AxisItem("left")
        self.axis.setWidth(AXIS_WIDTH)
        self.axis.setStyle(tickLength=0, tickTextOffset=8, hideOverlappingLabels=False)
        self.axis.setPen(pg.mkPen(None))
        self.axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.box = _box()
        self.axis.linkToView(self.box)
        self.grid = GridItem()
        self.view.addItem(self.axis, 0, 0)
        self.view.addItem(self.box, 0, 1)
        self.rows = tuple(_box() for _height in rows_px)
        for number, (row, height) in enumerate(zip(self.rows, rows_px, strict=True), 1):
            self.view.addItem(row, number, 1)
            self.set_row_height(number, height)
        layout.setRowStretchFactor(0, 1)
        self._ticks: tuple[tuple[float, str], ...] | None = None

    def set_row_height(self, number: int, height_px: int) -> None:
        """Give a row under the plot (from 1) this height; 0 hides it."""
        layout = self.view.ci.layout
        layout.setRowMinimumHeight(number, height_px)
        layout.setRowMaximumHeight(number, height_px)
        self.rows[number - 1].setVisible(height_px > 0)

    @property
    def plot_px(self) -> tuple[int, int]:
        """Return width and height of the plot box in whole pixels."""
        self.view.ci.layout.activate()
        return round(self.box.width()), round(self.box.height())

    def set_x(self, first: float, last: float) -> None:
        """Show x from `first` to `last` in every box."""
        for box in (self.box, *self.rows):
            if box.viewRange()[0] != [first, last]:
                box.setXRange(first, last, padding=0)
        self.grid.set_box(self.shown)

    def set_y(self, top: float) -> None:
        """Show y from 0 to `top` in the plot box, with room for half a label at both ends."""
        _width, height = self.plot_px
        room = top * _LABEL_ROOM_PX / max(1, height - 2 * _LABEL_ROOM_PX)
        if self.box.viewRange()[1] != [-room, top + room]:
            self.box.setYRange(-room, top + room, padding=0)
            self.grid.set_box(self.shown)

    @property
    def pixel_y(self) -> float:
        """Return the height of a pixel in the plot box' y."""
        low, high = self.box.viewRange()[1]
        return float(high - low) / max(1, self.plot_px[1])

    @property
    def shown(self) -> QRectF:
        """Return the plot box's x and y range."""
        (first, last), (low, high) = self.box.viewRange()
        return QRectF(first, low, last - first, high - low)

    def set_ticks(self, ticks: Sequence[tuple[float, str]]) -> bool:
        """Set the value axis' labels, a grid line through each; return whether they are others."""
        if tuple(ticks) == self._ticks:
            return False
        self._ticks = tuple(ticks)
        self.axis.setTicks([list(ticks)])
        self.grid.set_heights([value for value, _label in ticks])
        return True

    def dress(self, theme: Theme, font: QFont) -> None:
        """Put on a theme's colours and a font for the axis."""
        self.view.setBackground(QColor(theme.window))
        self.axis.setTextPen(pg.mkPen(theme.muted))
        self.axis.setTickPen(pg.mkPen(theme.window))
        self.grid.set_colour(theme.colour("grid"))
        self.axis.setTickFont(font)


def small_font(widget: QWidget) -> QFont:
    """Return the widget's font one pixel smaller, never under 11."""
    font = QFont(widget.font())
    size = font.pixelSize() if font.pixelSize() > 0 else round(font.pointSizeF() * 96 / 72)
    font.setPixelSize(max(11, size - 1))
    return font


def _box() -> pg.ViewBox:
    box = pg.ViewBox(enableMouse=False, enableMenu=False, defaultPadding=0)
    box.disableAutoRange()
    box.setYRange(0.0, 1.0, padding=0)
    return box
