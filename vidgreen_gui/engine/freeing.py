"""What freeing the models saves on a card: measured there, a minute after, or not known.

The power of the 20 s before the models went is compared with that of 60 to 80 s after. A card
that has just worked cools, and its power falls by itself: so it must have rested for a minute
before, and no job, no other program and no server that goes may come in between.
"""

import math
from collections import deque
from dataclasses import dataclass

from vidgreen_gui.model.footprint import Range
from vidgreen_gui.model.power import PowerBlock, SlowBlock, SlowField
from vidgreen_gui.model.units import NS_PER_S

BEFORE_NS = 20 * NS_PER_S
AFTER_NS = (60 * NS_PER_S, 80 * NS_PER_S)
COOLED_NS = 60 * NS_PER_S
# Memory that falls to less than this part of what it was has let its models go.
_FELL_TO = 0.5
# Beside a desktop a small model is a small part; once asked for, less is needed to believe it.
_FELL_TO_WHEN_ASKED = 0.9
_ASKED_FOR_NS = 30 * NS_PER_S
# About a second each: the two spans, and what lies between.
_KEPT_MEANS = 300
_LEAST_MEANS = 8
_LONG_AGO_NS = -(1 << 62)


@dataclass(frozen=True, slots=True)
class Freed:
    """The models left a card between two moments; `asked` says that the user wanted it."""

    held_until_ns: int
    gone_at_ns: int
    asked: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a measurement ended: the drop in mW at 95 %, None where it could not be measured.

    `went` is False where the card's memory stayed as it was although somebody `asked`;
    `held_until_ns` is when the models were last there.
    """

    asked: bool
    drop_mw: Range | None = None
    went: bool = True
    held_until_ns: int = 0


class FreedPower:
    """Watches one card for its models to go, and measures what that changes.

    `gain` is the relative error that all readings of the card share. Times are the run's steady
    nanoseconds, in order.
    """

    def __init__(self, gain: float) -> None:
        self._gain = gain
        self._means: deque[tuple[int, int, float]] = deque(maxlen=_KEPT_MEANS)
        self._memory: tuple[int, int] | None = None
        self._asked_ns = _LONG_AGO_NS
        # What was before the first sample, nobody saw.
        self._quiet_ns: int | None = None
        self._freed: Freed | None = None
        self.tells_memory = False
        self.is_free = False

    def power(self, block: PowerBlock) -> None:
        """Take samples."""
        if self._quiet_ns is None:
            self._quiet_ns = block.t_ns[0]
        mean_mw = sum(block.power_mw) / len(block.power_mw)
        self._means.append((block.t_ns[0], block.t_ns[-1], mean_mw))

    def memory(self, block: SlowBlock) -> None:
        """Take how much of the card's memory was used; a fall of it says that models went."""
        if block.quantity is not SlowField.MEMORY_USED_BYTES:
            return
        self.tells_memory = True
        for t_ns, used in zip(block.t_ns, block.value, strict=True):
            asked = t_ns - self._asked_ns <= _ASKED_FOR_NS
            least = _FELL_TO_WHEN_ASKED if asked else _FELL_TO
            if self._memory is not None and used < least * self._memory[1]:
                self._go(Freed(self._memory[0], t_ns, asked))
            self._memory = t_ns, used

    def asked(self, t_ns: int) -> None:
        """Take note that a source was asked; where memory is not told, that is all there is."""
        self._asked_ns = t_ns
        if not self.tells_memory:
            self._go(Freed(t_ns, t_ns, asked=True))

    def disturbed(self, t_ns: int) -> Outcome | None:
        """Take note that the card does not rest; return what could not be measured for it."""
        self._quiet_ns = t_ns
        self._memory = None
        freed, self._freed = self._freed, None
        asked, self._asked_ns = self._asked_ns, _LONG_AGO_NS
        if freed is None and asked == _LONG_AGO_NS:
            return None
        return Outcome(asked=freed is None or freed.asked)

    def holds(self) -> None:
        """Take note that models are there: a job loaded them, or they never went."""
        self.is_free = False

    def outcome(self, now_ns: int) -> Outcome | None:
        """Return how the measurement under way ended, once; None while there is none."""
        freed = self._freed
        if freed is None:
            return self._waited_in_vain(now_ns)
        if now_ns < freed.gone_at_ns + AFTER_NS[1] + NS_PER_S:
            return None
        self._freed, self._asked_ns = None, _LONG_AGO_NS
        before = self._between(freed.held_until_ns - BEFORE_NS, freed.held_until_ns)
        after = self._between(freed.gone_at_ns + AFTER_NS[0], freed.gone_at_ns + AFTER_NS[1])
        rested_ns = freed.held_until_ns - BEFORE_NS - (self._quiet_ns or 0)
        if rested_ns < COOLED_NS or min(len(before), len(after)) < _LEAST_MEANS:
            return Outcome(freed.asked)
        drop_mw = difference(median_of(before), median_of(after), self._gain)
        return Outcome(freed.asked, drop_mw, held_until_ns=freed.held_until_ns)

    def _waited_in_vain(self, now_ns: int) -> Outcome | None:
        """Return that nothing went, once, when memory has not fallen for long after asking."""
        if self._asked_ns == _LONG_AGO_NS or now_ns - self._asked_ns <= _ASKED_FOR_NS:
            return None
        self._asked_ns = _LONG_AGO_NS
        return Outcome(asked=True, went=False)

    def _go(self, freed: Freed) -> None:
        self.is_free = True
        if self._freed is None:
            self._freed = freed

    def _between(self, begin_ns: int, end_ns: int) -> list[float]:
        return [mean for first, last, mean in self._means if first >= begin_ns and last <= end_ns]


def median_of(means: list[float]) -> Range:
    """Return the median with its interval at 95 %, from the ranks of the values themselves.

    Neighbours are taken to be half as independent as they are many: a sensor averages.
    """
    ordered, last = sorted(means), len(means) - 1
    middle = last / 2
    reach = 0.98 * math.sqrt(2 * len(means))
    best = (ordered[math.floor(middle)] + ordered[math.ceil(middle)]) / 2
    low, high = max(0, math.floor(middle - reach)), min(last, math.ceil(middle + reach))
    return Range(best, ordered[low], ordered[high])


def difference(before: Range, after: Range, gain: float) -> Range:
    """Return how much less is drawn after, each bound at its worst, the shared error beside."""
    low, high = before.low - after.high, before.high - after.low
    return Range(
        before.best - after.best,
        low - gain * abs(low),
        high + gain * abs(high),
    )
