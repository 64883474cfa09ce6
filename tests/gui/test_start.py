"""The start: the shell is painted first, then the views, then the charts."""

import subprocess
import sys

from support.recording import FakeRecording
from support.window import STATES, Doors

from vidgreen_gui.gui.application import open_window
from vidgreen_gui.gui.desk import Desk
from vidgreen_gui.gui.shell import Shell
from vidgreen_gui.gui.theme import load_theme

_FIRST_PAINT = """
import sys
from vidgreen_gui.gui import application
from vidgreen_gui.gui.late import LateRecording
from vidgreen_gui.system.resources import load_texts

started = application.make_application(["vidgreen-gui"], "en")
application._fill = lambda *_parts: None
window = application.open_window(started, LateRecording(), load_texts("en"), None)
window.first_painted.connect(lambda: print(*sys.modules) or started.quit())
started.exec()
"""


def test_the_first_paint_waits_for_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-c", _FIRST_PAINT], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert "PySide6.QtWidgets" in loaded
    heavy = {"numpy", "pyqtgraph", "sqlite3", "asyncio", "vidgreen_gui.gui.desk",
             "vidgreen_gui.model.events"}  # fmt: skip
    assert not loaded & heavy


def test_views_then_charts_follow_the_first_paint(qapp, qtbot, texts):
    shell = open_window(qapp, FakeRecording(STATES["running"]()), texts["en"], Doors().actions(),
                        "light")  # fmt: skip
    qtbot.addWidget(shell)
    stage = shell.centralWidget()
    assert type(stage).__name__ == "Grounds"
    qtbot.waitUntil(lambda: type(shell.centralWidget()).__name__ == "Stage")
    live = shell.centralWidget().live
    qtbot.waitUntil(lambda: live.charts is not None and live.charts.isVisible(), timeout=10_000)
    assert live.blocks.session.value == "544\u00a0Wh"


def test_the_first_charts_have_their_curves(qapp, qtbot, texts):
    recording, theme = FakeRecording(STATES["running"]()), load_theme("light")
    shell = Shell(theme, "VidGreen", "")
    qtbot.addWidget(shell)
    shell.show()
    desk = Desk(shell, recording, texts["en"], theme, Doors().actions())
    qapp.processEvents()
    assert recording.asked_curves == 0
    desk.load_charts()
    assert recording.asked_curves == 1


def test_before_the_first_iteration_no_curve_is_asked_for(qapp, qtbot, texts):
    recording = FakeRecording(STATES["found"]())
    shell = open_window(qapp, recording, texts["en"], Doors().actions(), "light")
    qtbot.addWidget(shell)
    qtbot.waitUntil(lambda: type(shell.centralWidget()).__name__ == "Stage")
    live = shell.centralWidget().live
    qtbot.waitUntil(lambda: live.charts is not None, timeout=10_000)
    drained = recording.drained
    qtbot.waitUntil(lambda: recording.drained >= drained + 2)
    assert recording.asked_curves == 0
