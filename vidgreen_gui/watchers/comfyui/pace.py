"""How often we ask and how soon we try again, so that no server feels watched."""

import random
from collections.abc import Callable

from vidgreen_gui.model.units import s_from_ns

_BURST = 3.0
_BUSY_PER_S = 1.0
_IDLE_PER_S = 5.0
_FIRST_RETRY_S = 0.5
_LAST_RETRY_S = 30.0


class Allowance:
    """Requests as coins: a few at once, one a second in the long run while a job runs."""

    def __init__(self, now_ns: int) -> None:
        self._coins = _BURST
        self._then_ns = now_ns

    def wait_s(self, now_ns: int, *, busy: bool) -> float:
        """Take a coin, if need be on credit; return how many seconds it is still to be earned."""
        rate = _BUSY_PER_S if busy else _IDLE_PER_S
        earned = s_from_ns(now_ns - self._then_ns) * rate
        self._coins = min(_BURST, self._coins + max(0.0, earned)) - 1.0
        self._then_ns = now_ns
        return max(0.0, -self._coins / rate)


class Backoff:
    """Waiting times that double up to half a minute, each shortened by chance."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._next_s = _FIRST_RETRY_S

    def next_s(self) -> float:
        """Return how long to wait before the next try: between half and nine tenths of the step."""
        step, self._next_s = self._next_s, min(2 * self._next_s, _LAST_RETRY_S)
        return step * (0.5 + 0.4 * self._chance())

    def reset(self) -> None:
        """Begin again: the server answered."""
        self._next_s = _FIRST_RETRY_S
