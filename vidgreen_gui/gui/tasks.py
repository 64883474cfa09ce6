"""Runs what may block (history, exports) off the Qt thread and delivers its end on it."""

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QThreadPool, Signal

from vidgreen_gui.model.faults import Fault

T = TypeVar("T")
_THREADS = 2


def _nothing(_what: object) -> None:
    """Do nothing: nobody asked to be told."""


class Job(QObject, Generic[T]):
    """One call on its way; say with `then` what shall happen when it ends."""

    _ended = Signal(object, object)

    def __init__(self, work: Callable[[], T], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._succeeded: Callable[[T], None] = _nothing
        self._failed: Callable[[Fault], None] = _nothing
        self._ended.connect(self._on_ended)

    def then(
        self, succeeded: Callable[[T], None], failed: Callable[[Fault], None] = _nothing
    ) -> None:
        """Call one of these on the Qt thread; an exception that is no Fault is raised there."""
        self._succeeded, self._failed = succeeded, failed

    def execute(self) -> None:
        """Do the work; called on a thread of the pool."""
        try:
            self._ended.emit(self._work(), None)
        except Exception as failure:  # noqa: BLE001 - carried over to the Qt thread, not swallowed
            self._ended.emit(None, failure)

    def _on_ended(self, result: T, failure: Exception | None) -> None:
        self.deleteLater()
        if failure is None:
            self._succeeded(result)
        elif isinstance(failure, Fault):
            self._failed(failure)
        else:
            raise failure


class Tasks(QObject):
    """A small pool for blocking calls."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(_THREADS)

    def run(self, work: Callable[[], T]) -> Job[T]:
        """Start `work` on a thread of the pool; the answer's `then` says what follows."""
        job: Job[T] = Job(work, self)
        self._pool.start(job.execute)
        return job

    def wait(self) -> None:
        """Return when no call is under way."""
        self._pool.waitForDone()
