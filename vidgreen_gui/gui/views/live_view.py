"""The middle of the window: strip, four blocks, switch, charts, the chosen iteration."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QSizePolicy, QVBoxLayout, QWidget

from vidgreen_gui.gui.arrangement import Arrangement
from vidgreen_gui.gui.shown import Quantity, Shown
from vidgreen_gui.gui.theme import Theme
from vidgreen_gui.gui.views.blocks import Blocks
from vidgreen_gui.gui.views.details import Details
from vidgreen_gui.gui.views.first_minute import FirstMinute
from vidgreen_gui.gui.views.flow_layout import FlowLayout
from vidgreen_gui.gui.views.lettering import TextButton
from vidgreen_gui.gui.views.notice_strip import NoticeStrip
from vidgreen_gui.gui.views.switch import Switch
from vidgreen_gui.gui.wording import currency_sign
from vidgreen_gui.model.facts import LiveSnapshot
from vidgreen_gui.texts.catalog import Texts

if TYPE_CHECKING:
    from vidgreen_gui.gui.charts.panel import ChartPanel

QUANTITIES = tuple(Quantity)
# Beside the power, which is energy already, the other chart tells what it emitted.
_CHART_UNITS = {Quantity.ENERGY: "co2e", Quantity.CO2E: "co2e", Quantity.MONEY: "money"}


class LiveView(QWidget):
    """Everything about now; the charts come when they are loaded, after the first paint."""

    quantity_picked = Signal(object)
    iteration_picked = Signal(str)

    def __init__(self, theme: Theme, texts: Texts, window_menu: QMenu) -> None:
        super().__init__()
        self._texts = texts
        self._shown: Shown | None = None
        self.charts: ChartPanel | None = None
        self._build(theme, window_menu)
        self._retranslate()
        self.switch.changed.connect(self._on_switched)

    def _build(self, theme: Theme, window_menu: QMenu) -> None:
        self.setObjectName("middle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.strip = NoticeStrip(self._texts)
        self.blocks = Blocks(self._texts)
        self.switch = Switch(len(QUANTITIES))
        self.window_button = TextButton("flat")
        self.window_button.setMenu(window_menu)
        self._tools = QWidget()
        flow = FlowLayout(self._tools, gap=16, push_last=True)
        flow.addWidget(self.switch)
        flow.addWidget(self.window_button)
        self.first_minute = FirstMinute(self._texts)
        self._chart_place = QWidget()
        self._chart_place.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        inside = QVBoxLayout(self._chart_place)
        inside.setContentsMargins(0, 0, 0, 0)
        self.details = Details(self._texts)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(12)
        for widget in (self.strip, self.blocks, self._tools):
            self._column.addWidget(widget)
        self._column.addWidget(self._chart_place, 1)
        self._column.addWidget(self.first_minute, 1)
        self._column.addWidget(self.details)

    def _retranslate(self) -> None:
        say = self._texts.say
        tariff = self._shown.snapshot.tariff if self._shown else None
        sign = currency_sign(tariff.currency if tariff else "EUR")
        labels = [say("gui.quantity.energy"), say("gui.quantity.co2e"), sign]
        self.switch.say(labels, say("gui.quantity"))

    def _on_switched(self, place: int) -> None:
        self.quantity_picked.emit(QUANTITIES[place])

    def retranslate(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        self._retranslate()
        for view in (self.strip, self.blocks, self.first_minute, self.details):
            view.retranslate(texts)
        if self.charts is not None:
            self.charts.retranslate(texts)

    def apply_theme(self, theme: Theme) -> None:
        """Draw the charts in other colours."""
        self._theme = theme
        if self.charts is not None:
            self.charts.apply_theme(theme)

    def load_charts(self) -> "ChartPanel":
        """Import the charts and put them in their place; slow, so after the first paint."""
        if self.charts is None:
            from vidgreen_gui.gui.charts.panel import ChartPanel

            self.charts = ChartPanel(self._theme, self._texts)
            self.charts.iteration_clicked.connect(self.iteration_picked)
            layout = self._chart_place.layout()
            if layout is not None:
                layout.addWidget(self.charts)
            # At once, so that the first picture has its curves.
            self.charts.show()
            if self._shown is not None:
                self._show_charts(self.charts, self._shown)
        return self.charts

    def arrange(self, arrangement: Arrangement) -> None:
        """Stand as the window's size asks."""
        margin = arrangement.margin
        self._column.setContentsMargins(margin, 16, margin, 12)
        self.blocks.set_columns(arrangement.block_columns)
        self.details.arrange(arrangement.detail_columns, one_line=arrangement.details_line)
        if self.charts is not None:
            self.charts.set_strip(arrangement.cumulative_strip)

    def show_moment(self, shown: Shown) -> None:
        """Show the facts of a moment."""
        self._shown = shown
        first_minute = shown.iteration is None and not shown.past
        self.first_minute.setVisible(first_minute)
        self._chart_place.setVisible(not first_minute)
        self._tools.setVisible(not first_minute)
        self._retranslate()
        self.switch.choose(QUANTITIES.index(shown.quantity))
        self.blocks.show_moment(shown)
        self.details.show_moment(shown)
        if first_minute:
            self.first_minute.show_moment(shown)
        if self.charts is not None:
            self._show_charts(self.charts, shown)

    def show_power(self, snapshot: LiveSnapshot) -> None:
        """Show the draw of this second."""
        self.blocks.show_power(snapshot)
        if self.charts is not None and self._shown is not None:
            self.charts.set_snapshot(snapshot)

    def _show_charts(self, charts: "ChartPanel", shown: Shown) -> None:
        charts.set_unit(_CHART_UNITS[shown.quantity])
        charts.select(shown.iteration.iteration.id if shown.iteration else None)
        charts.set_snapshot(shown.snapshot)
