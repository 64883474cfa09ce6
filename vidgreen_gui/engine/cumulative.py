"""Cumulative energy of a session by clip: exact at every edge, straight between edges."""

from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vidgreen_gui.engine.accounts import IDLE
from vidgreen_gui.model.facts import ClipFacts, CumulativeTable, IterationFacts
from vidgreen_gui.model.footprint import Figure
from vidgreen_gui.model.units import NS_PER_MS, ns_from_s

Floats = npt.NDArray[np.float64]


def cumulative_table(
    clips: Sequence[ClipFacts], rest: Sequence[Figure], start_utc_ns: int, end_utc_ns: int
) -> CumulativeTable:
    """Return cumulative Wh per clip and for all that ran between jobs (owner "idle").

    Rows stand at the session's ends and wherever an iteration or a phase begins or ends; in
    between each owner's energy grows evenly. The last row's sum is the session's total.
    """
    ramps = {clip.clip.id: [_ramp(i) for i in clip.iterations] for clip in clips}
    times = {start_utc_ns, end_utc_ns}
    for listed in ramps.values():
        for t_ns, _ in listed:
            times.update(t_ns)
    grid = np.array(sorted(t for t in times if start_utc_ns <= t <= end_utc_ns), dtype=np.int64)
    columns = [
        np.sum([_at(grid, *ramp) for ramp in listed] or [np.zeros(len(grid))], axis=0)
        for listed in ramps.values()
    ]
    idle_wh = sum(figure.best or 0.0 for figure in rest)
    columns.append(_at(grid, *_free_ramp(clips, grid, idle_wh)))
    return CumulativeTable(
        t_utc_ms=array("q", (grid // NS_PER_MS).tolist()),
        owners=(*ramps, IDLE),
        energy_wh=tuple(array("d", column.tolist()) for column in columns),
    )


def _at(grid: npt.NDArray[np.int64], t_ns: Sequence[int], wh: Sequence[float]) -> Floats:
    if not t_ns:
        return np.zeros(len(grid))
    origin = grid[0]
    reached: Floats = np.interp(grid - origin, np.array(t_ns, dtype=np.int64) - origin, wh)
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


def _free_ramp(
    clips: Sequence[ClipFacts], grid: npt.NDArray[np.int64], idle_wh: float
) -> tuple[list[int], list[float]]:
    """Return how the energy between jobs grew: evenly over the time in which none ran."""
    busy = np.zeros(max(len(grid) - 1, 0), dtype=bool)
    for clip in clips:
        for facts in clip.iterations:
            began = facts.iteration.started_utc_ns
            if began is not None and facts.duration_s is not None:
                ended = began + ns_from_s(facts.duration_s)
                busy |= (grid[:-1] >= began) & (grid[1:] <= ended)
    free = np.concatenate(([0.0], np.cumsum(np.where(busy, 0, np.diff(grid)))))
    if free[-1] == 0.0:
        return [int(t) for t in grid], [0.0] * (len(grid) - 1) + [idle_wh]
    return [int(t) for t in grid], (free / free[-1] * idle_wh).tolist()
