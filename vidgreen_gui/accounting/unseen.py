"""What happened between two samples unseen: estimated from the samples themselves."""

import numpy as np

from vidgreen_gui.accounting.curve import Flags, Floats, Ints
from vidgreen_gui.model.power import Sensor
from vidgreen_gui.model.units import J_PER_MW_NS

# A sensor that sees all the time still hands a value out twice, or never, where its clock and
# ours drift past each other: one in ten is assumed.
_LEAST_UNSEEN = 0.1


def unseen_j2(
    time: Ints, power_mw: Floats, is_gap: Flags, sensor: Sensor, *, since_last: bool
) -> Floats:
    """Return the variance in J² of the energy of each segment between two of n samples, [n-1].

    A step came at any moment between two samples: the trapezium is off by up to half of it,
    evenly, a twelfth of its square. Changes that turn at once are something faster than the
    sampling: each sample then stands for its period with all its deviation (two neighbouring
    differences of such noise have a mean product of minus its variance). A sensor that averages
    over all of its period misses neither; since the last reading, nothing.
    """
    if len(time) < 2 or since_last:
        return np.zeros(max(0, len(time) - 1))
    stride = _stride(time, sensor.update_ns)
    kept = np.append(np.arange(0, len(time) - 1, stride), len(time) - 1)
    gap = is_gap
    if stride > 1:
        time, power_mw = time[kept], power_mw[kept]
        gap = np.logical_or.reduceat(is_gap, kept[:-1])
    length = time[1:] - time[:-1]
    step = power_mw[1:] - power_mw[:-1]
    step[gap] = 0.0
    slices = sensor.window_ns / max(1, sensor.update_ns)
    if slices > 1.0 and sensor.observed < 1.0:
        # Such a mean moves by a newest slice less an oldest one. Of how slices differ that is the
        # sum of two such differences, a window apart.
        step = np.diff(step, prepend=step[:1]) * (slices / np.sqrt(2))
    turn = np.zeros(len(step) + 1)
    turn[1:-1] = step[:-1] * step[1:]
    fast = np.maximum(0.0, -(turn[:-1] + turn[1:]) / 2)
    slow = np.maximum(0.0, step * step - 2 * fast) / 12
    seen = sensor.observed * np.minimum(1.0, sensor.window_ns / length)
    unseen = np.maximum(_LEAST_UNSEEN, 1.0 - seen)
    variance: Floats = (length * J_PER_MW_NS) ** 2 * unseen * (fast + slow)
    return variance if stride == 1 else np.repeat(variance / np.diff(kept), np.diff(kept))


def _stride(time: Ints, update_ns: int) -> int:
    """Return how many samples share one value of the sensor."""
    spacing = float(time[-1] - time[0]) / (len(time) - 1)
    return max(1, round(update_ns / spacing))
