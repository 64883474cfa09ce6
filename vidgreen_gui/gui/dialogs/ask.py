"""Asks for one line of text: a clip's name, a server's address."""

from PySide6.QtWidgets import QLineEdit, QWidget

from vidgreen_gui.gui.dialogs.frame import Frame
from vidgreen_gui.texts.catalog import Texts

_LONGEST = 200


class Ask(Frame):
    """A heading, a sentence, a line; accepts nothing only where that `may_be_empty`."""

    def __init__(
        self,
        texts: Texts,
        code: str,
        written: str = "",
        parent: QWidget | None = None,
        *,
        may_be_empty: bool = False,
    ) -> None:
        super().__init__(
            texts, texts.say(f"gui.ask.{code}"), texts.say(f"gui.ask.{code}.accept"), parent
        )
        self._may_be_empty = may_be_empty
        self.say(texts.say(f"gui.ask.{code}.about"))
        self.line = QLineEdit(written)
        self.line.setMaxLength(_LONGEST)
        self.line.setAccessibleName(texts.say(f"gui.ask.{code}"))
        self.body.addWidget(self.line)
        self.line.textChanged.connect(self._on_changed)
        self._on_changed(written)
        self.line.setFocus()

    @property
    def written(self) -> str:
        """Return what was written."""
        return self.line.text().strip()

    def _on_changed(self, _text: str) -> None:
        if self.accept_button is not None:
            self.accept_button.setEnabled(self._may_be_empty or bool(self.written))
