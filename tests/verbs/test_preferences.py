"""Preferences as the window writes them and finds them again."""

import pytest

from vidgreen_gui.model.faults import Fault
from vidgreen_gui.system.settings import load_settings
from vidgreen_gui.verbs.preferences import recall, remember


@pytest.fixture
def path(tmp_path):
    return tmp_path / "settings.toml"


@pytest.mark.parametrize(
    ("name", "value"),
    [("theme", "dark"), ("language", "fr"), ("card", "GeForce RTX 3090"), ("scope", "machine"),
     ("psu", "gold"), ("psu_w", "850"), ("plugs", "192.168.1.40, plug.lan:8080")],
)  # fmt: skip
def test_a_preference_is_found_again(path, name, value):
    remember(path, name, value)
    assert recall(path, name) == value


def test_nothing_chosen_is_empty(path):
    assert [recall(path, name) for name in ("plugs", "psu", "psu_w", "card")] == [""] * 4
    assert recall(path, "scope") == "gpu"


def test_plugs_are_listed_once_and_can_be_taken_away(path):
    remember(path, "plugs", " 192.168.1.40;192.168.1.40 ,, ")
    assert load_settings(path).plugs == ("192.168.1.40",)
    remember(path, "plugs", "")
    assert load_settings(path).plugs == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [("psu_w", "much"), ("psu_w", "-5"), ("psu_w", "0.5"), ("psu_w", "nan"), ("psu_w", "1e9"),
     ("plugs", "169.254.169.254"), ("plugs", "https://[")],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_changes_nothing(path, name, value):
    remember(path, "theme", "dark")
    before = path.read_text(encoding="utf-8")
    with pytest.raises(Fault):
        remember(path, name, value)
    assert path.read_text(encoding="utf-8") == before


def test_a_rating_is_read_with_a_decimal_comma(path):
    remember(path, "psu_w", "750,5")
    assert load_settings(path).psu_w == 750.5
