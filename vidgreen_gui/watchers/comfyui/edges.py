"""Status messages as edges: a job was put, taken or done, to the millisecond.

ComfyUI sends every client the number of jobs that run or wait, at each of the three. More than
before is a put, the same is the worker taking one, fewer is one done (or deleted while waiting).
"""

from collections import deque

from vidgreen_gui.watchers.comfyui.times import Moment

_KEPT = 2048
# A drop by more than this is a queue that was cleared.
_MOST_DONE_AT_ONCE = 64


class Edges:
    """Remembers the edges that no job has been matched with yet."""

    def __init__(self) -> None:
        self._remaining: int | None = None
        self._put: Moment | None = None
        self._taken: Moment | None = None
        self._dones: deque[Moment] = deque(maxlen=_KEPT)

    def status(self, at: Moment, remaining: int) -> None:
        """Take a status message."""
        before, self._remaining = self._remaining, remaining
        if before is None:
            return
        if remaining > before:
            self._put = at
        elif remaining == before:
            self._taken = at
        else:
            self._dones.extend([at] * min(before - remaining, _MOST_DONE_AT_ONCE))

    def start(self, after: Moment | None) -> Moment | None:
        """Return and use up the edge at which the newest job was taken, None where none was seen.

        A put counts where the taking was missed, unless a job ended later: then that freed the
        worker.
        """
        edge = self._taken or self._put
        self._taken = self._put = None
        if edge is not None and after is not None and edge.steady_ns < after.steady_ns:
            return after
        return edge

    def done(self, started_at: Moment) -> Moment | None:
        """Return and use up the edge at which a job that started then was done."""
        found = (edge for edge in self._dones if edge.steady_ns >= started_at.steady_ns)
        edge = next(found, None)
        if edge is not None:
            self._dones.remove(edge)
        return edge

    def missed(self, until: Moment) -> int:
        """Return how many jobs were done by then that nobody saw running, and forget them."""
        count = 0
        while self._dones and self._dones[0].steady_ns <= until.steady_ns:
            self._dones.popleft()
            count += 1
        return count
