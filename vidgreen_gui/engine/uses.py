"""Whose processes keep a device busy, over time: what the driver tells becomes shares of power."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from vidgreen_gui.accounting.share import Use
from vidgreen_gui.model.events import DeviceUsed
from vidgreen_gui.model.session import Iteration

# A desktop draws itself with a few per cent of its GPU's time; a game or a second tool takes more.
_REAL_USE_PCT = 10
_FOREVER_NS = 2**63 - 1


class _Job(NamedTuple):
    owner: str
    source_id: str
    start_ns: int
    end_ns: int


def uses_of(
    device_id: str, events: Iterable[DeviceUsed], iterations: Iterable[Iteration]
) -> tuple[Use, ...]:
    """Return who kept a device busy from when on, ascending: what `attribute` divides by.

    A source's utilisation is that of its iterations running then, in equal parts. What belongs to
    no source is foreign from 10 % of the time on: a desktop's own drawing is the price of a desk.
    Where jobs run and no process is known to be theirs (a server in a container shows other ids),
    who is foreign cannot be said, and nobody is.
    """
    told = sorted((e for e in events if e.device_id == device_id), key=lambda event: event.t_ns)
    jobs = [
        _Job(i.id, i.source_id, i.start_ns, _FOREVER_NS if i.end_ns is None else i.end_ns)
        for i in iterations
        if device_id in i.device_ids and i.start_ns is not None
    ]
    until_ns = [*(event.t_ns for event in told[1:]), _FOREVER_NS]
    return tuple(
        use for event, end in zip(told, until_ns, strict=False) for use in _uses(event, end, jobs)
    )


def _uses(event: DeviceUsed, until_ns: int, jobs: Sequence[_Job]) -> Iterator[Use]:
    busy: Counter[str] = Counter()
    for user in event.users:
        busy[user.source_id] += user.utilisation_pct or 0
    foreign_pct = busy.pop("", 0)
    if foreign_pct < _REAL_USE_PCT:
        foreign_pct = 0
    if not foreign_pct and len(busy) < 2:
        yield Use(event.t_ns)
        return
    near = [job for job in jobs if job.start_ns < until_ns and job.end_ns > event.t_ns]
    cuts = {t for job in near for t in (job.start_ns, job.end_ns) if event.t_ns < t < until_ns}
    for begin in (event.t_ns, *sorted(cuts)):
        running = [job for job in near if job.start_ns <= begin < job.end_ns]
        yield _use(begin, foreign_pct, busy, running)


def _use(t_ns: int, foreign_pct: int, busy: Counter[str], running: Sequence[_Job]) -> Use:
    if not running:
        return Use(t_ns, 1.0 if foreign_pct else 0.0)
    at_once = Counter(job.source_id for job in running if job.source_id in busy)
    if not at_once:
        return Use(t_ns)
    own_pct = sum(busy[source_id] for source_id in at_once)
    foreign = foreign_pct / (foreign_pct + own_pct) if foreign_pct else 0.0
    return Use(
        t_ns,
        foreign,
        {
            job.owner: busy[job.source_id] / at_once[job.source_id]
            for job in running
            if job.source_id in at_once
        },
    )
