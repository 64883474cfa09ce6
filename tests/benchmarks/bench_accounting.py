"""Energy of ten thousand iterations against a bare searchsorted on the cumulative sum."""

import math
import time
from statistics import median

import numpy as np
from run import Row

from vidgreen_gui.accounting.build import build_curve
from vidgreen_gui.model.units import J_PER_MW_NS, NS_PER_MS

SAMPLES, ITERATIONS, ROUNDS, CHECKED = 1_000_000, 10_000, 31, 400
PERIOD_NS = 100 * NS_PER_MS
GOAL, GOAL_ERROR = 1.5, 1e-9


def main() -> list[Row]:
    rng = np.random.default_rng(4090)
    t_ns = np.arange(SAMPLES) * PERIOD_NS + rng.integers(0, 3, SAMPLES) * NS_PER_MS
    power_mw = rng.integers(60_000, 450_000, SAMPLES)
    curve = build_curve(t_ns, power_mw, PERIOD_NS)
    start = np.sort(rng.integers(0, t_ns[-1] - 600 * PERIOD_NS, ITERATIONS))
    end = start + rng.integers(PERIOD_NS // 7, 600 * PERIOD_NS, ITERATIONS)
    bare = Bare(t_ns, power_mw)
    ours_ms, bare_ms = [], []
    for _ in range(ROUNDS):
        ours_ms.append(_spent_ms(lambda: curve.energy_j(start, end)))
        bare_ms.append(_spent_ms(lambda: bare.energy_j(start, end)))
    here, against = median(ours_ms), median(bare_ms)
    found = curve.energy_j(start, end)[:CHECKED]
    worst = max(
        abs(energy_j / _trapezium_j(t_ns, power_mw, int(a), int(b)) - 1)
        for energy_j, a, b in zip(found, start, end, strict=False)
    )
    name = f"energy of {ITERATIONS:,} iterations over {SAMPLES:,} samples"
    return [
        Row(name, f"{here:.2f} ms", f"bare searchsorted {against:.2f} ms", here / against, GOAL),
        Row("the same against the trapezium", "largest relative error", "", worst, GOAL_ERROR),
    ]


class Bare:
    """Two searches, a difference of cumulative sums and the rest of a segment; nothing else."""

    def __init__(self, t_ns, power_mw):
        self.t_ns, self.power_mw = t_ns, power_mw.astype(float)
        length = np.diff(t_ns)
        self.slope = np.diff(self.power_mw) / length
        segments = 0.5 * (self.power_mw[:-1] + self.power_mw[1:]) * length
        self.cumulative = np.concatenate(([0.0], np.cumsum(segments)))

    def energy_j(self, start, end):
        return (self._until(end) - self._until(start)) * J_PER_MW_NS

    def _until(self, t_ns):
        at = np.searchsorted(self.t_ns, t_ns, side="right") - 1
        rest = t_ns - self.t_ns[at]
        return self.cumulative[at] + rest * (self.power_mw[at] + 0.5 * self.slope[at] * rest)


def _trapezium_j(t_ns, power_mw, start, end):
    """Return the energy of one window by trapezia, summed without rounding."""
    inside = t_ns[(t_ns > start) & (t_ns < end)]
    t = np.concatenate(([start], inside, [end]))
    p = np.interp(t, t_ns, power_mw)
    return math.fsum(np.diff(t) * (p[:-1] + p[1:])) / 2 * J_PER_MW_NS


def _spent_ms(work):
    begin = time.process_time_ns()
    work()
    return (time.process_time_ns() - begin) / 1e6
