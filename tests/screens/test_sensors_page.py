"""The Sensors page on five machines: nothing cut, nothing overlapping, at every width."""

import itertools
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from support.screen import cut_words, overlapping_in
from support.sensors import SENSOR_STATES

from vidgreen_gui.gui.comparing import Comparing
from vidgreen_gui.gui.dialogs.sensors import SensorsPage
from vidgreen_gui.gui.tasks import Tasks
from vidgreen_gui.gui.theme import dress, load_theme, window_font
from vidgreen_gui.system.resources import load_texts

# The offscreen platform says so of every dialog with a minimum size.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

SIZES = ((420, 800), (760, 720), (1280, 720), (1920, 1080))
PICTURES = Path(__file__).resolve().parents[1] / "artifacts"


@pytest.fixture
def page(qapp, qtbot):
    """Return a function that opens the page on one of the machines."""
    qapp.setFont(window_font())

    def opened(state, size, theme="dark", language="en"):
        dress(qapp, load_theme(theme))
        moment = SENSOR_STATES[state]()
        comparing = Comparing(Tasks(qapp), None, qapp)
        shown = SensorsPage(load_texts(language), lambda: moment, comparing)
        qtbot.addWidget(shown)
        shown.resize(*size)
        shown.show()
        qtbot.waitExposed(shown)
        qapp.processEvents()
        return shown

    return opened


def looked_at(shown):
    widgets = [shown, *shown.findChildren(QWidget)]
    assert cut_words(widgets) == []
    assert overlapping_in(widgets) == []


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("state", SENSOR_STATES)
def test_the_longer_language_fits(page, state, size):
    looked_at(page(state, size, language="fr"))


@pytest.mark.parametrize("state", SENSOR_STATES)
def test_a_narrow_page_scrolls_up_and_down_only(page, state):
    shown = page(state, SIZES[0])
    bar = shown.area.horizontalScrollBar()
    assert shown.area.widget().width() <= shown.area.viewport().width()
    assert not bar.isVisible()


@pytest.mark.full
@pytest.mark.parametrize(
    ("state", "size", "theme", "language"),
    list(itertools.product(SENSOR_STATES, SIZES, ("light", "dark"), ("en", "fr"))),
)
def test_pictures_of_every_machine(page, state, size, theme, language):
    shown = page(state, size, theme, language)
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / f"sensors_{state}-{theme}-{language}-{size[0]}x{size[1]}.png"
    assert shown.grab().save(str(path))
    looked_at(shown)
