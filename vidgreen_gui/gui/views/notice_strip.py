"""The one strip above the charts: a sentence, what can be done about it, and a way to close it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from vidgreen_gui.gui.notices import Strip
from vidgreen_gui.gui.views.flow_layout import FlowLayout
from vidgreen_gui.gui.views.lettering import PlainLabel, TextButton
from vidgreen_gui.texts.catalog import Texts

_ACTIONS = ("card", "zone", "price", "address", "ideas", "back_to_live", "free", "sensors")


class NoticeStrip(QFrame):
    """Shows the first strip that was not closed; `asked` carries the name of an action."""

    asked = Signal(str)

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._strips: tuple[Strip, ...] = ()
        self._closed: set[str] = set()
        self._place = 0
        self._build()
        self._retranslate()
        self._connect()

    def _build(self) -> None:
        self.setObjectName("strip")
        self._sentence = PlainLabel(wrap=True)
        self._buttons = {name: TextButton("link") for name in _ACTIONS}
        self._more = TextButton("flat")
        self._close = TextButton("flat")
        row = QWidget()
        flow = FlowLayout(row, gap=4)
        for button in (*self._buttons.values(), self._more, self._close):
            button.setFont(self._sentence.font())
            flow.addWidget(button)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.setSpacing(8)
        layout.addWidget(self._sentence, 1)
        layout.addWidget(row)
        layout.setAlignment(row, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def _retranslate(self) -> None:
        for name, button in self._buttons.items():
            button.say(self._texts.say(f"gui.strip.do.{name}"))
        self._close.say("✕")
        self._close.setAccessibleName(self._texts.say("gui.strip.close"))
        self._close.setToolTip(self._texts.say("gui.strip.close"))

    def _connect(self) -> None:
        for name, button in self._buttons.items():
            button.clicked.connect(lambda _checked=False, name=name: self.asked.emit(name))
        self._more.clicked.connect(self._on_more)
        self._close.clicked.connect(self._on_close)

    @property
    def sentence(self) -> str:
        """Return what the strip says, "" while it is hidden."""
        return "" if self.isHidden() else self._sentence.text()

    def retranslate(self, texts: Texts) -> None:
        """Speak another language; the sentence follows with the next moment."""
        self._texts = texts
        self._retranslate()

    def show_strips(self, strips: tuple[Strip, ...]) -> None:
        """Show the most pressing of these that was not closed."""
        open_strips = tuple(strip for strip in strips if strip.key not in self._closed)
        if open_strips == self._strips and not self.isHidden():
            return
        self._strips = open_strips
        self._place = 0
        self._show()

    def _show(self) -> None:
        self.setVisible(bool(self._strips))
        if not self._strips:
            return
        strip = self._strips[self._place % len(self._strips)]
        self._sentence.setText(strip.sentence)
        for name, button in self._buttons.items():
            button.setVisible(name in strip.actions)
        self._more.setVisible(len(self._strips) > 1)
        more = self._texts.say("gui.strip.more", at=self._place + 1, of=len(self._strips))
        self._more.say(f"{more} \u203a")
        self.setProperty("severity", strip.severity)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setAccessibleName(strip.sentence)
        self.updateGeometry()

    def _on_more(self) -> None:
        self._place = (self._place + 1) % max(len(self._strips), 1)
        self._show()

    def _on_close(self) -> None:
        self._closed.add(self._strips[self._place].key)
        self.show_strips(self._strips)
