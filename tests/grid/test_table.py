"""The shipped factors: every cell a number, every row with its source; found and searched."""

import csv
import math
import re
import time
import tomllib
from pathlib import Path

import pytest

from vidgreen_gui.grid.table import EVERYWHERE, SOURCES, load_factors
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.footprint import Basis
from vidgreen_gui.system.resources import resource

DATA = resource("data")
NUMERIC = {"g_per_kwh", "low_carbon_percent", "renewable_percent", "year"}
MAY_BE_EMPTY = {"low_carbon_percent", "renewable_percent"}
LICENCES = {"electricity_maps": "ODbL-1.0", "ember": "CC-BY-4.0", "egrid": "public-domain"}


@pytest.fixture(scope="module")
def table():
    return load_factors(DATA)


@pytest.mark.parametrize("source", SOURCES)
def test_every_numeric_cell_is_a_number_and_every_row_says_where_it_is_from(source):
    with (DATA / source / "factors.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows
    for row in rows:
        for name, cell in row.items():
            if name in NUMERIC and not (name in MAY_BE_EMPTY and not cell):
                assert re.fullmatch(r"\d+(\.\d+)?", cell), (row["zone"], name, cell)
                assert math.isfinite(float(cell))
        assert 0 < float(row["g_per_kwh"]) < 1500
        assert 2015 <= int(row["year"]) <= 2026
        assert row["source"]
        assert row["licence"] == LICENCES[source]
        assert row["status"] in {"published", "recalled"}
        assert row["basis"] in set(Basis)
    assert len({row["zone"] for row in rows}) == len(rows)


def test_every_folder_of_data_has_its_licence_and_its_source_beside_it():
    for source in SOURCES:
        assert len((DATA / source / "LICENSE").read_text(encoding="utf-8")) > 200
        assert (DATA / source / "SOURCE").read_text(encoding="utf-8").strip()
    project = tomllib.loads(
        (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    )["project"]
    named = set(re.split(r" AND ", project["license"]))
    assert {"ODbL-1.0", "CC-BY-4.0"} <= named
    assert "resources/data/*/LICENSE*" in project["license-files"]


def test_known_factors(table):
    france = table.factor("FR")
    assert (france.g_per_kwh, france.year, france.source) == (31.0, 2025, "Electricity Maps")
    assert france.basis is Basis.LIFECYCLE
    assert france.id == "electricity_maps:FR:2025"
    assert france.licence == "ODbL-1.0"
    assert table.factor("us").g_per_kwh == 414.0
    assert table.factor("DE").g_per_kwh == 342.0
    assert table.factor("CA").zone_name == "Canada"


def test_what_could_not_be_checked_says_so(table):
    unverified = {row.factor.source for row in table.zones() if not row.factor.verified}
    assert unverified == {"Ember"}
    assert not table.factor("RU").verified
    assert table.factor("FR").verified


def test_a_direct_factor_is_only_for_those_who_choose_it(table):
    with pytest.raises(InputFault):
        table.factor("US-CA")
    chosen = table.chosen("egrid:US-CA:2023")
    assert (chosen.g_per_kwh, chosen.basis) == (179.1, Basis.DIRECT)


def test_the_preferred_source_comes_first_where_it_has_the_zone(table):
    assert table.factor("FR", prefer="ember").source == "Electricity Maps"
    assert table.factor("UA", prefer="electricity_maps").source == "Ember"


@pytest.mark.parametrize("zone", ["", "XX", "Atlantis", "'; DROP TABLE", "\u202e"])
def test_an_unknown_zone_is_a_fault_with_a_sentence(table, zone):
    with pytest.raises(InputFault) as caught:
        table.factor(zone)
    assert caught.value.code == "fault.grid.unknown_zone"
    with pytest.raises(InputFault):
        table.chosen(zone)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("france", "FR"),
        ("fr", "FR"),
        ("quebec", "CA-QC"),
        ("QUÉBEC", "CA-QC"),
        ("US-CAL-CISO",) * 2,
    ],
)
def test_search_ignores_case_and_accents(table, text, first):
    assert table.search(text)[0].factor.zone == first


def test_search_without_a_match_is_empty(table):
    assert table.search("no such place") == ()


def test_picker_lists_countries_first(table):
    levels = [row.level for row in table.zones()]
    assert levels == sorted(levels, key=("country", "zone", "state", "group").index)
    assert len(table.zones()) == 415
    assert table.factor(EVERYWHERE).zone_name == "G20 average"


def test_loading_reads_nothing_and_the_first_look_is_quick():
    took = []
    for _ in range(5):
        started = time.perf_counter()
        table = load_factors(DATA)
        loaded = time.perf_counter()
        table.factor("FR")
        took.append((loaded - started, time.perf_counter() - loaded))
    assert min(load for load, _look in took) < 0.001
    assert min(look for _load, look in took) < 0.1


@pytest.mark.parametrize(
    ("column", "cell"),
    [("g_per_kwh", "350-385"), ("g_per_kwh", ""), ("g_per_kwh", "nan"), ("g_per_kwh", "-3"),
     ("year", "2024 (latest)"), ("licence", ""), ("source", ""), ("status", "guessed"),
     ("basis", "average"), ("renewable_percent", "about 20")],
)  # fmt: skip
def test_a_broken_row_is_refused(tmp_path, column, cell):
    for source in SOURCES:
        (tmp_path / source).mkdir()
        shipped = (DATA / source / "factors.csv").read_text(encoding="utf-8").splitlines()
        header, row = shipped[0].split(","), shipped[1].split(",")
        if source == "egrid":
            row[header.index(column)] = cell
        lines = [",".join(header), ",".join(row)]
        (tmp_path / source / "factors.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises((ValueError, KeyError)):
        load_factors(tmp_path).zones()
