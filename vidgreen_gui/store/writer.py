"""The writer thread: one commit per batch, a backlog in memory while the disk refuses."""

import logging
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from vidgreen_gui.model.faults import StoreFault, StoreFaultKind
from vidgreen_gui.store.backlog import Backlog
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import Store

BACKLOG_S = 600.0
KEEP_FREE_BYTES = 200_000_000
RETRY_S = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WriterState:
    """How the writer stands.

    `fault` says why commits wait, None while they go through; `low_space` that the disk has less
    than the floor free. `dropped_samples` were let go because they waited too long, `refused`
    batches contradict what is stored and were logged: a bug.
    """

    fault: StoreFault | None = None
    low_space: bool = False
    dropped_samples: int = 0
    refused: int = 0


class Writer:
    """Commits batches in a thread of its own, in order; `report` hears every change of state.

    `report` is called on the writer's thread. Whatever `flush` confirmed survives a kill.
    """

    def __init__(
        self,
        store: Store,
        report: Callable[[WriterState], None],
        *,
        keep_free_bytes: int = KEEP_FREE_BYTES,
        backlog_s: float = BACKLOG_S,
        retry_s: float = RETRY_S,
    ) -> None:
        self._store = store
        self._report = report
        self._keep_free_bytes = keep_free_bytes
        self._retry_s = retry_s
        self._state = WriterState()
        self._changed = threading.Condition()
        self._backlog = Backlog(backlog_s)
        self._writing = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    @property
    def state(self) -> WriterState:
        """Return how the writer stands; from any thread."""
        return self._state

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def submit(self, batch: Batch) -> None:
        """Queue a batch; never blocks. From any thread."""
        with self._changed:
            self._backlog.add(batch, time.monotonic())
            self._changed.notify_all()

    def flush(self, timeout_s: float) -> bool:
        """Wait until all that was submitted is committed; return whether it is."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._backlog and not self._writing, timeout_s
            )

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Commit what waits, trying once where the disk refuses; return whether all is stored.

        The store stays open: it is its opener's to close.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive() and not self._backlog

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._backlog or self._stopping)
                if not self._backlog:
                    return
                since_s, batch = self._backlog.take()
                self._writing = True
            fault = self._commit(batch)
            with self._changed:
                self._writing = False
                if fault is not None:
                    self._backlog.put_back(since_s, batch)
                self._changed.notify_all()
            self._watch(fault)
            if fault is not None and self._give_up_after_pause(fault):
                return

    def _commit(self, batch: Batch) -> StoreFault | None:
        try:
            self._store.write(batch)
        except StoreFault as fault:
            return fault
        except Exception:  # noqa: BLE001
            # A bug in what was submitted must not end the recording of all that follows.
            _log.exception("a batch contradicts the store and was left out")
            self._set(replace(self._state, refused=self._state.refused + 1))
        return None

    def _watch(self, fault: StoreFault | None) -> None:
        known, kind = self._state.fault, fault and fault.kind
        same = (known and known.kind) is kind
        self._set(
            replace(
                self._state,
                fault=known if same else fault,
                low_space=self._has_low_space(),
                dropped_samples=self._backlog.dropped_samples,
            )
        )

    def _give_up_after_pause(self, fault: StoreFault) -> bool:
        with self._changed:
            if self._changed.wait_for(lambda: self._stopping, self._retry_s):
                return True
        if fault.kind in {StoreFaultKind.IO, StoreFaultKind.VANISHED}:
            # After a failed write or sync, nothing this connection holds can be trusted.
            self._reopen()
        return False

    def _reopen(self) -> None:
        try:
            self._store.reopen()
        except StoreFault as fault:
            self._watch(fault)

    def _has_low_space(self) -> bool:
        try:
            return shutil.disk_usage(self._store.folder).free < self._keep_free_bytes
        except OSError:
            return False

    def _set(self, state: WriterState) -> None:
        if state != self._state:
            self._state = state
            self._report(state)
