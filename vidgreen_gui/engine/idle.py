"""How much each device draws while no job runs, learnt from its samples; the newest count."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Any

import numpy as np

from vidgreen_gui.model.footprint import Range
from vidgreen_gui.model.learnt import IdleLevel, IdleLevels
from vidgreen_gui.model.power import PowerBlock
from vidgreen_gui.model.units import NS_PER_S

# A level is known from means of this length, three at least; of the newest ten minutes.
MEAN_S = 10
LEAST_MEANS = 3
KEPT_MEANS = 60
# What was kept from an earlier start counts as five minutes at most.
_KEPT_FROM_BEFORE = 30
# A job is known to run this long after it began, at the latest: the mean before it is not idle.
_KNOWN_LATE_NS = 2 * NS_PER_S
_GAP_PERIODS = 3
_PERCENTILES = (50.0, 5.0, 95.0)
# What is kept is written when it is first known, then this often.
KEEP_NS = 300 * NS_PER_S


class Rest(StrEnum):
    """A resting state of a device: the field of IdleLevels where its level stands."""

    UNTOUCHED = "untouched"
    BARE = "bare"
    CONTEXT = "context"


class IdleLearner:
    """Learns the idle levels of any number of devices, from what is `known` of them on.

    A level is the median of 10-second means, its range their 5th to 95th percentile: how much
    idle power moves, without the error that all readings of a device share.
    """

    def __init__(self, known: Iterable[IdleLevels] = ()) -> None:
        self._devices = {levels.device_id: _DeviceIdle(levels) for levels in known}

    def add(self, block: PowerBlock, rest: Rest | None, utc_ns: int) -> None:
        """Take samples that a device drew at `rest`; None where it was not, or nobody knows."""
        if block.device_id not in self._devices:
            if rest is None:
                return
            self._devices[block.device_id] = _DeviceIdle(IdleLevels(device_id=block.device_id))
        self._devices[block.device_id].add(block, rest, utc_ns)

    def levels(self, device_id: str) -> IdleLevels | None:
        """Return what is known of a device, None where nothing is."""
        device = self._devices.get(device_id)
        return device.levels if device is not None and device.is_known else None

    def to_keep(self, now_ns: int, *, at_the_end: bool = False) -> tuple[IdleLevels, ...]:
        """Return the levels that changed and are worth writing down now."""
        found = (device.to_keep(now_ns, at_the_end) for device in self._devices.values())
        return tuple(levels for levels in found if levels is not None)


class _DeviceIdle:
    """One device: the mean in the making, and the newest means of each resting state."""

    def __init__(self, known: IdleLevels) -> None:
        self.levels = known
        self._means = {rest: _earlier(getattr(known, rest.value)) for rest in Rest}
        self._rest: Rest | None = None
        self._begin_ns = self._last_ns = 0
        self._sum = self._count = 0
        self._finished: tuple[int, float] | None = None
        self._changed = False
        self._kept_ns: int | None = None

    @property
    def is_known(self) -> bool:
        return any(getattr(self.levels, rest.value) is not None for rest in Rest)

    def add(self, block: PowerBlock, rest: Rest | None, utc_ns: int) -> None:
        first_ns, last_ns = block.t_ns[0], block.t_ns[-1]
        apart = first_ns - self._last_ns > _GAP_PERIODS * block.period_ns
        self._last_ns = last_ns
        if rest is None or rest is not self._rest or apart:
            self._rest, self._finished = rest, None
            self._begin(first_ns)
        if rest is None:
            return
        if self._finished is not None and first_ns - self._finished[0] >= _KNOWN_LATE_NS:
            self._learn(rest, self._finished[1], utc_ns)
            self._finished = None
        self._sum += sum(block.power_mw)
        self._count += len(block.power_mw)
        if last_ns - self._begin_ns >= MEAN_S * NS_PER_S:
            self._finished = last_ns, self._sum / self._count
            self._begin(last_ns)

    def to_keep(self, now_ns: int, at_the_end: bool) -> IdleLevels | None:
        due = at_the_end or self._kept_ns is None or now_ns - self._kept_ns >= KEEP_NS
        if not (self._changed and due):
            return None
        self._changed, self._kept_ns = False, now_ns
        return self.levels

    def _begin(self, t_ns: int) -> None:
        self._begin_ns = t_ns
        self._sum = self._count = 0

    def _learn(self, rest: Rest, mean_mw: float, utc_ns: int) -> None:
        means = self._means[rest]
        means.append(mean_mw)
        if len(means) < LEAST_MEANS:
            return
        best, low, high = np.percentile(means, _PERCENTILES).tolist()
        level = IdleLevel(
            power_mw=Range(best, low, high), seconds=float(len(means) * MEAN_S),
            learnt_utc_ns=utc_ns,
        )  # fmt: skip
        # One that was known before counts as its own means, the oldest, until new ones push it out.
        changed: dict[str, Any] = {rest.value: level}
        self.levels = replace(self.levels, **changed)
        self._changed = True


def _earlier(level: IdleLevel | None) -> deque[float]:
    """Return means that say what a level says, fewer than were behind it."""
    means: deque[float] = deque(maxlen=KEPT_MEANS)
    if level is not None:
        count = max(LEAST_MEANS, min(round(level.seconds / MEAN_S), _KEPT_FROM_BEFORE))
        power = level.power_mw
        at = np.linspace(0.0, 100.0, count)
        means.extend(np.interp(at, (5.0, 50.0, 95.0), (power.low, power.best, power.high)).tolist())
    return means
