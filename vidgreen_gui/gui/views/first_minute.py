"""The middle of the window before the first iteration: what to do, and nothing to set up."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.gui.views.flow_layout import FlowLayout
from vidgreen_gui.gui.views.lettering import PlainLabel, Size, TextButton
from vidgreen_gui.texts.catalog import Texts

_TEXT_WIDTH = 460
_BUTTONS = ("demo", "address", "cloud")


class FirstMinute(QWidget):
    """One sentence, one line below it, and up to three buttons; `asked` carries which."""

    asked = Signal(str)

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._shown: Shown | None = None
        self._build()
        self._retranslate()

    def _build(self) -> None:
        self._title = PlainLabel(Size.HEAD, bold=True, wrap=True)
        self._below = PlainLabel(Size.TITLE, "muted", wrap=True)
        self._buttons = {name: TextButton() for name in _BUTTONS}
        row = QWidget()
        flow = FlowLayout(row, centred=True)
        for name, button in self._buttons.items():
            flow.addWidget(button)
            button.clicked.connect(lambda _checked=False, name=name: self.asked.emit(name))
        inside = QWidget()
        inside.setMaximumWidth(_TEXT_WIDTH)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._title, self._below):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(widget)
        column.addSpacing(12)
        column.addWidget(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 24, 0, 24)
        layout.addStretch(2)
        layout.addWidget(inside)
        layout.addStretch(3)
        layout.setAlignment(inside, Qt.AlignmentFlag.AlignHCenter)
        inside.setMinimumWidth(280)
        self._inside = inside

    def _retranslate(self) -> None:
        for name, button in self._buttons.items():
            button.say(self._texts.say(f"gui.first.{name}"))

    def retranslate(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        self._retranslate()
        if self._shown is not None:
            self.show_moment(self._shown)

    def resizeEvent(self, _event: object) -> None:
        """Keep the text as wide as can be read."""
        self._inside.setFixedWidth(max(min(self.width(), _TEXT_WIDTH), 200))

    def show_moment(self, shown: Shown) -> None:
        """Show what to do at this moment."""
        self._shown = shown
        found = any(source.state in {"found", "troubled"} for source in shown.snapshot.sources)
        state = "starting" if shown.starting else "found" if found else "none"
        self._title.setText(self._texts.say(f"gui.first.{state}.title"))
        self._below.setText(self._texts.say(f"gui.first.{state}.below"))
        self._buttons["address"].setVisible(state == "none")
        self._buttons["cloud"].setVisible(state == "none")
