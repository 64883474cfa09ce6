"""What the window lets the user set up for the next start: plugs, power supply, scope."""

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from vidgreen_gui.gui.dialogs.ask import Ask
from vidgreen_gui.gui.dialogs.supply import SupplyDialog
from vidgreen_gui.model.faults import InputFault

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def in_dialog(kind, act):
    """Let `act` fill the dialog of that kind once it is open, and accept it."""

    def fill():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, kind)
        act(dialog)
        dialog.accept()

    QTimer.singleShot(0, fill)


def test_plugs_are_kept_for_the_next_start(open_window):
    window = open_window("found")
    in_dialog(Ask, lambda dialog: dialog.line.setText("192.168.1.40"))
    window.do("plugs")
    assert window.doors.remembered == {"plugs": "192.168.1.40"}
    assert "next start" in window.stage.live.strip.sentence
    known = []
    in_dialog(Ask, lambda dialog: known.append(dialog.written))
    window.do("plugs")
    assert known == ["192.168.1.40"]


def test_the_power_supply_is_kept(open_window):
    window = open_window("found")
    in_dialog(
        SupplyDialog, lambda dialog: (dialog._class.choose("gold"), dialog.line.setText("850"))
    )
    window.do("supply")
    assert window.doors.remembered == {"psu": "gold", "psu_w": "850"}


def test_the_scope_shows_what_holds_and_takes_another(open_window):
    window = open_window("found")
    window.menus.scope.aboutToShow.emit()
    assert window.menus.actions["scope.gpu"].isChecked()
    window.menus.actions["scope.wall"].trigger()
    assert window.doors.remembered == {"scope": "wall"}


def test_what_cannot_be_kept_is_said(open_window):
    window = open_window("found")

    def refuse(_name, _value):
        raise InputFault("gui.supply.no_number", written="much")

    object.__setattr__(window._actions, "remember", refuse)
    window.set_theme_choice("light")
    assert "much" in window.stage.live.strip.sentence
