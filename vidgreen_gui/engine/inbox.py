"""What is said to the engine, from any thread: nothing that counts is lost, steps coalesce."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from vidgreen_gui.model.commands import Command
from vidgreen_gui.model.events import Event, IterationEnded, JobKey, StepDone
from vidgreen_gui.model.power import Block


@dataclass(slots=True)
class Mail:
    """What waited: events in order of arrival, samples, commands; the newest step of each pass.

    The last steps of a job that ended stand among the events, before its end.
    """

    events: list[Event] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    steps: list[StepDone] = field(default_factory=list)


class Inbox:
    """Takes from any thread; `wake` is called when something came after the last `take`.

    A deque's append and popleft are atomic, so a sampler never waits; a lock is held for steps
    and ends alone, which must keep their order.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._line: deque[Event | Block | Command] = deque()
        self._steps: dict[tuple[JobKey, int], StepDone] = {}
        self._ordering = Lock()
        self._awake = False

    def put(self, item: Event | Block | Command) -> None:
        """Add one thing; a step replaces the one before it of the same pass."""
        if isinstance(item, StepDone):
            with self._ordering:
                self._steps[item.key, item.pass_index] = item
        elif isinstance(item, IterationEnded):
            with self._ordering:
                self._line.extend((*self._last_steps(item.key), item))
        else:
            self._line.append(item)
        if not self._awake:
            self._awake = True
            self._wake()

    def _last_steps(self, key: JobKey) -> list[StepDone]:
        return [self._steps.pop(place) for place in list(self._steps) if place[0] == key]

    def take(self) -> Mail:
        """Return all that waited."""
        self._awake = False
        mail = Mail()
        for _ in range(len(self._line)):
            item = self._line.popleft()
            if isinstance(item, Block):
                mail.blocks.append(item)
            elif isinstance(item, Command):
                mail.commands.append(item)
            else:
                mail.events.append(item)
        with self._ordering:
            steps, self._steps = self._steps, {}
        mail.steps.extend(steps.values())
        return mail
