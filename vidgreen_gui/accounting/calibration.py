"""What a plug meter says of the modelled power at the socket: a factor with its own uncertainty."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vidgreen_gui.accounting.curve import EnergyCurve
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.footprint import Range
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S, s_from_ns, w_from_j

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Long enough that what plug and model disagree on in one block says little of the next.
SHORTEST_BLOCK_NS = 10 * NS_PER_S
LONGEST_BLOCK_NS = 30 * NS_PER_S
_BLOCKS = 10
FEWEST_BLOCKS = 3
# A power supply loses a third at worst, and no model of the rest is three times off: outside, the
# plug measures less than this machine, or much else besides.
LOWEST_FACTOR, HIGHEST_FACTOR = 0.5, 3.0
# How late a plug's value may be: its own averaging, and the network.
_LONGEST_LAG_NS = 5 * NS_PER_S
_LAG_STEP_NS = 250 * NS_PER_MS
_BIN_NS = NS_PER_S
# Below this variation (standard deviation over mean) noise would decide about the lag; above the
# other a plug on the same machine must be seen to follow.
_TELLING_VARIATION = 0.03
_PLAIN_VARIATION = 0.20
_FOLLOWS = 0.5
# A power supply's efficiency, and what the model has wrong, change with the load: idle and work
# are seen apart from here on.
_CHANGES = 1.3
# Of a few blocks no more can be told.
_MOST_ALIKE = 0.8
# Student's t at 97.5 %, by degrees of freedom from 1.
_T_975 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Plug over model: `factor` at 95 %, from `blocks` blocks of `seconds` in all.

    `plug_w` and `model_w` are their means, `lag_s` is how late the plug's values came; the model
    lay between `lowest_w` and `highest_w` from block to block.
    """

    factor: Range
    seconds: float
    blocks: int
    lag_s: float
    plug_w: float
    model_w: float
    lowest_w: float
    highest_w: float

    @property
    def is_steady(self) -> bool:
        """Whether the factor is known at one level of load only."""
        return self.highest_w < _CHANGES * self.lowest_w


def compare(
    loads: Sequence[EnergyCurve],
    plug: EnergyCurve,
    efficiency: Callable[[float], float],
    *,
    plug_gain: float,
) -> Comparison:
    """Return how the plug's energy compares with that of `loads` behind the power supply.

    `loads` are all that hangs on the power supply, on one clock; `efficiency` is its part given on
    at a load in W; `plug_gain` is the half width at 95 % of the plug's own relative error. Blocks
    of 10 to 30 s in which nothing is missing give the 95 % of the ratio of sums by their scatter
    (Cochran, Sampling Techniques, 3rd edition, 6.3, with Student's t) and by how alike neighbours
    are; the plug's own error, the same in all of them, is added to it.

    Raise InputFault: .too_short where fewer than three blocks are whole, .other_load where the
    plug plainly measures something else.
    """
    start_ns, end_ns = _common((*loads, plug))
    lag_ns = _lag_ns(loads, plug, start_ns, end_ns - _LONGEST_LAG_NS)
    block_ns, edges_ns = _blocks(start_ns, end_ns - lag_ns)
    load_j, plug_j, whole = _energies(loads, plug, edges_ns, lag_ns)
    load_j, plug_j = load_j[whole], plug_j[whole]
    block_s, count = s_from_ns(block_ns), len(load_j)
    if count < FEWEST_BLOCKS:
        needed_s = s_from_ns(FEWEST_BLOCKS * SHORTEST_BLOCK_NS)
        raise InputFault(
            "fault.calibrate.too_short", seconds=round(count * block_s), needed_s=round(needed_s)
        )
    model_j = load_j / [efficiency(w_from_j(joules, block_s)) for joules in load_j]
    best = float(plug_j.sum() / model_j.sum()) if model_j.sum() > 0.0 else np.inf
    if not LOWEST_FACTOR <= best <= HIGHEST_FACTOR:
        raise InputFault("fault.calibrate.other_load", percent=round(100 * min(best, 100.0)))
    half = _half_width(plug_j - best * model_j, float(model_j.sum())) + plug_gain * best
    seconds = count * block_s
    return Comparison(
        # No plug gives energy back, however little it has to do with the model.
        factor=Range(best, max(0.0, best - half), best + half),
        seconds=seconds,
        blocks=count,
        lag_s=s_from_ns(lag_ns),
        plug_w=w_from_j(float(plug_j.sum()), seconds),
        model_w=w_from_j(float(model_j.sum()), seconds),
        lowest_w=w_from_j(float(model_j.min()), block_s),
        highest_w=w_from_j(float(model_j.max()), block_s),
    )


def _half_width(residual_j: Floats, model_j: float) -> float:
    """Return the half width at 95 % of a ratio of sums, by its residuals in order of time.

    Where neighbours are alike the sum scatters more, as that of a process that remembers its last
    value. Their likeness in so few blocks comes out too small by one over their number.
    """
    count = len(residual_j)
    t_975 = _T_975[min(count - 1, len(_T_975)) - 1]
    squares = float((residual_j**2).sum())
    likeness = float((residual_j[1:] * residual_j[:-1]).sum()) / squares if squares else 0.0
    likeness = min(max(likeness + 1.0 / count, 0.0), _MOST_ALIKE)
    alike = (1.0 + likeness) / (1.0 - likeness)
    return t_975 * float(np.sqrt(alike * count / (count - 1) * squares)) / model_j


def _common(curves: Sequence[EnergyCurve]) -> tuple[int, int]:
    """Return the time that all curves span; empty where one has no samples."""
    if any(len(curve.t_ns) < 2 for curve in curves):
        return 0, 0
    start_ns = max(int(curve.t_ns[0]) for curve in curves)
    return start_ns, max(start_ns, min(int(curve.t_ns[-1]) for curve in curves))


def _blocks(start_ns: int, end_ns: int) -> tuple[int, Ints]:
    """Return the length of a block and the edges of all that fit."""
    span_ns = max(0, end_ns - start_ns)
    block_ns = min(max(span_ns // _BLOCKS, SHORTEST_BLOCK_NS), LONGEST_BLOCK_NS)
    return block_ns, start_ns + block_ns * np.arange(span_ns // block_ns + 1, dtype=np.int64)


def _energies(
    loads: Sequence[EnergyCurve], plug: EnergyCurve, edges_ns: Ints, lag_ns: int
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Return the joules of load and plug between edges, and where neither has a gap."""
    start, end = edges_ns[:-1], edges_ns[1:]
    load_j = np.zeros(len(start))
    whole = plug.gap_s(start + lag_ns, end + lag_ns) == 0.0
    for curve in loads:
        load_j += curve.energy_j(start, end)
        whole &= curve.gap_s(start, end) == 0.0
    return load_j, plug.energy_j(start + lag_ns, end + lag_ns), whole


def _lag_ns(loads: Sequence[EnergyCurve], plug: EnergyCurve, start_ns: int, end_ns: int) -> int:
    """Return how much later than the load the plug's power changes, 0 where nothing tells.

    Raise InputFault where the load changed plainly and the plug did not.
    """
    edges_ns = np.arange(start_ns, end_ns, _BIN_NS, dtype=np.int64)
    if s_from_ns(end_ns - start_ns) < s_from_ns(FEWEST_BLOCKS * SHORTEST_BLOCK_NS) / 2:
        return 0
    found = []
    for lag_ns in range(0, _LONGEST_LAG_NS + 1, _LAG_STEP_NS):
        load_j, plug_j, whole = _energies(loads, plug, edges_ns, lag_ns)
        load_j, plug_j = load_j[whole], plug_j[whole]
        if len(load_j) < 2 or load_j.std() <= _TELLING_VARIATION * load_j.mean():
            return 0
        varies = plug_j.std() > 0.0
        found.append((float(np.corrcoef(load_j, plug_j)[0, 1]) if varies else 0.0, -lag_ns))
    likeness, negative_ns = max(found)
    if likeness >= _FOLLOWS:
        return -negative_ns
    if load_j.std() > _PLAIN_VARIATION * load_j.mean():
        raise InputFault("fault.calibrate.does_not_follow")
    return 0
