"""A button that opens a short list and shows what was chosen from it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from vidgreen_gui.gui.views.lettering import TextButton


class Chooser(TextButton):
    """Shows one of a few named choices; `changed` when the user took another."""

    changed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__("wide", parent)
        self._name = name
        self._choices: dict[str, str] = {}
        self.chosen = ""
        self._menu = QMenu(self)
        self.clicked.connect(self._on_clicked)

    def offer(self, choices: dict[str, str], chosen: str) -> None:
        """Offer these labels by name, with one of them chosen."""
        self._choices = choices
        self._menu.clear()
        for choice, label in choices.items():
            action = self._menu.addAction(label)
            action.triggered.connect(lambda _checked=False, choice=choice: self._on_taken(choice))
        self.choose(chosen)

    def choose(self, choice: str) -> None:
        """Show another choice without telling anybody."""
        self.chosen = choice
        self.say(f"{self._choices[choice]}  ▾")
        self.setAccessibleName(f"{self._name}: {self._choices[choice]}")

    def _on_clicked(self) -> None:
        self._menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _on_taken(self, choice: str) -> None:
        self.choose(choice)
        self.changed.emit()
