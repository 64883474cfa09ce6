"""Brings a database to the schema of this version, one transaction per step, a copy kept before."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")

# What measuring taught, the newest of each kind about each device or plug. Not part of a session.
# The index finds what kind of device an energy was measured on.
LEARNT = """
CREATE TABLE learnt (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  doc BLOB NOT NULL,
  crc INTEGER NOT NULL,
  PRIMARY KEY (kind, subject)
);
CREATE INDEX device_found ON event (seq) WHERE kind = 'DeviceFound';
"""

# MIGRATIONS[n] leads from version n to n + 1; a released one is never changed.
MIGRATIONS: tuple[str, ...] = (SCHEMA, LEARNT)
VERSION = len(MIGRATIONS)
# "VGrn": tells our files from other people's (PRAGMA application_id).
APPLICATION_ID = 0x5647726E


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema's version, 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[str] = MIGRATIONS
) -> Path | None:
    """Apply what is missing; return the copy that was made of an older database.

    `connection` is in autocommit mode. Killed at any moment, the file is at one version or at
    the next, never between.
    """
    version = version_of(connection)
    copy = None
    if 0 < version < len(migrations):
        copy = keep_copy(connection, path, version)
    for number in range(version, len(migrations)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements(migrations[number]):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return copy


def keep_copy(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    """Write the database as it is beside itself, whole or not at all; return the copy's path."""
    copy = path.with_name(f"{path.stem}-v{version}{path.suffix}")
    partial = copy.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_WRONLY, 0o600))
    target = sqlite3.connect(partial)
    try:
        connection.backup(target)
    finally:
        target.close()
    partial.replace(copy)
    return copy


def statements(script: str) -> Iterator[str]:
    """Yield the statements of an SQL script one by one."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
