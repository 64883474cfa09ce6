"""Settings come back as they were saved; a file that cannot be read is told and left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.model.faults import Fault
from vidgreen_gui.system.language import preferred_language
from vidgreen_gui.system.settings import UserSettings, load_settings, save_settings

PLAIN = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


@given(
    st.builds(
        UserSettings,
        zone=PLAIN,
        price_per_kwh=st.none() | st.floats(0, 10),
        comfyui=st.lists(PLAIN, max_size=3).map(tuple),
        dismissed=st.lists(PLAIN, max_size=3).map(tuple),
        sampling_hz=st.floats(1, 50),
        discover=st.booleans(),
    )
)
def test_a_round_trip_changes_nothing(tmp_path_factory, settings):
    path = tmp_path_factory.mktemp("settings") / "settings.toml"
    assert load_settings(path) == UserSettings()
    save_settings(path, settings)
    assert load_settings(path) == settings


def test_the_user_s_comments_stay_and_so_does_what_was_there(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text('# my studio\nzone = "FR"  # Lyon\n')
    save_settings(path, UserSettings(zone="DE"))
    assert "# my studio" in path.read_text()
    assert load_settings(path).zone == "DE"
    assert path.with_suffix(".toml.bak").read_text().startswith("# my studio")


@pytest.mark.parametrize(
    "text",
    [
        "zone = ",
        "zone = 3",
        "sampling_hz = 500.0",
        "board_w = -40.0",
        "cpu_tdp_w = nan",
        "cpu_tdp_w = inf",
        "psu_w = 0.0",
        "dimms = -1",
        "\xff",
    ],
)
def test_a_bad_file_is_told_and_left_alone(tmp_path, text):
    path = tmp_path / "settings.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(Fault, match=r"fault\.settings\.unreadable"):
        load_settings(path)
    assert path.read_bytes() == text.encode("latin-1")


def test_the_language_is_the_settings_then_the_locale_s(tmp_path, monkeypatch):
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("LC_ALL", "fr_CA.UTF-8")
    assert preferred_language(path) == "fr"
    path.write_text('language = "en"')
    assert preferred_language(path) == "en"
    path.write_text("language = 3\n[")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert preferred_language(path) == "en"
