"""What was learnt outlives the session: the newest per subject, old files, damage."""

import sqlite3
from contextlib import closing

import pytest
from support.recorded import PROJECT, RUN, anchor

from vidgreen_gui.model.footprint import Range
from vidgreen_gui.model.learnt import FreedDrop, IdleLevel, IdleLevels, WallCalibration
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import FILE_NAME, Store
from vidgreen_gui.store.migrations import MIGRATIONS, VERSION, migrate
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.recovery import recover
from vidgreen_gui.store.rows import LEARNT, TABLES

IDLE = IdleLevels(
    device_id="gpu-0",
    untouched=IdleLevel(power_mw=Range(9e3, 8e3, 11e3), seconds=60.0, learnt_utc_ns=1),
)
OTHER = IdleLevels(device_id="gpu-1")
DROP = FreedDrop(device_id="gpu-0", drop_mw=Range(30e3, 25e3, 35e3), measured_utc_ns=2)
PLUG = WallCalibration(
    plug_id="plug-1", plug_name="Desk", factor=Range(1.04, 1.0, 1.08), seconds=300.0,
    measured_utc_ns=3,
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def store(folder):
    store = Store.open(folder)
    store.begin_run(RUN)
    yield store
    store.close()


def keep(store, *learnt):
    store.write(Batch(run_id="run-1", learnt=learnt))


def read(folder, kind):
    with closing(Reader(folder)) as reader:
        found = reader.learnt(kind)
        assert reader.damaged() == ()
        return found


def old_file(folder):
    """A folder as the first version of the schema left it, with a project in it."""
    folder.mkdir(mode=0o700)
    path = folder / FILE_NAME
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection, path, MIGRATIONS[:1])
    return path


def test_what_was_learnt_comes_back_by_kind(store, folder):
    keep(store, OTHER, IDLE, DROP, PLUG)
    assert read(folder, IdleLevels) == (IDLE, OTHER)
    assert read(folder, FreedDrop) == (DROP,)
    assert read(folder, WallCalibration) == (PLUG,)


def test_the_newest_of_a_kind_about_a_subject_replaces_the_older(store, folder):
    keep(store, IDLE, DROP)
    newer = IdleLevels(device_id="gpu-0", context=IDLE.untouched)
    keep(store, newer)
    assert read(folder, IdleLevels) == (newer,)
    assert read(folder, FreedDrop) == (DROP,)


def test_an_old_file_is_read_as_it_is(folder):
    old_file(folder)
    assert read(folder, IdleLevels) == ()
    with closing(Reader(folder)) as reader:
        assert reader.audit() == ()


def test_an_old_file_is_migrated_and_its_copy_kept(folder):
    path = old_file(folder)
    with closing(Store.open(folder)) as store:
        store.begin_run(RUN)
        keep(store, IDLE)
    assert read(folder, IdleLevels) == (IDLE,)
    copy = path.with_name("vidgreen-v1.db")
    with closing(sqlite3.connect(copy)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert "learnt" not in names
    assert {table.name for table in TABLES if table.since == 1} <= names


def test_a_flipped_bit_is_left_out_and_said(store, folder):
    keep(store, IDLE, OTHER)
    store._connection.execute("UPDATE learnt SET crc = crc + 1 WHERE subject = 'gpu-0'")
    with closing(Reader(folder)) as reader:
        assert reader.learnt(IdleLevels) == (OTHER,)
        assert [damage.table for damage in reader.damaged()] == [LEARNT.name]


def test_it_survives_a_damaged_file(store, folder):
    keep(store, IDLE, PLUG)
    store.write(Batch(run_id="run-1", projects=(PROJECT,), events=(anchor(1),)))
    store.close()
    path = folder / FILE_NAME
    with closing(sqlite3.connect(path)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'event'")
        page = root.fetchone()[0] - 1
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[page * 8192 : page * 8192 + 8192] = b"\xaa" * 8192
    path.write_bytes(content)
    assert recover(folder).quarantined is not None
    assert read(folder, IdleLevels) == (IDLE,)
    assert read(folder, WallCalibration) == (PLUG,)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
