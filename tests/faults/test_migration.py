"""A kill at any statement of a migration leaves the old version or the new one, never between."""

import sqlite3
import subprocess
import sys

import pytest
from support.recorded import PROJECT, RUN, anchor

from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import FILE_NAME, Store
from vidgreen_gui.store.migrations import MIGRATIONS, VERSION, migrate
from vidgreen_gui.store.queries import Reader

NEXT = """
ALTER TABLE project ADD COLUMN colour TEXT;
CREATE TABLE mood (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO mood (name) SELECT id FROM project;
UPDATE project SET colour = 'blue';
CREATE INDEX mood_by_name ON mood (name);
"""
MIGRATED = (*MIGRATIONS, NEXT)

# Forks once per statement; each child kills itself just before its statement runs.
CHILD = """
import os, shutil, signal, sqlite3, sys
from pathlib import Path
from vidgreen_gui.store.migrations import MIGRATIONS, migrate

before, out, migration = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
migrations = (*MIGRATIONS, migration) if migration else MIGRATIONS
number = 0
while True:
    number += 1
    folder = out / str(number)
    folder.mkdir()
    path = folder / before.name
    if before.exists():
        shutil.copy(before, path)
    pid = os.fork()
    if not pid:
        seen = 0
        def trace(statement):
            global seen
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.set_trace_callback(trace)
        migrate(connection, path, migrations)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0:
        break
"""


@pytest.fixture
def old(tmp_path):
    store = Store.open(tmp_path / "old")
    store.begin_run(RUN)
    store.write(Batch(run_id="run-1", projects=(PROJECT,), events=(anchor(1),)))
    store.close()
    return tmp_path / "old" / FILE_NAME


def kill_at_every_statement(before, out, migration):
    out.mkdir()
    subprocess.run([sys.executable, "-c", CHILD, str(before), str(out), migration], check=True)
    return sorted(out.iterdir(), key=lambda folder: int(folder.name))


def schema_of(path):
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        return version, connection.execute("SELECT name, sql FROM sqlite_schema").fetchall()
    finally:
        connection.close()


def test_an_old_database_is_old_or_new(old, tmp_path):
    folders = kill_at_every_statement(old, tmp_path / "killed", NEXT)
    old_schema, new_schema = schema_of(old), schema_of(folders[-1] / FILE_NAME)
    assert len(folders) > 8
    assert (old_schema[0], new_schema[0]) == (VERSION, VERSION + 1)
    found = [schema_of(folder / FILE_NAME) for folder in folders]
    assert all(schema in (old_schema, new_schema) for schema in found)
    assert old_schema in found
    for folder in folders:
        copy = folder / f"vidgreen-v{VERSION}.db"
        if schema_of(folder / FILE_NAME) == new_schema:
            assert schema_of(copy) == old_schema
        connection = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
        migrate(connection, folder / FILE_NAME, MIGRATED)
        assert connection.execute("SELECT name FROM mood").fetchall() == [("project-1",)]
        connection.close()
        assert copy.stat().st_mode & 0o777 == 0o600


def test_a_new_database_is_empty_or_whole(tmp_path):
    folders = kill_at_every_statement(tmp_path / FILE_NAME, tmp_path / "killed", "")
    assert len(folders) > 20
    for folder in folders:
        version, schema = schema_of(folder / FILE_NAME)
        assert 0 <= version <= VERSION
        assert bool(schema) == bool(version)
        store = Store.open(folder)
        store.begin_run(RUN)
        store.close()
        reader = Reader(folder)
        assert reader.runs() == (RUN,)
        reader.close()


def test_a_full_disk_in_the_middle_leaves_the_old_version(old):
    connection = sqlite3.connect(old, isolation_level=None)
    connection.execute("PRAGMA max_page_count = 1")
    before = schema_of(old)
    filling = (
        "CREATE TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        " LIMIT 10000) SELECT i, zeroblob(100) FROM n;"
    )
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, old, (*MIGRATIONS, filling))
    connection.close()
    assert schema_of(old) == before
