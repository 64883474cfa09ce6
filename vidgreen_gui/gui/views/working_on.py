"""The button that says which clip takes the next iterations, and lets another be chosen."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton

from vidgreen_gui.gui.views.lettering import NameLabel, PlainLabel

_HEIGHT_PX = 32


class WorkingOn(QPushButton):
    """As wide as the list, with the clip's name shortened where it does not fit."""

    def __init__(self, menu: QMenu) -> None:
        super().__init__()
        self.setMenu(menu)
        self.setAutoDefault(False)
        self._label = PlainLabel(tone="muted")
        self._name = NameLabel(bold=True)
        arrow = PlainLabel(tone="muted")
        arrow.setText("▾")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(6)
        for part, stretch in ((self._label, 0), (self._name, 1), (arrow, 0)):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(part, stretch)

    def sizeHint(self) -> QSize:
        """Return the height of a field; its width is the list's."""
        return QSize(120, _HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()

    def show_clip(self, label: str, name: str) -> None:
        """Show the clip that is worked on."""
        self._label.setText(label)
        self._name.set_name(name)
        self.setAccessibleName(f"{label} {self._name.text()}")
