"""An energy counter cut into spans that can be trusted: a second or more, and no step back."""

import numpy as np
import numpy.typing as npt

from vidgreen_gui.model.units import NS_PER_S, j_from_mj

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Read more often than this, counters of some boards lose energy (13 % at 0.1 s, 1.6 % at 1 s).
SHORTEST_SPAN_NS = NS_PER_S


def counter_spans(t_ns: Ints, energy_mj: Ints) -> tuple[Ints, Ints, Floats]:
    """Return start ns, end ns and joules of consecutive spans of a counter's readings.

    Readings may come in any order. A backward step (a reset, a reloaded driver) ends a run and
    no span crosses it. Within a run readings are merged until a span lasts a second and the
    counter has moved: one that stands still has not been updated and says nothing yet.
    """
    order = np.lexsort((energy_mj, t_ns))
    time, energy = t_ns[order], energy_mj[order]
    newest = np.append(np.diff(time) > 0, True)[: len(time)]
    time, energy = time[newest], energy[newest]
    resets = np.flatnonzero(np.diff(energy) < 0) + 1
    first: list[int] = []
    last: list[int] = []
    for begin, stop in zip([0, *resets], [*resets, len(time)], strict=True):
        marks = _marks(time[begin:stop], energy[begin:stop])
        first += [begin + mark for mark in marks[:-1]]
        last += [begin + mark for mark in marks[1:]]
    return time[first], time[last], j_from_mj(1) * (energy[last] - energy[first])


def _marks(time: Ints, energy: Ints) -> list[int]:
    """Return the indices at which one run's spans meet."""
    following = np.maximum(
        np.searchsorted(time, time + SHORTEST_SPAN_NS),
        np.searchsorted(energy, energy, side="right"),
    ).tolist()
    marks = []
    at = 0
    while at < len(following):
        marks.append(at)
        at = following[at]
    return marks
