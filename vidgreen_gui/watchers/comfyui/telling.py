"""How a job's end is told: from the history, from what was seen, or as unknown."""

from vidgreen_gui.model.events import IterationBackfilled, IterationEnded
from vidgreen_gui.model.session import Status
from vidgreen_gui.model.units import ns_from_ms
from vidgreen_gui.watchers.comfyui.answers import HistoryEntry
from vidgreen_gui.watchers.comfyui.ending import Ending, read_ending
from vidgreen_gui.watchers.comfyui.jobs import Job, Work
from vidgreen_gui.watchers.comfyui.times import Moment, ServerClock


def tell_ended(clock: ServerClock, at: Moment, job: Job, entry: HistoryEntry) -> IterationEnded:
    """Return the end as the history has it, which came at that moment; `clock` learns from it."""
    ending = read_ending(entry, job.work.graph)
    start_ns, end_ns = _cut(clock, at, job, ending)
    return IterationEnded(
        t_ns=_seen_end_ns(job, at, end_ns),
        key=job.work.key,
        status=ending.status,
        start_ns=start_ns,
        end_ns=end_ns,
        clock_bound_ns=clock.bound_ns if end_ns is not None else 0,
        cached=ending.cached,
        outputs=entry.outputs,
        done=job.trace.done(whole=ending.status is Status.COMPLETED, cached=ending.cached_nodes),
        error=ending.error,
    )


def tell_unknown(job: Job) -> IterationEnded:
    """Return the end of a job of which nobody says how it ended; only the bars tell what ran."""
    return IterationEnded(
        t_ns=_seen_end_ns(job, job.started_at, None),
        key=job.work.key,
        status=Status.UNKNOWN,
        done=job.trace.done(whole=False, cached=frozenset()),
    )


def tell_earlier(
    t_ns: int, source_id: str, work: Work, entry: HistoryEntry, ending: Ending
) -> IterationBackfilled:
    """Return a job from before we ran; its times stay the server's own UTC."""
    start, end = ending.start_ms, ending.end_ms
    return IterationBackfilled(
        t_ns=t_ns,
        key=work.key,
        source_id=source_id,
        extraction=work.extraction,
        status=ending.status,
        started_utc_ns=None if start is None else ns_from_ms(start),
        ended_utc_ns=None if end is None else ns_from_ms(end),
        cached=ending.cached,
        outputs=entry.outputs,
        where=work.where,
    )


def _cut(clock: ServerClock, at: Moment, job: Job, ending: Ending) -> tuple[int | None, int | None]:
    """Return the server's own start and end on our clock, None where they make no sense."""
    start_ms, end_ms = ending.start_ms, ending.end_ms
    if start_ms is None or end_ms is None or end_ms < start_ms:
        return None, None
    clock.note_job(start_ms, job.taken, end_ms, job.done)
    start_ns = clock.steady_ns(start_ms, job.started_at)
    end_ns = clock.steady_ns(end_ms, job.ended_at or at)
    if start_ns is None or end_ns is None:
        return None, None
    latest = at.steady_ns + clock.bound_ns
    return (start_ns, end_ns) if start_ns <= end_ns <= latest else (None, None)


def _seen_end_ns(job: Job, at: Moment, told_ns: int | None) -> int:
    """Return when the end was seen: the log is nearer to it than the message of a busy server."""
    if job.ended_at is None or job.ended_at is at:
        return at.steady_ns if told_ns is None else told_ns
    seen_ns = job.ended_at.steady_ns
    if job.executed_ns is not None and job.executed_ns > job.started_at.steady_ns:
        return min(seen_ns, job.executed_ns)
    return seen_ns
