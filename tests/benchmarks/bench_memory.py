"""Resident memory of the live window: two hours of jobs replayed on a clock moved by hand.

Everything is real but the time: sampler, recorder, store, window and its painting take their turns
on one thread, a second of work after the other.
"""

import asyncio
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
from PySide6.QtCore import QEvent
from run import Row
from support.engine import a_source, a_start, an_end, key
from support.window import Doors

from vidgreen_gui.gui.application import make_application, open_window
from vidgreen_gui.gui.bridge import Bridge
from vidgreen_gui.model.commands import ShowWindow
from vidgreen_gui.model.events import PhaseStarted, StepDone
from vidgreen_gui.model.session import PhaseName
from vidgreen_gui.model.units import NS_PER_S, ns_from_s
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.resources import load_texts
from vidgreen_gui.verbs import assembly

HOURS, JOB_S, PAUSE_S, STEPS = 2, 460, 140, 20
TICKS = 10
# The writer's backlog is let run empty this often: it commits in real time.
BREATH_S = 30
# The allocator breathes by a megabyte: an hour counts with the least of its last quarter.
LOOK_S = 900
GOAL_MB, GOAL_MB_PER_H = 150.0, 1.0


class ReplayClock:
    """All clocks in one, moved by hand. That of the tests brings pytest, which would be weighed."""

    def __init__(self):
        self._now_ns = 1_790_000_000 * NS_PER_S

    def steady_ns(self):
        return self._now_ns

    boottime_ns = utc_ns = steady_ns

    def advance(self, seconds):
        self._now_ns += ns_from_s(seconds)


def main() -> list[Row]:
    application = make_application(sys.argv[:1], "en")
    clock = ReplayClock()
    system_clock, assembly.SystemClock = assembly.SystemClock, lambda: clock
    try:
        with TemporaryDirectory(prefix="vidgreen-bench-") as name:
            resident = _replayed(application, clock, Path(name))
    finally:
        assembly.SystemClock = system_clock
    grown = resident[-1] - resident[0]
    per_hour = grown / (HOURS - 1)
    hourly = ", ".join(f"{one:.1f}" for one in resident)
    return [
        Row("memory of the live window after an hour, MB", f"{resident[0]:.1f} MB", "",
            resident[0], GOAL_MB),
        Row("its growth from then on, MB an hour", f"{hourly} MB", "", per_hour, GOAL_MB_PER_H),
    ]  # fmt: skip


def _replayed(application, clock, folder: Path) -> list[float]:
    """Return the resident megabytes at the end of each hour."""
    request = assembly.RecorderRequest(
        paths=Paths(folder / "data", folder / "config"), holder="window", meter="simulated"
    )
    assembled = assembly.assemble(request, lambda *_: ())
    recorder = assembled.recorder
    window = open_window(application, recorder, load_texts("en"), Doors().actions(), "light")
    recorder.send(ShowWindow(True))
    bridge = _bridge_of(application, window)
    resident = []
    for hour in range(HOURS):
        seen = []
        for second in range(3600):
            _work(recorder, hour * 3600 + second)
            _second(application, recorder, bridge, clock)
            if second % BREATH_S == 0:
                recorder._with.writer.flush(10.0)
                if second >= 3600 - LOOK_S:
                    seen.append(psutil.Process().memory_info().rss / 1e6)
        resident.append(min(seen))
    window.close()
    assembled.close()
    return resident


def _bridge_of(application, window) -> Bridge:
    """Return the window's bridge once its views and charts are there, its own timer stopped."""
    for _ in range(100):
        application.processEvents()
        time.sleep(0.01)
    bridge = window.findChild(Bridge)
    bridge._timer.stop()
    return bridge


def _second(application, recorder, bridge, clock) -> None:
    """Let a second pass: ten samples, the recorder's tick, two frames."""
    for tick in range(TICKS):
        clock.advance(1 / TICKS)
        recorder._sampler.tick()
        if tick % 5 == 0:
            if tick == 0:
                recorder._drain()
                recorder._tick()
                # What the inbox asked the sleeping loop for is done by now.
                recorder._loop.run_until_complete(asyncio.sleep(0))
            bridge.drain()
            application.processEvents()
            # Without a loop that runs, Qt keeps what was asked to be deleted.
            application.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _work(recorder, second: int) -> None:
    """Say what happens in this second: jobs of nearly eight minutes, ten minutes apart."""
    number, into_s = divmod(second, JOB_S + PAUSE_S)
    name = f"job{number}"
    put, now_ns = recorder._inbox.put, recorder._clock.steady_ns()
    said = []
    if second == 0:
        said.append(a_source())
    if into_s == 0:
        said.append(a_start(name, 0, prefix=f"shot_{number % 4:02d}", seed=number, steps=STEPS))
    if into_s in {1, 20, 440}:
        phases = {1: PhaseName.LOAD, 20: PhaseName.SAMPLE, 440: PhaseName.DECODE}
        said.append(PhaseStarted(t_ns=0, key=key(name), phase=phases[into_s]))
    if 20 < into_s <= 440 and (into_s - 20) % 21 == 0:
        step = (into_s - 20) // 21
        said.append(StepDone(t_ns=0, key=key(name), pass_index=0, step=step, steps=STEPS))
    if into_s == JOB_S:
        said.append(an_end(name, 0))
    for event in said:
        put(replace(event, t_ns=now_ns))
