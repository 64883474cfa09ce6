"""Batches that wait for the disk: samples are let go when they waited too long, the rest never."""

from collections import deque
from dataclasses import replace

from vidgreen_gui.store.batch import Batch


class Backlog:
    """A queue that keeps samples for `keep_s` seconds and everything else for good.

    Times are seconds on any one steady clock. Not safe to share between threads without a lock.
    """

    def __init__(self, keep_s: float) -> None:
        self.dropped_samples = 0
        self._keep_s = keep_s
        self._waiting: deque[tuple[float, Batch]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, batch: Batch, now_s: float) -> None:
        """Append a batch; let go of samples that have waited too long."""
        self._waiting.append((now_s, batch))
        for place, (since_s, waiting) in enumerate(self._waiting):
            if since_s >= now_s - self._keep_s:
                return
            if waiting.blocks:
                self.dropped_samples += sum(len(block.t_ns) for block in waiting.blocks)
                self._waiting[place] = since_s, replace(waiting, blocks=())

    def take(self) -> tuple[float, Batch]:
        """Remove and return the oldest batch, with the time at which it was added."""
        return self._waiting.popleft()

    def put_back(self, since_s: float, batch: Batch) -> None:
        """Make a batch that was taken the oldest again."""
        self._waiting.appendleft((since_s, batch))
