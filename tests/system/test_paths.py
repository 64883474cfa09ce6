"""The folders are the user's alone, whoever makes them first."""

import stat
import sys

import pytest

from vidgreen_gui.system.logs import start_logging
from vidgreen_gui.system.paths import find_paths, make_private


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_data_folder_is_private_even_when_the_log_comes_first(tmp_path):
    data = find_paths(tmp_path / "a" / "data").data
    start_logging(data / "logs")
    for folder in (data, data / "logs"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_making_what_is_there_changes_nothing(tmp_path):
    before = tmp_path.stat().st_mode
    make_private(tmp_path)
    assert tmp_path.stat().st_mode == before


def test_an_explicit_folder_wins_over_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("VIDGREEN_DATA_DIR", str(tmp_path / "env"))
    assert find_paths().data == tmp_path / "env"
    assert find_paths(tmp_path / "named").data == tmp_path / "named"
