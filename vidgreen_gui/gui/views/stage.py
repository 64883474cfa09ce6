"""Where the parts of the window stand at each size; the closed ones open above the middle."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from vidgreen_gui.gui.arrangement import ADVICE_WIDTH, LIST_WIDTH, Arrangement, arrange
from vidgreen_gui.gui.menus import Menus
from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.gui.theme import Theme
from vidgreen_gui.gui.views.advice import Advice
from vidgreen_gui.gui.views.live_view import LiveView
from vidgreen_gui.gui.views.rail import Rail
from vidgreen_gui.gui.views.status_line import StatusLine
from vidgreen_gui.gui.views.top_bar import TopBar
from vidgreen_gui.gui.views.work_list import WorkList
from vidgreen_gui.gui.window_actions import WindowActions
from vidgreen_gui.texts.catalog import Texts


class Stage(QWidget):
    """List, middle, advice and status, arranged by width and height."""

    def __init__(self, theme: Theme, texts: Texts, actions: WindowActions, menus: Menus) -> None:
        super().__init__()
        self.list = WorkList(theme, texts, menus.working_on)
        self.live = LiveView(theme, texts, menus.window_length)
        self.advice = Advice(theme, texts, actions)
        self.rail = Rail(texts)
        self.top_bar = TopBar(texts)
        self.status = StatusLine(texts)
        self._arrangement: Arrangement | None = None
        self._has_work = False
        self._build()
        self._connect()

    def _build(self) -> None:
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self._grid.addWidget(self.top_bar, 0, 0, 1, 3)
        self._grid.addWidget(self.live, 1, 1)
        self._grid.addWidget(self.rail, 1, 2)
        self._grid.addWidget(self.status, 2, 0, 1, 3)
        self._grid.setColumnStretch(1, 1)
        self._grid.setRowStretch(1, 1)
        self.list.setFixedWidth(LIST_WIDTH)
        self.advice.setFixedWidth(ADVICE_WIDTH)

    def _connect(self) -> None:
        self.rail.opened.connect(self.toggle_advice)
        self.top_bar.ideas_asked.connect(self.toggle_advice)
        self.top_bar.list_asked.connect(self.toggle_list)
        self.list.picked.connect(self._on_picked)

    def retranslate(self, texts: Texts) -> None:
        """Speak another language."""
        for view in (self.list, self.live, self.advice, self.rail, self.top_bar, self.status):
            view.retranslate(texts)

    def apply_theme(self, theme: Theme) -> None:
        """Take other colours."""
        for view in (self.list, self.live, self.advice):
            view.apply_theme(theme)

    def show_moment(self, shown: Shown) -> None:
        """Show the facts of a moment in every part."""
        self._has_work = shown.iteration is not None
        self._show_rail()
        for view in (self.list, self.live, self.advice, self.rail, self.top_bar, self.status):
            view.show_moment(shown)

    def load_charts(self) -> None:
        """Import the charts and give them their form."""
        self.live.load_charts()
        if self._arrangement is not None:
            self.live.arrange(self._arrangement)

    def take_focus(self) -> None:
        """Give the keyboard to the list, where it stands open."""
        (self if self.list.isHidden() else self.list.tree).setFocus()

    def toggle_list(self) -> None:
        """Open or close the list where it has no place of its own."""
        if self._arrangement is not None and not self._arrangement.list_panel:
            self._open(self.list, open_it=self.list.isHidden())

    def toggle_advice(self) -> None:
        """Open or close the advice where it has no place of its own."""
        if self._arrangement is not None and not self._arrangement.advice_panel:
            self._open(self.advice, open_it=self.advice.isHidden())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange for the new size."""
        super().resizeEvent(event)
        arrangement = arrange(self.window().width(), self.window().height())
        if arrangement != self._arrangement:
            self._arrangement = arrangement
            self._arrange(arrangement)
        self._place_opened()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close what is open above the middle with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self._close_opened()
        else:
            super().keyPressEvent(event)

    def _arrange(self, arrangement: Arrangement) -> None:
        self._settle(self.list, 0, panel=arrangement.list_panel)
        self._settle(self.advice, 2, panel=arrangement.advice_panel)
        self._show_rail()
        self.top_bar.setVisible(not arrangement.list_panel)
        self.top_bar.set_ideas_here(
            here=not arrangement.advice_panel and not arrangement.advice_rail
        )
        self.live.arrange(arrangement)

    def _show_rail(self) -> None:
        rail = self._arrangement is not None and self._arrangement.advice_rail
        self.rail.setVisible(rail and self._has_work)

    def _settle(self, part: QWidget, column: int, *, panel: bool) -> None:
        """Give a part its place in the grid, or take it out to be opened."""
        if panel:
            self._grid.addWidget(part, 1, column)
            part.show()
        else:
            self._grid.removeWidget(part)
            part.setParent(self)
            part.hide()
        part.setProperty("floating", not panel)
        part.style().unpolish(part)
        part.style().polish(part)

    def _open(self, part: QWidget, *, open_it: bool) -> None:
        self._close_opened()
        if open_it:
            part.show()
            part.raise_()
            self._place_opened()
            part.setFocus()

    def _close_opened(self) -> None:
        if self._arrangement is None:
            return
        if not self._arrangement.list_panel:
            self.list.hide()
        if not self._arrangement.advice_panel:
            self.advice.hide()

    def _place_opened(self) -> None:
        """Put what is open above the middle, between the bars."""
        middle = self.live.geometry()
        if self._arrangement is None:
            return
        if not self._arrangement.list_panel:
            self.list.setGeometry(0, middle.top(), LIST_WIDTH, middle.height())
        if not self._arrangement.advice_panel:
            right = self.rail.x() if self.rail.isVisible() else self.width()
            self.advice.setGeometry(
                right - ADVICE_WIDTH, middle.top(), ADVICE_WIDTH, middle.height()
            )

    def _on_picked(self, _key: str) -> None:
        if self._arrangement is not None and not self._arrangement.list_panel:
            self.list.update()
