"""One device under sampling: what to ask at each tick, its columns, its faults and gaps."""

import threading
from itertools import cycle

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
# Each call holds the driver's lock for a moment, which the watched work may be waiting for.
SLOW_A_CYCLE = 2
SLOW_CALL_NS = 250 * NS_PER_MS
LANE_TRIAL_NS = 60 * NS_PER_S
MUTE_NS = 5 * NS_PER_S
FIRST_RETRY_NS = NS_PER_S
LAST_RETRY_NS = 60 * NS_PER_S
# One odd value is a hole; this many in a row are a sensor that cannot be believed.
ODD_VALUES = 3
_NEVER = -(2**62)
# Flags are slow to combine, and this is done at every tick.
_POWER = Wants.POWER
_COUNTER = Wants.POWER | Wants.COUNTER
_SLOW = Wants.POWER | Wants.SLOW
# Reasons of a gap beside the kinds of MeterFault.
SLEPT = "slept"
STALLED = "stalled"


class DeviceProbe:
    """Reads one device at each tick and turns what comes into columns and events.

    All methods but one run on the sampler's thread; a slow device's calls run on its lane, its
    answers are taken here at the next tick.
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
        self._id = device.id
        self._meter = meter
        self._clock = clock
        self._anchor_ns = anchor_ns
        self._remember = history.device(device.id).append
        self._lane: Lane | None = None
        self._lane_since_ns = 0
        self._lost = False
        self._found_ns = 0
        self._retry_ns = 0
        self._retry_after_ns = FIRST_RETRY_NS
        self._odd_values = 0
        self._last_t_ns = _NEVER
        self._gap_reason = STALLED
        self._slept_ns = 0
        self._asked = Wants.POWER
        self._asked_ns: int | None = None
        self._hand = threading.Lock()
        self.set_period(period_ns)
        self.events.append(DeviceFound(t_ns=self._t_ns(clock.steady_ns()), device=device))

    def set_period(self, period_ns: int) -> None:
        """Sample on another grid from now on; the caller has taken the blocks of the old one.

        A cycle is a second, or two ticks where ticks are slower: its first reads the counter, the
        next two a slow field each, so that no tick costs more than two calls.
        """
        ticks = max(2, round(NS_PER_S / period_ns))
        first = _COUNTER if self.device.has_counter else _POWER
        self._period_ns = period_ns
        self._gap_ns = GAP_PERIODS * period_ns
        self._cycle_ns = ticks * period_ns
        self._slow_ns = self._cycle_ns * len(SlowField) // min(SLOW_A_CYCLE, ticks - 1)
        self._turns = cycle([first, *[_SLOW] * SLOW_A_CYCLE, *[_POWER] * ticks][:ticks])
        self._new_columns()

    def slept(self, slept_ns: int) -> None:
        """Take note that the machine slept since the last tick."""
        self._slept_ns += slept_ns

    def tick(self, now_ns: int) -> None:
        """Ask the device what is due, unless it is lost and its next try is not due yet."""
        if self._lane is not None and not self._lane_is_free(self._lane, now_ns):
            return
        if not self._lost:
            self._asked = next(self._turns)
        elif now_ns < self._retry_ns:
            return
        else:
            self._asked = _POWER
        if self._lane is not None:
            self._lane.ask(self._asked)
            return
        mine = self._asked_ns = self._clock.steady_ns()
        answer = ask(self._meter, self._clock, self._id, self._asked)
        with self._hand:
            if self._asked_ns == mine:
                self._asked_ns = None
                self._settle(answer)

    def take_from(self, now_ns: int) -> bool:
        """Give the device a lane if its call is late; return whether it was.

        The one for another thread. The call's answer, should it ever come, is dropped.
        """
        with self._hand:
            if self._asked_ns is None or now_ns - self._asked_ns <= SLOW_CALL_NS:
                return False
            self._asked_ns = None
            self._gap_reason = MeterFaultKind.TIMEOUT.value
            self._choose_lane(now_ns, SLOW_CALL_NS + 1)
            return True

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
        self._power = PowerBlock(self._id, self._period_ns)
        self._counter = CounterBlock(self._id, self._cycle_ns)
        self._slow: dict[SlowField, SlowBlock] = {}

    def _t_ns(self, steady_ns: int) -> int:
        # No sensor is newer than a millisecond; finer times would only be noise to store.
        since_ns = steady_ns - self._anchor_ns
        return since_ns - since_ns % NS_PER_MS

    def _settle(self, answer: Answer) -> None:
        answered_ns, took_ns, content = answer
        if took_ns > SLOW_CALL_NS or self._lane is not None:
            self._choose_lane(answered_ns, took_ns)
        if isinstance(content, MeterFault):
            self._fail(answered_ns, content)
        else:
            self._keep(answered_ns, content)

    def _keep(self, steady_ns: int, reading: Reading) -> None:
        t_ns = self._t_ns(steady_ns)
        self._odd_values = 0
        if self._lost:
            self._lost = False
            self._found_ns = steady_ns
            self.events.append(DeviceFound(t_ns=t_ns, device=self.device))
        power_mw = reading.power_mw
        if power_mw is not None:
            joined = t_ns - self._last_t_ns <= self._gap_ns and not self._slept_ns
            if not joined:
                self._close_gap(t_ns)
            self._last_t_ns = t_ns
            self._power.t_ns.append(t_ns)
            self._power.power_mw.append(power_mw)
            self._remember(t_ns, power_mw, joined)
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
                    block = SlowBlock(self._id, quantity, self._slow_ns)
                    self._slow[quantity] = block
                block.t_ns.append(t_ns)
                block.value.append(value)

    def _close_gap(self, t_ns: int) -> None:
        """Say that samples are missing before `t_ns`, unless it is the first of all."""
        slept_ns, self._slept_ns = self._slept_ns, 0
        reason, self._gap_reason = self._gap_reason, STALLED
        if self._last_t_ns == _NEVER:
            return
        self.events.append(
            DeviceGap(
                t_ns=self._last_t_ns,
                device_id=self._id,
                until_ns=t_ns,
                reason=SLEPT if slept_ns else reason,
                slept_ns=slept_ns,
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
            self.events.append(
                DeviceLost(
                    t_ns=self._t_ns(steady_ns),
                    device_id=self._id,
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
                self._lane = Lane(self._meter, self._clock, self._id)
        elif self._lane is not None and answered_ns - self._lane_since_ns >= LANE_TRIAL_NS:
            self.close()

    def _lane_is_free(self, lane: Lane, now_ns: int) -> bool:
        """Take the lane's answer, if there is one; return whether it can be asked again."""
        answer = lane.answer()
        if answer is not None:
            self._settle(answer)
        elif lane.asked_ns is not None:
            if now_ns - lane.asked_ns > MUTE_NS and not self._lost:
                self._lose(now_ns, MeterFault(MeterFaultKind.TIMEOUT, self.device.name))
            return False
        return True
