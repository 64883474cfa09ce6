"""A device's energy curve from its samples: put in their time, stepped at edges, reconciled."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from vidgreen_gui.accounting.counter import reconciled
from vidgreen_gui.accounting.curve import (
    Asleep,
    Drawn,
    EnergyCurve,
    Flags,
    Floats,
    Ints,
    integrated,
    merged,
)
from vidgreen_gui.accounting.edges import stepped
from vidgreen_gui.accounting.unseen import unseen_j2
from vidgreen_gui.model.power import Sensor

# Neighbours further apart than this many sampling periods have a gap between them.
GAP_PERIODS = 3
# A sensor that says the power of the very moment, and is right.
IDEAL = Sensor(update_ns=0, counter_update_ns=0, gain=0.0)
# No device of a desk draws more.
HIGHEST_MW = 10_000_000


def build_curve(
    t_ns: npt.ArrayLike,
    power_mw: npt.ArrayLike,
    period_ns: npt.ArrayLike,
    counter_t_ns: npt.ArrayLike | None = None,
    counter_mj: npt.ArrayLike | None = None,
    asleep: Sequence[Asleep] = (),
    *,
    sensor: Sensor = IDEAL,
    since_last: bool = False,
    edges_ns: npt.ArrayLike = (),
    highest_mw: int = HIGHEST_MW,
) -> EnergyCurve:
    """Return the energy curve of one device from its samples, in any order, duplicates allowed.

    `period_ns` is one number or one per sample. Between two neighbours lies a trapezium, or the
    later value where a reading is the mean `since_last`, unless they are more than three periods
    apart (the longer of the two counts) or the machine was `asleep` between them. The samples are
    put back by what the `sensor` lags, and at `edges_ns`, where jobs began or ended, the power
    steps (`edges.stepped`). Where the counter (mJ) speaks the curve agrees with it
    (`counter.reconciled`); it counts no more than `highest_mw` allows.
    """
    time, power, period = _in_order(_ints(t_ns), _ints(power_mw), _ints(period_ns))
    is_gap = _gaps(time, period, asleep)
    lag_ns = 0 if since_last else sensor_lag_ns(sensor)
    drawn = _drawn(time, power.astype(np.float64), is_gap, sensor, lag_ns, since_last=since_last)
    moved = [replace(a, t_ns=a.t_ns - lag_ns, until_ns=a.until_ns - lag_ns) for a in asleep]
    if len(time) < 2:
        return integrated(drawn, asleep=moved)
    drawn = stepped(drawn, merged(_ints(edges_ns)), sensor)
    if counter_t_ns is None or counter_mj is None:
        return integrated(drawn, asleep=moved)
    readings = _ints(counter_t_ns) - sensor.counter_update_ns // 2, _ints(counter_mj)
    return reconciled(drawn, *readings, sensor=sensor, highest_mw=highest_mw, asleep=moved)


def _drawn(
    time: Ints, power: Floats, is_gap: Flags, sensor: Sensor, lag_ns: int, *, since_last: bool
) -> Drawn:
    unseen = unseen_j2(time, power, is_gap, sensor, since_last=since_last)
    moved = time - lag_ns
    if lag_ns and len(time) > 1:
        # Of what the newest reading does not tell yet, it is the best that is known.
        moved, power = np.append(moved, time[-1]), np.append(power, power[-1])
        is_gap, unseen = np.append(is_gap, False), np.append(unseen, 0.0)
    left = power[1:] if since_last else power[:-1]
    return Drawn(moved, power, is_gap, left, power[1:], unseen)


def sensor_lag_ns(sensor: Sensor) -> int:
    """Return by how many ns a reading is later than the middle of what it stands for.

    A value is the mean of its window, of whose every update the sensor looks at the last part,
    and is read half an update after it came, on average.
    """
    newest = min(sensor.update_ns, sensor.window_ns)
    older = sensor.window_ns - newest
    return round((older + sensor.observed * newest + sensor.update_ns) / 2)


def _gaps(time: Ints, period: Ints, asleep: Sequence[Asleep]) -> Flags:
    is_gap: Flags = np.diff(time) > GAP_PERIODS * np.maximum(period[:-1], period[1:])
    for sleep in asleep:
        first = int(np.searchsorted(time, sleep.t_ns, side="right")) - 1
        stop = int(np.searchsorted(time, sleep.until_ns))
        is_gap[max(first, 0) : max(stop, first + 1)] = True
    return is_gap


def _in_order(time: Ints, power: Ints, period: Ints) -> tuple[Ints, Ints, Ints]:
    period = np.broadcast_to(period, time.shape)
    if (np.diff(time) > 0).all():
        return time, power, period
    order = np.lexsort((period, power, time))
    time, power, period = time[order], power[order], period[order]
    first = np.append(True, np.diff(time) > 0)[: len(time)]
    return time[first], power[first], period[first]


def _ints(column: npt.ArrayLike) -> Ints:
    return np.asarray(column, dtype=np.int64)
