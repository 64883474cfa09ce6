"""The same window as in tests/gui."""

import gc
import os

import pytest
from support.recording import FakeRecording
from support.window import STATES, Doors

from vidgreen_gui.gui.desk import Desk
from vidgreen_gui.gui.shell import Shell
from vidgreen_gui.gui.theme import dress, load_theme, window_font
from vidgreen_gui.system.resources import load_texts

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def on_screen(qapp, qtbot):
    """Return a function that shows a state at a size, with its charts."""
    qapp.setFont(window_font())

    def shown(state, size, theme="dark", language="en", *, charts=False):
        look = load_theme(theme)
        dress(qapp, look)
        recording = FakeRecording(STATES[state]())
        shell = Shell(look, "VidGreen", "")
        qtbot.addWidget(shell)
        shell.resize(*size)
        shell.show()
        window = Desk(shell, recording, load_texts(language), look, Doors().actions())
        qtbot.waitExposed(shell)
        qapp.processEvents()
        if charts:
            window.load_charts()
        qtbot.wait(60 if charts else 1)
        return window

    return shown


@pytest.fixture(autouse=True, scope="module")
def _no_widgets_left_to_other_threads():
    """Let go of widgets here: a thread of a later test that collects them would crash in Qt."""
    yield
    gc.collect()
