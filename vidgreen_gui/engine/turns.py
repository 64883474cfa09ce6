"""What each tick asks of a device: its power, and in turn the counter, a slow field, its users."""

from collections.abc import Sequence
from dataclasses import dataclass

from vidgreen_gui.model.power import Device, DeviceKind, SlowField, Wants
from vidgreen_gui.model.units import NS_PER_S

# Each call holds the driver's lock for a moment, which the watched work may be waiting for.
SLOW_A_CYCLE = 2
# Flags are slow to combine, and are compared at every tick.
POWER = Wants.POWER
COUNTER = Wants.POWER | Wants.COUNTER
SLOW = Wants.POWER | Wants.SLOW
PROCESSES = Wants.POWER | Wants.PROCESSES
# The same of a device whose power was read already.
BESIDE = {COUNTER: Wants.COUNTER, SLOW: Wants.SLOW, PROCESSES: Wants.PROCESSES}


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a device is asked, and what: `turns` one after the other, then again.

    `counter_ns` and `slow_ns` are how often the counter and each slow field come.
    """

    period_ns: int
    counter_ns: int
    slow_ns: int
    turns: Sequence[Wants]


def pace(device: Device, grid_ns: int, processes_ns: int, number: int) -> Pace:
    """Return the pace of the `number`th device on a grid of ticks.

    A device slower than the grid is asked at every so many ticks. A cycle is a second, or two
    questions where they come slower: its first reads the counter, the next two a slow field each,
    so that none costs more than two calls. Who uses a GPU is asked every `processes_ns`, of one
    device after the other: that list takes a driver the longest.
    """
    period_ns = grid_ns * max(1, -(-(device.sampling_ns or 0) // grid_ns))
    is_gpu = device.kind is DeviceKind.GPU
    asked = max(2 if is_gpu else 1, round(NS_PER_S / period_ns))
    slow = min(SLOW_A_CYCLE, asked - 1) if is_gpu else 0
    first = COUNTER if device.has_counter else POWER
    cycle = [first, *[SLOW] * slow, *[POWER] * (asked - 1 - slow)]
    cycle_ns = asked * period_ns
    turns = list(cycle)
    if is_gpu and device.sees_processes is not False:
        # Where every turn asks for more than power, a slow field makes room now and then.
        least = 1 if POWER in cycle else 2
        turns *= max(least, round(processes_ns / cycle_ns))
        gives = POWER if POWER in cycle else SLOW
        places = [at for at, wants in enumerate(turns) if wants is gives]
        turns[places[-1 - number % len(places)]] = PROCESSES
    slow_ns = cycle_ns * len(SlowField) // max(1, slow)
    return Pace(period_ns, cycle_ns, slow_ns, turns)
