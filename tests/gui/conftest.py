"""The window in its application's clothes, for every test of it."""

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


@pytest.fixture(scope="session")
def texts():
    return {language: load_texts(language) for language in ("en", "fr")}


@pytest.fixture
def dressed(qapp):
    qapp.setFont(window_font())
    dress(qapp, load_theme("dark"))
    return qapp


@pytest.fixture
def open_window(dressed, qtbot, texts):
    """Return a function that opens the window in a named state."""

    def opened(state="running", size=(1440, 900), language="en", theme="dark", past=()):
        look = load_theme(theme)
        dress(dressed, look)
        doors = Doors()
        recording = FakeRecording(STATES[state](), past)
        shell = Shell(look, "VidGreen", "")
        qtbot.addWidget(shell)
        shell.resize(*size)
        shell.show()
        window = Desk(shell, recording, texts[language], look, doors.actions())
        qtbot.waitExposed(shell)
        dressed.processEvents()
        window.recording, window.doors = recording, doors
        return window

    return opened


@pytest.fixture(autouse=True, scope="module")
def _no_widgets_left_to_other_threads():
    """Let go of widgets here: a thread of a later test that collects them would crash in Qt."""
    yield
    gc.collect()
