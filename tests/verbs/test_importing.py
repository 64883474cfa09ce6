"""Sessions come in by id, once, and nothing that is there is changed."""

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest
from support import facts as built

from vidgreen_gui.exports.json_file import JsonFile
from vidgreen_gui.model.events import DeviceFound, SessionEnded, SessionStarted
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.session import SessionKind, Status
from vidgreen_gui.model.units import wh_from_j
from vidgreen_gui.model.user_events import FactorChosen, TariffChosen
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.lock import RecorderBusy, acquire
from vidgreen_gui.verbs.importing import ImportRequest, import_path


def written(tmp_path, facts, name="session.json", **options):
    path = tmp_path / name
    JsonFile().write((facts,), path, **{"with_private": False, **options})
    return path


def brought(tmp_path, path):
    return import_path(ImportRequest(tmp_path / "data", path))


def test_a_session_comes_in_with_its_work_and_its_energy(tmp_path):
    facts = built.spring_campaign(finished=True)
    answer = brought(tmp_path, written(tmp_path, facts))
    assert (answer.added, answer.skipped, answer.session_ids) == (11, 0, ("s-spring",))
    with closing(Reader(tmp_path / "data")) as reader:
        (row,) = reader.sessions()
        assert row.session.kind is SessionKind.IMPORTED
        assert (row.project.name, row.session.title) == ("Spring campaign", "Spring campaign")
        assert row.iterations == 11
        assert row.energy_wh.best == pytest.approx(facts.totals.energy_wh.best)
        assert row.energy_wh.grade is Grade.MEASURED
        assert [clip.name for clip in reader.clips(row.project.id)] == [
            "shot_01 opening",
            "shot_02 corridor",
            "shot_03 rooftop",
        ]
        first = reader.iterations("s-spring")[0]
        assert first.start_ns is None
        assert first.started_utc_ns == facts.clips[0].iterations[0].iteration.started_utc_ns
        assert first.settings.steps == 20
        assert first.settings.seed is None
        assert first.outputs[0].filename == "shot_01_00001_.mp4"
        kinds = [type(logged.event) for logged in reader.events("s-spring")]
        assert kinds == [SessionStarted, DeviceFound, FactorChosen, TariffChosen, SessionEnded]
        tariff = reader.events("s-spring")[3].event.tariff
        assert tariff.price_per_kwh == pytest.approx(0.2016)
        idle = [one for one in reader.energies("s-spring") if one.owner == "idle"]
        assert wh_from_j(idle[0].energy_j) == pytest.approx(50.0)


def test_twice_is_once(tmp_path):
    path = written(tmp_path, built.spring_campaign(finished=True))
    brought(tmp_path, path)
    answer = brought(tmp_path, path)
    assert (answer.added, answer.skipped, answer.session_ids) == (0, 11, ())
    with closing(Reader(tmp_path / "data")) as reader:
        assert len(reader.sessions()) == 1


def test_an_iteration_that_another_session_holds_is_left_out(tmp_path):
    brought(tmp_path, written(tmp_path, built.single_iteration()))
    document = json.loads(written(tmp_path, built.spring_campaign()).read_text(encoding="utf-8"))
    document["session"]["id"] = "s-other"
    path = tmp_path / "other.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    answer = brought(tmp_path, path)
    assert (answer.added, answer.skipped) == (10, 1)
    with closing(Reader(tmp_path / "data")) as reader:
        assert len(reader.iterations("s-spring")) == 1
        assert len(reader.iterations("s-other")) == 10
        assert "s-spring:c-01:1" not in {one.owner for one in reader.energies("s-other")}


def test_a_running_session_comes_in_as_interrupted(tmp_path):
    brought(tmp_path, written(tmp_path, built.spring_campaign()))
    with closing(Reader(tmp_path / "data")) as reader:
        session = reader.session("s-spring")
        assert session.ended_by == "interrupted"
        assert session.ended_utc_ns is not None
        assert reader.iterations("s-spring")[-1].status is Status.UNKNOWN


def test_simulated_energy_stays_simulated_and_missing_stays_missing(tmp_path):
    brought(tmp_path, written(tmp_path, built.mixed_session()))
    with closing(Reader(tmp_path / "data")) as reader:
        grades = {one.owner: one.grade for one in reader.energies("s-mixed")}
    assert grades == {
        "s-mixed:c-01:1": "measured",
        "s-mixed:c-01:2": "simulated",
        "idle": "measured",
    }


def test_gaps_and_private_texts_come_along(tmp_path):
    brought(tmp_path, written(tmp_path, built.troubled_session(), with_private=True))
    with closing(Reader(tmp_path / "data")) as reader:
        assert sum(one.gap_s for one in reader.energies("s-troubled")) == 42.5
        assert reader.iterations("s-troubled")[0].settings.seed == 884_211


def test_a_folder_brings_its_session_files_and_only_those(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    written(folder, built.spring_campaign(finished=True), "a.json")
    written(folder, built.simulated_session(), "b.json")
    (folder / "workflow.json").write_text('{"3": {"class_type": "KSampler"}}', encoding="utf-8")
    (folder / "notes.txt").write_text("hello", encoding="utf-8")
    assert brought(tmp_path, folder).session_ids == ("s-spring", "s-simulated")


def test_an_empty_folder_and_another_file_are_refused(tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(InputFault) as caught:
        brought(tmp_path, tmp_path / "none")
    assert caught.value.code == "fault.import.nothing"
    other = tmp_path / "other.json"
    other.write_text("{}", encoding="utf-8")
    with pytest.raises(InputFault) as caught:
        brought(tmp_path, other)
    assert caught.value.code == "fault.export.not_ours"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("session", "started_at"), datetime(1, 1, 2, tzinfo=UTC).isoformat()),
        (("session", "started_at"), datetime(9999, 1, 2, tzinfo=UTC).isoformat()),
        (("idle", "energy_wh"), {"best": 1e306, "low": 1e306, "high": 1e306}),
    ],
)
def test_values_that_no_store_can_hold_are_refused(tmp_path, place, value):
    document = json.loads(written(tmp_path, built.single_iteration()).read_text(encoding="utf-8"))
    part = document
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputFault):
        brought(tmp_path, path)


def test_an_iteration_named_twice_or_like_idle_comes_in_once(tmp_path):
    document = json.loads(written(tmp_path, built.single_iteration()).read_text(encoding="utf-8"))
    iterations = document["clips"][0]["iterations"]
    iterations += [dict(iterations[0]), {**iterations[0], "id": "idle", "external_id": "z"}]
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert (brought(tmp_path, path).added, brought(tmp_path, path).skipped) == (1, 3)


def test_a_recorder_at_work_is_not_disturbed(tmp_path):
    path = written(tmp_path, built.single_iteration())
    with acquire(tmp_path / "data", "window"), pytest.raises(RecorderBusy):
        brought(tmp_path, path)
