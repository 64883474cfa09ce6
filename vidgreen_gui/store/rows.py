"""The tables and their rows: every row ends in a checksum over its table and all its columns."""

import sqlite3
import zlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass

import msgspec

from vidgreen_gui.model.events import EVENTS_VERSION, Logged, Run
from vidgreen_gui.model.learnt import Learnt
from vidgreen_gui.model.session import Clip, Iteration, Project, Session
from vidgreen_gui.store.batch import EnergyRow, PrivateText
from vidgreen_gui.store.codec import event_kind, to_json
from vidgreen_gui.store.private import without_texts

Value = int | float | str | bytes | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of schema.sql: its columns without the checksum, the first `key` of them its key.

    The first `indexed` stand in indexes: leaving them alone spares a commit their pages.
    A `clustered` table has no rowid and lies in the order of its key. `since` is the version of
    the schema that brought it.
    """

    name: str
    columns: tuple[str, ...]
    key: int = 1
    indexed: int = 0
    clustered: bool = False
    since: int = 1

    def sealed(self, row: Row) -> Row:
        """Return the row with its checksum."""
        return (*row, self.checksum(row))

    def is_intact(self, sealed: Row) -> bool:
        """Whether a row with its checksum is as it was written."""
        return self.checksum(sealed[:-1]) == sealed[-1]

    def checksum(self, row: Row) -> int:
        """Return the CRC32 over the table's name and the row."""
        return zlib.crc32(msgspec.msgpack.encode((self.name, *row)))

    @property
    def select(self) -> str:
        """Return the SQL that reads rows with their checksums."""
        return f"SELECT {', '.join(self.columns)}, crc FROM {self.name}"  # noqa: S608

    def scan(self, direction: str) -> str:
        """Return the SQL that reads all rows as they lie in the file, "ASC" or "DESC"."""
        order = self.columns[: self.key] if self.clustered else ("rowid",)
        return f"{self.select} ORDER BY " + ", ".join(f"{name} {direction}" for name in order)

    @property
    def insert(self) -> str:
        """Return the SQL that adds a sealed row."""
        marks = ", ".join("?" * (len(self.columns) + 1))
        listed = ", ".join(self.columns)
        return f"INSERT INTO {self.name} ({listed}, crc) VALUES ({marks})"  # noqa: S608

    @property
    def insert_or_ignore(self) -> str:
        """Return the SQL that adds a sealed row unless its key is there already."""
        return self.insert.replace("INSERT", "INSERT OR IGNORE", 1)

    def put(self, connection: sqlite3.Connection, row: Row) -> None:
        """Add a row, or replace the one of the same key."""
        sealed = self.sealed(row)
        if self.indexed:
            changed, same = sealed[self.indexed :], sealed[: self.indexed]
            if connection.execute(self.update, (*changed, *same)).rowcount:
                return
        connection.execute(self.upsert, sealed)

    @property
    def update(self) -> str:
        """Return the SQL that changes a row whose indexed columns stay as they are."""
        changes = ", ".join(f"{name} = ?" for name in (*self.columns[self.indexed :], "crc"))
        same = " AND ".join(f"{name} = ?" for name in self.columns[: self.indexed])
        return f"UPDATE {self.name} SET {changes} WHERE {same}"  # noqa: S608

    @property
    def upsert(self) -> str:
        """Return the SQL that adds a sealed row or replaces the one of the same key."""
        key, rest = self.columns[: self.key], (*self.columns[self.key :], "crc")
        changes = ", ".join(f"{name} = excluded.{name}" for name in rest)
        return f"{self.insert} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"


RUN = Table("run", ("id", "closed", "doc"))
EVENT = Table("event", ("seq", "run_id", "session_id", "t_ns", "kind", "version", "payload"))
PROJECT = Table("project", ("id", "doc"), indexed=1)
SESSION = Table(
    "session",
    ("id", "started_utc_ns", "ended_utc_ns", "run_id", "project_id", "doc"),
    indexed=2,
)
CLIP = Table("clip", ("id", "project_id", "doc"), indexed=2)
ITERATION = Table(
    "iteration",
    ("id", "source_kind", "external_id", "session_id", "clip_id", "run_id", "status", "doc"),
    indexed=4,
)
ENERGY = Table("energy", tuple(EnergyRow.__dataclass_fields__), key=4, clustered=True)
PRIVATE = Table("private_text", ("iteration_id", "texts", "graph_json"))
SERIES = Table("series", ("id", "run_id", "device_id", "kind"))
TAIL = Table("tail", ("id", "series_id", "payload"))
CHUNK = Table("chunk", ("id", "series_id", "t0_ns", "t1_ns", "n", "payload"))
PYRAMID = Table("pyramid", ("series_id", "level", "page", "n", "payload"), key=3)
LEARNT = Table("learnt", ("kind", "subject", "doc"), key=2, since=2)

TABLES = (
    RUN, EVENT, PROJECT, SESSION, CLIP, ITERATION, ENERGY, PRIVATE, SERIES, TAIL, CHUNK, PYRAMID,
    LEARNT,
)  # fmt: skip


def of_run(run: Run) -> Row:
    """Return the row of a run."""
    return run.id, int(run.closed), to_json(run)


def of_event(logged: Logged) -> Row:
    """Return the row of an event; prompts and graphs are left out, they have their own table."""
    event = without_texts(logged.event)
    kind, payload = event_kind(event), to_json(event)
    head = (logged.seq, logged.run_id, logged.session_id, event.t_ns)
    return *head, kind, EVENTS_VERSION, payload


def of_project(project: Project) -> Row:
    """Return the row of a project."""
    return project.id, to_json(project)


def of_session(session: Session) -> Row:
    """Return the row of a session."""
    times = (session.started_utc_ns, session.ended_utc_ns)
    return session.id, *times, session.run_id, session.project_id, to_json(session)


def of_clip(clip: Clip) -> Row:
    """Return the row of a clip."""
    return clip.id, clip.project_id, to_json(clip)


def of_iteration(iteration: Iteration) -> Row:
    """Return the row of an iteration."""
    return (
        iteration.id,
        iteration.source_kind,
        iteration.external_id,
        iteration.session_id,
        iteration.clip_id,
        iteration.run_id,
        iteration.status.value,
        to_json(iteration),
    )


def of_energy(energy: EnergyRow) -> Row:
    """Return the row of an energy; floats stay floats, so that the checksum holds when read."""
    return tuple(
        float(value) if name.endswith(("_j", "_s")) else value
        for name, value in zip(ENERGY.columns, astuple(energy), strict=True)
    )


def of_private(private: PrivateText) -> Row:
    """Return the row of an iteration's prompts and graph."""
    return private.iteration_id, to_json(private.texts), private.graph_json


def of_learnt(learnt: Learnt) -> Row:
    """Return the row of what was learnt."""
    return type(learnt).__name__, learnt.subject, to_json(learnt)


def all_sealed(table: Table, rows: Iterable[Row]) -> list[Row]:
    """Return the rows, each with its checksum."""
    return [table.sealed(row) for row in rows]
