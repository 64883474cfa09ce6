"""The list of sessions, as JSON and as a table."""

import json
from zoneinfo import ZoneInfo

import msgspec
import pytest
from support import facts as built

from vidgreen_gui.exports.json_file import JsonFile
from vidgreen_gui.system.resources import load_texts
from vidgreen_gui.verbs.importing import ImportRequest, import_path
from vidgreen_gui.verbs.sessions import SessionsRequest, list_sessions, sessions_table

KEYS = [
    "id", "kind", "title", "started_at", "ended_at", "ended_by", "iterations", "energy_wh",
    "co2e_g", "measured_share", "grade",
]  # fmt: skip


@pytest.fixture
def data(tmp_path):
    for facts in (built.spring_campaign(finished=True), built.hostile_session()):
        path = tmp_path / "session.json"
        JsonFile().write((facts,), path, with_private=False)
        import_path(ImportRequest(tmp_path / "data", path))
    return tmp_path / "data"


def test_json_has_exactly_the_published_keys(data):
    listed = json.loads(msgspec.json.encode(list_sessions(SessionsRequest(data)).sessions))
    assert [list(one) for one in listed] == [KEYS, KEYS]
    spring = next(one for one in listed if one["id"] == "s-spring")
    assert spring["kind"] == "imported"
    assert spring["iterations"] == 11
    assert spring["energy_wh"]["best"] == pytest.approx(561.6)
    assert spring["co2e_g"]["best"] == pytest.approx(17.4096)
    assert spring["measured_share"] == 1.0
    assert spring["ended_by"] == "user"


def test_only_one_project(data):
    found = list_sessions(SessionsRequest(data, "Spring campaign")).sessions
    assert [one.id for one in found] == ["s-spring"]
    assert list_sessions(SessionsRequest(data, "no such project")).sessions == ()


def test_the_table_is_aligned_and_harmless(data):
    table = sessions_table(
        list_sessions(SessionsRequest(data)), load_texts("fr"), ZoneInfo("Europe/Paris")
    )
    lines = table.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("Début")
    assert "\x1b" not in table
    assert "\u202e" not in table
    spring = next(line for line in lines if line.endswith("s-spring"))
    assert "2026-11-21 12:50" in spring
    assert "562\u00a0Wh" in spring
    assert len({line.index(cell) for line, cell in zip(lines[1:], ("s-", "s-"), strict=True)}) == 1


def test_a_folder_never_used_has_no_sessions(tmp_path):
    answer = list_sessions(SessionsRequest(tmp_path / "nothing"))
    assert answer.sessions == ()
    assert "Queue" in sessions_table(answer, load_texts("en"))
    assert not (tmp_path / "nothing").exists()
