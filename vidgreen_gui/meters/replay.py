"""A meter that plays a recorded trace on the steady clock."""

from array import array
from bisect import bisect_right
from itertools import pairwise
from pathlib import Path
from statistics import median

from vidgreen_gui.meters.trace import DeviceTrace, TraceEvent, read_trace
from vidgreen_gui.meters.trace_sensor import UNKNOWN, sensed
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.ports import Clock
from vidgreen_gui.model.power import Device, Reading, Wants

# A sample older than this many of its trace's periods is no reading any more.
_STALE_PERIODS = 3


class ReplayMeter:
    """The devices of one trace; time zero of the trace is the moment of `open`.

    `read` gives the newest power sample, None once it is older than three of its own periods. The
    counter is a running sum, so between two samples no further apart than that it is interpolated:
    held, it would lag by up to one period.
    """

    name = "replay"

    def __init__(self, path: Path, clock: Clock, grade: Grade = Grade.SIMULATED) -> None:
        """Read the whole trace; raise MeterFault(BAD_TRACE) or InputFault."""
        trace = read_trace(path)
        self._clock = clock
        self._events = trace.events
        self._players = {name: _Player(device) for name, device in trace.devices.items()}
        told = {event.device: known for event in trace.events if (known := sensed(event.text))}
        self._devices = tuple(
            Device(
                id=name,
                name=name,
                uuid=name,
                meter=self.name,
                grade=grade,
                has_counter=bool(device.energy_mj),
                kind=told.get(name, UNKNOWN).kind,
                power_semantics=told.get(name, UNKNOWN).semantics,
                sensor=told.get(name, UNKNOWN).sensor,
            )
            for name, device in trace.devices.items()
        )
        self._start_ns = clock.steady_ns()

    @property
    def duration_ns(self) -> int:
        """Return the time of the trace's last sample."""
        return max(player.end_ns for player in self._players.values())

    def events(self) -> tuple[TraceEvent, ...]:
        """Return the trace's remarks; their times count from `open`."""
        return self._events

    def open(self) -> tuple[Device, ...]:
        """Start playing and return the trace's devices."""
        self._start_ns = self._clock.steady_ns()
        return self._devices

    def read(self, device_id: str, wants: Wants) -> Reading:
        """Return what the trace holds now; raise MeterFault for a device it does not know."""
        player = self._players.get(device_id)
        if player is None:
            raise MeterFault(MeterFaultKind.GPU_LOST, device_id)
        t_ns = self._clock.steady_ns() - self._start_ns
        return Reading(
            power_mw=player.power_mw(t_ns) if Wants.POWER in wants else None,
            energy_mj=player.energy_mj(t_ns) if Wants.COUNTER in wants else None,
        )

    def close(self) -> None:
        """Do nothing: the trace is in memory."""


class _Player:
    """Finds one device's samples by time."""

    def __init__(self, trace: DeviceTrace) -> None:
        self._trace = trace
        self._power_reach_ns = _reach_ns(trace.power_t_ns)
        self._energy_reach_ns = _reach_ns(trace.energy_t_ns)
        self.end_ns = max([*trace.power_t_ns[-1:], *trace.energy_t_ns[-1:]])

    def power_mw(self, t_ns: int) -> int | None:
        times = self._trace.power_t_ns
        i = bisect_right(times, t_ns) - 1
        if i < 0 or t_ns - times[i] > self._power_reach_ns:
            return None
        return self._trace.power_mw[i]

    def energy_mj(self, t_ns: int) -> int | None:
        times, values = self._trace.energy_t_ns, self._trace.energy_mj
        i = bisect_right(times, t_ns) - 1
        if i < 0 or t_ns - times[i] > self._energy_reach_ns:
            return None
        if i + 1 == len(times):
            return values[i]
        step_ns, step_mj = times[i + 1] - times[i], values[i + 1] - values[i]
        if step_mj < 0 or step_ns > self._energy_reach_ns:
            return values[i]
        return values[i] + round(step_mj * (t_ns - times[i]) / step_ns)


def _reach_ns(times_ns: "array[int]") -> float:
    """Return how long a sample holds; a single one holds for ever."""
    spacings = [later - earlier for earlier, later in pairwise(times_ns)]
    return _STALE_PERIODS * median(spacings) if spacings else float("inf")
