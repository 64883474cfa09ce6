"""Recent power in memory: raw samples of ten minutes, coarser buckets of the whole session."""

import threading
from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vidgreen_gui.model.facts import PowerCurve
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S

RAW_NS = 600 * NS_PER_S
# Bucket widths in seconds. Each level is 16 times coarser, so that any window is answered from
# at most 16 buckets a column.
LEVELS_S = (1, 16, 256)
_NO_MINIMUM = 2**31 - 1
_NOTHING = (-1, -1, -1)

Ints = npt.NDArray[np.int64]
Column: TypeAlias = "array[int]"
# Minimum, maximum, sum and count of columns; where the count is 0 there is no sample.
Summary = tuple[Ints, Ints, Ints, Ints]


@dataclass(frozen=True, slots=True)
class _Grid:
    """Columns of whole buckets: `per_column` of `LEVELS_S[level]` each, counted since the anchor.

    Columns before `open_from` are whole: no sample that comes changes them.
    """

    level: int
    per_column: int
    utc_offset_ns: int
    first: int
    open_from: int = 0

    @property
    def width_ns(self) -> int:
        return LEVELS_S[self.level] * self.per_column * NS_PER_S

    def continues(self, known: "_Grid") -> bool:
        """Return whether this one's first columns are whole ones of `known`."""
        return (
            (self.level, self.per_column) == (known.level, known.per_column)
            and abs(self.utc_offset_ns - known.utc_offset_ns) < NS_PER_MS
            and known.first <= self.first <= known.open_from
        )


# A time, the devices that were read then, the power of each (mW), and whether no gap lies between
# it and the sample before.
Row = tuple[int, tuple["DeviceHistory", ...], Sequence[int], bool]


class PowerHistory:
    """What the live curve is drawn from; one thread appends, any thread asks.

    The sampler puts its rows into `rows`, which takes no lock; whoever asks, and the sampler now
    and then, settles what is there. `period_ns` is the shortest sampling period: it sets the room
    for raw samples, 17 bytes each; the rest of a session takes 21 bytes a second for each device.
    """

    def __init__(self, period_ns: int = NS_PER_S // 10) -> None:
        self.rows: deque[Row] = deque()
        self._settling = threading.Lock()
        self._room = RAW_NS // period_ns
        self._devices: dict[str, DeviceHistory] = {}
        self._answered: dict[str, tuple[_Grid, PowerCurve]] = {}

    def device(self, device_id: str) -> "DeviceHistory":
        """Return where one device's samples go."""
        if device_id not in self._devices:
            self._devices[device_id] = DeviceHistory(self._room)
        return self._devices[device_id]

    def append(self, device_id: str, t_ns: int, power_mw: int, *, joined: bool = True) -> None:
        """Keep one sample, newer than the device's last; `joined` says no gap lies between."""
        self.rows.append((t_ns, (self.device(device_id),), (power_mw,), joined))
        self.settle()

    def settle(self) -> None:
        """Take in the rows that came since the last time."""
        with self._settling:
            rows = self.rows
            touched: set[DeviceHistory] = set()
            while rows:
                t_ns, devices, powers_mw, joined = rows.popleft()
                touched.update(devices)
                for device, power_mw in zip(devices, powers_mw, strict=True):
                    device.pending.append((t_ns, power_mw, joined))
            for device in touched:
                device.settle()

    def latest(self, device_id: str) -> tuple[int, int] | None:
        """Return time (ns since the run's anchor) and power (mW) of the newest sample."""
        self.settle()
        history = self._devices.get(device_id)
        return None if history is None else history.latest()

    def curve(
        self, device_id: str, now_ns: int, window_ns: int, columns: int, utc_offset_ns: int
    ) -> PowerCurve:
        """Return the window that ends now in at most `columns` columns, in O(columns).

        `now_ns` counts from the run's anchor and `utc_offset_ns` is UTC at that anchor. A column
        is labelled with its start. Column borders are multiples of one width since the anchor, so
        a sample stays in its column while the window moves on.
        """
        self.settle()
        history = self._devices.get(device_id)
        if history is None:
            return PowerCurve(device_id)
        width_ns = max(-(-window_ns // columns), NS_PER_MS)
        if window_ns > RAW_NS:
            level = max(i for i, s in enumerate(LEVELS_S) if i == 0 or s * NS_PER_S <= width_ns)
            per_column = -(-width_ns // (LEVELS_S[level] * NS_PER_S))
            width_ns = per_column * LEVELS_S[level] * NS_PER_S
        last = now_ns // width_ns
        first = max(0, last + 1 - min(columns, -(-window_ns // width_ns)))
        if window_ns > RAW_NS:
            return self._from_buckets(
                device_id, _Grid(level, per_column, utc_offset_ns, first), last
            )
        starts = np.arange(first, last + 1, dtype=np.int64) * width_ns
        found = history.from_samples(np.append(starts, starts[-1] + width_ns))
        low, high, total, count = found
        empty = count == 0
        return PowerCurve(
            device_id,
            _column((starts + utc_offset_ns) // NS_PER_MS),
            _column(np.where(empty, -1, low)),
            _column(np.where(empty, -1, total // np.maximum(count, 1))),
            _column(np.where(empty, -1, high)),
        )

    def _from_buckets(self, device_id: str, grid: _Grid, last: int) -> PowerCurve:
        """Return columns `grid.first` to `last`, those that are whole from the answer before."""
        known, before = self._answered.get(device_id, (grid, PowerCurve(device_id)))
        begin, offset_ns = grid.first, grid.utc_offset_ns
        if grid.continues(known):
            begin, offset_ns = known.open_from, known.utc_offset_ns
        kept = slice(grid.first - known.first, begin - known.first)
        starts_ns = range(begin * grid.width_ns, (last + 1) * grid.width_ns, grid.width_ns)
        labels = array("q", ((start + offset_ns) // NS_PER_MS for start in starts_ns))
        open_from, low, mean, high = self._devices[device_id].from_buckets(
            grid.level, grid.per_column, begin, last
        )
        curve = PowerCurve(
            device_id,
            before.t_utc_ms[kept] + labels,
            before.min_mw[kept] + low,
            before.mean_mw[kept] + mean,
            before.max_mw[kept] + high,
        )
        grid = replace(grid, utc_offset_ns=offset_ns, open_from=open_from)
        self._answered[device_id] = grid, curve
        return curve


class DeviceHistory:
    """One device's samples and buckets, behind one lock that is held for a copy at most.

    `pending` are its samples that are not settled yet: time, power, whether it is joined.
    """

    def __init__(self, room: int) -> None:
        self._lock = threading.Lock()
        self._room = room
        self.pending: list[tuple[int, int, bool]] = []
        # Twice the room, filled from the left: the newest samples always lie in one piece, and
        # they move once in `room` samples.
        self._t_ns = array("q", bytes(16 * room))
        self._power_mw = array("q", bytes(16 * room))
        self._joined = array("b", bytes(2 * room))
        self._used = 0
        self._second = 0
        self._low = self._high = self._sum = self._count = 0
        self._levels = [_Level(seconds) for seconds in LEVELS_S]

    def settle(self) -> None:
        """Keep what is pending, which is newer than all before; from one thread at a time."""
        pending = self.pending
        for begin in range(0, len(pending), self._room):
            t_ns, power_mw, joined = zip(*pending[begin : begin + self._room], strict=True)
            with self._lock:
                self._keep(t_ns, power_mw, joined)
        pending.clear()

    def latest(self) -> tuple[int, int] | None:
        """Return time and power of the newest sample, None before the first."""
        with self._lock:
            newest = self._used - 1
            return None if newest < 0 else (self._t_ns[newest], self._power_mw[newest])

    def from_buckets(
        self, level: int, per_column: int, first: int, last: int
    ) -> tuple[int, Column, Column, Column]:
        """Return minimum, mean and maximum of columns `first` to `last`, -1 where nothing was.

        Before them stands the first column that may still change. No numpy: most often one or two
        columns are asked for.
        """
        with self._lock:
            self._fold()
            newest = self._second // LEVELS_S[level] // per_column if self._used else -1
            borders = range(first * per_column, (min(last, newest) + 1) * per_column, per_column)
            found = [self._levels[level].summary(at, at + per_column) for at in borders]
        found += [_NOTHING] * (last + 1 - first - len(found))
        low, mean, high = (array("q", column) for column in zip(*found, strict=True))
        return max(0, min(newest, last + 1)), low, mean, high

    def from_samples(self, borders_ns: Ints) -> Summary:
        """Return the summary of the columns between neighbouring borders.

        A column without a sample of its own, between two that no gap parts, holds the sample
        before it: columns may be narrower than the sampling period.
        """
        with self._lock:
            begin = max(0, self._used - self._room)
            t_ns, power_mw = (
                np.frombuffer(memoryview(column)[begin : self._used].tobytes(), dtype=np.int64)
                for column in (self._t_ns, self._power_mw)
            )
            joined = np.frombuffer(
                memoryview(self._joined)[begin : self._used].tobytes(), dtype=np.int8
            )
        columns = len(borders_ns) - 1
        low, high, total, count = (np.zeros(columns, np.int64) for _ in range(4))
        if not len(t_ns):
            return low, high, total, count
        edges = np.searchsorted(t_ns, borders_ns)
        begins, ends = edges[:-1], edges[1:]
        held = (begins == ends) & (begins > 0) & (begins < len(t_ns))
        held &= joined[np.minimum(begins, len(t_ns) - 1)] == 1
        begins = np.where(held, begins - 1, begins)
        filled = begins < ends
        pairs = np.stack([begins[filled], ends[filled]], axis=1).ravel()
        # reduceat wants each end inside; one value beyond the last sample is never counted.
        padded = np.append(power_mw, power_mw[-1:])
        if len(pairs):
            low[filled] = np.minimum.reduceat(padded, pairs)[::2]
            high[filled] = np.maximum.reduceat(padded, pairs)[::2]
            total[filled] = np.add.reduceat(padded, pairs)[::2]
        count[:] = ends - begins
        return low, high, total, count

    def _keep(self, t_ns: Sequence[int], power_mw: Sequence[int], joined: Sequence[bool]) -> None:
        if self._used + len(t_ns) > 2 * self._room:
            self._keep_newest()
        begin, self._used = self._used, self._used + len(t_ns)
        self._t_ns[begin : self._used] = array("q", t_ns)
        self._power_mw[begin : self._used] = array("q", power_mw)
        self._joined[begin : self._used] = array("b", joined)
        begin = 0
        while begin < len(t_ns):
            second = t_ns[begin] // NS_PER_S
            end = bisect_left(t_ns, (second + 1) * NS_PER_S, begin)
            self._count_in(second, power_mw[begin:end])
            begin = end

    def _count_in(self, second: int, power_mw: Sequence[int]) -> None:
        low, high = min(power_mw), max(power_mw)
        if second != self._second or not self._count:
            self._fold()
            self._second, self._low, self._high, self._sum = second, low, high, 0
        self._low = min(self._low, low)
        self._high = max(self._high, high)
        self._sum += sum(power_mw)
        self._count += len(power_mw)

    def _keep_newest(self) -> None:
        for column in (self._t_ns, self._power_mw, self._joined):
            column[: self._room] = column[self._used - self._room : self._used]
        self._used = self._room

    def _fold(self) -> None:
        """Merge the second in the making into every level; merging twice changes nothing."""
        if self._count:
            for level in self._levels:
                level.merge(self._second, self._low, self._high, self._sum, self._count)
            self._count = 0


class _Level:
    """Buckets of one width since the run's anchor."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        # Written one by one, for which an array is quicker than numpy's.
        self._low = array("i")
        self._high = array("i")
        self._sum = array("q")
        self._count = array("i")

    def merge(self, second: int, low: int, high: int, total: int, count: int) -> None:
        at = second // self._seconds
        if at >= len(self._sum):
            self._reach(at + 1 - len(self._sum))
        self._low[at] = min(low, self._low[at])
        self._high[at] = max(high, self._high[at])
        self._sum[at] += total
        self._count[at] += count

    def summary(self, begin: int, end: int) -> tuple[int, int, int]:
        """Return minimum, mean and maximum of buckets `begin` to `end`, -1 where nothing was."""
        count = sum(self._count[begin:end])
        if not count:
            return _NOTHING
        return (
            min(self._low[begin:end]),
            sum(self._sum[begin:end]) // count,
            max(self._high[begin:end]),
        )

    def _reach(self, more: int) -> None:
        self._low.extend([_NO_MINIMUM] * more)
        self._high.extend([-1] * more)
        self._sum.extend([0] * more)
        self._count.extend([0] * more)


def _column(values: Ints) -> "array[int]":
    return array("q", values.astype(np.int64, copy=False).tobytes())
