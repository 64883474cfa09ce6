import copy
import json
from pathlib import Path

import pytest

from vidgreen_gui.model.advice import Change
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.workflows.apply import apply
from vidgreen_gui.workflows.extract import extract

PAIR = Path(__file__).resolve().parents[1] / "data" / "workflows_api" / "video_wan2_2_14B_t2v.json"


def test_a_change_at_its_origin_changes_that_setting_and_nothing_else():
    prompt = json.loads(PAIR.read_text())
    before = copy.deepcopy(prompt)
    cfg = extract(prompt).origins["cfg"]
    changed = apply(prompt, [Change(cfg.node, cfg.input, 3.5, 1.0)])
    assert prompt == before
    found = extract(changed).settings
    assert (found.cfg, found.evaluations, found.steps) == (1.0, 20, 20)
    changed[cfg.node]["inputs"][cfg.input] = 3.5
    assert changed == before


def test_several_changes_of_one_node_all_hold():
    prompt = {"1": {"class_type": "X", "inputs": {"a": 1, "b": True, "c": "x"}}}
    changes = [Change("1", "a", 1.0, 2), Change("1", "b", True, False), Change("1", "c", "x", "y")]
    assert apply(prompt, changes)["1"] == {
        "class_type": "X",
        "inputs": {"a": 2, "b": False, "c": "y"},
    }


@pytest.mark.parametrize(
    "change",
    [
        Change("1", "steps", 30, 4),
        Change("1", "flag", 1, 0),
        Change("1", "gone", 1, 2),
        Change("2", "steps", 20, 4),
        Change("1", "model", "m", "n"),
    ],
)
def test_a_change_that_no_longer_fits_is_refused(change):
    prompt = {"1": {"class_type": "X", "inputs": {"steps": 20, "flag": True, "model": ["2", 0]}}}
    with pytest.raises(InputFault) as caught:
        apply(prompt, [change])
    assert caught.value.code == "fault.workflow.outdated_change"
    assert prompt["1"]["inputs"]["steps"] == 20
