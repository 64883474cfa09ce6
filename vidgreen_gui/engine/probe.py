"""One device under sampling: what to ask at each tick, its columns, its faults and gaps."""

from array import array
from itertools import cycle

from vidgreen_gui.engine.lane import Lane
from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.engine.turns import POWER, pace
from vidgreen_gui.model.events import (
    DeviceEvent,
    DeviceFound,
    DeviceGap,
    DeviceLost,
    DeviceUsed,
    DeviceUser,
)
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.ports import Clock, Meter
from vidgreen_gui.model.power import (
    Block,
    CounterBlock,
    Device,
    PowerBlock,
    ProcessUse,
    Reading,
    SlowBlock,
    SlowField,
    Wants,
)
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S

# Neighbours further apart than this have a gap between them.
GAP_PERIODS = 3
SLOW_CALL_NS = 250 * NS_PER_MS
LANE_TRIAL_NS = 60 * NS_PER_S
MUTE_NS = 5 * NS_PER_S
FIRST_RETRY_NS = NS_PER_S
LAST_RETRY_NS = 60 * NS_PER_S
# One odd value is a hole; this many in a row are a sensor that cannot be believed.
ODD_VALUES = 3
NEVER = -(2**62)
# Reasons of a gap beside the kinds of MeterFault.
SLEPT = "slept"
STALLED = "stalled"


class DeviceProbe:
    """Says what to ask a device at each tick, and turns what it answers into columns and events.

    All methods run on the sampler's thread. A slow device is asked on its lane, whose answers are
    taken at the next tick.
    """

    def __init__(
        self,
        device: Device,
        meter: Meter,
        clock: Clock,
        *,
        number: int,
        anchor_ns: int,
        history: PowerHistory,
    ) -> None:
        self.id = device.id
        self.meter = device.meter
        self._device = device
        self._number = number
        self._meter = meter
        self._clock = clock
        self._anchor_ns = anchor_ns
        self._history = (history.device(device.id),)
        self._remember = history.rows.append
        self._events: list[DeviceEvent] = []
        self._lane = Lane(meter, clock, device.id) if device.is_slow else None
        self._lane_since_ns = 0
        self._due_ns = NEVER
        self._lost = False
        self._found_ns = 0
        self._retry_ns = 0
        self._retry_after_ns = FIRST_RETRY_NS
        self._odd_values = 0
        self._last_t_ns = NEVER
        self._gap_reason = STALLED
        self._slept_ns = 0
        self._events.append(DeviceFound(t_ns=self._t_ns(clock.steady_ns()), device=device))

    def set_pace(self, grid_ns: int, processes_ns: int) -> None:
        """Sample on another grid from now on; the caller has taken the blocks of the old one."""
        self._grid_ns = grid_ns
        self.pace = pace(self._device, grid_ns, processes_ns, self._number)
        self._gap_ns = GAP_PERIODS * self.pace.period_ns
        self._turns = cycle(self.pace.turns)
        self._due_ns = NEVER
        self._sort()
        self._new_columns()

    def slept(self, slept_ns: int) -> None:
        """Take note that the machine slept since the last tick; a lost device is tried at once.

        Said with the next sample; of a lost device at once, as it may never have another.
        """
        self._slept_ns += slept_ns
        if self._lost:
            self._retry_ns = NEVER
            self._retry_after_ns = FIRST_RETRY_NS
            self._say_slept(self._clock.steady_ns())

    def found_again(self, device: Device) -> None:
        """Try a lost device at once: its meter found it anew, perhaps in another place."""
        self._device = device
        self._retry_ns = NEVER

    def hasten(self) -> None:
        """Be asked at the next tick whatever the pace: it is the last before the end."""
        self._due_ns = NEVER

    def question(self, now_ns: int) -> Wants | None:
        """Return what to ask at this tick, None where nothing is due or a lane does the asking."""
        if self.is_eager:
            return next(self._turns)
        lane = self._lane
        if lane is not None and not self._is_free(lane, now_ns):
            return None
        wants = self._due(now_ns)
        if lane is None or wants is None:
            return wants
        lane.ask(wants)
        return None

    def settle(
        self, answered_ns: int, took_ns: int, wants: Wants, content: Reading | MeterFault
    ) -> None:
        """Take an answer: when it came, after how long, to what."""
        if took_ns > SLOW_CALL_NS or self._lane is not None:
            self._choose_lane(answered_ns, took_ns)
        if isinstance(content, MeterFault):
            self._fail(answered_ns, content)
        else:
            self._keep(answered_ns, wants, content)

    def keep_column(self, t_ns: "array[int]", power_mw: "array[int]") -> None:
        """Take samples that all came in time, each joined to the one before."""
        self.catch_up(t_ns[-1])
        self.has_samples = True
        self._power.t_ns.extend(t_ns)
        self._power.power_mw.extend(power_mw)

    def catch_up(self, t_ns: int) -> None:
        """Take note that samples up to `t_ns` were delivered without this probe."""
        self._odd_values = 0
        self._last_t_ns = t_ns

    def keep_beside(self, t_ns: int, quantity: SlowField | None, value: int) -> None:
        """Take a value that was asked for beside power: the counter (None) or a slow field."""
        self.has_samples = True
        if quantity is None:
            self._counter.t_ns.append(t_ns)
            self._counter.energy_mj.append(value)
            return
        block = self._slow.get(quantity)
        if block is None:
            block = self._slow[quantity] = SlowBlock(self.id, quantity, self.pace.slow_ns)
        block.t_ns.append(t_ns)
        block.value.append(value)

    def give_up(self, now_ns: int) -> None:
        """Give the device a lane: its call has not come back, and its answer will be dropped."""
        self._gap_reason = MeterFaultKind.TIMEOUT.value
        self._choose_lane(now_ns, SLOW_CALL_NS + 1)

    def take_blocks(self) -> tuple[Block, ...]:
        """Return what was sampled since the last call and begin new columns."""
        if not self.has_samples:
            return ()
        blocks: tuple[Block, ...] = (self._power, self._counter, *self._slow.values())
        self._new_columns()
        return tuple(block for block in blocks if block.t_ns)

    def take_events(self) -> list[DeviceEvent]:
        """Return what happened since the last call."""
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        """Let the lane go, if there is one."""
        if self._lane is not None:
            self._lane.close()
            self._lane = None

    def _sort(self) -> None:
        """Know by one look whether this device is asked its next turn at every tick."""
        every = self.pace.period_ns == self._grid_ns
        self.is_eager = every and self._lane is None and not self._lost

    def _due(self, now_ns: int) -> Wants | None:
        if self._lost:
            return POWER if now_ns >= self._retry_ns else None
        if now_ns < self._due_ns:
            return None
        # Half a tick of tolerance: no tick comes exactly on time.
        self._due_ns = now_ns + self.pace.period_ns - self._grid_ns // 2
        return next(self._turns)

    def _new_columns(self) -> None:
        self.has_samples = False
        self._power = PowerBlock(self.id, self.pace.period_ns)
        self._counter = CounterBlock(self.id, self.pace.counter_ns)
        self._slow: dict[SlowField, SlowBlock] = {}
        self._add_time = self._power.t_ns.append
        self._add_power = self._power.power_mw.append

    def _t_ns(self, steady_ns: int) -> int:
        # No sensor is newer than a millisecond; finer times would only be noise to store.
        since_ns = steady_ns - self._anchor_ns
        return since_ns - since_ns % NS_PER_MS

    def _keep(self, steady_ns: int, wants: Wants, reading: Reading) -> None:
        since_ns = steady_ns - self._anchor_ns
        t_ns = since_ns - since_ns % NS_PER_MS
        self._odd_values = 0
        if self._lost:
            self._find(steady_ns, t_ns)
        power_mw = reading.power_mw
        if power_mw is not None:
            joined = t_ns - self._last_t_ns <= self._gap_ns and not self._slept_ns
            if not joined:
                self._close_gap(t_ns)
            self._last_t_ns = t_ns
            self.has_samples = True
            self._add_time(t_ns)
            self._add_power(power_mw)
            self._remember((t_ns, self._history, (power_mw,), joined))
        if wants is POWER:
            return
        if reading.energy_mj is not None:
            self.keep_beside(t_ns, None, reading.energy_mj)
        elif reading.processes is not None:
            self._events.append(_used(t_ns, self.id, reading.processes))
        else:
            self._keep_slow(t_ns, reading)

    def _keep_slow(self, t_ns: int, reading: Reading) -> None:
        for quantity in SlowField:
            value = getattr(reading, quantity)
            if value is not None:
                self.keep_beside(t_ns, quantity, value)

    def _find(self, steady_ns: int, t_ns: int) -> None:
        self._lost = False
        self._found_ns = steady_ns
        self._events.append(DeviceFound(t_ns=t_ns, device=self._device))
        self._sort()

    def _close_gap(self, t_ns: int) -> None:
        """Say that samples are missing before `t_ns`, unless it is the first of all."""
        slept_ns, self._slept_ns = self._slept_ns, 0
        reason, self._gap_reason = self._gap_reason, STALLED
        if self._last_t_ns == NEVER:
            return
        self._events.append(
            DeviceGap(
                t_ns=self._last_t_ns,
                device_id=self.id,
                until_ns=t_ns,
                reason=SLEPT if slept_ns else reason,
                slept_ns=slept_ns,
            )
        )

    def _say_slept(self, steady_ns: int) -> None:
        """Say how long the machine slept within a gap that is still open."""
        slept_ns, self._slept_ns = self._slept_ns, 0
        if slept_ns and self._last_t_ns != NEVER:
            t_ns = self._t_ns(steady_ns)
            self._events.append(
                DeviceGap(
                    t_ns=t_ns, device_id=self.id, until_ns=t_ns, reason=SLEPT, slept_ns=slept_ns
                )
            )

    def _fail(self, steady_ns: int, fault: MeterFault) -> None:
        self._gap_reason = fault.kind.value
        if fault.kind is MeterFaultKind.IMPLAUSIBLE:
            self._odd_values += 1
            if self._odd_values <= ODD_VALUES:
                return
        self._lose(steady_ns, fault)

    def _lose(self, steady_ns: int, fault: MeterFault) -> None:
        """Say once that the device is lost, and try again after 1, 2, 4 … 60 seconds."""
        if not self._lost:
            self._lost = True
            if steady_ns - self._found_ns > LAST_RETRY_NS:
                self._retry_after_ns = FIRST_RETRY_NS
            self._events.append(
                DeviceLost(
                    t_ns=self._t_ns(steady_ns),
                    device_id=self.id,
                    code=fault.code,
                    detail=str(fault.arguments["detail"]),
                )
            )
            self._say_slept(steady_ns)
            self._sort()
        self._retry_ns = steady_ns + self._retry_after_ns
        self._retry_after_ns = min(2 * self._retry_after_ns, LAST_RETRY_NS)

    def _choose_lane(self, answered_ns: int, took_ns: int) -> None:
        """Move a slow device to its own thread, and back once it was in time for a minute."""
        if took_ns > SLOW_CALL_NS:
            self._lane_since_ns = answered_ns
            if self._lane is None:
                self._lane = Lane(self._meter, self._clock, self.id)
        elif not self._device.is_slow and answered_ns - self._lane_since_ns >= LANE_TRIAL_NS:
            self.close()
        self._sort()

    def _is_free(self, lane: Lane, now_ns: int) -> bool:
        """Take the lane's answer, if there is one; return whether it can be asked again."""
        answer = lane.answer()
        if answer is not None:
            self.settle(*answer)
        elif lane.asked_ns is not None:
            if now_ns - lane.asked_ns > MUTE_NS and not self._lost:
                self._lose(now_ns, MeterFault(MeterFaultKind.TIMEOUT, self._device.name))
            return False
        return True


def _used(t_ns: int, device_id: str, processes: tuple[ProcessUse, ...]) -> DeviceUsed:
    users = (DeviceUser(p.pid, "", "", p.utilisation_pct, p.memory_bytes) for p in processes)
    return DeviceUsed(t_ns=t_ns, device_id=device_id, users=tuple(users))
