"""Labels steady time with UTC: anchors tie the two, and never rewrite a sample."""

from bisect import bisect_right

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
