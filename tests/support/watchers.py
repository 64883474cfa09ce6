"""A watcher that says what a test wants, when it wants."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from vidgreen_gui.model.events import SourceEvent
from vidgreen_gui.model.ports import Clock, Emit


class ScriptedWatcher:
    """Says each event `delay_s` after the one before, its time set to now."""

    kind = "scripted"

    def __init__(self, clock: Clock, script: Iterable[tuple[float, SourceEvent]]):
        self._clock = clock
        self._script = list(script)
        self.done = False

    async def run(self, emit: Emit) -> None:
        for delay_s, event in self._script:
            await asyncio.sleep(delay_s)
            now_ns = self._clock.steady_ns()
            emit(replace(event, t_ns=now_ns))
        self.done = True
        self._script = []
        await asyncio.Event().wait()
