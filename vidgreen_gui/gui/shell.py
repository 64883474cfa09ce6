"""The bare window: its frame and its grounds, on the screen before anything else is imported."""

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QWidget

from vidgreen_gui.gui.arrangement import ADVICE_WIDTH, LIST_WIDTH, arrange
from vidgreen_gui.gui.theme import Theme

_FIRST_SIZE = (1440, 900)
_SMALLEST_SIZE = (400, 480)


class Grounds(QWidget):
    """The grounds that the views will stand on, with one sentence in the middle.

    Coloured by stylesheets: a painter's calls load Qt's whole namespace of enums, which takes a
    tenth of what a bare window takes to start.
    """

    def __init__(self, theme: Theme, sentence: str) -> None:
        super().__init__()
        self._side = QWidget(self)
        self._side.setStyleSheet(f"background: {theme.panel}")
        self._middle = QLabel(sentence, self)
        self._middle.setStyleSheet(
            f"background: {theme.window}; color: {theme.muted};"
            "qproperty-alignment: AlignCenter; qproperty-textFormat: PlainText"
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place them where the arrangement will put the views."""
        super().resizeEvent(event)
        arrangement = arrange(self.window().width(), self.window().height())
        left = LIST_WIDTH if arrangement.list_panel else 0
        right = ADVICE_WIDTH if arrangement.advice_panel else 0
        self._side.resize(self.size())
        self._middle.setGeometry(left, 0, self.width() - left - right, self.height())


class Shell(QMainWindow):
    """The window without its contents.

    `first_painted` comes once its frame is on the screen, `seen` with whether anybody can see it.
    """

    first_painted = Signal()
    seen = Signal(bool)

    def __init__(self, theme: Theme, title: str, sentence: str) -> None:
        super().__init__()
        self._painted = False
        self.setWindowTitle(title)
        self.setCentralWidget(Grounds(theme, sentence))
        self.setMinimumSize(*_SMALLEST_SIZE)
        self.resize(*_FIRST_SIZE)

    @property
    def is_seen(self) -> bool:
        """Whether the window is neither hidden nor minimised."""
        return self.isVisible() and not self.isMinimized()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell, once, that the first frame is on its way."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_painted.emit)

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that it can be seen."""
        super().showEvent(event)
        self.seen.emit(self.is_seen)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that it cannot."""
        super().hideEvent(event)
        self.seen.emit(self.is_seen)

    def changeEvent(self, event: QEvent) -> None:
        """Tell when it is minimised or brought back."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.seen.emit(self.is_seen)
