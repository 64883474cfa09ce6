"""A small sheet beside what was clicked; gone with the next click elsewhere or with Escape."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from vidgreen_gui.gui.views.lettering import PlainLabel, Size

_WIDTH = 400


class Popover(QFrame):
    """Shows headings with a sentence each."""

    def __init__(self, heading: str, rows: list[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._over = parent
        self.setObjectName("overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(heading)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(2)
        title = PlainLabel(Size.TITLE, bold=True, wrap=True)
        title.setText(heading)
        layout.addWidget(title)
        for name, sentence in rows:
            layout.addSpacing(8)
            head = PlainLabel(bold=True, wrap=True)
            head.setText(name)
            body = PlainLabel(tone="muted", wrap=True)
            body.setText(sentence)
            layout.addWidget(head)
            layout.addWidget(body)
        layout.addStretch(1)
        self.setFixedWidth(min(_WIDTH, parent.width() - 16))

    def open_at(self, corner: QPoint) -> None:
        """Show it with its lower right corner there, inside the window."""
        self.resize(self.width(), self.heightForWidth(self.width()))
        window = self._over.window().frameGeometry()
        x = min(max(corner.x() - self.width(), window.left() + 8), window.right() - self.width())
        y = max(corner.y() - self.height(), window.top() + 8)
        self.move(x, y)
        self.show()
