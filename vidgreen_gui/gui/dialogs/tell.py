"""Tells something that the user asked about, paragraph by paragraph."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from vidgreen_gui.gui.dialogs.frame import Frame
from vidgreen_gui.gui.views.lettering import PlainLabel
from vidgreen_gui.texts.catalog import Texts


class Tell(Frame):
    """Headings with sentences, selectable so that a command can be copied."""

    def __init__(
        self,
        texts: Texts,
        heading: str,
        rows: list[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(texts, heading, None, parent)
        for title, sentence in rows:
            if title:
                label = PlainLabel(bold=True, wrap=True)
                label.setText(title)
                self.body.addWidget(label)
            told = self.say(sentence)
            told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setMinimumWidth(440)
