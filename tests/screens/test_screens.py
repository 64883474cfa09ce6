"""What is on the screen in every state: nothing cut, nothing overlapping, sums that add up."""

import itertools
from pathlib import Path

import pytest
from support.screen import cut_off, figures_add_up, overlapping
from support.window import STATES

SIZES = ((420, 800), (1000, 760), (1280, 720), (1440, 900), (1920, 1080))
PICTURES = Path(__file__).resolve().parents[1] / "artifacts"
LONG_FRENCH = ("running", "found", "no_comfyui", "troubled", "simulated", "lost")


def _looked_at(window):
    assert cut_off(window) == []
    assert overlapping(window) == []
    assert figures_add_up(window)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("state", LONG_FRENCH)
def test_french_fits_at_every_size(on_screen, state, size):
    _looked_at(on_screen(state, size, language="fr"))


@pytest.mark.parametrize("state", STATES)
def test_every_state_fits_at_its_narrowest_and_at_full_size(on_screen, state):
    _looked_at(on_screen(state, (420, 800), theme="light"))
    _looked_at(on_screen(state, (1440, 900)))


@pytest.mark.full
@pytest.mark.parametrize(
    ("state", "size", "theme", "language"),
    list(itertools.product(STATES, SIZES, ("light", "dark"), ("en", "fr"))),
)
def test_pictures_of_everything(on_screen, state, size, theme, language):
    window = on_screen(state, size, theme, language, charts=True)
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / f"{state}-{theme}-{language}-{size[0]}x{size[1]}.png"
    assert window.shell.grab().save(str(path))
    _looked_at(window)
