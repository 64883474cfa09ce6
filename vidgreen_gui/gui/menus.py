"""The menu bar: every action with its shortcut, in one table."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from vidgreen_gui.texts.catalog import LANGUAGES, Texts

WINDOW_CHOICES = ("auto", "5m", "12m", "1h", "8h")
THEME_CHOICES = ("system", "light", "dark")
SCOPE_CHOICES = ("gpu", "machine", "wall")


@dataclass(frozen=True, slots=True)
class Entry:
    """One action: its name is the end of its sentence's code; "" as a name is a separator."""

    name: str
    shortcut: str = ""


_MENUS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "session",
        (
            Entry("start_session", "Ctrl+N"),
            Entry("end_session", "Ctrl+W"),
            Entry("sessions", "Ctrl+O"),
            Entry("back_to_live", "Ctrl+L"),
            Entry(""),
            Entry("export", "Ctrl+E"),
            Entry("demo", "Ctrl+D"),
            Entry("free", "Ctrl+Shift+F"),
            Entry(""),
            Entry("quit", "Ctrl+Q"),
        ),
    ),
    (
        "edit",
        (
            Entry("undo", "Ctrl+Z"),
            Entry("redo", "Ctrl+Shift+Z"),
            Entry(""),
            Entry("keep", "K"),
            Entry("discard", "X"),
            Entry("undecide", "U"),
            Entry(""),
            Entry("rename", "F2"),
            Entry("new_clip", "Ctrl+Shift+N"),
            Entry("split", "Ctrl+J"),
        ),
    ),
    (
        "view",
        (
            Entry("previous", "Up"),
            Entry("next", "Down"),
            Entry(""),
            Entry("show_energy", "Ctrl+1"),
            Entry("show_co2e", "Ctrl+2"),
            Entry("show_money", "Ctrl+3"),
            Entry(""),
            Entry("ideas", "Ctrl+I"),
            Entry("why_known", "F1"),
            Entry("sensors", "F8"),
            Entry("copy_chart", "Ctrl+Shift+C"),
            Entry("copy_table", "Ctrl+C"),
        ),
    ),
    (
        "set_up",
        (
            Entry("zone", "Ctrl+G"),
            Entry("card", "Ctrl+Shift+G"),
            Entry("price", "Ctrl+P"),
            Entry("plugs", "Ctrl+Shift+P"),
            Entry("supply", "Ctrl+Shift+W"),
            Entry("address", "Ctrl+U"),
            Entry("cloud", "Ctrl+Shift+U"),
        ),
    ),
)


class Menus:
    """Builds the actions; `actions[name]` is each of them."""

    def __init__(self, window: QMainWindow, texts: Texts) -> None:
        self._texts = texts
        self.actions: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}
        for name, entries in _MENUS:
            menu = self._menus[name] = window.menuBar().addMenu("")
            for entry in entries:
                self._add(menu, entry, window)
        self.working_on = QMenu(window)
        self.move_to = self._submenu("edit", "move_to")
        self.merge_into = self._submenu("edit", "merge_into")
        self._menus["edit"].addMenu(self.working_on)
        self._menus["working_on"] = self.working_on
        self.window_length = self._submenu("view", "window_length")
        self.scope = self._submenu("set_up", "scope")
        self._themes = self._submenu("set_up", "theme")
        self._languages = self._submenu("set_up", "language")
        self._groups: dict[str, QActionGroup] = {}
        self._choices(self.window_length, "window", WINDOW_CHOICES)
        self._choices(self.scope, "scope", SCOPE_CHOICES)
        self._choices(self._themes, "theme", THEME_CHOICES)
        self._choices(self._languages, "language", LANGUAGES)
        self.retranslate(texts)

    def _add(self, menu: QMenu, entry: Entry, window: QMainWindow) -> None:
        if not entry.name:
            menu.addSeparator()
            return
        action = QAction(window)
        action.setShortcut(QKeySequence(entry.shortcut))
        menu.addAction(action)
        self.actions[entry.name] = action

    def _submenu(self, above: str, name: str) -> QMenu:
        menu = self._menus[name] = self._menus[above].addMenu("")
        return menu

    def _choices(self, menu: QMenu, kind: str, names: tuple[str, ...]) -> None:
        group = self._groups[kind] = QActionGroup(menu)
        for name in names:
            action = menu.addAction("")
            action.setCheckable(True)
            action.setData(name)
            group.addAction(action)
            self.actions[f"{kind}.{name}"] = action

    def on_chosen(self, kind: str, slot: Callable[[str], None]) -> None:
        """Call `slot` with the name of each choice made of a kind ("window", "scope" …)."""
        self._groups[kind].triggered.connect(lambda action: slot(action.data()))

    def choose(self, kind: str, name: str) -> None:
        """Tick a choice without telling anybody."""
        self.actions[f"{kind}.{name}"].setChecked(True)

    def retranslate(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        for name, menu in self._menus.items():
            menu.setTitle(texts.say(f"gui.menu.{name}"))
        for name, action in self.actions.items():
            action.setText(texts.say(f"gui.do.{name}"))
