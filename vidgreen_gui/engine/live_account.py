"""The account of the session under way: exact, and cheap however long it lasts."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vidgreen_gui.accounting.curve import Asleep
from vidgreen_gui.accounting.share import Use, Window
from vidgreen_gui.engine.accounts import (
    Samples,
    Span,
    disagrees,
    energy_rows,
    graded,
    half_hour_edges,
    merged,
    phase_energies_j,
    seen_until,
    windows_on,
)
from vidgreen_gui.engine.host import windows_of
from vidgreen_gui.engine.sensing import job_edges
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.engine.uses import uses_of
from vidgreen_gui.model.events import DeviceGap, DeviceUsed
from vidgreen_gui.model.power import Block, Device
from vidgreen_gui.model.session import Iteration, Phase
from vidgreen_gui.model.units import NS_PER_S
from vidgreen_gui.store.batch import EnergyRow

# A source may still correct the edges of a job this long after it ended.
OPEN_NS = 600 * NS_PER_S
# What is this old is computed again only where an edge moved: every second costs a minute's
# samples, however many are held.
_FIRM_NS = 30 * NS_PER_S
# What a sensor averages, and the counter's reading once a second, tell of a moment after it.
_TOLD_NS = 3 * NS_PER_S


@dataclass(frozen=True, slots=True)
class _Firm:
    """Rows of one device from `begin_ns` to `until_ns`, as long as these windows hold."""

    begin_ns: int
    until_ns: int
    windows: tuple[Window, ...]
    rows: tuple[EnergyRow, ...]


@dataclass(frozen=True, slots=True)
class _Newest:
    """All rows of one device that are not settled, as they were at `t_ns`."""

    t_ns: int
    begin_ns: int
    iterations: tuple[Iteration, ...]
    uses: int
    rows: tuple[EnergyRow, ...]


@dataclass(frozen=True, slots=True)
class _Phases:
    """The joules of an iteration's phases, as long as these hold."""

    phases: tuple[Phase, ...]
    energies_j: tuple[float | None, ...]


class LiveAccount:
    """Holds the samples that may still be attributed otherwise, and the rows that may not.

    What is older than ten minutes and belongs to no iteration that ran since is settled: its rows
    are kept, its samples are dropped. `disagreements` holds, by device, the counter's energy over
    the integrated one where the two differ by too much.
    """

    def __init__(self, times: TimeMap) -> None:
        self._times = times
        self._samples: dict[str, Samples] = {}
        self._settled: tuple[EnergyRow, ...] = ()
        self._settled_until: dict[str, int] = {}
        self._worked_until: dict[str, int] = {}
        self._start_ns = 0
        self._uses: Mapping[str, Sequence[DeviceUsed]] = {}
        self._firm: dict[str, _Firm] = {}
        self._newest: dict[str, _Newest] = {}
        self._phases: dict[str, _Phases] = {}
        self.disagreements: dict[str, float] = {}

    def add(self, blocks: Iterable[Block]) -> None:
        """Take the newest samples."""
        for block in blocks:
            self._samples.setdefault(block.device_id, Samples()).add(block)

    def slept(self, gap: DeviceGap) -> None:
        """Take note that the machine slept between two samples of a device."""
        samples = self._samples.setdefault(gap.device_id, Samples())
        samples.asleep.append(Asleep(gap.t_ns, gap.until_ns, gap.slept_ns))
        self._firm.pop(gap.device_id, None)
        self._newest.pop(gap.device_id, None)

    def begin(self) -> None:
        """Forget what belonged to the session before; samples stay for jobs found late."""
        self._settled = ()
        self._settled_until.clear()
        self._worked_until.clear()
        self._firm.clear()
        self._newest.clear()
        self._phases.clear()
        self.disagreements.clear()

    def forget_before(self, t_ns: int) -> None:
        """Drop samples while no session runs."""
        for samples in self._samples.values():
            samples.forget_before(t_ns)

    def rows(
        self,
        session_id: str,
        start_ns: int,
        now_ns: int,
        devices: Sequence[Device],
        iterations: Sequence[Iteration],
        uncounted: Sequence[Device] = (),
        uses: Mapping[str, Sequence[DeviceUsed]] | None = None,
        paces_s: Mapping[str, int] | None = None,
    ) -> tuple[EnergyRow, ...]:
        """Return every energy row of the session on `devices` until now.

        Of the `uncounted`, samples are settled too: a job may still run on one of them. `uses`
        are, by device, what was told so far of who uses it, in order. A device in `paces_s` is
        accounted for once in so many seconds while no job begins or ends: its rows are that old.
        """
        fresh: list[EnergyRow] = []
        self._start_ns = start_ns
        self._uses = uses or {}
        for device in (*devices, *uncounted):
            if device.id in self._samples:
                self._samples[device.id].device = device
        recent = self._recent(start_ns, (*devices, *uncounted), iterations)
        for place, device in enumerate(devices):
            pace_s = paces_s.get(device.id, 1) if paces_s else 1
            # Each in its own second: together they would hold up all else for a moment.
            in_turn = (now_ns // NS_PER_S + place) % pace_s == 0
            late_ns = 0 if in_turn else pace_s * NS_PER_S
            fresh += self._unsettled(session_id, device, now_ns, recent, late_ns)
        counted = {device.id for device in devices}
        settled = (row for row in self._settled if row.device_id in counted)
        rows = graded(merged((*settled, *fresh)), iterations)
        self._settle(session_id, start_ns, now_ns, (*devices, *uncounted), recent)
        return rows

    def _unsettled(
        self,
        session_id: str,
        device: Device,
        now_ns: int,
        iterations: tuple[Iteration, ...],
        late_ns: int,
    ) -> tuple[EnergyRow, ...]:
        """Return the rows that are not settled, or those of up to `late_ns` ago where they hold."""
        begin_ns = self._settled_until.get(device.id, self._start_ns)
        uses = len(self._uses.get(device.id, ()))
        known = self._newest.get(device.id)
        if (
            known is not None
            and now_ns - known.t_ns < late_ns
            and (known.begin_ns, known.iterations, known.uses) == (begin_ns, iterations, uses)
        ):
            return known.rows
        firm = self._firm_rows(session_id, device, begin_ns, now_ns, iterations)
        samples = self._samples.get(device.id)
        end_ns = now_ns if samples is None else seen_until(samples.t_ns, now_ns)
        newest = self._between(session_id, device, firm.until_ns, end_ns, iterations)
        rows = (*firm.rows, *newest)
        self._newest[device.id] = _Newest(now_ns, begin_ns, iterations, uses, rows)
        return rows

    def _recent(
        self, start_ns: int, devices: Sequence[Device], iterations: Sequence[Iteration]
    ) -> tuple[Iteration, ...]:
        """Return the iterations that reach into what is not settled on every device, or nearly."""
        begun_ns = [self._settled_until.get(device.id, start_ns) for device in devices]
        since_ns = min(begun_ns, default=start_ns) - _FIRM_NS
        return tuple(i for i in iterations if i.end_ns is None or i.end_ns >= since_ns)

    def phases_j(
        self, iteration: Iteration, iterations: Sequence[Iteration], now_ns: int
    ) -> tuple[float | None, ...]:
        """Return the joules of each phase of an ended iteration on all its devices together."""
        known = self._phases.get(iteration.id)
        if known is not None and known.phases == iteration.phases:
            return known.energies_j
        sums: tuple[float | None, ...] = (None,) * len(iteration.phases)
        for device_id in iteration.device_ids:
            if device_id in self._samples:
                windows = windows_on(device_id, iterations, now_ns)
                curve = self._samples[device_id].curve(edges_ns=job_edges(windows, now_ns))
                begin_ns, end_ns = iteration.start_ns or 0, iteration.end_ns or now_ns
                uses = self._uses_in(device_id, begin_ns, end_ns, iterations)
                energies = phase_energies_j(curve, windows, iteration, uses)
                sums = tuple(_plus(a, b) for a, b in zip(sums, energies, strict=True))
        if iteration.end_ns is not None and self._has_seen(iteration, now_ns):
            self._phases[iteration.id] = _Phases(iteration.phases, sums)
        return sums

    def _has_seen(self, iteration: Iteration, now_ns: int) -> bool:
        """Return whether all samples that tell of an ended iteration are here."""
        end_ns = (iteration.end_ns or 0) + _TOLD_NS
        held = (self._samples[i].t_ns for i in iteration.device_ids if i in self._samples)
        return now_ns - end_ns > _FIRM_NS or all(t_ns and t_ns[-1] >= end_ns for t_ns in held)

    def _firm_rows(
        self,
        session_id: str,
        device: Device,
        begin_ns: int,
        now_ns: int,
        iterations: Sequence[Iteration],
    ) -> _Firm:
        """Return the rows from `begin_ns` until half a minute ago or one, computed as often."""
        known = self._firm.get(device.id)
        if known is None or known.begin_ns != begin_ns or now_ns - known.until_ns > 2 * _FIRM_NS:
            samples = self._samples.get(device.id)
            newest_ns = max(begin_ns, now_ns - _FIRM_NS)
            # Cut at a reading of the counter, so that none of its spans is.
            until_ns = begin_ns if samples is None else samples.reading_before(newest_ns, begin_ns)
            known = None
        else:
            until_ns = known.until_ns
        windows = tuple(
            Window(w.owner, w.start_ns, min(w.end_ns, until_ns), w.parent)
            for w in windows_of(device, iterations, now_ns)
            if w.start_ns < until_ns
        )
        if known is None or known.windows != windows:
            rows = self._between(session_id, device, begin_ns, until_ns, iterations)
            known = _Firm(begin_ns, until_ns, windows, rows)
            self._firm[device.id] = known
        return known

    def _between(
        self,
        session_id: str,
        device: Device,
        begin_ns: int,
        end_ns: int,
        iterations: Sequence[Iteration],
    ) -> tuple[EnergyRow, ...]:
        samples = self._samples.get(device.id)
        if samples is None or end_ns <= begin_ns:
            return ()
        windows = windows_of(device, iterations, end_ns)
        ended = [window.end_ns for window in windows if window.end_ns <= begin_ns]
        near = [
            w
            for w in windows
            if w.start_ns < end_ns and (w.end_ns > begin_ns or w.start_ns == w.end_ns == begin_ns)
        ]
        curve = samples.curve(begin_ns, end_ns, job_edges(windows, end_ns))
        if end_ns - begin_ns >= OPEN_NS and disagrees(curve.reconciliation):
            self.disagreements.setdefault(device.id, curve.reconciliation or 0.0)
        return energy_rows(
            Span(
                session_id,
                device,
                curve,
                near,
                half_hour_edges(begin_ns, end_ns, self._times),
                max([self._worked_until.get(device.id, self._start_ns), *ended]),
                self._uses_in(device.id, begin_ns, end_ns, iterations),
            ),
            self._times,
        )

    def _uses_in(
        self, device_id: str, begin_ns: int, end_ns: int, iterations: Sequence[Iteration]
    ) -> tuple[Use, ...]:
        """Return who used a device from `begin_ns`, as it was told before, until `end_ns`."""
        told = self._uses.get(device_id, ())
        first = bisect_right(told, begin_ns, key=_told_ns) - 1
        last = bisect_left(told, end_ns, key=_told_ns)
        return uses_of(device_id, told[max(first, 0) : last], iterations)

    def _settle(
        self,
        session_id: str,
        start_ns: int,
        now_ns: int,
        devices: Sequence[Device],
        iterations: Sequence[Iteration],
    ) -> None:
        open_ns = now_ns - OPEN_NS
        begun = [
            i.start_ns
            for i in iterations
            if i.start_ns is not None and (i.end_ns is None or i.end_ns > open_ns)
        ]
        until = min([open_ns, *begun])
        for device in devices:
            begin = self._settled_until.get(device.id, start_ns)
            if until - begin < OPEN_NS or device.id not in self._samples:
                continue
            samples = self._samples[device.id]
            # Cut at a reading of the counter, so that none of its spans is.
            cut_ns = samples.reading_before(until, begin)
            rows = self._between(session_id, device, begin, cut_ns, iterations)
            self._settled = merged((*self._settled, *rows))
            self._settled_until[device.id] = cut_ns
            ends = [w.end_ns for w in windows_of(device, iterations, now_ns) if w.end_ns <= cut_ns]
            worked_ns = self._worked_until.get(device.id, start_ns)
            self._worked_until[device.id] = max([worked_ns, *ends])
            samples.forget_before(cut_ns)


def _told_ns(event: DeviceUsed) -> int:
    return event.t_ns


def _plus(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return one if other is None else other
    return one + other
