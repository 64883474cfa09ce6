"""Cumulative energy of a session by clip: exact at every edge, straight between edges."""

from array import array
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vidgreen_gui.engine.accounts import IDLE
from vidgreen_gui.engine.memo import Memo
from vidgreen_gui.model.facts import ClipFacts, CumulativeTable, IterationFacts
from vidgreen_gui.model.footprint import Figure
from vidgreen_gui.model.units import NS_PER_MS, ns_from_s

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class _Climb(NamedTuple):
    """How a clip's energy grew: the Wh reached at ascending times, level outside of them."""

    t_ns: Ints
    wh: Floats
    # When each of its iterations began and ended, whether their energy is known or not.
    began_ns: Ints
    ended_ns: Ints


def cumulative_table(
    clips: Sequence[ClipFacts],
    rest: Sequence[Figure],
    start_utc_ns: int,
    end_utc_ns: int,
    memo: Memo,
) -> CumulativeTable:
    """Return cumulative Wh of the GPUs per clip and for all that ran between jobs ("idle").

    Rows stand at the session's ends and wherever an iteration or a phase begins or ends; in
    between each owner's energy grows evenly. The last row's sum is the session's total.
    """
    climbs = [
        memo.get(("climb", clip.clip.id), (clip.iterations,), partial(_climb, clip))
        for clip in clips
    ]
    # A wall clock that was set back labels the session's end before that of a job in it.
    reached = [int(climb.t_ns[-1]) for climb in climbs if len(climb.t_ns)]
    ends = np.array([start_utc_ns, max([start_utc_ns, end_utc_ns, *reached])], dtype=np.int64)
    times = np.unique(np.concatenate([ends, *(climb.t_ns for climb in climbs)]))
    grid = times[(times >= ends[0]) & (times <= ends[1])]
    columns = [_at(grid, climb.t_ns, climb.wh) for climb in climbs]
    columns.append(_free(climbs, grid, sum(figure.best or 0.0 for figure in rest)))
    return CumulativeTable(
        t_utc_ms=array("q", (grid // NS_PER_MS).tobytes()),
        owners=(*(clip.clip.id for clip in clips), IDLE),
        energy_wh=tuple(array("d", column.tobytes()) for column in columns),
    )


def _climb(clip: ClipFacts) -> _Climb:
    ramps = [ramp for facts in clip.iterations if (ramp := _ramp(facts))[0]]
    spans = [
        (began, began + ns_from_s(facts.duration_s))
        for facts in clip.iterations
        if (began := facts.iteration.started_utc_ns) is not None and facts.duration_s is not None
    ]
    began_ns, ended_ns = np.array(spans, dtype=np.int64).reshape(-1, 2).T
    t_ns = np.unique(np.array([t for times, _ in ramps for t in times], dtype=np.int64))
    wh = np.zeros(len(t_ns))
    for times, reached in ramps:
        wh += _at(t_ns, np.array(times, dtype=np.int64), np.array(reached))
    return _Climb(t_ns, wh, began_ns, ended_ns)


def _at(grid: Ints, t_ns: Ints, wh: Floats) -> Floats:
    if not len(t_ns):
        return np.zeros(len(grid))
    origin = t_ns[0]
    reached: Floats = np.interp(grid - origin, t_ns - origin, wh)
    return reached


def _ramp(facts: IterationFacts) -> tuple[list[int], list[float]]:
    """Return the times and the Wh reached at each, through the ends of known phases."""
    iteration, total = facts.iteration, facts.energy_wh.best
    if iteration.started_utc_ns is None or facts.duration_s is None or total is None:
        return [], []
    began = iteration.started_utc_ns
    ended = began + max(1, ns_from_s(facts.duration_s))
    times, reached = [began], [0.0]
    for phase in facts.phases:
        end = phase.start_utc_ns + ns_from_s(phase.duration_s)
        if phase.energy.best is None:
            break
        if times[-1] < end < ended and reached[-1] + phase.energy.best <= total:
            times.append(end)
            reached.append(reached[-1] + phase.energy.best)
    return [*times, ended], [*reached, total]


def _free(climbs: Sequence[_Climb], grid: Ints, idle_wh: float) -> Floats:
    """Return how the energy between jobs grew: evenly over the time in which none ran."""
    running = np.zeros(len(grid), dtype=np.int64)
    for climb in climbs:
        # Segments that lie wholly within an iteration.
        first = np.searchsorted(grid, climb.began_ns)
        stop = np.searchsorted(grid, climb.ended_ns, side="right") - 1
        within = first < stop
        np.add.at(running, first[within], 1)
        np.add.at(running, stop[within], -1)
    busy = np.cumsum(running)[:-1] > 0
    free = np.concatenate(([0.0], np.cumsum(np.where(busy, 0, np.diff(grid)))))
    if free[-1] == 0.0:
        grown = np.zeros(len(grid))
        grown[-1] = idle_wh
        return grown
    even: Floats = free / free[-1] * idle_wh
    return even
