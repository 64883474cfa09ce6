"""Labels steady time with UTC: anchors tie the two, and never rewrite a sample."""

from bisect import bisect_right
from collections.abc import Iterator

from vidgreen_gui.model.events import ClockAnchored, Run


class TimeMap:
    """Maps a run's steady nanoseconds to UTC and back by the nearest anchor before.

    A wall clock that steps between two anchors moves labels after the later one only.
    """

    def __init__(self, run: Run) -> None:
        self._t_ns = [0]
        self._utc_ns = [run.utc_ns]

    def anchor(self, event: ClockAnchored) -> None:
        """Take a later reading of both clocks; readings come in order of time."""
        if event.t_ns >= self._t_ns[-1]:
            self._t_ns.append(event.t_ns)
            self._utc_ns.append(event.utc_ns)

    def stretches(self, start_ns: int, end_ns: int) -> Iterator[tuple[int, int, int]]:
        """Yield (begin, until, how far UTC is ahead of steady time) from start to end."""
        first = max(0, bisect_right(self._t_ns, start_ns) - 1)
        while start_ns < end_ns:
            later = self._t_ns[first + 1] if first + 1 < len(self._t_ns) else end_ns
            until_ns = min(end_ns, later)
            if until_ns > start_ns:
                yield start_ns, until_ns, self._utc_ns[first] - self._t_ns[first]
            start_ns, first = max(start_ns, until_ns), first + 1

    def utc_ns(self, t_ns: int) -> int:
        """Return the UTC label of a steady time."""
        at = max(0, bisect_right(self._t_ns, t_ns) - 1)
        return self._utc_ns[at] + (t_ns - self._t_ns[at])

    def steady_ns(self, utc_ns: int) -> int:
        """Return the steady time of a UTC label, by the newest anchor that is not later."""
        for t_ns, anchor_utc_ns in zip(reversed(self._t_ns), reversed(self._utc_ns), strict=True):
            if utc_ns >= anchor_utc_ns:
                return t_ns + (utc_ns - anchor_utc_ns)
        return self._t_ns[0] + (utc_ns - self._utc_ns[0])
