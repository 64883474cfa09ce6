"""The doctor on this machine, whatever it has: devices with their facts, and what to do."""

from dataclasses import replace

import pytest
from support.sensors import level

from vidgreen_gui.cli.tables import doctor_lines
from vidgreen_gui.model.footprint import Range
from vidgreen_gui.model.learnt import IdleLevels, WallCalibration
from vidgreen_gui.model.power import DeviceKind
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import Store
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.resources import load_texts
from vidgreen_gui.verbs.doctor import DoctorRequest, diagnose
from vidgreen_gui.verbs.preferences import remember


@pytest.fixture
def paths(tmp_path):
    return Paths(tmp_path / "data", tmp_path / "config")


def diagnosed(paths):
    return diagnose(DoctorRequest(paths=paths, look_s=0.1), load_texts("en"))


def test_each_device_is_told_with_its_watts(paths):
    answer = diagnosed(paths)
    assert answer.devices
    text = "\n".join(doctor_lines(answer, load_texts("en")))
    for found in answer.devices:
        assert found.title in text
        assert found.counted_why in text
        assert found.power_w is not None or found.trouble
        assert found.counted is False


def test_beside_a_card_the_rest_of_the_machine_is_told(paths):
    remember(paths.settings, "card", "GeForce RTX 4090")
    answer = diagnosed(paths)
    kinds = {found.device.kind for found in answer.devices}
    assert {DeviceKind.GPU, DeviceKind.MACHINE} <= kinds
    rest = next(found for found in answer.devices if found.device.kind is DeviceKind.MACHINE)
    assert rest.power_w > 0
    assert any(fact.code == "model" for fact in rest.facts)
    assert "Rest of the computer" in "\n".join(doctor_lines(answer, load_texts("en")))
    assert doctor_lines(diagnosed(paths), load_texts("fr"))


def test_a_plug_that_does_not_answer_is_a_problem(paths):
    remember(paths.settings, "card", "GeForce RTX 4090")
    remember(paths.settings, "plugs", "127.0.0.1:9")
    answer = diagnosed(paths)
    assert answer.devices
    plug = next(problem for problem in answer.problems if "127.0.0.1:9" in problem.what)
    assert "Plug meters" in plug.do


def test_what_was_learnt_at_rest_is_told(paths):
    device = diagnosed(paths).devices[0].device
    store = Store.open(paths.data)
    levels = IdleLevels(device_id=device.id, context=level(24))
    store.write(Batch(run_id="", learnt=(levels, replace(levels, device_id="another"))))
    store.close()
    found = next(one for one in diagnosed(paths).devices if one.device.id == device.id)
    assert [fact.said for fact in found.facts if fact.code == "idle"] == [
        "24\u00a0W with a model loaded"
    ]


def test_a_comparison_made_with_other_settings_is_a_problem(paths):
    store = Store.open(paths.data)
    compared = WallCalibration(
        plug_id="plug-1", plug_name="Desk", factor=Range(1.1, 1.0, 1.2), seconds=300.0,
        measured_utc_ns=1,
    )  # fmt: skip
    store.write(Batch(run_id="", learnt=(compared,)))
    store.close()
    remember(paths.settings, "card", "GeForce RTX 4090")
    assert not [one for one in diagnosed(paths).problems if "no longer used" in one.what]
    remember(paths.settings, "psu", "gold")
    (problem,) = [one for one in diagnosed(paths).problems if "no longer used" in one.what]
    assert "vidgreen-gui calibrate" in problem.do
