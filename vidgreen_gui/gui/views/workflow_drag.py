"""The button that hands a changed workflow over: drag it onto ComfyUI's canvas, or save it."""

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QTemporaryDir, QUrl, Signal
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication

from vidgreen_gui.gui.views.lettering import TextButton


class WorkflowDrag(TextButton):
    """Starts a drag of a .json file with what `workflow` returns.

    Clicked, by key too, it hands over the same in `wanted`: a file's name and its text or None.
    """

    wanted = Signal(str, object)

    def __init__(self, name: str, workflow: Callable[[], str | None]) -> None:
        super().__init__()
        self._name = re.sub(r"[^a-z0-9_-]+", "-", name.lower()) or "workflow"
        self._workflow = workflow
        self._folder: QTemporaryDir | None = None
        self._pressed: QPoint | None = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.clicked.connect(self._on_clicked)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where the button was taken."""
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Start the drag once the pointer has gone far enough."""
        far = QApplication.startDragDistance()
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if (event.position().toPoint() - self._pressed).manhattanLength() < far:
            return
        self._pressed = None
        self.setDown(False)
        mime = self.file_in_hand()
        if mime is not None:
            drag = QDrag(self)
            drag.setMimeData(mime)
            drag.exec(Qt.DropAction.CopyAction)

    def _on_clicked(self) -> None:
        self.wanted.emit(f"{self._name}.json", self._workflow())

    def file_in_hand(self) -> QMimeData | None:
        """Write the workflow to a temporary file and return its address to be dropped."""
        text = self._workflow()
        if text is None:
            return None
        if self._folder is None:
            self._folder = QTemporaryDir()
        path = Path(self._folder.filePath(f"{self._name}.json"))
        path.write_text(text, encoding="utf-8")
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        return mime
