"""The closed form of the advice: how many ideas there are; a click opens them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vidgreen_gui.gui.arrangement import RAIL_WIDTH
from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.gui.views.lettering import PlainLabel, Size, TextButton
from vidgreen_gui.texts.catalog import Texts


class Rail(QWidget):
    """A number, a word, and the best saving; `opened` when it is clicked."""

    opened = Signal()

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._shown: Shown | None = None
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(RAIL_WIDTH)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._number = PlainLabel(Size.HEAD, bold=True)
        self._word = PlainLabel(Size.SMALL, "muted", wrap=True)
        self._best = PlainLabel(Size.BODY, "saving", bold=True)
        self._open = TextButton()
        self._open.say("\u2039")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 16, 8, 16)
        layout.setSpacing(4)
        for widget in (self._number, self._word, self._best):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(widget)
        layout.addSpacing(8)
        layout.addWidget(self._open)
        layout.addStretch(1)
        self._open.clicked.connect(self.opened)

    def retranslate(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        if self._shown is not None:
            self.show_moment(self._shown)

    def mouseReleaseEvent(self, _event: object) -> None:
        """Open wherever it is clicked."""
        self.opened.emit()

    def show_moment(self, shown: Shown) -> None:
        """Show how many ideas there are."""
        self._shown = shown
        ideas = shown.snapshot.suggestions
        self._number.setText(self._texts.numbers.integer(len(ideas)))
        self._number.setVisible(bool(ideas))
        word = self._texts.count("gui.ideas.word", len(ideas))
        self._word.setText(word if ideas else self._texts.say("gui.ideas.none"))
        best = min((idea.ratio.best for idea in ideas), default=1.0)
        self._best.setText(self._texts.numbers.percent(best - 1) if ideas else "")
        self._best.setVisible(bool(ideas))
        whole = self._texts.count("gui.ideas", len(ideas)) if ideas else self._word.text()
        self._open.setAccessibleName(whole)
        self._open.setToolTip(whole)
