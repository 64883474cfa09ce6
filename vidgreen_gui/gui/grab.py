"""Takes a picture of the window after a while, then closes it."""

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMainWindow


def grab_after(window: QMainWindow, path: Path, seconds: float) -> None:
    """Save the window as PNG `seconds` from now, and close it."""

    def grab() -> None:
        window.grab().save(str(path), "PNG")
        window.close()

    QTimer.singleShot(round(seconds * 1000), grab)
