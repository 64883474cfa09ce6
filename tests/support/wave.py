"""A meter that draws a square wave of UTC, whose energy over any window can be worked out."""

from bisect import bisect_right
from itertools import pairwise

from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import Device, Reading, Sensor, Wants
from vidgreen_gui.model.units import NS_PER_S

LOW_W, HIGH_W = 100.0, 400.0


class Wave:
    """Low until the first of `edges_ns` (UTC, ascending), then high until the next, and so on."""

    def __init__(self):
        self.edges_ns = []

    def power_w(self, utc_ns):
        return HIGH_W if bisect_right(self.edges_ns, utc_ns) % 2 else LOW_W

    def energy_j(self, start_ns, end_ns):
        """Return the joules from one moment to another, exactly."""
        inside = [edge for edge in self.edges_ns if start_ns < edge < end_ns]
        moments = [start_ns, *inside, end_ns]
        return sum(
            self.power_w(begin) * (end - begin) / NS_PER_S for begin, end in pairwise(moments)
        )


class WaveMeter:
    """One device that draws a wave, with a counter that is its exact integral.

    It stands for whatever renders here, as a recorded trace does.
    """

    name = "wave"

    def __init__(self, clock, wave):
        self._clock = clock
        self._wave = wave
        self._zero_ns = clock.utc_ns()

    def open(self):
        return (
            Device(
                id="wave", name="Wave", uuid="wave", meter="replay", grade=Grade.MEASURED,
                has_counter=True, sensor=Sensor(update_ns=0, counter_update_ns=0),
            ),
        )  # fmt: skip

    def read(self, _device_id, wants):
        utc_ns = self._clock.utc_ns()
        counted_j = self._wave.energy_j(self._zero_ns, utc_ns) if Wants.COUNTER in wants else None
        return Reading(
            power_mw=round(self._wave.power_w(utc_ns) * 1000) if Wants.POWER in wants else None,
            energy_mj=None if counted_j is None else round(counted_j * 1000),
        )

    def close(self):
        pass
