"""The session JSON: exactly the published schema, nothing private, read back as written."""

import json
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from support import facts as built

from vidgreen_gui.exports.document import base_name, session_document
from vidgreen_gui.exports.json_file import JsonFile, read_documents
from vidgreen_gui.exports.schema import SCHEMA_FILE, published_schema
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.session import Output
from vidgreen_gui.model.settings import Lora
from vidgreen_gui.system.resources import resource

SESSIONS = [
    built.empty_session,
    built.single_iteration,
    built.spring_campaign,
    built.troubled_session,
    built.simulated_session,
    built.mixed_session,
    built.hostile_session,
    built.long_session,
]


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(resource(SCHEMA_FILE).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def written(facts, tmp_path, **options):
    path = tmp_path / "session.json"
    JsonFile().write((facts,), path, with_private=False, **options)
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_shipped_schema_is_the_one_that_is_written():
    shipped = json.loads(resource(SCHEMA_FILE).read_text(encoding="utf-8"))
    assert shipped == json.loads(json.dumps(published_schema()))


@pytest.mark.parametrize("build", SESSIONS, ids=lambda build: build.__name__)
def test_every_session_is_valid(build, validator, tmp_path):
    document = written(build(), tmp_path)
    assert [error.message for error in validator.iter_errors(document)] == []
    assert read_documents(tmp_path / "session.json") == (session_document(build()),)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("totals", "energy_wh"), 12.5),
        (("totals", "energy_wh"), {"best": 1.0, "low": 0.9}),
        (("totals", "iterations"), -1),
        (("session", "kind"), "guessed"),
        (("session", "started_at"), 1_700_000_000),
        (("clips", 0, "iterations", 0, "status"), "done"),
        (("clips", 0, "iterations", 0, "settings", "steps"), "20"),
        (("clips", 0, "iterations", 0, "kept"), "yes"),
        (("schema",), "vidgreen-session/2"),
    ],
)
def test_wrong_types_are_refused_by_schema_and_reader(place, value, validator, tmp_path):
    document = written(built.single_iteration(), tmp_path)
    part = document
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    assert list(validator.iter_errors(document))
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputFault) as caught:
        read_documents(path)
    assert caught.value.code == "fault.export.not_ours"


def test_unknown_fields_are_ignored(validator, tmp_path):
    document = written(built.single_iteration(), tmp_path)
    document["weather"] = "rain"
    document["clips"][0]["iterations"][0]["settings"]["mood"] = 3
    assert not list(validator.iter_errors(document))
    path = tmp_path / "newer.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert read_documents(path) == (session_document(built.single_iteration()),)


def test_absent_is_null_and_never_zero(tmp_path):
    document = written(built.troubled_session(), tmp_path)
    unmeasured = document["clips"][0]["iterations"][4]
    assert unmeasured["energy_wh"] is None
    assert unmeasured["co2e_g"] is None
    assert unmeasured["grade"] == "missing"
    assert unmeasured["cost"] == {"amount": None, "currency": None, "credits": None}
    assert document["standby"]["energy_wh"] is None
    assert document["totals"]["host_energy_wh"] is None
    assert document["totals"]["gap_s"] == 42.5


def test_times_have_a_zone_and_the_figures_are_ranges(tmp_path):
    document = written(built.spring_campaign(), tmp_path)
    assert datetime.fromisoformat(document["session"]["started_at"]).utcoffset() is not None
    assert document["session"]["ended_at"] is None
    assert document["totals"]["energy_wh"] == {"best": 543.7, "low": 516.515, "high": 570.885}
    assert document["level"] == {"measured": 0.95, "predicted": 0.8}
    assert document["factors"][0]["from"] is None
    assert document["self"]["energy_wh"]["best"] == 0.2


def test_simulated_energy_stands_apart_unless_all_is(tmp_path):
    wholly = written(built.simulated_session(), tmp_path)["totals"]
    assert wholly["grade"] == "simulated"
    assert wholly["energy_wh"]["best"] == wholly["simulated_energy_wh"]["best"] == 98.5
    mixed = written(built.mixed_session(), tmp_path)["totals"]
    assert mixed["grade"] == "measured"
    assert mixed["energy_wh"]["best"] == 50.0
    assert mixed["simulated_energy_wh"]["best"] == 49.0


def private_session():
    facts = built.single_iteration()
    clip = facts.clips[0]
    one = clip.iterations[0]
    settings = replace(
        one.iteration.settings,
        model="C:\\Users\\canary\\wan.safetensors",
        loras=(Lora("canary/look.safetensors", 0.8),),
    )
    iteration = replace(
        one.iteration,
        settings=settings,
        outputs=(Output("shot_00001_.mp4", "canary/2026"), Output("/home/canary/b.mp4")),
    )
    one = replace(one, iteration=iteration, prompts=("a canary in a coal mine",))
    return replace(facts, clips=(replace(clip, iterations=(one,)),))


def test_prompts_paths_and_seeds_stay_unless_asked_for(tmp_path, validator):
    path = tmp_path / "session.json"
    JsonFile().write((private_session(),), path, with_private=False)
    text = path.read_text(encoding="utf-8")
    assert "canary" not in text
    assert "884211" not in text
    iteration = json.loads(text)["clips"][0]["iterations"][0]
    assert iteration["outputs"] == ["shot_00001_.mp4", "b.mp4"]
    assert iteration["settings"]["loras"] == [{"name": "look.safetensors", "strength": 0.8}]

    JsonFile().write((private_session(),), path, with_private=True)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert not list(validator.iter_errors(document))
    iteration = document["clips"][0]["iterations"][0]
    assert iteration["prompts"] == ["a canary in a coal mine"]
    assert iteration["outputs"][0] == "canary/2026/shot_00001_.mp4"
    assert iteration["settings"]["seed"] == 884_211


def test_several_sessions_make_a_list_that_reads_back(tmp_path):
    path = tmp_path / "project.json"
    both = (built.spring_campaign(finished=True), built.mixed_session())
    JsonFile().write(both, path, with_private=False)
    assert read_documents(path) == tuple(session_document(one) for one in both)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b'{"schema": "other/1"}',
        b"[" * 100_000,
        b'{"schema": 1e999}',
    ],
)
def test_files_that_are_not_ours_are_refused_in_a_sentence(content, tmp_path):
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(InputFault) as caught:
        read_documents(path)
    assert caught.value.code == "fault.export.not_ours"


def test_a_missing_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(InputFault) as caught:
        read_documents(tmp_path / "none.json")
    assert caught.value.code == "fault.export.unreadable"


@given(
    st.text(st.characters(), max_size=40), st.text(st.sampled_from("\ud800a/\\\x00é"), max_size=8)
)
def test_any_text_makes_a_file_that_reads_back(tmp_path_factory, name, file):
    path = tmp_path_factory.mktemp("any") / "session.json"
    facts = built.hostile_session((name or "x", file or "y"))
    JsonFile().write((facts,), path, with_private=False)
    assert read_documents(path) == (session_document(facts),)


@pytest.mark.parametrize(
    ("path", "name"),
    [("a/b/c.mp4", "c.mp4"), ("a\\b\\c.mp4", "c.mp4"), ("c.mp4", "c.mp4"), ("a/", "")],
)
def test_base_name_of_any_system(path, name):
    assert base_name(path) == name
