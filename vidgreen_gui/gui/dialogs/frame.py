"""The frame of every dialog: a heading, its contents, buttons in the user's language."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from vidgreen_gui.gui.views.lettering import PlainLabel, Size
from vidgreen_gui.texts.catalog import Texts


class Frame(QDialog):
    """A dialog with an accepting and a closing button; subclasses fill `body`."""

    def __init__(
        self, texts: Texts, heading: str, accept: str | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.texts = texts
        self.setWindowTitle(heading)
        self.setModal(True)
        title = PlainLabel(Size.TITLE, bold=True, wrap=True)
        title.setText(heading)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        self.buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        leave = "gui.dialog.close" if accept is None else "gui.dialog.cancel"
        self.buttons.addButton(texts.say(leave), role.RejectRole).setAutoDefault(False)
        self.accept_button = None
        if accept is not None:
            self.accept_button = self.buttons.addButton(accept, role.AcceptRole)
            self.accept_button.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addLayout(self.body, 1)
        layout.addWidget(self.buttons)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def say(self, sentence: str) -> PlainLabel:
        """Add a paragraph and return its label."""
        label = PlainLabel(tone="muted", wrap=True)
        label.setText(sentence)
        label.setMinimumWidth(360)
        self.body.addWidget(label)
        return label
