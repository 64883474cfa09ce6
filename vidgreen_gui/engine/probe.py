"""One device under sampling: what to ask at each tick, its columns, its faults and gaps."""

from vidgreen_gui.engine.lane import Answer, Lane, ask
from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.model.events import DeviceEvent, DeviceFound, DeviceGap, DeviceLost
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.ports import Clock, Meter
from vidgreen_gui.model.power import (
    Block,
    CounterBlock,
    Device,
    PowerBlock,
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
# Flags are slow to combine, and this is done at every tick.
_POWER = Wants.POWER
_COUNTER = Wants.POWER | Wants.COUNTER
_SLOW = Wants.POWER | Wants.SLOW
_SLOW_FIELDS = len(SlowField)
# Reasons of a gap beside the kinds of MeterFault.
SLEPT = "slept"
STALLED = "stalled"


class DeviceProbe:
    """Reads one device at each tick and turns what comes into columns and events.

    All methods run on the sampler's thread; a slow device's calls run on its lane, its answers are
    taken here at the next tick.
    """

    def __init__(
        self,
        device: Device,
        meter: Meter,
        clock: Clock,
        *,
        anchor_ns: int,
        period_ns: int,
        history: PowerHistory,
    ) -> None:
        self.device = device
        self.events: list[DeviceEvent] = []
        self._meter = meter
        self._clock = clock
        self._anchor_ns = anchor_ns
        self._history = history
        self._lane: Lane | None = None
        self._lane_since_ns = 0
        self._lost = False
        self._found_ns = 0
        self._retry_ns = 0
        self._retry_after_ns = FIRST_RETRY_NS
        self._odd_values = 0
        self._last_t_ns: int | None = None
        self._gap_reason = STALLED
        self._slept_ns = 0
        self._tick = 0
        self._asked = Wants.POWER
        self.set_period(period_ns)
        self.events.append(DeviceFound(t_ns=self._t_ns(clock.steady_ns()), device=device))

    def set_period(self, period_ns: int) -> None:
        """Sample on another grid from now on; the caller has taken the blocks of the old one.

        A cycle is a second, or two ticks where ticks are slower: its first reads the counter, the
        next four a slow field each, so that no tick costs more than two calls.
        """
        self._period_ns = period_ns
        self._cycle = max(2, round(NS_PER_S / period_ns))
        self._new_columns()

    def slept(self, slept_ns: int) -> None:
        """Take note that the machine slept since the last tick."""
        self._slept_ns += slept_ns

    def tick(self, now_ns: int) -> None:
        """Ask the device what is due, unless it is lost and its next try is not due yet."""
        if self._lane is not None:
            answer = self._lane.answer()
            if answer is not None:
                self._settle(answer)
            elif self._lane.asked_ns is not None:
                self._wait(now_ns - self._lane.asked_ns, now_ns)
                return
        if self._lost and now_ns < self._retry_ns:
            return
        self._asked = self._due()
        if self._lane is None:
            self._settle(ask(self._meter, self._clock, self.device.id, self._asked))
        else:
            self._lane.ask(self._asked)

    def take_blocks(self) -> tuple[Block, ...]:
        """Return what was sampled since the last call and begin new columns."""
        blocks: tuple[Block, ...] = (self._power, self._counter, *self._slow.values())
        filled = tuple(block for block in blocks if block.t_ns)
        if filled:
            self._new_columns()
        return filled

    def take_events(self) -> list[DeviceEvent]:
        """Return what happened since the last call."""
        events, self.events = self.events, []
        return events

    def close(self) -> None:
        """Let the lane go, if there is one."""
        if self._lane is not None:
            self._lane.close()
            self._lane = None

    def _new_columns(self) -> None:
        self._power = PowerBlock(self.device.id, self._period_ns)
        self._counter = CounterBlock(self.device.id, self._cycle * self._period_ns)
        self._slow: dict[SlowField, SlowBlock] = {}

    def _t_ns(self, steady_ns: int) -> int:
        # No sensor is newer than a millisecond; finer times would only be noise to store.
        since_ns = steady_ns - self._anchor_ns
        return since_ns - since_ns % NS_PER_MS

    def _due(self) -> Wants:
        if self._lost:
            return _POWER
        place = self._tick % self._cycle
        self._tick += 1
        if place == 0 and self.device.has_counter:
            return _COUNTER
        return _SLOW if 1 <= place <= _SLOW_FIELDS else _POWER

    def _settle(self, answer: Answer) -> None:
        answered_ns, took_ns, content = answer
        self._choose_lane(answered_ns, took_ns)
        if not isinstance(content, MeterFault):
            self._keep(answered_ns, content)
            return
        self._gap_reason = content.kind.value
        if content.kind is MeterFaultKind.IMPLAUSIBLE:
            self._odd_values += 1
            if self._odd_values <= ODD_VALUES:
                return
        self._lose(answered_ns, content)

    def _keep(self, steady_ns: int, reading: Reading) -> None:
        t_ns = self._t_ns(steady_ns)
        self._odd_values = 0
        if self._lost:
            self._lost = False
            self._found_ns = steady_ns
            self.events.append(DeviceFound(t_ns=t_ns, device=self.device))
        if reading.power_mw is not None:
            joined = self._close_gap(t_ns)
            self._power.t_ns.append(t_ns)
            self._power.power_mw.append(reading.power_mw)
            self._history.append(self.device.id, t_ns, reading.power_mw, joined=joined)
        if reading.energy_mj is not None:
            self._counter.t_ns.append(t_ns)
            self._counter.energy_mj.append(reading.energy_mj)
        if self._asked is _SLOW:
            self._keep_slow(t_ns, reading)

    def _keep_slow(self, t_ns: int, reading: Reading) -> None:
        for quantity in SlowField:
            value = getattr(reading, quantity)
            if value is not None:
                block = self._slow.get(quantity)
                if block is None:
                    cycle_ns = self._cycle * self._period_ns
                    block = SlowBlock(self.device.id, quantity, cycle_ns)
                    self._slow[quantity] = block
                block.t_ns.append(t_ns)
                block.value.append(value)

    def _close_gap(self, t_ns: int) -> bool:
        """Say that samples are missing before `t_ns`; return whether none are."""
        last_ns, self._last_t_ns = self._last_t_ns, t_ns
        if last_ns is None:
            return False
        slept_ns, self._slept_ns = self._slept_ns, 0
        reason, self._gap_reason = self._gap_reason, STALLED
        if not slept_ns and t_ns - last_ns <= GAP_PERIODS * self._period_ns:
            return True
        self.events.append(
            DeviceGap(
                t_ns=last_ns,
                device_id=self.device.id,
                until_ns=t_ns,
                reason=SLEPT if slept_ns else reason,
                slept_ns=slept_ns,
            )
        )
        return False

    def _lose(self, steady_ns: int, fault: MeterFault) -> None:
        """Say once that the device is lost, and try again after 1, 2, 4 … 60 seconds."""
        if not self._lost:
            self._lost = True
            if steady_ns - self._found_ns > LAST_RETRY_NS:
                self._retry_after_ns = FIRST_RETRY_NS
            self.events.append(
                DeviceLost(
                    t_ns=self._t_ns(steady_ns),
                    device_id=self.device.id,
                    code=fault.code,
                    detail=str(fault.arguments["detail"]),
                )
            )
        self._retry_ns = steady_ns + self._retry_after_ns
        self._retry_after_ns = min(2 * self._retry_after_ns, LAST_RETRY_NS)

    def _choose_lane(self, answered_ns: int, took_ns: int) -> None:
        """Move a slow device to its own thread, and back once it was in time for a minute."""
        if took_ns > SLOW_CALL_NS:
            self._lane_since_ns = answered_ns
            if self._lane is None:
                self._lane = Lane(self._meter, self._clock, self.device.id)
        elif self._lane is not None and answered_ns - self._lane_since_ns >= LANE_TRIAL_NS:
            self.close()

    def _wait(self, waited_ns: int, now_ns: int) -> None:
        if waited_ns > MUTE_NS and not self._lost:
            self._lose(now_ns, MeterFault(MeterFaultKind.TIMEOUT, self.device.name))
