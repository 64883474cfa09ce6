"""What an iteration's end does to its times: the source's own word fits the phases to itself."""

from dataclasses import replace

from vidgreen_gui.model.events import IterationEnded
from vidgreen_gui.model.session import Iteration, Phase, Status


def is_given_up(iteration: Iteration, session_id: str | None, t_ns: int) -> bool:
    """Return whether an iteration of this sitting was given up before `t_ns`."""
    here = iteration.session_id == session_id and iteration.status is Status.UNKNOWN
    return here and iteration.end_ns is not None and t_ns > iteration.end_ns


def resumed(iteration: Iteration) -> Iteration:
    """Return an iteration that was given up and is still at work: its source came back."""
    return replace(iteration, status=Status.RUNNING, end_ns=None, ended_utc_ns=None)


def ended_later(iteration: Iteration, event: IterationEnded, seen_utc_ns: int) -> Iteration:
    """Return an iteration of an earlier run with the end that was told in this one.

    Its samples lie on that run's clock and stop with it: the rest of its time is a gap.
    `seen_utc_ns` is when its end was seen, for a source that tells no times.
    """
    ended = replace(iteration, status=event.status, outputs=event.outputs, cached=event.cached)
    began_utc_ns = iteration.started_utc_ns
    if iteration.start_ns is None or began_utc_ns is None:
        return ended
    took_ns = seen_utc_ns - began_utc_ns
    if event.start_ns is not None and event.end_ns is not None:
        took_ns = event.end_ns - event.start_ns
    if iteration.end_ns is not None:
        took_ns = max(took_ns, iteration.end_ns - iteration.start_ns)
    return replace(ended, end_ns=iteration.start_ns + took_ns, ended_utc_ns=began_utc_ns + took_ns)


def fitted(phases: tuple[Phase, ...], start_ns: int, end_ns: int) -> tuple[Phase, ...]:
    """Return the phases cut to a window, the last one closed, empty ones gone."""
    fitted = []
    for phase in phases:
        begin = min(max(phase.start_ns, start_ns), end_ns)
        end = end_ns if phase.end_ns is None else min(max(phase.end_ns, begin), end_ns)
        if end > begin:
            fitted.append(replace(phase, start_ns=begin, end_ns=end))
    return tuple(fitted)
