"""A switch of a few words of which one holds."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget


class Switch(QWidget):
    """A row of exclusive buttons; `changed` carries the place of the one the user chose."""

    changed = Signal(int)

    def __init__(self, choices: int) -> None:
        super().__init__()
        self.setObjectName("switch")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(0)
        for place in range(choices):
            button = QPushButton()
            button.setCheckable(True)
            button.setAutoDefault(False)
            self._group.addButton(button, place)
            layout.addWidget(button)
        self._group.button(0).setChecked(True)
        self._group.idClicked.connect(self.changed)

    def say(self, labels: list[str], name: str) -> None:
        """Set the labels and what the whole is called."""
        self.setAccessibleName(name)
        for place, label in enumerate(labels):
            self._group.button(place).setText(label)
            self._group.button(place).setAccessibleName(f"{name}: {label}")

    def choose(self, place: int) -> None:
        """Show another choice without telling anybody."""
        self._group.button(place).setChecked(True)
