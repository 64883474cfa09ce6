"""The check of a session file finds what was changed after it was written."""

import json

import pytest
from support import facts as built

from vidgreen_gui.exports.json_file import JsonFile
from vidgreen_gui.exports.verify import verify
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.system.resources import load_texts

ITERATION = ("clips", 0, "iterations", 0)


@pytest.mark.parametrize(
    "build",
    [
        built.empty_session,
        built.single_iteration,
        built.spring_campaign,
        built.troubled_session,
        built.simulated_session,
        built.mixed_session,
        built.hostile_session,
        built.long_session,
    ],
    ids=lambda build: build.__name__,
)
def test_what_we_write_is_in_order(build, tmp_path):
    path = tmp_path / "session.json"
    JsonFile().write((build(),), path, with_private=False)
    verdict = verify(path)
    assert verdict.problems == ()
    assert verdict.ok
    assert verdict.sessions == 1


@pytest.mark.parametrize(
    ("build", "place", "value", "code"),
    [
        (built.spring_campaign, (*ITERATION, "energy_wh", "best"), 48.801, "sum"),
        (built.spring_campaign, ("totals", "energy_wh"), None, "sum"),
        (built.spring_campaign, ("idle", "energy_wh"), None, "sum"),
        (built.spring_campaign, ("totals", "kept_energy_wh", "best"), 99.0, "sum"),
        (built.spring_campaign, ("totals", "co2e_g", "best"), 15.0, "sum"),
        (built.mixed_session, ("clips", 0, "iterations", 1, "grade"), "measured", "sum"),
        (built.simulated_session, ("totals", "grade"), "measured", "sum"),
        (built.spring_campaign, ("totals", "iterations"), 12, "count"),
        (built.spring_campaign, (*ITERATION, "id"), "s-spring:c-02:1", "twice"),
        (built.spring_campaign, ("factors",), [], "factor"),
        (built.spring_campaign, (*ITERATION, "co2e_g", "low"), 99.0, "range"),
        (built.spring_campaign, ("digest",), "", "digest"),
    ],
)
def test_what_was_changed_is_found(build, place, value, code, tmp_path):
    path = tmp_path / "session.json"
    JsonFile().write((build(),), path, with_private=False)
    document = json.loads(path.read_text(encoding="utf-8"))
    part = document
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    path.write_text(json.dumps(document), encoding="utf-8")
    verdict = verify(path)
    assert f"exports.verify.{code}" in {problem.code for problem in verdict.problems}
    for language in ("en", "fr"):
        texts = load_texts(language)
        assert all(texts.fault(problem) for problem in verdict.problems)


def test_another_file_is_a_problem_and_a_missing_one_a_fault(tmp_path):
    path = tmp_path / "other.json"
    path.write_text("[1, 2]", encoding="utf-8")
    assert [problem.code for problem in verify(path).problems] == ["fault.export.not_ours"]
    with pytest.raises(InputFault):
        verify(tmp_path / "none.json")
