"""The main scenario without a mouse: every step by key, everything in reach of Tab."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from vidgreen_gui.gui.views.popover import Popover
from vidgreen_gui.model.commands import Say
from vidgreen_gui.model.user_events import ClipRenamed, IterationMarked

# What the offscreen platform says of every dialog and popup.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

_MOST_STOPS = 80


def _press(qtbot, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(QApplication.focusWidget(), key, modifier)


def _said(window):
    return [command.event for command in window.recording.sent if isinstance(command, Say)]


def _stops(qtbot, window):
    """Return what Tab comes to, in order, until it is back where it began."""
    first = QApplication.focusWidget()
    stops = [first]
    while len(stops) < _MOST_STOPS:
        _press(qtbot, Qt.Key.Key_Tab)
        if QApplication.focusWidget() is first:
            return stops
        stops.append(QApplication.focusWidget())
    raise AssertionError("Tab never comes back")


def _tab_to(qtbot, window, wanted):
    for _step in range(_MOST_STOPS):
        if QApplication.focusWidget() is wanted:
            return
        _press(qtbot, Qt.Key.Key_Tab)
    raise AssertionError(wanted.text())


@pytest.fixture
def window(open_window, qtbot):
    opened = open_window()
    opened.shell.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is opened.stage.list.tree)
    return opened


def test_choose_mark_rename_and_look(window, qtbot):
    tree = window.stage.list.tree
    _press(qtbot, Qt.Key.Key_Down)
    assert window.shown.iteration.iteration.number == 3
    _press(qtbot, Qt.Key.Key_K)
    _press(qtbot, Qt.Key.Key_Down)
    _press(qtbot, Qt.Key.Key_X)
    _press(qtbot, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not tree)
    qtbot.keyClicks(QApplication.focusWidget(), "rooftop at dusk")
    _press(qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(_said(window)) == 3)
    keep, discard, rename = _said(window)
    assert [type(keep), type(discard)] == [IterationMarked, IterationMarked]
    assert [keep.kept, discard.kept] == [True, False]
    assert (type(rename), rename.name) == (ClipRenamed, "rooftop at dusk")


def test_units_and_evidence(window, qtbot):
    _press(qtbot, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.stage.live.blocks.session.value == "16.9\u00a0g"
    _press(qtbot, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    _press(qtbot, Qt.Key.Key_F1)
    sheet = window.shell.findChild(Popover)
    assert sheet.isVisible()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.shell.findChild(Popover) is None)


def test_tab_comes_to_every_button_and_each_has_a_name(window, qtbot):
    stops = _stops(qtbot, window)
    buttons = {
        button
        for button in window.shell.findChildren(QPushButton)
        if button.isVisible() and button.isEnabled()
    }
    # Tab comes to one button of the switch; the arrows go on from there.
    switch = set(window.stage.live.switch.findChildren(QPushButton))
    assert switch & set(stops)
    buttons -= switch
    assert not {button.text() for button in buttons - set(stops)}
    assert not [stop for stop in stops if not stop.accessibleName().strip()]


def test_an_idea_is_understood_and_saved(window, qtbot, monkeypatch, tmp_path):
    target = tmp_path / "few_steps.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_more: (str(target), ""))
    card = window.stage.advice.cards[0]
    _tab_to(qtbot, window, card._why)
    _press(qtbot, Qt.Key.Key_Space)
    assert card._because.isVisible()
    _tab_to(qtbot, window, card._drag)
    _press(qtbot, Qt.Key.Key_Space)
    assert "KSampler" in target.read_text(encoding="utf-8")
    assert "few_steps.json" in window.stage.live.strip.sentence


def test_a_folder_that_refuses_is_said(window, qtbot, monkeypatch, tmp_path):
    target = tmp_path / "no_such_folder" / "few_steps.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_more: (str(target), ""))
    window.stage.advice.cards[0]._drag.click()
    assert not target.exists()
    assert window.stage.live.strip.sentence.startswith("few_steps.json could not be written")


def test_the_ideas_open_and_close_where_they_have_no_place(open_window, qtbot):
    window = open_window(size=(1280, 720))
    advice = window.stage.advice
    qtbot.keyClick(window.shell, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert advice.isVisible()
    qtbot.keyClick(window.stage, Qt.Key.Key_Escape)
    assert not advice.isVisible()
