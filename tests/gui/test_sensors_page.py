"""The Sensors page: opened by key, live while it is open, nothing while it is not."""

import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from support.sensors import SENSOR_STATES

from vidgreen_gui.gui.dialogs.sensors import LOOK_MS, SensorsPage
from vidgreen_gui.gui.edits import freeable
from vidgreen_gui.gui.views.sensor_card import SensorCard
from vidgreen_gui.model.commands import FreeModels
from vidgreen_gui.model.facts import DeviceNow
from vidgreen_gui.model.faults import InputFault, Notice
from vidgreen_gui.model.footprint import Range
from vidgreen_gui.verbs.calibrate import CalibrateAnswer, CalibrateProgress

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def words(page):
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


@pytest.fixture
def window(open_window):
    opened = open_window("found")
    opened.recording.show(SENSOR_STATES["nvml_full"]())
    return opened


def page_of(window):
    return window.shell.findChild(SensorsPage)


def test_a_key_opens_it_and_escape_closes_it(window, qtbot):
    qtbot.keyClick(window.shell, Qt.Key.Key_F8)
    page = page_of(window)
    assert page.isVisible()
    assert "NVIDIA GeForce RTX 3090" in words(page)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page_of(window) is None)
    window.do("sensors")
    assert page_of(window).isVisible()
    assert len(window.shell.findChildren(SensorsPage)) == 1


def test_tab_comes_to_everything_and_the_arrows_scroll(window, qtbot):
    window.do("sensors")
    page = page_of(window)
    page.resize(420, 400)
    page.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is page.area)
    QApplication.processEvents()
    qtbot.keyClick(page.area, Qt.Key.Key_Down)
    assert page.area.verticalScrollBar().value() > 0
    stops = []
    while (stop := QApplication.focusWidget()) not in stops:
        stops.append(stop)
        qtbot.keyClick(stop, Qt.Key.Key_Tab)
    assert set(page.findChildren(QPushButton)) <= set(stops)
    assert all(stop.accessibleName() for stop in stops)


def test_it_looks_once_a_second_while_it_is_open(window, qtbot):
    window.do("sensors")
    page = page_of(window)
    first, *rest = SENSOR_STATES["nvml_full"]().devices
    window.recording.show(
        replace(window.recording.snapshot, devices=(replace(first, power_mw=123_000), *rest))
    )
    qtbot.waitUntil(lambda: "123\u00a0W" in words(page), timeout=2 * LOOK_MS)
    page.hide()
    assert not page._timer.isActive()


def test_a_card_stays_while_its_device_does(window):
    window.do("sensors")
    page = page_of(window)
    first, second = page.findChildren(SensorCard)
    window.recording.show(SENSOR_STATES["lost"]())
    page.look()
    assert first.isVisible()
    assert not second.isVisible()
    assert "no longer answers" in words(page)


def test_without_a_device_it_says_so(window):
    window.recording.show(replace(window.recording.snapshot, devices=()))
    window.do("sensors")
    assert "No sensor was found" in words(page_of(window))


def test_it_speaks_the_language_of_the_window(window):
    window.do("sensors")
    window.set_language("fr")
    QApplication.processEvents()
    assert "Utilisé par" in words(page_of(window))
    assert page_of(window).windowTitle() == "Capteurs"


def test_the_copied_text_names_no_program(window):
    window.do("sensors")
    page_of(window)._copy.click()
    copied = QApplication.clipboard().text()
    assert "402\u00a0W" in copied
    assert "2 programs" in copied
    assert "game.exe" not in copied
    assert "game.exe" in words(page_of(window))


def test_it_is_not_imported_before_it_is_asked_for():
    from subprocess import run

    script = (
        "import sys; from vidgreen_gui.gui import desk; "
        "print([n for n in sys.modules if 'sensor' in n])"
    )
    done = run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_other_devices_are_no_graphics_cards(open_window):
    window = open_window("found")
    window.recording.show(SENSOR_STATES["amd"]())
    window.bridge.drain()
    window._refresh()
    live = window.stage.live
    assert live.blocks.now.value == "301\u00a0W"
    bar = words(window.stage.status)
    assert "processor · measured" in bar
    assert "rest of the computer" in bar


def test_freeing_models_is_offered_where_a_drop_was_measured(open_window, qtbot):
    window = open_window("found")
    offer = Notice(
        "engine.free_models",
        (("device", "RTX 4090"), ("watts", 22), ("seconds", 14), ("mwh", 800), ("minutes", 3)),
        severity="info",
    )
    window.recording.show(replace(window.recording.snapshot, notices=(offer,)))
    window.bridge.drain()
    window._refresh()
    assert "22 W" in window.stage.live.strip.sentence
    window.stage.live.strip._buttons["free"].click()
    assert window.recording.sent[-1] == FreeModels("comfyui:8188")


def test_only_the_server_that_the_offer_is_about_is_asked(open_window):
    snapshot = open_window("found").recording.snapshot
    (here,) = [one for one in snapshot.sources if one.kind == "comfyui"]
    both = replace(snapshot, sources=(here, replace(here, id="comfyui:other")))
    offer = Notice("engine.free_models", (("source", "comfyui:other"),), severity="info")
    assert freeable(both) == (here.id, "comfyui:other")
    assert freeable(replace(both, notices=(offer,))) == ("comfyui:other",)


def test_models_in_use_cannot_be_freed(open_window):
    window = open_window("running")
    assert not window.menus.actions["free"].isEnabled()
    assert open_window("found").menus.actions["free"].isEnabled()


def comparison(seen):
    """Return a stand-in for the verb: tells once, then waits to be stopped."""

    def calibrate(stop, tell):
        tell(
            CalibrateProgress(
                plug_name="Shelly", elapsed_s=12.0, for_s=300.0, plug_w=470.0, sensed_w=405.0
            )
        )
        assert stop.wait(5)
        return seen()

    return calibrate


def found():
    return CalibrateAnswer(
        plug_id="plug:1", plug_name="Shelly", factor=Range(1.05, 1.02, 1.08), seconds=120.0,
        blocks=4, lag_s=0.5, plug_w=470.0, model_w=447.0, handed_over=True, is_steady=True,
    )  # fmt: skip


def refused():
    raise InputFault("fault.calibrate.no_plug")


@pytest.mark.parametrize(
    ("seen", "words_of_the_end"), [(found, "Shelly gave 1.05 ± 0.03 times"), (refused, None)]
)
def test_a_plug_is_compared_and_stopped(window, qtbot, seen, words_of_the_end):
    window.do("sensors")
    page = page_of(window)
    page._comparing._calibrate = comparison(seen)
    page._compare.click()
    assert page._compare.text() == "Stop comparing"
    qtbot.waitUntil(lambda: "Shelly gives 470\u00a0W" in words(page))
    page._compare.click()
    qtbot.waitUntil(lambda: page._compare.text().startswith("Compare"))
    expected = words_of_the_end or window._texts.say("fault.calibrate.no_plug")
    assert expected in words(page)
    assert ("load hardly changed" in words(page)) is (seen is found)


def test_a_comparison_outlives_its_page(window, qtbot):
    window.do("sensors")
    page = page_of(window)
    comparing = page._comparing
    comparing._calibrate = comparison(found)
    page._compare.click()
    page.close()
    qtbot.waitUntil(lambda: page_of(window) is None)
    window.do("sensors")
    assert page_of(window)._compare.text() == "Stop comparing"
    comparing.stop()
    qtbot.waitUntil(lambda: "Shelly gave" in words(page_of(window)))


def test_a_silent_card_is_said(open_window):
    window = open_window("found")
    device = SENSOR_STATES["no_counter"]().devices[0].device
    now = DeviceNow(device=device, power_mw=None, counted=False)
    window.recording.show(replace(window.recording.snapshot, devices=(now,)))
    window.do("sensors")
    assert "not measured" in words(page_of(window))
