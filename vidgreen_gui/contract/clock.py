"""A clock that moves only when a test says so."""

from vidgreen_gui.model.units import NS_PER_S, ns_from_s


class ManualClock:
    """Three clocks; `advance` moves all, `sleep` the ones that count sleep, `step_wall` UTC."""

    def __init__(
        self, steady_ns: int = 1_000 * NS_PER_S, utc_ns: int = 1_790_000_000 * NS_PER_S
    ) -> None:
        self._steady = steady_ns
        self._boottime = steady_ns + 5 * NS_PER_S
        self._utc = utc_ns

    def steady_ns(self) -> int:
        """Return the steady clock, which stands still asleep."""
        return self._steady

    def boottime_ns(self) -> int:
        """Return nanoseconds since boot, sleep included."""
        return self._boottime

    def utc_ns(self) -> int:
        """Return the wall clock."""
        return self._utc

    def advance(self, seconds: float) -> None:
        """Let time go by."""
        self.advance_ns(ns_from_s(seconds))

    def advance_ns(self, nanoseconds: int) -> None:
        """Let time go by, to the nanosecond."""
        self._steady += nanoseconds
        self._boottime += nanoseconds
        self._utc += nanoseconds

    def sleep(self, seconds: float) -> None:
        """Let the machine sleep."""
        self._boottime += ns_from_s(seconds)
        self._utc += ns_from_s(seconds)

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock, as people and time servers do."""
        self._utc += ns_from_s(seconds)
