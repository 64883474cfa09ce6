"""Batches that wait for the disk: samples are let go when they get too old, the rest never is."""

from collections import deque
from dataclasses import replace

from vidgreen_gui.model.power import Block
from vidgreen_gui.store.batch import Batch


class Backlog:
    """A queue of batches that keeps samples of the last `keep_ns` and everything else for good.

    Not safe to share between threads without a lock.
    """

    def __init__(self, keep_ns: int) -> None:
        self.dropped_samples = 0
        self._keep_ns = keep_ns
        self._batches: deque[Batch] = deque()

    def __len__(self) -> int:
        return len(self._batches)

    def add(self, batch: Batch) -> None:
        """Append a batch; let go of samples that are now too old."""
        self._batches.append(batch)
        newest_ns = _newest_ns(batch.blocks)
        if newest_ns is not None:
            self._drop_before(newest_ns - self._keep_ns)

    def take(self) -> Batch:
        """Remove and return the oldest batch."""
        return self._batches.popleft()

    def put_back(self, batch: Batch) -> None:
        """Make a batch that was taken the oldest again."""
        self._batches.appendleft(batch)

    def _drop_before(self, horizon_ns: int) -> None:
        for place, batch in enumerate(self._batches):
            newest_ns = _newest_ns(batch.blocks)
            if newest_ns is None:
                continue
            if newest_ns >= horizon_ns:
                return
            self.dropped_samples += sum(len(block.t_ns) for block in batch.blocks)
            self._batches[place] = replace(batch, blocks=())


def _newest_ns(blocks: tuple[Block, ...]) -> int | None:
    return max((block.t_ns[-1] for block in blocks if len(block.t_ns)), default=None)
