"""The recorder: one asyncio thread that takes in what happens, accounts for it and keeps it."""

import asyncio
import logging
import threading
from contextlib import suppress
from dataclasses import dataclass, replace

from vidgreen_gui.engine.commits import Commits
from vidgreen_gui.engine.equipment import Equipment
from vidgreen_gui.engine.fence import Fence
from vidgreen_gui.engine.finder import Finder
from vidgreen_gui.engine.forecast import Forecast
from vidgreen_gui.engine.hardware import this_machine
from vidgreen_gui.engine.inbox import Inbox
from vidgreen_gui.engine.intake import Intake
from vidgreen_gui.engine.learning import Learning
from vidgreen_gui.engine.ledger import Ledger
from vidgreen_gui.engine.live_account import OPEN_NS, LiveAccount
from vidgreen_gui.engine.load import lead
from vidgreen_gui.engine.mailbox import Outbox
from vidgreen_gui.engine.notices import Notices, store_notices
from vidgreen_gui.engine.now import DeviceSight
from vidgreen_gui.engine.own_draw import OwnDraw
from vidgreen_gui.engine.patience import Patience, gone_for_good
from vidgreen_gui.engine.report import find_session, session_report
from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.engine.sampler import LONGEST_PERIOD_NS, UNSEEN_PROCESSES_NS, Sampler
from vidgreen_gui.engine.showing import Showing
from vidgreen_gui.engine.snapshot import SessionView
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.model import commands as do
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.commands import Answer, Command
from vidgreen_gui.model.facts import LiveSnapshot, PowerCurve, SessionFacts, SessionRow
from vidgreen_gui.model.faults import Fault, Notice
from vidgreen_gui.model.learnt import Learnt
from vidgreen_gui.model.ports import Watcher
from vidgreen_gui.model.power import Block
from vidgreen_gui.model.session import EndedBy
from vidgreen_gui.model.units import NS_PER_S, ns_from_s
from vidgreen_gui.model.user_events import UserEvent
from vidgreen_gui.store.writer import WriterState
from vidgreen_gui.system.event_loop import EventLoop

_LOG = logging.getLogger(__name__)

# A wall clock that is off by more has stepped, or the machine has slept.
STEP_NS = NS_PER_S // 2
# The last samples of a job that ended come within this.
SAMPLES_DUE_NS = 2 * NS_PER_S
# Figures that nobody sees are only kept from growing old.
_SEEN_REFRESH_NS = NS_PER_S
_UNSEEN_REFRESH_NS = 10 * NS_PER_S
_BUSY_COMMIT_NS = NS_PER_S
_IDLE_COMMIT_NS = 10 * NS_PER_S


@dataclass(slots=True)
class _State:
    """What the recorder's own thread keeps between two ticks."""

    visible: bool = False
    committed_ns: int = 0
    samples_due_ns: int = 0


class Recorder:
    """Samples, watches, accounts, keeps. All state is touched on its own asyncio thread only."""

    def __init__(self, equipment: Equipment, ledger: Ledger, times: TimeMap) -> None:
        self._with = equipment
        self._clock = equipment.clock
        self._times = times
        self.ledger = ledger
        self.history = PowerHistory(equipment.period_ns)
        forecast = Forecast()
        self._intake = Intake(
            ledger,
            forecast,
            equipment.earlier,
            kind=equipment.kind,
            keep_prompts=equipment.keep_prompts,
        )
        self._account = LiveAccount(times)
        self._own = OwnDraw(equipment.cpu_tdp_w, children=equipment.children_are_ours)
        self._patience = Patience(equipment.clock)
        self._fence = Fence(equipment.crashed, self._tell)
        self._state = _State()
        self._notices = Notices(equipment.notices)
        self._learning = Learning(ledger, equipment, self._notices, self._keep)
        self._sight = DeviceSight(history=self.history, idle=self._learning.idle)
        self._showing = Showing(
            equipment=equipment,
            view=SessionView(ledger, self._account, forecast, this_machine()),
            intake=self._intake,
            sight=self._sight,
            notices=self._notices,
            own=self._own,
        )
        self._commits = Commits(equipment.writer, equipment.run.id, equipment.first_seq, ledger)
        self._answers: Outbox[Answer] = Outbox()
        self._loop = EventLoop()
        self._inbox = Inbox(self._wake)
        self._sampler = Sampler(
            equipment.meter,
            equipment.devices,
            self._clock,
            self._from_sampler,
            anchor_ns=0,
            history=self.history,
            period_ns=equipment.period_ns,
        )
        self._finder = Finder(equipment.meter, self._sampler.add)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._stopping = asyncio.Event()

    # ---- from any thread

    def start(self) -> None:
        """Begin to record."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End the session, keep everything, and give the devices back."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(timeout_s)
        elif not self._loop.is_closed():
            self._loop.close()

    def latest(self) -> LiveSnapshot | None:
        """Return the newest snapshot, None before the first."""
        return self._showing.mailbox.latest()

    def curve(self, device_id: str, window_s: float, columns: int) -> PowerCurve:
        """Return the last `window_s` of a device in at most `columns` columns; from memory."""
        now_ns = self._clock.steady_ns()
        offset_ns = self._clock.utc_ns() - now_ns
        return self.history.curve(device_id, now_ns, ns_from_s(window_s), columns, offset_ns)

    def sessions(self) -> tuple[SessionRow, ...]:
        """Return all sessions, newest first; reads the store."""
        return self._with.reader.sessions()

    def session(self, session_id: str) -> SessionFacts:
        """Return one whole session from the store; raise InputFault where there is none."""
        return session_report(self._with.reader, find_session(self._with.reader, session_id))

    def send(self, command: Command) -> None:
        """Ask for something; the answer comes through `answers`."""
        self._inbox.put(command)

    def answers(self) -> tuple[Answer, ...]:
        """Return the answers since the last call."""
        return self._answers.take()

    def store_changed(self, state: WriterState) -> None:
        """Show how the writer stands; called on its thread."""
        notices = store_notices(state, self._clock.utc_ns())
        try:
            self._loop.call_soon_threadsafe(self._note_store, notices)
        except RuntimeError:
            _LOG.warning("the store spoke after the end: %s", state)

    # ---- on the recorder's thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._live())
        finally:
            self._loop.close()

    async def _live(self) -> None:
        for device in self._with.devices:
            found = ev.DeviceFound(t_ns=self._clock.steady_ns(), device=device)
            self._fence.run(self._take_event, found)
        self._fence.run(self._commit)
        self._sampler.start()
        self._finder.start()
        tasks = [asyncio.create_task(self._watch(watcher)) for watcher in self._with.watchers]
        tasks.append(asyncio.create_task(self._tick_on()))
        await self._stopping.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._finder.stop()
        self._sampler.stop()
        self._drain()
        self._fence.run(self._end_sitting, EndedBy.QUIT)
        self._fence.run(self._intake.end_imported, self._clock.steady_ns())
        self._fence.run(self._learning.finish)
        self._fence.run(self._refresh)
        self._fence.run(self._commit, whole=True)
        self._fence.run(self._show)
        self._with.meter.close()

    async def _watch(self, watcher: Watcher) -> None:
        """Run a watcher to its end; one that breaks is a bug, told and started again."""
        while True:
            try:
                await watcher.run(self._inbox.put)
            except Exception as error:  # noqa: BLE001 - a plug-in may raise anything
                _LOG.exception("watcher %s broke", watcher.kind)
                name = type(error).__name__
                self._note(Notice.of(Fault("fault.engine.watcher", kind=watcher.kind, detail=name)))
                await asyncio.sleep(5.0)
            else:
                return

    async def _tick_on(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self._drain()
            self._fence.run(self._tick)

    def _from_sampler(self, blocks: tuple[Block, ...], events: tuple[ev.DeviceEvent, ...]) -> None:
        for item in (*blocks, *events):
            self._inbox.put(item)
        self._fence.run(self._with.on_blocks, blocks)

    def _wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._schedule)
        except RuntimeError:
            _LOG.debug("something was said after the end")

    def _schedule(self) -> None:
        # A short wait gathers a burst into one go.
        self._loop.call_later(0.02, self._drain)

    def _drain(self) -> None:
        mail = self._inbox.take()
        self._commits.gather(mail.blocks)
        self._fence.run(self._account.add, mail.blocks)
        self._fence.run(self._own.add, mail.blocks, self.ledger.devices.values())
        self._sight.vitals.add(mail.blocks)
        events = self._sight.users.without_repeats(mail.events)
        for event in (*events, *mail.steps):
            self._fence.run(self._take_event, event)
        self._fence.run(self._learning.add, mail.blocks)
        for command in mail.commands:
            self._fence.run(self._carry_out, command)
        if events or mail.commands:
            self._set_pace(bool(self.ledger.running()))
            self._fence.run(self._commit)
            self._showing.stale = True
        elif mail.blocks and (self._state.visible or self.ledger.running()):
            # Not at the next tick: a kill until then would cost these too.
            self._fence.run(self._commit)

    def _take_event(self, event: ev.Event) -> None:
        self._sight.vitals.event(event)
        if isinstance(event, ev.ClockAnchored):
            self._times.anchor(event)
        if isinstance(event, ev.DeviceGap) and event.slept_ns:
            self._account.slept(event)
        if isinstance(event, ev.SourceFound):
            self._sight.users.source_found(event)
        if isinstance(event, ev.DeviceLost):
            self._finder.soon()
        had_session = self.ledger.current_session_id
        self._intake.event(event, self._clock.utc_ns())
        if self.ledger.current_session_id != had_session:
            self._begin_sitting()
        if isinstance(event, ev.PhaseStarted | ev.IterationStarted | ev.IterationEnded):
            self._lead_meter()

    def _begin_sitting(self) -> None:
        """Account for a new sitting alone, whose log says what time it was."""
        self._account.begin()
        self._own.begin(self._clock.steady_ns())
        self._anchor()

    def _anchor(self) -> None:
        clock, now_ns = self._clock, self._clock.steady_ns()
        self._take_event(
            ev.ClockAnchored(t_ns=now_ns, boottime_ns=clock.boottime_ns(), utc_ns=clock.utc_ns())
        )

    def _lead_meter(self) -> None:
        lead(self._with.meter, self.ledger.devices.values(), self.ledger.running())

    def _carry_out(self, command: Command) -> None:
        notice = None
        try:
            match command:
                case do.ShowWindow(visible=visible):
                    self._state.visible = visible
                case do.WatchAddress(address=address):
                    self._add_address(address)
                case do.FreeModels():
                    self._learning.free(command, self._answers.put)
                    return
                case do.StartSession() | do.EndSession():
                    self._intake.refuse_under_a_job()
                    self._end_sitting(EndedBy.USER)
                    if isinstance(command, do.StartSession):
                        self._command(command)
                        self._begin_sitting()
                case _:
                    for event in self._command(command):
                        self._with.remember(event)
        except Fault as fault:
            notice = Notice.of(fault, self._clock.utc_ns())
        except Exception:
            self._answers.put(Answer(command, Notice("fault.engine.not_done")))
            raise
        self._answers.put(Answer(command, notice))

    def _command(self, command: Command) -> tuple[UserEvent, ...]:
        return self._intake.command(command, self._clock.steady_ns(), self._clock.utc_ns())

    def _keep(self, learnt: Learnt) -> None:
        self._command(do.KeepLearnt(learnt))

    def _add_address(self, address: str) -> None:
        for watcher in self._with.watchers:
            add = getattr(watcher, "add_address", None)
            if add is not None:
                add(address)

    def _tick(self) -> None:
        state, showing, now_ns = self._state, self._showing, self._clock.steady_ns()
        busy = bool(self.ledger.running())
        if abs(self._clock.utc_ns() - self._times.utc_ns(now_ns)) > STEP_NS:
            self._anchor()
        self._watch_the_clock(now_ns)
        self._own.update(now_ns)
        if self.ledger.session and (drawn := self._own.to_log(now_ns)):
            self._intake.event(drawn, self._clock.utc_ns())
        self._fence.run(self._learning.tick, self._showing.facts)
        self._set_pace(busy)
        if self.ledger.session is None and now_ns - self.ledger.newest_end_ns >= OPEN_NS:
            self._account.forget_before(now_ns - OPEN_NS)
        quick = busy or state.visible or now_ns < state.samples_due_ns
        every_ns = _SEEN_REFRESH_NS if state.visible else _UNSEEN_REFRESH_NS
        growing = quick and self.ledger.session and now_ns - showing.refreshed_ns >= every_ns - 1
        changing = showing.stale or now_ns < state.samples_due_ns
        if changing or growing:
            self._fence.run(self._refresh, exact=changing)
        self._show()
        if now_ns - state.committed_ns >= (_BUSY_COMMIT_NS if quick else _IDLE_COMMIT_NS) - 1:
            self._commit()

    def _set_pace(self, busy: bool) -> None:
        quick, slow = (self._with.period_ns,), (LONGEST_PERIOD_NS, UNSEEN_PROCESSES_NS)
        self._sampler.set_period(*(quick if busy or self._state.visible else slow))

    def _watch_the_clock(self, now_ns: int) -> None:
        for source in gone_for_good(self.ledger.sources.values(), now_ns):
            self._intake.lose_source(source.found.source_id, source.lost_at_ns or now_ns)
            source.lost_at_ns = None
            self._showing.stale = True
            self._lead_meter()
        if self._patience.is_over(self.ledger):
            self._end_sitting(EndedBy.IDLE)

    def _end_sitting(self, ended_by: EndedBy) -> None:
        """End the sitting under way, if there is one, and store its figures as they are then."""
        if (session := self.ledger.session) is None:
            return
        now_ns, utc_ns = self._clock.steady_ns(), self._clock.utc_ns()
        self._intake.event(self._own.end(now_ns), utc_ns)
        self._intake.end_session(now_ns, utc_ns, ended_by)
        self._lead_meter()
        self._showing.stale = True
        self._fence.run(self._refresh)
        self._commit(whole=True)
        self._fence.run(self._commits.store_exactly, self._with.reader, session.id)

    def _refresh(self, *, exact: bool = True) -> None:
        self._showing.refresh(self._clock.steady_ns(), self._clock.utc_ns(), exact=exact)

    def _show(self) -> None:
        self._showing.show(self._clock.steady_ns(), self._clock.utc_ns())

    def _commit(self, *, whole: bool = False) -> None:
        taken, now_ns = self._intake.take(), self._clock.steady_ns()
        if taken.ended:
            self._state.samples_due_ns = now_ns + SAMPLES_DUE_NS
        if settles := self._commits.settles(taken, now_ns):
            self._fence.run(self._refresh)
        self._commits.submit(taken, self._showing.view.rows if whole or settles else ())
        self._state.committed_ns = now_ns

    def _tell(self, notice: Notice) -> None:
        """Show a notice; from any thread."""
        notice = replace(notice, t_utc_ns=self._clock.utc_ns())
        with suppress(RuntimeError):  # after the end nobody looks
            self._loop.call_soon_threadsafe(self._note, notice)

    def _note(self, notice: Notice) -> None:
        self._notices.put(notice)
        self._showing.stale = True

    def _note_store(self, notices: tuple[Notice, ...]) -> None:
        self._notices.put_store(notices)
        self._showing.stale = True
