"""A small sheet beside what was clicked; gone with the next click elsewhere or with Escape."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from vidgreen_gui.gui.views.lettering import PlainLabel, Size

_WIDTH = 400
_MARGIN = 20
_BORDER = 1


class Popover(QFrame):
    """Shows headings with a sentence each."""

    def __init__(self, heading: str, rows: list[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._over = parent
        self.setObjectName("overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(heading)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(_MARGIN, 16, _MARGIN, 16)
        self._layout.setSpacing(2)
        self.setFixedWidth(min(_WIDTH, parent.width() - 16))
        self._add(heading, PlainLabel(Size.TITLE, bold=True, wrap=True))
        for name, sentence in rows:
            self._layout.addSpacing(8)
            self._add(name, PlainLabel(bold=True, wrap=True))
            self._add(sentence, PlainLabel(tone="muted", wrap=True))

    def _add(self, text: str, label: PlainLabel) -> None:
        """Add a paragraph, exactly as high as it is at this width."""
        label.setText(text)
        self._layout.addWidget(label)
        label.ensurePolished()
        label.setFixedHeight(label.heightForWidth(self.width() - 2 * (_MARGIN + _BORDER)))

    def open_at(self, corner: QPoint) -> None:
        """Show it with its lower right corner there, inside the window."""
        self.show()
        self.adjustSize()
        window = self._over.window().frameGeometry()
        x = min(max(corner.x() - self.width(), window.left() + 8), window.right() - self.width())
        y = max(corner.y() - self.height(), window.top() + 8)
        self.move(x, y)
