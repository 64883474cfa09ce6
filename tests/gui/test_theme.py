import itertools

import pytest

from vidgreen_gui.gui.theme import load_theme

TEXT = ("text", "muted", "data", "saving", "notice")
GROUNDS = ("window", "panel", "card", "block", "selected")


def _luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """Return the contrast ratio of WCAG 2.2, 1 to 21."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), list(itertools.product(TEXT, GROUNDS)))
def test_text_can_be_read_on_every_ground(name, ink, ground):
    theme = load_theme(name)
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("text", "control"),
        ("text", "control_hover"),
        ("muted", "control"),
        ("window", "data"),
        ("text", "notice_ground"),
        ("text", "info_ground"),
        ("data", "notice_ground"),
        ("data", "info_ground"),
        ("muted", "info_ground"),
        ("muted", "notice_ground"),
        ("muted", "band"),
        ("muted", "band_selected"),
        ("notice", "band"),
    ],
)
def test_text_can_be_read_on_controls_strips_and_bands(name, ink, ground):
    theme = load_theme(name)
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_curve_stands_out_from_every_band(name):
    theme = load_theme(name)
    for ground in ("window", "band", "band_selected"):
        assert contrast(theme.data, getattr(theme, ground)) >= 3


def test_green_is_for_savings_alone():
    for name in ("light", "dark"):
        theme = load_theme(name)
        greens = [
            field for field in theme._fields if field != "name" and _is_green(getattr(theme, field))
        ]
        assert greens == ["saving"]


def _is_green(colour):
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return green > red + 30 and green > blue + 30


def test_every_colour_of_the_stylesheet_is_in_the_palette():
    for name in ("light", "dark"):
        assert "$" not in load_theme(name).stylesheet()
