"""Compares a plug meter with the sensors, minutes long, beside everything else."""

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from vidgreen_gui.gui.tasks import Tasks
from vidgreen_gui.model.faults import Fault, Notice

if TYPE_CHECKING:
    from vidgreen_gui.verbs.calibrate import CalibrateAnswer, CalibrateProgress

    Calibrate = Callable[[Event, Callable[[CalibrateProgress], None]], CalibrateAnswer]


class Comparing(QObject):
    """One comparison at a time.

    `moved` carries each CalibrateProgress, `ended` the CalibrateAnswer or a Notice of what went
    wrong.
    """

    moved = Signal(object)
    ended = Signal(object)

    def __init__(self, tasks: Tasks, calibrate: "Calibrate", parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._calibrate = calibrate
        self._stop: Event | None = None
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.stop)

    @property
    def is_running(self) -> bool:
        """Whether a comparison is under way."""
        return self._stop is not None

    def start(self) -> None:
        """Begin, unless one is under way."""
        if self._stop is None:
            stop = self._stop = Event()
            work = self._tasks.run(lambda: self._calibrate(stop, self.moved.emit))
            work.then(self._on_found, self._on_fault)

    def stop(self) -> None:
        """End early; what was sampled until now counts."""
        if self._stop is not None:
            self._stop.set()

    def _on_found(self, answer: "CalibrateAnswer") -> None:
        self._stop = None
        self.ended.emit(answer)

    def _on_fault(self, fault: Fault) -> None:
        self._stop = None
        self.ended.emit(Notice.of(fault))
