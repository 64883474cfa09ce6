"""The cumulative chart: what was used so far, stacked by clip, over the live chart's clock."""

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtGui import QFont, QHelpEvent, QResizeEvent
from PySide6.QtWidgets import QToolTip, QVBoxLayout, QWidget

from vidgreen_gui.gui.charts.axes import CLOCK_ROW_PX, Frame, small_font
from vidgreen_gui.gui.charts.moment_items import ClockItem
from vidgreen_gui.gui.charts.scale import Scale, scale_for
from vidgreen_gui.gui.charts.stack import EMPTY_STACK, Layer, Stack, Unit, stack_of
from vidgreen_gui.gui.charts.stack_item import LayerLook, StackItem
from vidgreen_gui.gui.charts.timeview import TimeView
from vidgreen_gui.gui.theme import Theme
from vidgreen_gui.gui.wording import DOT, mass_of_co2e
from vidgreen_gui.model.facts import LiveSnapshot
from vidgreen_gui.model.footprint import Scope
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.visible import visible

_STEP_PX = 32
_MOST_STEPS = 5
_THOUSANDS_FROM = 10_000.0
_LONGEST_NAME = 40
# The axis has no room for the decimals of less, and they would say nothing.
_LEAST_TOP = 0.01
_GREYS = ("stack_1", "stack_2", "stack_3", "stack_4")


class CumulativeChart(QWidget):
    """Draws the stack anew when the facts change, at the time that the live chart shows."""

    def __init__(self, theme: Theme, texts: Texts) -> None:
        super().__init__()
        self._theme, self._texts = theme, texts
        self._snapshot: LiveSnapshot | None = None
        self._view: TimeView | None = None
        self._unit = Unit.ENERGY
        self._strip = False
        self._stack: Stack = EMPTY_STACK
        self._scale = Scale(1.0, 1.0)
        self._build()
        self.apply_theme(theme)

    @property
    def stack(self) -> Stack:
        """Return what is drawn."""
        return self._stack

    @property
    def title(self) -> str:
        """Return what the axis counts, with its unit."""
        thousands = self._stack.unit is not Unit.MONEY and self._scale.top >= _THOUSANDS_FROM
        code = f"chart.cumulative.{self._stack.unit.value}" + (".thousand" if thousands else "")
        tariff = self._snapshot.tariff if self._snapshot else None
        if self._stack.unit is Unit.MONEY and tariff is not None:
            title = self._texts.say(code, currency=tariff.currency)
        else:
            title = self._texts.say(code)
        session = self._snapshot.session if self._snapshot else None
        if session is None or session.scope is Scope.GPU or self._stack.unit is Unit.ENERGY:
            return title
        return self._texts.say("chart.cumulative.gpu", title=title)

    @property
    def is_strip(self) -> bool:
        """Whether it is a strip."""
        return self._strip

    def set_unit(self, unit: Unit) -> bool:
        """Count in this unit from now on; return whether that is new."""
        changed, self._unit = unit is not self._unit, unit
        return changed

    def set_strip(self, strip: bool) -> None:
        """Be a strip without a clock of its own, or a whole chart."""
        self._strip = strip
        self._frame.set_row_height(1, 0 if strip else CLOCK_ROW_PX)
        self._redraw()

    def set_texts(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        self._redraw()

    def apply_theme(self, theme: Theme) -> None:
        """Put on another theme."""
        self._theme = theme
        font = small_font(self)
        self._frame.dress(theme, font)
        self._clock.set_look(theme.colour("muted"), font)
        self._item.set_look(theme.colour("window"), theme.colour("text"), font)
        self._redraw()

    def show_facts(self, snapshot: LiveSnapshot, view: TimeView) -> None:
        """Draw the session as it stands, at that time."""
        self._snapshot, self._view = snapshot, view
        self._redraw()

    def amount(self, value: float) -> str:
        """Return a value of the stack with its unit."""
        if self._stack.unit is Unit.CO2E:
            return mass_of_co2e(self._texts, value)
        if self._stack.unit is Unit.MONEY and self._snapshot and self._snapshot.tariff:
            return self._texts.numbers.money(value, self._snapshot.tariff.currency)
        return self._texts.numbers.energy(value)

    def name(self, layer: Layer) -> str:
        """Return what a layer is called."""
        if layer.is_clip:
            return visible(layer.name, _LONGEST_NAME)
        return self._texts.say("chart.idle")

    def _redraw(self) -> None:
        if self._snapshot is None or self._view is None:
            return
        self._stack = stack_of(self._snapshot, self._unit)
        total = float(self._stack.tops[-1, -1]) if self._stack.layers else 0.0
        _width, height = self._frame.plot_px
        steps = min(_MOST_STEPS, max(2, height // _STEP_PX))
        highest = max(total * 1.02, _LEAST_TOP) if total > 0 else 0.0
        self._scale = scale_for(highest, _MOST_STEPS if self._strip else steps)
        self._frame.set_ticks(self._ticks())
        self._frame.set_x(self._view.first_x, self._view.last_x)
        self._frame.set_y(self._scale.top)
        self._clock.follow(self._view)
        self._item.set_stack(self._stack, self._looks(), self._view, self._frame.shown, labels=True)

    def _ticks(self) -> list[tuple[float, str]]:
        if not self._stack.layers:
            return [(0.0, self._texts.numbers.integer(0))]
        top = self._scale.top
        thousands = self._stack.unit is not Unit.MONEY and top >= _THOUSANDS_FROM
        divisor = 1000.0 if thousands else 1.0
        places = Scale(top / divisor, self._scale.step / divisor).places
        return [
            (value, self._texts.numbers.decimal(value / divisor, places if value else 0))
            for value in ((0.0, top) if self._strip else self._scale.ticks)
        ]

    def _looks(self) -> list[LayerLook]:
        looks = []
        older = 0
        for layer in self._stack.layers:
            ink = self._theme.colour("text" if layer.in_work else "muted")
            if not layer.is_clip:
                name = "hatch"
            elif layer.in_work:
                name = "data_fill"
            else:
                name, older = _GREYS[older % len(_GREYS)], older + 1
            label = f"◌ {self.name(layer)}" if layer.simulated else self.name(layer)
            if self._strip and not layer.in_work:
                label = ""
            colour = self._theme.colour(name)
            looks.append(LayerLook(colour, ink, label, not layer.is_clip, layer.in_work))
        return looks

    def _build(self) -> None:
        self._frame = Frame((CLOCK_ROW_PX,))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._frame.view)
        self._item = StackItem()
        for item in (self._frame.grid, self._item):
            self._frame.box.addItem(item, ignoreBounds=True)
        self._clock = ClockItem(1_767_225_600_000.0, self._theme.colour("muted"), QFont())
        self._frame.rows[0].addItem(self._clock, ignoreBounds=True)
        self._frame.view.viewport().installEventFilter(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew in the new size."""
        super().resizeEvent(event)
        self._redraw()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Name the layer under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._frame.box.mapSceneToView(self._frame.view.mapToScene(event.pos()))
            QToolTip.showText(event.globalPos(), self._tooltip(place), self)
            return True
        return super().eventFilter(watched, event)

    def _tooltip(self, place: QPointF) -> str:
        if self._view is None or not self._stack.layers:
            return ""
        t_ms = self._view.edge_ms + 1000 * place.x()
        if not self._stack.t_ms[0] <= t_ms <= self._stack.t_ms[-1]:
            return ""
        so_far = [
            float(np.interp(t_ms, self._stack.t_ms, one.values)) for one in self._stack.layers
        ]
        height = 0.0
        for layer, value in zip(self._stack.layers, so_far, strict=True):
            height += value
            if place.y() < height:
                return self.name(layer) + DOT + self.amount(value)
        return ""
