"""Collects Python's garbage on the Qt thread alone: elsewhere it might take widgets apart."""

import gc

from PySide6.QtCore import QObject, Qt, QTimer

_LOOK_MS = 5_000


class Collector(QObject):
    """Looks now and then whether there is enough to collect; Python's own collector is off.

    That one runs on whichever thread makes the object too many: a widget that went with it there
    would crash in Qt.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._timer.timeout.connect(self.look)
        self._timer.start(_LOOK_MS)

    def look(self) -> None:
        """Collect the oldest generation that is due, by Python's own thresholds."""
        full = map(int.__gt__, gc.get_count(), gc.get_threshold())
        due = [generation for generation, is_full in enumerate(full) if is_full]
        if due:
            gc.collect(due[-1])
