"""What a recorder works with, put together by verbs.assembly."""

from collections.abc import Callable
from dataclasses import dataclass

from vidgreen_gui.engine.advisor import Advisor
from vidgreen_gui.engine.earlier import Earlier
from vidgreen_gui.engine.run_clock import RunClock
from vidgreen_gui.model.events import Run
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.learnt import Learnt
from vidgreen_gui.model.ports import Meter, Watcher
from vidgreen_gui.model.power import Block, Device
from vidgreen_gui.model.session import Project, SessionKind
from vidgreen_gui.model.units import NS_PER_S
from vidgreen_gui.model.user_events import UserEvent
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.writer import Writer


def _nothing(_said: object) -> None:
    """Take no notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """The parts of a recorder.

    `remember` is told each choice of the user, to keep it for the next start; `on_blocks` sees
    every second of samples on the sampler's thread; `crashed` writes down what broke; `first_seq`
    is the log's next free number; `learnt` is what earlier starts learnt of the devices. With
    `children_are_ours` their processor time is our own draw; `cpu_tdp_w` is what the user says of
    the processor.
    """

    run: Run
    clock: RunClock
    project: Project
    meter: Meter
    devices: tuple[Device, ...]
    writer: Writer
    reader: Reader
    watchers: tuple[Watcher, ...]
    advisor: Advisor
    earlier: Earlier
    first_seq: int = 1
    kind: SessionKind = SessionKind.LIVE
    period_ns: int = NS_PER_S // 10
    keep_prompts: bool = True
    simulated_why: str | None = None
    remember: Callable[[UserEvent], None] = _nothing
    on_blocks: Callable[[tuple[Block, ...]], None] = _nothing
    crashed: Callable[[BaseException], object] = _nothing
    notices: tuple[Notice, ...] = ()
    learnt: tuple[Learnt, ...] = ()
    children_are_ours: bool = True
    cpu_tdp_w: float | None = None
