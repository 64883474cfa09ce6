"""What is learnt while nothing works: idle levels, and what freeing the models saves."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from vidgreen_gui.engine.equipment import Equipment
from vidgreen_gui.engine.freeing import Outcome
from vidgreen_gui.engine.idle import IdleLearner
from vidgreen_gui.engine.notices import Notices
from vidgreen_gui.engine.release import OFFER, Release
from vidgreen_gui.engine.resting import Resting, is_learnt_from
from vidgreen_gui.engine.work_state import WorkState
from vidgreen_gui.model.commands import Answer, FreeModels
from vidgreen_gui.model.facts import SessionFacts
from vidgreen_gui.model.faults import Fault, InputFault, Notice
from vidgreen_gui.model.learnt import FreedDrop, IdleLevels, Learnt
from vidgreen_gui.model.ports import FreesModels
from vidgreen_gui.model.power import Block, Device, PowerBlock
from vidgreen_gui.model.units import w_from_mw

_LOG = logging.getLogger(__name__)

MEASURING = "engine.freed.measuring"
MEASURED = "engine.freed.measured"
NOT_MEASURED = "engine.freed.not_measured"
NOTHING_HELD = "engine.freed.nothing_held"


class Learning:
    """Learns on the recorder's thread; `keep` writes down what is worth it."""

    def __init__(
        self,
        work: WorkState,
        equipment: Equipment,
        notices: Notices,
        keep: Callable[[Learnt], None],
    ) -> None:
        known = equipment.learnt
        self._work = work
        self._clock = equipment.clock
        self._watchers = equipment.watchers
        self._notices = notices
        self._keep = keep
        self._resting = Resting(work)
        self._idle = IdleLearner(one for one in known if isinstance(one, IdleLevels))
        drops = (one for one in known if isinstance(one, FreedDrop))
        self._release = Release(work, self._resting, drops)
        self._compared: SessionFacts | None = None
        self._asking: set[asyncio.Task[None]] = set()

    def add(self, blocks: Iterable[Block]) -> None:
        """Take the newest samples; while anything works they are only passed by."""
        now_ns, utc_ns = self._clock.steady_ns(), self._clock.utc_ns()
        at_work = self._resting.look(now_ns)
        for device_id, outcome in self._release.look(at_work, now_ns):
            self._ended(device_id, outcome, utc_ns)
        works = self._resting.busy_ns == now_ns
        for block in blocks:
            device = self._work.devices.get(block.device_id)
            if device is None or not is_learnt_from(device):
                continue
            if isinstance(block, PowerBlock):
                rest = self._resting.rest_of(device, now_ns)
                self._idle.add(block, rest, utc_ns)
            if not works:
                self._release.add(block, device)

    def tick(self, session: SessionFacts | None) -> None:
        """Write down what is due, compare what loading cost, and offer what is worth it."""
        now_ns, utc_ns = self._clock.steady_ns(), self._clock.utc_ns()
        for levels in self._idle.to_keep(now_ns):
            self._keep(levels)
        if session is not None and session is not self._compared:
            self._compared = session
            for drop in self._release.reloaded(session):
                self._keep(drop)
        for device in self._cards():
            offer = self._release.offer(device, now_ns, utc_ns)
            if offer is None:
                self._notices.withdraw(OFFER, device.id)
            elif not self._notices.has(OFFER, device.id):
                self._notices.put(offer, device.id)

    def finish(self) -> None:
        """Write down what is known at the end."""
        for levels in self._idle.to_keep(self._clock.steady_ns(), at_the_end=True):
            self._keep(levels)

    def idle(self, device_id: str) -> IdleLevels | None:
        """Return the idle levels of a device, None where none is known."""
        return self._idle.levels(device_id)

    def free(self, command: FreeModels, answer: Callable[[Answer], None]) -> None:
        """Have a source let go of its models, and measure what that saves; on the asyncio thread.

        Raise InputFault while it has work; what the source says to it comes through `answer`.
        """
        source = self._work.sources.get(command.source_id)
        works = any(job.source_id == command.source_id for job in self._work.running())
        if works or (source is not None and (source.running or source.pending)):
            raise InputFault("fault.engine.free_busy", source=self._label(command.source_id))
        task = asyncio.create_task(self._answered(command, answer))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _answered(self, command: FreeModels, answer: Callable[[Answer], None]) -> None:
        notice = None
        try:
            await self._ask(command.source_id)
        except Fault as fault:
            notice = Notice.of(fault, self._clock.utc_ns())
        except Exception:  # noqa: BLE001 - a plug-in may raise anything
            _LOG.exception("freeing the models of %s broke", command.source_id)
            notice = Notice("fault.engine.not_done")
        answer(Answer(command, notice))

    async def _ask(self, source_id: str) -> None:
        for watcher in self._watchers:
            if isinstance(watcher, FreesModels) and await watcher.free_models(source_id):
                self._asked(source_id)
                return
        raise InputFault("fault.engine.cannot_free", source=self._label(source_id))

    def _label(self, source_id: str) -> str:
        source = self._work.sources.get(source_id)
        return source_id if source is None else source.found.label

    def _asked(self, source_id: str) -> None:
        t_ns = self._clock.steady_ns()
        cards = [d for d in self._cards() if self._release.asked(source_id, d, t_ns)]
        for device in cards:
            for code in (MEASURED, NOT_MEASURED, NOTHING_HELD):
                self._notices.withdraw(code, device.id)
        if cards:
            self._notices.put(
                Notice(MEASURING, (("source", self._label(source_id)),), severity="info")
            )

    def _ended(self, device_id: str, outcome: Outcome, utc_ns: int) -> None:
        drop = self._release.measured(device_id, outcome, utc_ns)
        if drop is not None:
            self._keep(drop)
        device = self._work.devices.get(device_id)
        if outcome.asked and device is not None:
            self._notices.withdraw(MEASURING)
            self._notices.put(_told(device, outcome, utc_ns), device_id)

    def _cards(self) -> list[Device]:
        return [device for device in self._work.devices.values() if is_learnt_from(device)]


def _told(device: Device, outcome: Outcome, utc_ns: int) -> Notice:
    """Return what the user is told of the measurement that freeing by hand began."""
    arguments: tuple[tuple[str, str | float], ...] = (("device", device.name),)
    drop_mw = outcome.drop_mw
    if drop_mw is None:
        code = NOT_MEASURED if outcome.went else NOTHING_HELD
        return Notice(code, arguments, utc_ns, severity="info")
    bounds = (("watts", drop_mw.best), ("low", drop_mw.low), ("high", drop_mw.high))
    watts = ((name, round(w_from_mw(power_mw))) for name, power_mw in bounds)
    return Notice(MEASURED, (*arguments, *watts), utc_ns, severity="info")
