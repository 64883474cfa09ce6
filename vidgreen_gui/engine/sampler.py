"""The sampler: reads every device on a fixed grid of the steady clock, in a thread of its own."""

import threading
import time
from collections.abc import Callable, Sequence

from vidgreen_gui.engine.probe import GAP_PERIODS, DeviceProbe
from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.model.events import ClockAnchored, DeviceEvent
from vidgreen_gui.model.ports import Clock, Meter
from vidgreen_gui.model.power import Block, Device
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S, s_from_ns

Deliver = Callable[[tuple[Block, ...], tuple[DeviceEvent, ...]], None]

DEFAULT_PERIOD_NS = 100 * NS_PER_MS
SHORTEST_PERIOD_NS = 20 * NS_PER_MS
LONGEST_PERIOD_NS = NS_PER_S
# What a kill may take: a second, less the time it takes to commit.
DELIVERY_NS = 900 * NS_PER_MS
ANCHOR_NS = 60 * NS_PER_S
WATCH_S = 2.0
# A wait this short need not be cut short.
UNINTERRUPTED_NS = DEFAULT_PERIOD_NS


class Sampler:
    """Samples the devices of an opened meter and delivers blocks and events every 0.9 s.

    Times in blocks and events are steady nanoseconds since `anchor_ns`, the run's anchor. Deadlines
    lie on one absolute grid, so they do not drift; those that pass unused are counted in
    `missed_ticks` and never made up for. `deliver` is called on the sampler's thread and must be
    quick; the first call comes at the first tick.
    """

    def __init__(
        self,
        meter: Meter,
        devices: Sequence[Device],
        clock: Clock,
        deliver: Deliver,
        *,
        anchor_ns: int,
        history: PowerHistory,
        period_ns: int = DEFAULT_PERIOD_NS,
    ) -> None:
        self.missed_ticks = 0
        self._clock = clock
        self._deliver = deliver
        self._anchor_ns = anchor_ns
        self._period_ns = self._asked_period_ns = _allowed(period_ns)
        self._probes = [
            DeviceProbe(
                device,
                meter,
                clock,
                anchor_ns=anchor_ns,
                period_ns=self._period_ns,
                history=history,
            )
            for device in devices
        ]
        self._events: list[DeviceEvent] = []
        now_ns = clock.steady_ns()
        self.deadline_ns = now_ns
        self._delivery_ns = now_ns
        self._next_anchor_ns = now_ns
        self._sleep_ns = clock.boottime_ns() - now_ns
        self._nudge = threading.Event()
        self._ending = threading.Event()
        self._thread = self._new_thread()
        self._watch = threading.Thread(target=self._relieve, name="sampler watch", daemon=True)

    def start(self) -> None:
        """Begin to sample."""
        self._thread.start()
        self._watch.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Deliver what is there and end the thread; give up after `timeout_s` in a hung call."""
        self._ending.set()
        self._nudge.set()
        if self._watch.is_alive():
            self._watch.join(timeout_s)
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def set_period(self, period_ns: int) -> None:
        """Sample every `period_ns` (20 ms to 1 s); the tick that closes the old grid is near."""
        self._asked_period_ns = _allowed(period_ns)
        self._nudge.set()

    def tick(self) -> None:
        """Take this deadline's samples and set the next deadline; what the thread does all day."""
        now_ns = self._clock.steady_ns()
        self._notice_sleep(now_ns)
        mine = self._thread
        for probe in self._probes:
            probe.tick(now_ns)
            if mine is not self._thread:
                return
        changed = self._changing
        if changed or now_ns >= self._delivery_ns:
            self._hand_over(now_ns)
        if changed:
            # This tick closed the old grid; the new one starts a new period from here.
            self._period_ns = self._asked_period_ns
            self.deadline_ns = now_ns
            for probe in self._probes:
                probe.set_period(self._period_ns)
        self._set_deadline()

    def _new_thread(self) -> threading.Thread:
        # A daemon: a call that never returns must not keep the process alive.
        return threading.Thread(target=self._run, name="sampler", daemon=True)

    def _relieve(self) -> None:
        """Now and then see whether a call hangs; then its device gets a lane, the grid a thread."""
        while not self._ending.wait(WATCH_S):
            if any(probe.take_from(self._clock.steady_ns()) for probe in self._probes):
                self._thread = self._new_thread()
                self._thread.start()

    def _run(self) -> None:
        mine = self._thread
        while not self._ending.is_set() and mine is self._thread:
            wait_ns = self.deadline_ns - self._clock.steady_ns()
            if wait_ns > 0 and self._nudged(wait_ns) and not self._changing:
                continue
            self.tick()
        if mine is self._thread:
            # One last time: what ended since the last tick lies between two samples too.
            self.tick()
        if mine is not self._thread:
            return
        self._hand_over(self._clock.steady_ns())
        for probe in self._probes:
            probe.close()

    def _nudged(self, wait_ns: int) -> bool:
        """Wait; return whether something cut it short."""
        if wait_ns <= UNINTERRUPTED_NS:
            # Half the cost of an event's wait, which is most of the sampler's own draw.
            time.sleep(s_from_ns(wait_ns))
            return False
        nudged = self._nudge.wait(s_from_ns(wait_ns))
        self._nudge.clear()
        return nudged

    @property
    def _changing(self) -> bool:
        return self._asked_period_ns != self._period_ns

    def _set_deadline(self) -> None:
        self.deadline_ns += self._period_ns
        # A deadline that is all but here after a late tick would sample the same moment twice.
        soonest_ns = self._clock.steady_ns() + self._period_ns // 10
        if self.deadline_ns < soonest_ns:
            missed = -(-(soonest_ns - self.deadline_ns) // self._period_ns)
            self.missed_ticks += missed
            self.deadline_ns += missed * self._period_ns

    def _notice_sleep(self, now_ns: int) -> None:
        sleep_ns = self._clock.boottime_ns() - now_ns
        slept_ns, self._sleep_ns = sleep_ns - self._sleep_ns, sleep_ns
        if slept_ns > GAP_PERIODS * self._period_ns:
            self._next_anchor_ns = now_ns
            for probe in self._probes:
                probe.slept(slept_ns)

    def _anchor(self) -> None:
        steady_ns = self._clock.steady_ns()
        self._next_anchor_ns = steady_ns + ANCHOR_NS
        self._events.append(
            ClockAnchored(
                t_ns=steady_ns - self._anchor_ns,
                boottime_ns=self._clock.boottime_ns(),
                utc_ns=self._clock.utc_ns(),
            )
        )

    def _hand_over(self, now_ns: int) -> None:
        blocks: list[Block] = []
        for probe in self._probes:
            blocks += probe.take_blocks()
            self._events += probe.take_events()
        self._delivery_ns = max(self._delivery_ns + DELIVERY_NS, now_ns)
        if now_ns >= self._next_anchor_ns:
            self._anchor()
        if blocks or self._events:
            events, self._events = tuple(self._events), []
            self._deliver(tuple(blocks), events)


def _allowed(period_ns: int) -> int:
    return min(max(period_ns, SHORTEST_PERIOD_NS), LONGEST_PERIOD_NS)
