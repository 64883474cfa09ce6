"""A device's energy over time: drawn power, integrated once, asked for any window."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vidgreen_gui.model.units import J_PER_MW_NS, NS_PER_S

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Running sums are kept in two integers of this many low bits, so that they are exact.
_LOW_BITS = 30


def _no_times() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Asleep:
    """The machine slept for `slept_ns` between the samples at `t_ns` and `until_ns`.

    On a steady clock that stands still meanwhile the two lie close together.
    """

    t_ns: int
    until_ns: int
    slept_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Power as it is drawn between n nodes: straight from `left_mw` to `right_mw` per segment.

    `t_ns` int64[n] ascends, `power_mw` float64[n] is what the samples say there. Per segment,
    [n-1]: `is_gap` bool, the power at its two ends in mW, and `open_j2`, the variance in J² of
    what happened between the samples unseen.
    """

    t_ns: Ints
    power_mw: Floats
    is_gap: Flags
    left_mw: Floats
    right_mw: Floats
    open_j2: Floats

    def at(self, t_ns: Ints) -> Floats:
        """Return the power drawn at each time, that of the nearest end outside of the record."""
        at = within(t_ns, self.t_ns[0], self.t_ns[-1])
        segment = self.segment(at)
        begin, end = self.t_ns[segment], self.t_ns[segment + 1]
        left = self.left_mw[segment]
        return left + (self.right_mw[segment] - left) * ((at - begin) / (end - begin))

    def segment(self, t_ns: Ints) -> Ints:
        """Return the segment that begins at or before each time."""
        found = self.t_ns.searchsorted(t_ns, side="right") - 1
        return within(found, 0, len(self.t_ns) - 2)

    def has_gap(self, start_ns: Ints, end_ns: Ints) -> Flags:
        """Return which windows touch a gap inside the record; `end_ns` itself is not in them."""
        missing = np.zeros(len(self.is_gap) + 1, dtype=np.int64)
        self.is_gap.cumsum(out=missing[1:])
        last = np.minimum(self.t_ns.searchsorted(end_ns), len(self.is_gap))
        touched: Flags = missing[last] != missing[self.segment(start_ns)]
        return touched

    def cut(self, t_ns: Ints) -> "Drawn":
        """Return the same with nodes at these times too; all lie inside the record."""
        time = merged(self.t_ns, t_ns)
        if len(time) == len(self.t_ns):
            return self
        origin = self.segment(time[:-1])
        begin = self.t_ns[origin]
        length = self.t_ns[origin + 1] - begin
        left, power = self.left_mw[origin], self.power_mw[origin]
        since = (time[:-1] - begin) / length
        part = (time[1:] - time[:-1]) / length
        rise = self.right_mw[origin] - left
        return Drawn(
            t_ns=time,
            power_mw=np.append(
                power + (self.power_mw[origin + 1] - power) * since, self.power_mw[-1]
            ),
            is_gap=self.is_gap[origin],
            left_mw=left + rise * since,
            right_mw=left + rise * (since + part),
            open_j2=self.open_j2[origin] * part,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Spans in which a counter's difference is the energy: start and end ns, ascending, apart.

    `stale_j` float64[k, 2] is what the update period of the counter leaves open at their ends.
    """

    start_ns: Ints
    end_ns: Ints
    stale_j: Floats


@dataclass(frozen=True, slots=True, eq=False)
class EnergyCurve:
    """Power and cumulative energy of one device at n nodes, linear in between.

    `t_ns` int64[n] ascends; `power_mw` float64[n] is what the samples say, interpolated at the
    nodes that edges and counter readings add. Segment i lies between nodes i and i+1: `is_gap`
    bool[n-1], and, once edges and the counter were heard, `left_mw` float64[n-1] its power after
    node i and `slope` float64[n-1] the change per nanosecond, both 0 in a gap. `cumulative_j`
    float64[n], `covered_ns` int64[n] and `open_j2` float64[n], the variance of what the samples
    did not see, count from the first node. `counted` is where the counter speaks.

    `reconciliation` is the counter's joules over the integrated ones where there are both, else
    None; `rival` what the one not believed says over what the other does, where they disagreed
    for long. `asleep_t_ns` int64[k] ascends: at each the machine fell asleep, for `asleep_ns`
    int64[k].
    """

    t_ns: Ints
    power_mw: Floats
    is_gap: Flags
    left_mw: Floats
    slope: Floats
    cumulative_j: Floats
    covered_ns: Ints
    open_j2: Floats
    counted: Counted | None = None
    reconciliation: float | None = None
    rival: float | None = None
    asleep_t_ns: Ints = field(default_factory=_no_times)
    asleep_ns: Ints = field(default_factory=_no_times)

    def energy_j(self, start_ns: npt.ArrayLike, end_ns: npt.ArrayLike) -> Floats:
        """Return the joules in each window [start, end), float64 in the windows' shape.

        Gaps and what lies outside the record carry nothing; an end before its start neither.
        """
        start, end = _windows(start_ns, end_ns)
        if len(self.t_ns) < 2:
            return np.zeros(start.shape)
        return self._energy_until(end) - self._energy_until(start)

    def energy_between_j(self, cuts_ns: Ints) -> Floats:
        """Return the joules between each two neighbours of ascending times."""
        if len(self.t_ns) < 2:
            return np.zeros(len(cuts_ns) - 1)
        reached = self._energy_until(cuts_ns)
        return reached[1:] - reached[:-1]

    def covered_s(self, start_ns: npt.ArrayLike, end_ns: npt.ArrayLike) -> Floats:
        """Return the seconds of each window that samples cover."""
        start, end = _windows(start_ns, end_ns)
        if len(self.t_ns) < 2:
            return np.zeros(start.shape)
        return (self._covered_until(end) - self._covered_until(start)) / NS_PER_S

    def gap_s(self, start_ns: npt.ArrayLike, end_ns: npt.ArrayLike) -> Floats:
        """Return the seconds of each window in a gap, asleep or outside the record."""
        start, end = _windows(start_ns, end_ns)
        gap_s: Floats = (end - start) / NS_PER_S - self.covered_s(start, end)
        if len(self.asleep_t_ns):
            slept_ns = np.append(0, np.cumsum(self.asleep_ns))
            first, stop = (np.searchsorted(self.asleep_t_ns, t_ns) for t_ns in (start, end))
            gap_s += (slept_ns[stop] - slept_ns[first]) / NS_PER_S
        return gap_s

    def power_at(self, t_ns: npt.ArrayLike) -> Floats:
        """Return the sampled power in mW at each time, NaN in a gap or outside the record."""
        at = np.asarray(t_ns, dtype=np.int64)
        if len(self.t_ns) == 0:
            return np.full(at.shape, np.nan)
        unknown = (at < self.t_ns[0]) | (at > self.t_ns[-1])
        if len(self.t_ns) == 1:
            return np.where(unknown, np.nan, self.power_mw[0])
        # Only the segments asked for are looked at, however long the record is.
        segment = self._segment(at)
        begin, end = self.t_ns[segment], self.t_ns[segment + 1]
        left, right = self.power_mw[segment], self.power_mw[segment + 1]
        power = left + (right - left) * ((at - begin) / (end - begin))
        unknown |= self.is_gap[segment] & (at != begin) & (at != end)
        return np.where(unknown, np.nan, power)

    def _segment(self, t_ns: Ints) -> Ints:
        found = self.t_ns.searchsorted(t_ns, side="right") - 1
        return within(found, 0, len(self.t_ns) - 2)

    def _energy_until(self, t_ns: Ints) -> Floats:
        at = within(t_ns, self.t_ns[0], self.t_ns[-1])
        segment = self._segment(at)
        elapsed = at - self.t_ns[segment]
        mean_mw = self.left_mw[segment] + 0.5 * self.slope[segment] * elapsed
        return self.cumulative_j[segment] + elapsed * mean_mw * J_PER_MW_NS

    def _covered_until(self, t_ns: Ints) -> Ints:
        at = within(t_ns, self.t_ns[0], self.t_ns[-1])
        segment = self._segment(at)
        elapsed = np.where(self.is_gap[segment], 0, at - self.t_ns[segment])
        return self.covered_ns[segment] + elapsed


def integrated(
    drawn: Drawn,
    *,
    counted: Counted | None = None,
    reconciliation: float | None = None,
    rival: float | None = None,
    asleep: Sequence[Asleep] = (),
) -> EnergyCurve:
    """Return the energy curve of drawn power."""
    left, right = (np.where(drawn.is_gap, 0.0, mw) for mw in (drawn.left_mw, drawn.right_mw))
    length = drawn.t_ns[1:] - drawn.t_ns[:-1]
    twice_pj = np.rint((left + right) * length).astype(np.int64)
    covered = np.zeros_like(drawn.t_ns)
    np.where(drawn.is_gap, 0, length).cumsum(out=covered[1:])
    open_j2 = np.zeros(len(drawn.t_ns))
    np.where(drawn.is_gap, 0.0, drawn.open_j2).cumsum(out=open_j2[1:])
    slept = sorted((sleep.t_ns, sleep.slept_ns) for sleep in asleep)
    at_ns, slept_ns = np.array(slept, dtype=np.int64).reshape(-1, 2).T
    return EnergyCurve(
        drawn.t_ns,
        drawn.power_mw,
        drawn.is_gap,
        left,
        (right - left) / length,
        cumulative_j=_running_sum(twice_pj)[: len(drawn.t_ns)] * (J_PER_MW_NS / 2),
        covered_ns=covered,
        open_j2=open_j2,
        counted=counted,
        reconciliation=reconciliation,
        rival=rival,
        asleep_t_ns=at_ns,
        asleep_ns=slept_ns,
    )


def _running_sum(values: Ints) -> Floats:
    """Return 0 and the running sums of `values`, each rounded once: a year stays exact to an ulp.

    A float64 cumsum drifts by its length; int64 overflows after some hours of picojoules.
    """
    high = (values >> _LOW_BITS).cumsum()
    low = (values & ((1 << _LOW_BITS) - 1)).cumsum()
    sums = np.zeros(len(values) + 1)
    sums[1:] = (high + (low >> _LOW_BITS)) * float(1 << _LOW_BITS)
    sums[1:] += low & ((1 << _LOW_BITS) - 1)
    return sums


def _ints(column: npt.ArrayLike) -> Ints:
    return np.asarray(column, dtype=np.int64)


def merged(*columns: Ints) -> Ints:
    """Return all values once, ascending, in a fraction of np.unique's time."""
    values = np.concatenate(columns)
    values.sort()
    first = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return values[first]


def within(values: Ints, low: int, high: int) -> Ints:
    """Return what np.clip does, in a third of its time for the few values of a second."""
    bounded: Ints = np.minimum(np.maximum(values, low), high)
    return bounded


def _windows(start_ns: npt.ArrayLike, end_ns: npt.ArrayLike) -> tuple[Ints, Ints]:
    start, end = np.broadcast_arrays(_ints(start_ns), _ints(end_ns))
    return start, np.maximum(start, end)
