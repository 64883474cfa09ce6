"""A server's clock on ours: UTC stamps in milliseconds, and log times without a zone.

A job's start S (its stamp) follows the status message that says it was taken, and its end E comes
before the one that says it is done. With A and B the arrivals of those messages, the server's
clock is behind ours by at least A - S - (one way) and at most B - E; the way is at most a round
trip. Each job narrows that interval; its middle is the offset and half its width the bound.
"""

from collections import deque
from dataclasses import dataclass

from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S, ns_from_ms

# Zones are multiples of a quarter of an hour; what is left over is the time a chunk was under way.
_ZONE_NS = 900 * NS_PER_S
# Beyond this a server "on this host" sits behind a tunnel and keeps its own time.
_SAME_CLOCK_NS = 2 * NS_PER_S
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on two clocks: the run's steady one and the wall."""

    steady_ns: int
    utc_ns: int

    @property
    def wall_ns(self) -> int:
        """Return what must be added to a steady time near this moment to get UTC."""
        return self.utc_ns - self.steady_ns


class ServerClock:
    """Maps what one server says of time to our steady clock."""

    def __init__(self, *, is_local: bool) -> None:
        self._is_local = is_local
        self._low: int | None = None
        self._high: int | None = None
        self._round_trip_ns: int | None = None
        self._leads: deque[int] = deque(maxlen=_REMEMBERED)

    def note_round_trip(self, lasted_ns: int) -> None:
        """Remember the quickest answer: no message was under way for longer."""
        if self._round_trip_ns is None or lasted_ns < self._round_trip_ns:
            self._round_trip_ns = lasted_ns

    def note_job(
        self, start_ms: int, taken: Moment | None, end_ms: int, done: Moment | None
    ) -> None:
        """Learn from a job whose start or end was seen as a status message."""
        low = high = None
        if taken is not None and self._round_trip_ns is not None:
            low = taken.utc_ns - ns_from_ms(start_ms) - self._round_trip_ns
        if done is not None:
            high = done.utc_ns - ns_from_ms(end_ms)
        narrow_low = max((x for x in (low, self._low) if x is not None), default=None)
        narrow_high = min((x for x in (high, self._high) if x is not None), default=None)
        if _contradict(narrow_low, narrow_high):
            # One of the clocks was set: only this job counts, if it makes sense by itself.
            narrow_low, narrow_high = (None, None) if _contradict(low, high) else (low, high)
        self._low, self._high = narrow_low, narrow_high

    def steady_ns(self, stamp_ms: int, near: Moment) -> int | None:
        """Return a stamp on our steady clock, None while nothing is known of the server's clock.

        `near` is a moment close to the stamp, so that a later step of our wall clock is harmless.
        """
        offset = self._offset_ns()
        return None if offset is None else ns_from_ms(stamp_ms) + offset - near.wall_ns

    @property
    def bound_ns(self) -> int:
        """Return how far a mapped stamp may be off; stamps themselves are whole milliseconds."""
        if self._shares_our_clock() or self._low is None or self._high is None:
            return NS_PER_MS
        return max((self._high - self._low) // 2, NS_PER_MS)

    def note_log(self, local_ns: int, at: Moment) -> None:
        """Learn the log's zone and offset from the newest entry of a message.

        No entry comes before it was written: the greatest lead is the least delayed one.
        """
        self._leads.append(local_ns - at.utc_ns)

    def log_steady_ns(self, local_ns: int | None, at: Moment) -> int:
        """Return a log entry's time on our steady clock; never after it came."""
        if local_ns is None or not self._leads:
            return at.steady_ns
        lead = max(self._leads)
        if self._shares_our_clock():
            lead = round(lead / _ZONE_NS) * _ZONE_NS
        return min(local_ns - lead - at.wall_ns, at.steady_ns)

    def _shares_our_clock(self) -> bool:
        return (
            self._is_local
            and (self._low is None or self._low <= _SAME_CLOCK_NS)
            and (self._high is None or self._high >= -_SAME_CLOCK_NS)
        )

    def _offset_ns(self) -> int | None:
        if self._shares_our_clock():
            return 0
        if self._low is None or self._high is None:
            return None
        return (self._low + self._high) // 2


def _contradict(low: int | None, high: int | None) -> bool:
    return low is not None and high is not None and low > high
