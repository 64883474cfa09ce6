"""One bit of the file flips: the answers stay the same, or the damage is said. Never in silence."""

import random
import sqlite3

import pytest
from support.recorded import (
    CLIP,
    PROJECT,
    RUN,
    SECOND_NS,
    SESSION,
    anchor,
    counter,
    iteration,
    power,
)

from vidgreen_gui.model.faults import StoreFault
from vidgreen_gui.model.learnt import IdleLevels
from vidgreen_gui.store.batch import Batch, EnergyRow, PrivateText
from vidgreen_gui.store.database import FILE_NAME, Store
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.recovery import recover
from vidgreen_gui.store.rows import TABLES

ALL_NS = 2**62


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """A database file with chunks, a tail, pages of events, rows of every table."""
    folder = tmp_path_factory.mktemp("whole")
    store = Store.open(folder)
    store.begin_run(RUN)
    energies = [
        EnergyRow(
            session_id="session-1", owner=f"iteration-{number % 40}", device_id="gpu-0",
            half_hour_utc_ns=number * 1800, energy_j=number * 1.1, low_j=number * 1.0,
            high_j=number * 1.2, grade="measured", gap_s=0.0, method_version=1,
        )
        for number in range(200)
    ]  # fmt: skip
    store.write(
        Batch(
            run_id="run-1",
            events=tuple(anchor(seq, seq, "session-1") for seq in range(1, 400)),
            projects=(PROJECT,), sessions=(SESSION,), clips=(CLIP,),
            iterations=tuple(iteration(number) for number in range(40)),
            energies=tuple(energies),
            private=(PrivateText(iteration_id="iteration-1", texts=("a cat",), graph_json="{}"),),
            learnt=tuple(IdleLevels(device_id=f"gpu-{number}") for number in range(40)),
            blocks=(power(0, 8192), power(0, 700, "gpu-1"), counter(0, 300)),
        )
    )  # fmt: skip
    for start in range(8192, 8500, 10):
        store.write(Batch(run_id="run-1", blocks=(power(start, 10),)))
    store.close()
    return (folder / FILE_NAME).read_bytes()


def answers(folder):
    """Return all that is stored as sets of rows, and what was found damaged."""
    reader = Reader(folder)
    try:
        rows = {
            "runs": set(map(repr, reader.runs())),
            "events": set(map(repr, reader.events())),
            "of session": set(map(repr, reader.events("session-1"))),
            "sessions": {repr(reader.session("session-1"))} - {"None"},
            "projects": set(map(repr, reader.projects())),
            "clips": set(map(repr, reader.clips("project-1"))),
            "iterations": set(map(repr, reader.iterations("session-1"))),
            "by key": {repr(reader.iteration_by_key("comfyui", "prompt-7"))} - {"None"},
            "energies": set(map(repr, reader.energies("session-1"))),
            "learnt": set(map(repr, reader.learnt(IdleLevels))),
            "private": {repr(reader.private("iteration-1"))} - {"None"},
        }
        for device_id in reader.devices("run-1"):
            for name in ("power", "counter"):
                columns = getattr(reader, name)("run-1", device_id, 0, ALL_NS)
                rows[name, device_id] = set(
                    zip(*(column.tolist() for column in columns), strict=True)
                )
        curve = reader.envelope("run-1", "gpu-0", 0, 900 * SECOND_NS, 20)
        rows["envelope"] = (
            set()
            if curve is None
            else {tuple(map(tuple, (curve.count, curve.low_mw, curve.sum_mw)))}
        )
        return rows, reader.audit()
    finally:
        reader.close()


def test_the_file_is_whole(content, tmp_path):
    (tmp_path / FILE_NAME).write_bytes(content)
    rows, damaged = answers(tmp_path)
    assert damaged == ()
    assert len(rows["events"]) == 399
    assert len(rows["power", "gpu-0"]) == 8502


def flipped(content, chance):
    bit = chance.randrange(len(content) * 8)
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed), bit


def check_flip(content, original, folder, chance):
    """Return whether the flip was noticed; fail where it went unsaid or changed an answer."""
    changed, bit = flipped(content, chance)
    (folder / FILE_NAME).write_bytes(changed)
    try:
        rows, damaged = answers(folder)
    except StoreFault:
        noticed = True
    else:
        noticed = bool(damaged)
        if not noticed:
            assert rows == original, f"bit {bit} changed an answer in silence"
        assert_nothing_new(rows, original, bit)
    recover(folder)
    mended, damaged = answers(folder)
    assert not [damage for damage in damaged if damage.reason == "structure"], f"bit {bit}"
    assert_nothing_new(mended, original, bit)
    return noticed


def assert_nothing_new(rows, original, bit):
    for name in rows:
        # Recovery ends what was open, which is new by right; a curve may miss samples.
        if name not in {
            "envelope",
            "runs",
            "events",
            "of session",
            "sessions",
            "iterations",
            "by key",
        }:
            assert rows[name] <= original.get(name, set()), f"bit {bit}: {name}"


def whole(content, folder):
    (folder / FILE_NAME).write_bytes(content)
    return answers(folder)[0]


def test_no_flip_is_silent(content, tmp_path_factory):
    chance = random.Random(1)
    original = whole(content, tmp_path_factory.mktemp("whole"))
    noticed = [
        check_flip(content, original, tmp_path_factory.mktemp("flip"), chance) for _ in range(30)
    ]
    assert any(noticed)


@pytest.mark.full
def test_four_hundred_flips(content, tmp_path_factory):
    chance = random.Random(2)
    original = whole(content, tmp_path_factory.mktemp("whole"))
    for _ in range(400):
        check_flip(content, original, tmp_path_factory.mktemp("flip"), chance)


def test_a_flip_in_every_table_is_noticed_by_name(content, tmp_path):
    path = tmp_path / FILE_NAME
    for table in TABLES:
        path.write_bytes(content)
        changed = sqlite3.connect(path)
        column = table.columns[-1] if table.name != "energy" else "energy_j"
        changed.execute(
            f"UPDATE {table.name} SET {column} = CASE typeof({column})"
            f" WHEN 'real' THEN {column} + 1 WHEN 'blob' THEN {column} || x'00'"
            f" ELSE {column} || 'x' END"
        )
        changed.commit()
        changed.close()
        reader = Reader(tmp_path)
        assert {damage.table for damage in reader.audit()} == {table.name}
        reader.close()
