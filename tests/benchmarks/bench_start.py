"""From the start of the process to the first paint, and to visible charts.

The shell is compared with a bare PySide6 window, the charts with a Matplotlib QtAgg window of
about the same content.
"""

import os
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import PySide6
from run import Row
from support.window import STATES

ROUNDS = 9
SHELL_GOAL, CHARTS_GOAL = 1.3, 0.9
TESTS = Path(__file__).resolve().parents[1]
PEERS = os.environ.get("VIDGREEN_PEERS")

SAY = """
import os, sys
def say():
    sys.stdout.write("painted\\n"); sys.stdout.flush(); os._exit(0)
"""
BARE = """
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QWidget
class Bare(QWidget):
    def paintEvent(self, event):
        painter = QPainter(self); painter.fillRect(self.rect(), 0x121518); painter.end(); say()
application = QApplication([])
bare = Bare(); bare.resize(1440, 900); bare.show()
application.exec()
"""
# The views are imported right after the first paint: the shell stands when that begins.
SHELL = """
import vidgreen_gui.gui.application as application
application._fill = lambda *arguments: say()
from vidgreen_gui.__main__ import main
sys.argv[1:] = ["--data-dir", os.environ["BENCH_FOLDER"]]
main()
"""
# The whole way in; only the engine is exchanged for a session in the middle of its work.
CHARTS = """
import gc
gc.disable()  # as the way in does first: this script imports before it
import pickle
sys.path.insert(0, os.environ["BENCH_TESTS"])
import vidgreen_gui.app as app
from support.recording import FakeRecording
from vidgreen_gui.__main__ import main
from vidgreen_gui.gui.desk import Desk
from PySide6.QtCore import QEvent, QObject
class Recorded(FakeRecording):
    def __init__(self):
        with open(os.environ["BENCH_MOMENT"], "rb") as stream:
            super().__init__(pickle.load(stream))
    def stop(self):
        pass
app.LateRecording = Recorded
app._start_engine = lambda *arguments, **options: None
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not watched.property("seen"):
            watched.setProperty("seen", True)
            watched.event(event)
            say()
        return False
watch = Watch()
load = Desk.load_charts
def load_charts(desk):
    load(desk)
    desk.stage.live.charts._live._frame.view.viewport().installEventFilter(watch)
Desk.load_charts = load_charts
sys.argv[1:] = ["--data-dir", os.environ["BENCH_FOLDER"]]
main()
"""
# Embedded as its manual shows; pyplot on top would be slower still, and refuses to run offscreen.
MATPLOTLIB = """
from PySide6.QtWidgets import QApplication, QMainWindow
from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg, NavigationToolbar2QT
from matplotlib.figure import Figure
class Canvas(FigureCanvasQTAgg):
    def paintEvent(self, event):
        super().paintEvent(event); say()
application = QApplication([])
window = QMainWindow(); window.resize(1440, 900)
canvas = Canvas(Figure()); window.setCentralWidget(canvas)
window.addToolBar(NavigationToolbar2QT(canvas, window))
above, below = canvas.figure.subplots(2, sharex=True)
above.plot(range(1200)); above.grid(True)
below.stackplot(range(1200), range(1200), range(1200), range(1200))
window.show()
application.exec()
"""


def started_ms(python, script, **environment):
    """Return the time from the start of a process to its own word that it has painted."""
    begin = time.perf_counter()
    child = subprocess.Popen(
        [python, "-c", SAY + script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "OPENBLAS_NUM_THREADS": "1",
             **environment},
    )  # fmt: skip
    word = child.stdout.readline()
    elapsed_ms = (time.perf_counter() - begin) * 1000
    child.wait()
    assert word == "painted\n", script
    return elapsed_ms


def medians(scripts):
    """Return the median time of each script, run in turns so that all meet the same machine."""
    times = {name: [] for name in scripts}
    for number in range(ROUNDS + 1):
        for name, (python, script, environment) in scripts.items():
            elapsed_ms = started_ms(python, script, **environment)
            if number:
                times[name].append(elapsed_ms)
    return {name: median(values) for name, values in times.items()}


def main():
    ours = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        moment = Path(folder, "moment.pickle")
        moment.write_bytes(pickle.dumps(STATES["running"]()))
        scripts = {
            "bare": (ours, BARE, {}),
            "shell": (ours, SHELL, {"BENCH_FOLDER": folder}),
            "charts": (
                ours,
                CHARTS,
                {
                    "BENCH_FOLDER": folder,
                    "BENCH_TESTS": str(TESTS),
                    "BENCH_MOMENT": str(moment),
                },
            ),
        }
        if PEERS:
            # The peer draws with the same Qt as we do.
            packages = str(Path(PySide6.__path__[0]).parent)
            scripts["matplotlib"] = (PEERS, MATPLOTLIB, {"PYTHONPATH": packages})
        found = medians(scripts)
    shell = Row(
        "start to first paint", f"{found['shell']:.0f} ms",
        f"bare PySide6 window {found['bare']:.0f} ms",
        found["shell"] / found["bare"], SHELL_GOAL,
    )  # fmt: skip
    name, value = "start to visible charts", f"{found['charts']:.0f} ms"
    if "matplotlib" not in found:
        return [shell, Row(name, value, "skipped: no VIDGREEN_PEERS", None, CHARTS_GOAL)]
    against = f"Matplotlib QtAgg window {found['matplotlib']:.0f} ms"
    return [shell, Row(name, value, against, found["charts"] / found["matplotlib"], CHARTS_GOAL)]
