"""A clock that moves only when a test says so."""

from vidgreen_gui.model.units import NS_PER_S, ns_from_s


class ManualClock:
    """Three clocks; `advance` moves all, `sleep` the ones that count sleep, `step_wall` UTC."""

    def __init__(self, steady_ns=1_000 * NS_PER_S, utc_ns=1_790_000_000 * NS_PER_S):
        self._steady = steady_ns
        self._boottime = steady_ns + 5 * NS_PER_S
        self._utc = utc_ns

    def steady_ns(self):
        return self._steady

    def boottime_ns(self):
        return self._boottime

    def utc_ns(self):
        return self._utc

    def advance(self, seconds):
        self.advance_ns(ns_from_s(seconds))

    def advance_ns(self, nanoseconds):
        self._steady += nanoseconds
        self._boottime += nanoseconds
        self._utc += nanoseconds

    def sleep(self, seconds):
        self._boottime += ns_from_s(seconds)
        self._utc += ns_from_s(seconds)

    def step_wall(self, seconds):
        self._utc += ns_from_s(seconds)
