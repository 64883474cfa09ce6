"""The CSV: a row per iteration, numbers exact, and no text that a spreadsheet would compute."""

import csv
import io
import re
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support import facts as built

from vidgreen_gui.exports.cells import cell, text_cell
from vidgreen_gui.exports.csv_file import COLUMNS, CsvFile, csv_text
from vidgreen_gui.exports.document import session_document

STARTS = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
HOSTILE = st.text(
    st.sampled_from("=+-@|%\t\r\n;,'\" \uff1d\uff0b\uff0d\uff20\u202e\x00a1é\u2028\ufeff\u200b"),
    max_size=12,
)


def rows_of(facts, tmp_path, **options):
    path = tmp_path / "session.csv"
    CsvFile().write((facts,), path, **{"with_private": False, **options})
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@given(st.text() | HOSTILE)
@example("=1+1")
@example("  =1+1")
@example("\t=1+1")
@example("\uff1d1+1")
@example('"=1+1')
@example("\ufeff=1+1")
@example("shot;=1+1")
def test_no_text_cell_is_a_formula_under_either_separator(text):
    shown = text_cell(text)
    assert not shown.lstrip().startswith(STARTS)
    line = io.StringIO(newline="")
    csv.writer(line).writerow(["first", shown, "last"])
    assert next(csv.reader([line.getvalue()])) == ["first", shown, "last"]
    # A spreadsheet with a decimal comma splits the raw line at semicolons instead.
    for piece in line.getvalue().split(";")[1:]:
        assert not piece.lstrip(' "').startswith(STARTS)


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(-12.5)
def test_numbers_are_written_exactly_and_never_as_text(value):
    written = cell(value)
    assert float(written) == value
    assert not written.startswith("'")


def test_minus_twelve_and_a_half_stays_itself():
    assert cell(-12.5) == "-12.5"
    assert cell(3) == "3"
    assert cell(None) == ""
    assert cell(value=True) == "true"


def test_a_row_per_iteration_with_scope_factor_and_grade(tmp_path):
    rows = rows_of(built.spring_campaign(), tmp_path)
    assert len(rows) == 11
    assert tuple(rows[0]) == COLUMNS
    last = rows[-1]
    assert (last["clip"], last["iteration"], last["status"]) == ("shot_03 rooftop", "4", "running")
    assert (last["scope"], last["grade"]) == ("gpu", "measured")
    assert (last["factor_zone"], last["factor_g_per_kwh"]) == ("FR", "31.0")
    assert (last["factor_source"], last["factor_year"]) == ("Electricity Maps", "2025")
    assert (last["factor_basis"], last["factor_licence"]) == ("lifecycle", "ODbL-1.0")
    assert last["ended_at"] == ""
    assert datetime.fromisoformat(last["started_at"]).utcoffset() is not None


def test_the_rows_add_up_to_the_clips(tmp_path):
    facts = built.spring_campaign()
    rows = rows_of(facts, tmp_path)
    for clip in facts.clips:
        mine = [float(row["energy_wh"]) for row in rows if row["clip"] == clip.clip.name]
        assert sum(mine) == pytest.approx(clip.energy_wh.best, rel=1e-9)
    assert sum(float(row["co2e_g"]) for row in rows) == pytest.approx(16.9 - 1.55, abs=0.05)


def test_what_is_missing_is_empty_and_never_zero(tmp_path):
    row = rows_of(built.troubled_session(), tmp_path)[4]
    assert row["grade"] == "missing"
    assert {row[name] for name in COLUMNS if name.startswith(("energy_wh", "co2e_g"))} == {""}
    assert row["cost"] == row["currency"] == row["seed"] == row["prompts"] == ""


def test_simulated_rows_say_so(tmp_path):
    rows = rows_of(built.mixed_session(), tmp_path)
    assert [row["grade"] for row in rows] == ["measured", "simulated", "missing"]


def test_seeds_only_with_private(tmp_path):
    facts = built.single_iteration()
    assert rows_of(facts, tmp_path)[0]["seed"] == ""
    assert rows_of(facts, tmp_path, with_private=True)[0]["seed"] == "884211"


def test_no_iteration_leaves_the_header(tmp_path):
    path = tmp_path / "empty.csv"
    CsvFile().write((built.empty_session(),), path, with_private=False)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfproject,session,")
    assert rows_of(built.empty_session(), tmp_path) == []


def test_hostile_names_stay_in_their_cells(tmp_path):
    facts = built.hostile_session()
    rows = rows_of(facts, tmp_path)
    assert len(rows) == len(built.HOSTILE_NAMES)
    for row in rows:
        assert None not in row.values()
        for name in ("project", "session", "clip", "model", "sampler", "loras", "outputs"):
            assert not row[name].lstrip().startswith(STARTS), row[name]
            assert not re.search(r"[\x00-\x1f\u202a-\u202e\u2066-\u2069]", row[name])
        assert float(row["cfg"]) == 3.5
    assert rows[2]["clip"] == "shot_⟨U+202E⟩gpj.exe"


@given(HOSTILE, HOSTILE)
def test_any_name_keeps_the_shape_of_the_table(name, other):
    facts = built.hostile_session((name or "x", other or "y"))
    table = list(csv.reader(io.StringIO(csv_text([session_document(facts)]), newline="")))
    assert [len(row) for row in table] == [len(COLUMNS)] * 3
