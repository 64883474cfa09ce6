"""Labels and buttons: sizes relative to the system's font, plain text only."""

from enum import Enum

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QSizePolicy, QWidget

from vidgreen_gui.gui.plain import visible


class Size(Enum):
    """The few sizes of the window, as multiples of the system's font."""

    SMALL = 0.9
    BODY = 1.0
    TITLE = 1.2
    SAVING = 1.4
    HEAD = 1.7
    VALUE = 2.1


def lettered(size: Size = Size.BODY, *, bold: bool = False) -> QFont:
    """Return the system's font in that size."""
    font = QFont(QApplication.font())
    if font.pixelSize() > 0:
        font.setPixelSize(round(font.pixelSize() * size.value))
    else:
        font.setPointSizeF(font.pointSizeF() * size.value)
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


class PlainLabel(QLabel):
    """A label of plain text; `tone` is a word of the stylesheet: muted, data, saving, notice."""

    def __init__(
        self,
        size: Size = Size.BODY,
        tone: str = "",
        *,
        bold: bool = False,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(lettered(size, bold=bold))
        self.setWordWrap(wrap)
        if tone:
            self.setProperty("tone", tone)
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)


class NameLabel(PlainLabel):
    """A label for what users and files are called: shortened where it must be, whole in its tip."""

    def __init__(
        self,
        size: Size = Size.BODY,
        tone: str = "",
        *,
        bold: bool = False,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:
        super().__init__(size, tone, bold=bold)
        self._elide = elide
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_name(self, name: str) -> None:
        """Show `name`, made visible."""
        shown = visible(name)
        if shown != self.text():
            self.setText(shown)
            self.setToolTip(shown)
            self.setAccessibleName(shown)

    def minimumSizeHint(self) -> QSize:
        """Return a size that lets the layout make it as narrow as it must."""
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the name, shortened where it does not fit."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(self.text(), self._elide, self.width())
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, shown)


class FigureLabel(PlainLabel):
    """A label whose figure changes several times a second.

    A QLabel asks for a new layout of the window with every text; this one only where its text
    needs more room than any before.
    """

    def __init__(self, size: Size = Size.BODY, tone: str = "", *, bold: bool = False) -> None:
        super().__init__(size, tone, bold=bold)
        self._figure = ""
        self._room = 0

    def text(self) -> str:
        """Return the figure on show."""
        return self._figure

    def setText(self, text: str) -> None:
        """Show another figure."""
        self._figure = text
        needed = self.fontMetrics().horizontalAdvance(text)
        if needed > self._room:
            self._room = needed
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room of the longest figure so far."""
        return QSize(self._room, self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Return the same: a figure is never shortened."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Draw the figure."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(
            self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, self._figure
        )


class TextButton(QPushButton):
    """A button that is as wide as its label; `tone` is "", "link", "wide" or "flat"."""

    def __init__(self, tone: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoDefault(False)
        if tone == "flat":
            self.setProperty("flat", "true")
        elif tone:
            self.setProperty("tone", tone)

    def say(self, label: str, tip: str = "") -> None:
        """Set the label, its accessible name and its tip; an ampersand is an ampersand."""
        self.setText(label.replace("&", "&&"))
        self.setAccessibleName(label)
        self.setToolTip(tip)
