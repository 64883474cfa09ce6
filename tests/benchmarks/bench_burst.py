"""Fifty thousand events in a second into a live window: what is lost, and how long Qt waits."""

import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import Qt, QTimer
from run import Row
from support.engine import a_source, a_start, an_end, key
from support.window import Doors

from vidgreen_gui.gui.application import make_application, open_window
from vidgreen_gui.model.events import PhaseStarted, StepDone
from vidgreen_gui.model.session import PhaseName, Status
from vidgreen_gui.model.units import NS_PER_MS
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.resources import load_texts
from vidgreen_gui.verbs.assembly import RecorderRequest, assemble

EVENTS, JOBS, BURST_S = 50_000, 50, 1.0
PHASES = (PhaseName.LOAD, PhaseName.SAMPLE, PhaseName.DECODE)
# A pulse of the Qt loop, and how long it is felt: before, during and after the burst.
PULSE_MS, LOOK_MS, SETTLE_MS = 2, 2_500, 4_000
AT_ONCE = 50
GOAL_MS = 20.0


class Pulse:
    """Asks the Qt loop for a call every two milliseconds; how late it is, also where it skipped."""

    def __init__(self, parent):
        self.calls_ns = []
        self._timer = QTimer(parent)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self.calls_ns.append(time.monotonic_ns()))
        self._timer.start(PULSE_MS)

    def delays_ms(self, begin_ns, end_ns):
        """Return for each two milliseconds how long an event would have waited for its turn."""
        wanted = np.arange(begin_ns, end_ns, PULSE_MS * NS_PER_MS)
        calls = np.array(self.calls_ns)
        return (calls[np.searchsorted(calls, wanted)] - wanted) / NS_PER_MS


def main() -> list[Row]:
    application = make_application(sys.argv[:1], "en")
    with TemporaryDirectory(prefix="vidgreen-bench-") as name:
        paths = Paths(Path(name) / "data", Path(name) / "config")
        request = RecorderRequest(paths=paths, holder="window", meter="simulated")
        assembled = assemble(request, lambda *_: ())
        recorder = assembled.recorder
        recorder.start()
        window = open_window(application, recorder, load_texts("en"), Doors().actions(), "light")
        pulse = Pulse(window)
        feeder = threading.Thread(target=_burst, args=(recorder,), name="watcher")
        span_ns = []

        def begin():
            span_ns.append(time.monotonic_ns())
            feeder.start()

        QTimer.singleShot(SETTLE_MS, begin)
        QTimer.singleShot(SETTLE_MS + LOOK_MS + 500, application.quit)
        application.exec()
        feeder.join()
        facts = recorder.latest().session
        window.close()
        assembled.close()
    delays = pulse.delays_ms(span_ns[0], span_ns[0] + LOOK_MS * NS_PER_MS)
    ended = [i for c in facts.clips for i in c.iterations if i.iteration.status is Status.COMPLETED]
    steps = [i.iteration.done.steps for i in ended]
    behind = sum((EVENTS // JOBS - 4) - (done or 0) for done in steps)
    p99 = float(np.percentile(delays, 99))
    lost = 2 * JOBS - facts.totals.iterations - len(ended)
    told = f"{EVENTS:,} events in a second"
    return [
        Row(f"starts and ends lost of {told}", f"{len(ended)} of {JOBS} jobs", "", lost, 0),
        Row("steps by which their progress is behind", f"{sum(filter(None, steps)):,} done", "",
            behind, 0),
        Row("p99 delay of the Qt loop meanwhile", f"{p99:.1f} ms, longest {delays.max():.0f} ms",
            "", p99, GOAL_MS),
    ]  # fmt: skip


def _events():
    each = EVENTS // JOBS
    yield a_source()
    for job in range(JOBS):
        name = f"job{job}"
        yield a_start(name, 0, prefix=f"shot_{job % 5:02d}", seed=job, steps=each)
        for phase in PHASES[:2]:
            yield PhaseStarted(t_ns=0, key=key(name), phase=phase)
        for step in range(1, each - 3):
            yield StepDone(t_ns=0, key=key(name), pass_index=0, step=step, steps=each)
        yield PhaseStarted(t_ns=0, key=key(name), phase=PHASES[2])
        yield an_end(name, 0)


def _burst(recorder):
    """Say it all in one second, some at a time as a socket would."""
    events = list(_events())
    clock, put = recorder._clock, recorder._inbox.put
    begin = time.monotonic()
    for first in range(0, len(events), AT_ONCE):
        time.sleep(max(0.0, begin + BURST_S * first / len(events) - time.monotonic()))
        now_ns = clock.steady_ns()
        for event in events[first : first + AT_ONCE]:
            put(replace(event, t_ns=now_ns))
