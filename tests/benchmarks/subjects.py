"""One process under measurement: python subjects.py KIND DATA_DIR, until it is killed.

Kinds: window, hidden, minimised (the application), record, idle (headless), sampler (alone), bare
(the sampler's calls without it).
"""

import os
import sys
import threading
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

_FOR_EVER_S = 3600.0
_LOOK_FIRST_MS = 4_000


def window(data: Path, then: str | None = None) -> None:
    """Open the real window over a recorder with eight hours behind it."""
    from story import assembled_with_story

    import vidgreen_gui.gui.application as application
    from vidgreen_gui.app import run_window
    from vidgreen_gui.system.resources import load_texts
    from vidgreen_gui.verbs import desktop

    desktop.assemble = assembled_with_story
    open_window = application.open_window

    def opened(*arguments):
        from PySide6.QtCore import QTimer

        shown = open_window(*arguments)
        if then is not None:
            QTimer.singleShot(_LOOK_FIRST_MS, getattr(shown, then))
        return shown

    application.open_window = opened
    grab = os.environ.get("VIDGREEN_BENCH_GRAB")
    run_window(data, load_texts("en"), grab=Path(grab) if grab else None, after_s=10.0)


def record(data: Path, *, busy: bool) -> None:
    """Record headless, as the verb does."""
    from story import assembled_with_story

    from vidgreen_gui.system.paths import Paths
    from vidgreen_gui.verbs import record as verb

    verb.assemble = partial(assembled_with_story, busy=busy)
    request = verb.RecordRequest(paths=Paths(data, data / "config"), for_s=_FOR_EVER_S)
    verb.record(request, threading.Event(), lambda _facts: None)


def sampler() -> None:
    """Sample at 10 Hz and do nothing with it."""
    from vidgreen_gui.engine.ring import PowerHistory
    from vidgreen_gui.engine.run_clock import RunClock
    from vidgreen_gui.engine.sampler import Sampler
    from vidgreen_gui.meters.nvml import NvmlMeter
    from vidgreen_gui.system.clock import SystemClock

    clock, meter = RunClock(SystemClock()), NvmlMeter()
    Sampler(
        meter, meter.open(), clock, lambda *_: None, anchor_ns=0, history=PowerHistory()
    ).start()
    threading.Event().wait(_FOR_EVER_S)


def bare() -> None:
    """Make the calls of a sampler at 10 Hz: power each time, the counter and two more a second."""
    import time

    import pynvml

    pynvml.nvmlInit()
    cards = [pynvml.nvmlDeviceGetHandleByIndex(at) for at in range(pynvml.nvmlDeviceGetCount())]
    more = {
        0: pynvml.nvmlDeviceGetTotalEnergyConsumption,
        1: pynvml.nvmlDeviceGetUtilizationRates,
        2: pynvml.nvmlDeviceGetMemoryInfo,
    }
    begin = time.monotonic()
    for tick in range(round(10 * _FOR_EVER_S)):
        also = more.get(tick % 10)
        for card in cards:
            pynvml.nvmlDeviceGetPowerUsage(card)
            if also is not None:
                also(card)
        time.sleep(max(0.0, begin + (tick + 1) / 10 - time.monotonic()))


def main(kind: str, data: Path) -> None:
    """Be what was asked for."""
    match kind:
        case "window":
            window(data)
        case "hidden":
            window(data, "hide")
        case "minimised":
            window(data, "showMinimized")
        case "record" | "idle":
            record(data, busy=kind == "record")
        case "sampler":
            sampler()
        case "bare":
            bare()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
