"""How a device's samples become its energy curve: what its sensor is like, where its jobs began."""

from collections.abc import Sequence

import numpy as np

from vidgreen_gui.accounting.build import HIGHEST_MW, IDEAL, build_curve
from vidgreen_gui.accounting.curve import Asleep, EnergyCurve, Ints
from vidgreen_gui.accounting.ranges import MODEL_GAIN
from vidgreen_gui.accounting.share import Window
from vidgreen_gui.model.power import Device, PowerSemantics, Sensor
from vidgreen_gui.model.units import NS_PER_S

# Short peaks may pass the power limit; half as much again is no GPU.
_HEADROOM = 1.5
_MODELLED = Sensor(update_ns=0, counter_update_ns=0, gain=MODEL_GAIN)
_EXACT = IDEAL
_AVERAGING = Sensor(window_ns=NS_PER_S)
_PLAIN = Sensor()
NO_EDGES: Ints = np.zeros(0, dtype=np.int64)


def sensor_of(device: Device) -> Sensor:
    """Return how a device is sensed: as its meter says, or else as devices of its kind are.

    What is modelled or invented knows the power of the very moment.
    """
    if device.sensor is not None:
        return device.sensor
    if not device.grade.is_measured:
        return _MODELLED if device.grade.is_estimate else _EXACT
    return _AVERAGING if device.power_semantics is PowerSemantics.AVERAGE_1S else _PLAIN


def counter_lag_of(device: Device | None) -> int:
    """Return by how many ns a reading of a device's counter is older than it seems."""
    return 0 if device is None else sensor_of(device).counter_update_ns // 2


def job_edges(windows: Sequence[Window], now_ns: int) -> Ints:
    """Return when jobs began and ended, ascending; one that still runs ends `now_ns`: no edge."""
    return np.array(
        sorted({t for w in windows for t in (w.start_ns, w.end_ns) if t != now_ns}), dtype=np.int64
    )


def curve_of(
    device: Device | None,
    power: tuple[Ints, Ints, Ints],
    counter: tuple[Ints, Ints],
    asleep: Sequence[Asleep],
    edges_ns: Ints,
) -> EnergyCurve:
    """Return the energy curve of a device from its samples (t, mW, period) and readings (t, mJ)."""
    counter_t_ns, counter_mj = counter if len(counter[0]) > 1 else (None, None)
    sensor = sensor_of(device) if device is not None else IDEAL
    limit_mw = None if device is None else device.power_limit_mw
    return build_curve(
        *power,
        counter_t_ns,
        counter_mj,
        asleep,
        sensor=sensor,
        since_last=device is not None and device.power_semantics is PowerSemantics.SINCE_LAST,
        edges_ns=edges_ns,
        highest_mw=round(_HEADROOM * limit_mw) if limit_mw else HIGHEST_MW,
    )
