"""The bar of a suggestion: what is left in grey, what is saved in green."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vidgreen_gui.gui.theme import Theme

_HEIGHT_PX = 8


class SavingBar(QWidget):
    """Draws a share of the whole as saved."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._ratio = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_ratio(self, ratio: float) -> None:
        """Set new energy over old."""
        self._ratio = min(max(ratio, 0.0), 1.0)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a thin bar."""
        return QSize(80, _HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw both parts with a hair between them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        left = round(self.width() * self._ratio)
        painter.setBrush(self.theme.colour("saving_track"))
        painter.drawRoundedRect(0, 0, max(left - 1, 2), self.height(), 2, 2)
        painter.setBrush(self.theme.colour("saving"))
        painter.drawRoundedRect(left + 1, 0, self.width() - left - 1, self.height(), 2, 2)
