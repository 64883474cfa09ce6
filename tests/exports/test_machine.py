"""The machine and the socket in every export: checked, told in words, and back again."""

import csv
import json
from contextlib import closing
from dataclasses import replace

import pytest
from support.whole_machine import BOARD, CARD, CPU, JOBS, PLUG, TWIN, UTC, S, reported

from vidgreen_gui.engine.report import session_report
from vidgreen_gui.exports.csv_file import CsvFile
from vidgreen_gui.exports.html_file import HtmlFile
from vidgreen_gui.exports.json_file import JsonFile, read_documents
from vidgreen_gui.exports.verify import verify
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.footprint import Range, Scope
from vidgreen_gui.model.learnt import WallCalibration
from vidgreen_gui.model.power import DeviceKind, Sensor
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.resources import load_texts
from vidgreen_gui.verbs.importing import ImportRequest, import_path

READ_CARD = replace(
    CARD,
    sensor=Sensor(gain=0.05),
    reads=(("power", "nvmlDeviceGetPowerUsage"), ("energy", "nvmlDeviceGetTotalEnergyConsumption")),
    missing=("sensors_host.no_memory_counter",),
)
GAME = ev.DeviceUsed(
    t_ns=120 * S,
    device_id=CARD.id,
    users=(
        ev.DeviceUser(pid=7, name="secret-game", utilisation_pct=50),
        ev.DeviceUser(pid=8, source_id="x", utilisation_pct=50),
    ),
)
CALIBRATION = WallCalibration(
    plug_id="p", plug_name="Desk plug", factor=Range(1.04, 1.02, 1.06), seconds=300.0,
    measured_utc_ns=UTC,
)  # fmt: skip
GOLD = ev.MachineDescribed(
    t_ns=0, scope=Scope.WALL, psu="gold", psu_w=1000.0, calibration=CALIBRATION
)
MODELLED = (READ_CARD, TWIN, CPU, BOARD)


def facts(folder, devices=MODELLED, *events, machine=GOLD):
    reader, session = reported(folder, devices, machine=machine, events=events)
    with closing(reader):
        return session_report(reader, session)


def written(folder, made, exporter, name, *, with_private=False):
    path = folder / name
    exporter.write((made,), path, with_private=with_private)
    return path


@pytest.mark.parametrize("devices", [MODELLED, (*MODELLED, PLUG)], ids=["modelled", "plug"])
def test_the_json_names_its_scope_and_adds_up(tmp_path, devices):
    made = facts(tmp_path / "data", devices)
    path = written(tmp_path, made, JsonFile(), "s.json")
    assert verify(path).problems == ()
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["session"]["scope"] == "wall"
    parts = [one for clip in document["clips"] for one in clip["iterations"]]
    for name in ("host_energy_wh", "wall_energy_wh"):
        assert all(part[name]["low"] <= part[name]["best"] <= part[name]["high"] for part in parts)
        outside = [document[rest][name] for rest in ("idle", "standby", "other")]
        known = [part[name]["best"] for part in parts] + [one["best"] for one in outside if one]
        assert sum(known) == pytest.approx(document["totals"][name]["best"])
    measured = devices[-1] is PLUG
    assert document["totals"]["wall_grade"] == ("measured" if measured else "model")
    assert document["totals"]["co2e_g"]["best"] == pytest.approx(
        document["totals"]["wall_energy_wh"]["best"] / 10
    )
    assert document["supply"]["psu"] == "gold"
    assert document["supply"]["calibration"]["factor"]["best"] == 1.04


def test_a_false_sum_of_the_machine_is_found(tmp_path):
    path = written(tmp_path, facts(tmp_path / "data"), JsonFile(), "s.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    document["totals"]["host_energy_wh"]["best"] *= 1.01
    document["totals"]["host_energy_wh"]["high"] *= 1.01
    path.write_text(json.dumps(document), encoding="utf-8")
    (problem,) = verify(path).problems
    assert dict(problem.arguments)["name"] == "host_energy_wh"


def test_the_table_has_both_with_their_grades(tmp_path):
    path = written(tmp_path, facts(tmp_path / "data", (*MODELLED, PLUG)), CsvFile(), "s.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        first = next(csv.DictReader(stream))
    assert first["scope"] == "wall"
    assert (first["host_grade"], first["wall_grade"]) == ("model", "measured")
    assert float(first["wall_energy_wh"]) == pytest.approx(700 * 75 / 3600)
    assert float(first["host_energy_wh_high"]) > float(first["host_energy_wh"])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_report_says_how_it_is_known(tmp_path, language):
    made = facts(tmp_path / "data", MODELLED, GAME)
    page = written(tmp_path, made, HtmlFile(load_texts(language)), "s.html").read_text("utf-8")
    for words in ("nvmlDeviceGetTotalEnergyConsumption", "80 PLUS Gold", "1000"):
        assert words in page.replace("\u202f", "").replace("1,000", "1000")
    assert "secret-game" not in page
    assert "Desk plug" not in page
    private = written(
        tmp_path, made, HtmlFile(load_texts(language)), "p.html", with_private=True
    ).read_text("utf-8")
    assert "secret-game" in private
    assert "Desk plug" in private


def test_programs_are_named_in_private_exports_only(tmp_path):
    made = facts(tmp_path / "data", MODELLED, GAME)
    assert made.other_wh.best > 0.0
    open_, private = (
        read_documents(written(tmp_path, made, JsonFile(), f"{n}.json", with_private=n))[0]
        for n in (False, True)
    )
    card = next(one for one in open_.devices if one.id == CARD.id)
    assert (card.shared, card.programs) == (True, None)
    assert next(one for one in private.devices if one.id == CARD.id).programs == ("secret-game",)


def test_what_the_plug_measured_is_all_that_hangs_on_it(tmp_path):
    made = facts(tmp_path / "data", (*MODELLED, PLUG))
    page = written(tmp_path, made, HtmlFile(load_texts("en")), "s.html").read_text("utf-8")
    assert "all that is plugged in there is in it" in page
    assert PLUG.name not in page


def width(figure):
    return figure.range.high - figure.range.low


@pytest.mark.parametrize("devices", [MODELLED, (*MODELLED, PLUG)], ids=["modelled", "plug"])
def test_imported_it_says_the_same(tmp_path, devices):
    made = facts(tmp_path / "data", devices)
    path = written(tmp_path, made, JsonFile(), "s.json")
    import_path(ImportRequest(tmp_path / "other", path))
    with closing(Reader(tmp_path / "other")) as reader:
        again = session_report(reader, reader.sessions()[0].session)
    assert again.scope is made.scope
    for name in ("energy_wh", "host_energy_wh", "wall_energy_wh", "co2e_g"):
        one, other = getattr(made.totals, name), getattr(again.totals, name)
        assert other.grade is one.grade
        assert other.best == pytest.approx(one.best, rel=1e-3), name
        # Which of the devices used what is not in a file: the range is about as wide.
        assert width(other) >= 0.9 * width(one), name
    for name in ("idle_wh", "idle_host_wh", "idle_wall_wh", "idle_co2e_g"):
        assert getattr(again, name).grade is getattr(made, name).grade, name


def test_a_file_from_before_the_machine_was_known_is_read(tmp_path):
    path = written(tmp_path, facts(tmp_path / "data"), JsonFile(), "s.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    del document["supply"]
    for device in document["devices"]:
        for name in ("kind", "reads", "missing", "gain", "gap_s", "counter_ratio", "shared"):
            del device[name]
    path.write_text(json.dumps(document), encoding="utf-8")
    (read,) = read_documents(path)
    assert {device.kind for device in read.devices} == {DeviceKind.GPU}
    assert read.supply is None
    assert len(JOBS) == read.totals.iterations
