"""The sampler: reads every device on a fixed grid of the steady clock, in a thread of its own."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from vidgreen_gui.engine.ensemble import Ensemble, alike
from vidgreen_gui.engine.lane import Answer, ask
from vidgreen_gui.engine.probe import (
    GAP_PERIODS,
    LANE_TRIAL_NS,
    SLOW_CALL_NS,
    DeviceProbe,
)
from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.engine.turns import POWER
from vidgreen_gui.model.events import ClockAnchored, DeviceEvent
from vidgreen_gui.model.ports import Clock, Meter, ReadsTogether
from vidgreen_gui.model.power import Block, Device, Wants
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S, s_from_ns

Deliver = Callable[[tuple[Block, ...], tuple[DeviceEvent, ...]], None]

DEFAULT_PERIOD_NS = 100 * NS_PER_MS
SHORTEST_PERIOD_NS = 20 * NS_PER_MS
LONGEST_PERIOD_NS = NS_PER_S
# What a kill may take: a second, less the time it takes to commit.
DELIVERY_NS = 900 * NS_PER_MS
ANCHOR_NS = 60 * NS_PER_S
# A call that hangs is found out this long after it began, at the latest: soon enough that the
# other devices have no gap. Alone a device holds up nobody.
PATIENCE_NS = 450 * NS_PER_MS
PATIENCE_ALONE_NS = 2 * NS_PER_S
# Who uses a GPU is asked this often, and so often while nobody works or looks.
PROCESSES_NS = 2 * NS_PER_S
UNSEEN_PROCESSES_NS = 20 * NS_PER_S
# Devices asked in one go have one time. Where they take longer than this, each is asked by itself
# for a minute, so that the slow one is known.
TOGETHER_NS = 50 * NS_PER_MS
# So many rows are settled at once for those who ask for the history, if nobody did.
HISTORY_ROWS = 100
# A list of processes takes a driver the longest: with many GPUs not more often than this.
LIST_NS = 250 * NS_PER_MS
# A wait this short need not be cut short.
UNINTERRUPTED_NS = DEFAULT_PERIOD_NS


class Sampler:
    """Samples the devices of an opened meter and delivers blocks and events every 0.9 s.

    Times in blocks and events are steady nanoseconds since `anchor_ns`, the run's anchor. Deadlines
    lie on one absolute grid, so they do not drift; those that pass unused are counted in
    `missed_ticks` and never made up for. `deliver` is called on the sampler's thread and must be
    quick; the first call comes at the first tick.

    A tick asks first, in one go where the meter can, and settles the answers then, under one lock:
    a watch sees when a call hangs, gives its device a lane and the grid to a new thread. Whatever
    the old thread still learns is dropped.
    """

    def __init__(
        self,
        meter: Meter,
        devices: Iterable[Device],
        clock: Clock,
        deliver: Deliver,
        *,
        anchor_ns: int,
        history: PowerHistory,
        period_ns: int = DEFAULT_PERIOD_NS,
    ) -> None:
        self.missed_ticks = 0
        self._meter = meter
        self._together = meter.together if isinstance(meter, ReadsTogether) else None
        self._clock = clock
        self._steady_ns = clock.steady_ns
        self._deliver = deliver
        self._anchor_ns = anchor_ns
        self._history = history
        self._period_ns = self._asked_period_ns = _allowed(period_ns)
        self._processes_ns = self._asked_processes_ns = PROCESSES_NS
        self._changing = False
        self._probes: list[DeviceProbe] = []
        # Those asked in one go, all others, and how many ticks there were on this grid.
        self._ensemble: Ensemble | None = None
        self._apart = self._probes
        self._apart_until_ns = clock.steady_ns()
        self._turn = 0
        self._arrived: deque[Device] = deque(devices)
        self._welcome()
        self._events: list[DeviceEvent] = []
        now_ns = clock.steady_ns()
        self.deadline_ns = now_ns
        self._delivery_ns = now_ns
        self._next_anchor_ns = now_ns
        self._sleep_ns = clock.boottime_ns() - now_ns
        self._nudge = threading.Event()
        self._ending = threading.Event()
        self._settling = threading.Lock()
        self._asking: DeviceProbe | Ensemble | None = None
        self._asked_ns = now_ns
        self._answers: list[tuple[DeviceProbe, Answer]] = []
        self._regroup(now_ns)
        self._thread = self._new_thread()
        self._watch = threading.Thread(target=self._relieve, name="sampler watch", daemon=True)

    def start(self) -> None:
        """Begin to sample."""
        self._thread.start()
        self._watch.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Deliver what is there and end the thread; give up after `timeout_s` in a hung call."""
        # The watch ends by itself, when it looks the next time.
        self._ending.set()
        self._nudge.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def set_period(self, period_ns: int, processes_ns: int = PROCESSES_NS) -> None:
        """Sample every `period_ns` (20 ms to 1 s); the tick that closes the old grid is near.

        Who uses a GPU is asked every `processes_ns`.
        """
        asked = _allowed(period_ns), processes_ns
        if asked != (self._asked_period_ns, self._asked_processes_ns):
            self._asked_period_ns, self._asked_processes_ns = asked
            self._changing = True
            self._nudge.set()

    def add(self, device: Device) -> None:
        """Sample one more device from the next tick on, or try one that was lost at once."""
        self._arrived.append(device)

    def tick(self) -> None:
        """Take this deadline's samples and set the next deadline; what the thread does all day."""
        now_ns = self._steady_ns()
        sleep_ns = self._clock.boottime_ns() - now_ns
        if sleep_ns - self._sleep_ns > GAP_PERIODS * self._period_ns:
            self._slept(now_ns, sleep_ns - self._sleep_ns)
        self._sleep_ns = sleep_ns
        if self._arrived:
            self._welcome()
            self._regroup(now_ns)
        # As they are now: who leaves the ensemble was asked at this tick.
        ensemble, apart = self._ensemble, self._apart
        beside: Sequence[tuple[DeviceProbe, Wants]] = ()
        if ensemble is not None:
            if not self._ask_ensemble(ensemble, POWER, now_ns):
                return
            wants = ensemble.common(self._turn) if ensemble is self._ensemble else None
            if wants is None:
                beside = ensemble.beside(self._turn)
            elif not self._ask_ensemble(ensemble, wants, self._steady_ns()):
                return
        self._turn += 1
        if (beside or apart) and not self._ask_each(now_ns, beside, apart):
            return
        if now_ns >= self._delivery_ns or self._changing:
            self._hand_over(now_ns)
            if self._changing:
                self._change_pace(now_ns)
        self._set_deadline()

    def _ask_ensemble(self, ensemble: Ensemble, wants: Wants, now_ns: int) -> bool:
        """Ask the devices that are read in one go; return whether the grid is this thread's."""
        mine = self._thread
        self._asked_ns = now_ns
        self._asking = ensemble
        ensemble.ask(wants)
        answered_ns = self._steady_ns()
        with self._settling:
            if self._thread is not mine:
                return False
            self._asking = None
            took_long = answered_ns - now_ns > TOGETHER_NS
            if took_long:
                self._apart_until_ns = answered_ns + LANE_TRIAL_NS
            if not ensemble.settle(answered_ns) or took_long:
                self._regroup(answered_ns)
        return True

    def _ask_each(
        self,
        now_ns: int,
        beside: Sequence[tuple[DeviceProbe, Wants]],
        apart: Sequence[DeviceProbe],
    ) -> bool:
        """Ask what is due and settle the answers; return whether the grid is this thread's.

        The time of one answer is that of the next question: clocks are read as seldom as can be.
        """
        mine, steady_ns, meter = self._thread, self._steady_ns, self._meter
        questions = ((probe, probe.question(now_ns)) for probe in apart)
        answers = self._answers = []
        asked_ns = steady_ns()
        for probe, wants in chain(beside, questions):
            if wants is None:
                continue
            # In this order: the watch must not take the time of the last question for this one's.
            self._asked_ns = asked_ns
            self._asking = probe
            content = ask(meter, probe.id, wants)
            if self._thread is not mine:
                return False
            answered_ns = steady_ns()
            answers.append((probe, (answered_ns, answered_ns - asked_ns, wants, content)))
            asked_ns = answered_ns
        with self._settling:
            if self._thread is not mine:
                return False
            self._asking = None
            if self._settle_each():
                self._regroup(asked_ns)
        return True

    def _settle_each(self) -> bool:
        """Settle the answers of single devices; return whether one came or went by it."""
        changed = False
        for probe, answer in self._answers:
            was_eager = probe.is_eager
            probe.settle(*answer)
            changed |= probe.is_eager is not was_eager
        return changed

    def _regroup(self, now_ns: int) -> None:
        """Decide anew which devices are asked in one go."""
        members: tuple[DeviceProbe, ...] = ()
        if self._together is not None and now_ns >= self._apart_until_ns:
            members = alike(self._probes)
        ensemble = self._ensemble
        if ensemble is not None and ensemble.probes != members:
            ensemble.flush()
            ensemble = None
        if ensemble is None and members and self._together is not None:
            read = self._together([probe.id for probe in members])
            if read is not None:
                ensemble = Ensemble(
                    members,
                    read,
                    gap_ns=GAP_PERIODS * self._period_ns,
                    anchor_ns=self._anchor_ns,
                    history=self._history,
                )
        self._ensemble = ensemble
        together = () if ensemble is None else members
        self._apart = [probe for probe in self._probes if probe not in together]

    def _welcome(self) -> None:
        """Begin to sample the devices that arrived; one that is known already may be back."""
        lists_ns = self._lists_ns(len(self._arrived))
        while self._arrived:
            device = self._arrived.popleft()
            known = next((probe for probe in self._probes if probe.id == device.id), None)
            if known is not None:
                known.found_again(device)
                continue
            probe = DeviceProbe(
                device,
                self._meter,
                self._clock,
                number=len(self._probes),
                anchor_ns=self._anchor_ns,
                history=self._history,
            )
            probe.set_pace(self._period_ns, lists_ns)
            self._probes.append(probe)

    def _lists_ns(self, arriving: int = 0) -> int:
        """Return how often each device is asked who uses it."""
        return max(self._processes_ns, (len(self._probes) + arriving) * LIST_NS)

    def _new_thread(self) -> threading.Thread:
        # A daemon: a call that never returns must not keep the process alive.
        return threading.Thread(target=self._run, name="sampler", daemon=True)

    def _relieve(self) -> None:
        """Look whether a call hangs, seldom: each look costs as much as a device's reading."""
        wait_ns = self._patience_ns
        while True:
            # Half the cost of an event's wait, as below.
            time.sleep(s_from_ns(max(wait_ns, SHORTEST_PERIOD_NS)))
            if self._ending.is_set():
                return
            with self._settling:
                now_ns, is_asking = self._clock.steady_ns(), self._asking is not None
                wait_ns = self._asked_ns - now_ns + self._patience_ns
                if is_asking and now_ns - self._asked_ns > SLOW_CALL_NS:
                    self._replace_thread(now_ns)
                elif is_asking:
                    wait_ns = self._asked_ns - now_ns + SLOW_CALL_NS + NS_PER_MS

    def _replace_thread(self, now_ns: int) -> None:
        """Give the device whose call hangs a lane, and the grid a new thread."""
        self._settle_each()
        if self._asking is not None:
            self._asking.give_up(now_ns)
        self._asking = None
        self._regroup(now_ns)
        self._thread = self._new_thread()
        self._thread.start()

    @property
    def _patience_ns(self) -> int:
        if len(self._probes) < 2:
            return PATIENCE_ALONE_NS
        return max(PATIENCE_NS, 2 * self._period_ns)

    def _run(self) -> None:
        mine = self._thread
        while not self._ending.is_set() and mine is self._thread:
            wait_ns = self.deadline_ns - self._steady_ns()
            if wait_ns > UNINTERRUPTED_NS:
                if self._nudged(wait_ns) and not self._changing:
                    continue
            elif wait_ns > 0:
                # Half the cost of an event's wait, which is most of the sampler's own draw.
                time.sleep(wait_ns / NS_PER_S)
            self.tick()
        if mine is self._thread:
            # One last time: what ended since the last tick lies between two samples too.
            for probe in self._probes:
                probe.hasten()
            self.tick()
        if mine is not self._thread:
            return
        self._hand_over(self._clock.steady_ns())
        for probe in self._probes:
            probe.close()

    def _nudged(self, wait_ns: int) -> bool:
        """Wait; return whether something cut it short."""
        nudged = self._nudge.wait(s_from_ns(wait_ns))
        self._nudge.clear()
        return nudged

    def _change_pace(self, now_ns: int) -> None:
        """Begin the new grid: this tick closed the old one, a new period starts from here."""
        self._changing = False
        self._period_ns, self._processes_ns = self._asked_period_ns, self._asked_processes_ns
        self.deadline_ns = now_ns
        for probe in self._probes:
            probe.set_pace(self._period_ns, self._lists_ns())
        if self._ensemble is not None:
            self._ensemble.flush()
        self._ensemble, self._turn = None, 0
        self._regroup(now_ns)

    def _set_deadline(self) -> None:
        self.deadline_ns += self._period_ns
        # A deadline that is all but here after a late tick would sample the same moment twice.
        soonest_ns = self._clock.steady_ns() + self._period_ns // 10
        if self.deadline_ns < soonest_ns:
            missed = -(-(soonest_ns - self.deadline_ns) // self._period_ns)
            self.missed_ticks += missed
            self.deadline_ns += missed * self._period_ns

    def _slept(self, now_ns: int, slept_ns: int) -> None:
        """Say that the machine slept since the last tick."""
        self._next_anchor_ns = now_ns
        if self._ensemble is not None:
            self._ensemble.interrupt()
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
        if self._apart:
            self._regroup(now_ns)
        if len(self._history.rows) > HISTORY_ROWS:
            self._history.settle()
        blocks: list[Block] = []
        if self._ensemble is not None:
            blocks += self._ensemble.take_blocks()
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
