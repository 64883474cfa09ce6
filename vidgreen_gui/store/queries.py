"""Answers questions about what is stored, from any thread, while the recorder writes."""

import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from vidgreen_gui.model.events import DeviceFound, Event, Logged, Run, SessionEnded, SessionStarted
from vidgreen_gui.model.facts import SessionRow
from vidgreen_gui.model.power import DeviceKind, SlowField
from vidgreen_gui.model.session import Clip, Iteration, Project, Session
from vidgreen_gui.store import history, rows
from vidgreen_gui.store.batch import EnergyRow, PrivateText
from vidgreen_gui.store.codec import event_from_json, from_json
from vidgreen_gui.store.damage import Damage, intact_rows
from vidgreen_gui.store.database import FILE_NAME, open_to_read, translated
from vidgreen_gui.store.envelope import Envelope, envelope
from vidgreen_gui.store.history import Samples, SeriesKey
from vidgreen_gui.store.migrations import version_of
from vidgreen_gui.store.rows import Table
from vidgreen_gui.store.summary import energy_of

Fact = TypeVar("Fact")
_FOREVER_NS = 2**63 - 1


class Reader:
    """A read-only connection to a data directory; every method may raise StoreFault.

    A row whose checksum fails is left out of every answer and listed by `damaged`. Calls from
    several threads wait for each other: a pool of threads takes one reader each.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._connection = open_to_read(self.path)
        self._lock = threading.RLock()
        self._damaged: set[Damage] = set()

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def damaged(self) -> tuple[Damage, ...]:
        """Return the rows that answers so far left out because they cannot be trusted."""
        return tuple(sorted(self._damaged, key=lambda damage: (damage.table, damage.key)))

    def audit(self) -> tuple[Damage, ...]:
        """Return all damage of the file: every row read, and SQLite's own check of its pages."""
        with self._reading() as connection:
            for (line,) in connection.execute("PRAGMA integrity_check(20)").fetchall():
                if line != "ok":
                    self._damaged.add(Damage("", line, "structure"))
            for table in self._tables(connection):
                for _ in intact_rows(connection, table, self._damaged):
                    pass
        return self.damaged()

    # ---- the work

    def runs(self) -> tuple[Run, ...]:
        """Return all runs, oldest first."""
        return tuple(sorted(self._facts(rows.RUN, Run), key=lambda run: run.utc_ns))

    def projects(self) -> tuple[Project, ...]:
        """Return all projects, by name."""
        return tuple(sorted(self._facts(rows.PROJECT, Project), key=lambda project: project.name))

    def session(self, session_id: str) -> Session | None:
        """Return a session, None where there is none of that id."""
        return next(iter(self._facts(rows.SESSION, Session, "WHERE id = ?", session_id)), None)

    def sessions(self) -> tuple[SessionRow, ...]:
        """Return all sessions, newest first, with what their GPUs' energy rows add up to."""
        with self._reading() as connection:
            projects = {project.id: project for project in self.projects()}
            found = self._facts(rows.SESSION, Session, "ORDER BY started_utc_ns DESC")
            count = "SELECT session_id, count(*) FROM iteration GROUP BY session_id"
            iterations = dict(connection.execute(count).fetchall())
            beside = self._beside_gpus()
            energies: dict[str, list[EnergyRow]] = {}
            for row in map(_energy, intact_rows(connection, rows.ENERGY, self._damaged)):
                if row.device_id not in beside:
                    energies.setdefault(row.session_id, []).append(row)
        summed = {session.id: energy_of(energies.get(session.id, [])) for session in found}
        return tuple(
            SessionRow(
                session=session,
                project=projects.get(session.project_id, Project(session.project_id, "")),
                iterations=iterations.get(session.id, 0),
                energy_wh=summed[session.id].figure,
                measured_share=summed[session.id].measured_share,
            )
            for session in found
        )

    def clips(self, project_id: str) -> tuple[Clip, ...]:
        """Return the clips of a project in the order in which they came to be."""
        where = "WHERE project_id = ? ORDER BY rowid"
        return tuple(self._facts(rows.CLIP, Clip, where, project_id))

    def iterations(self, session_id: str) -> tuple[Iteration, ...]:
        """Return the iterations of a session in the order in which they came to be."""
        where = "WHERE session_id = ? ORDER BY rowid"
        return tuple(self._facts(rows.ITERATION, Iteration, where, session_id))

    def iteration(self, iteration_id: str) -> Iteration | None:
        """Return an iteration, None where there is none of that id."""
        found = self._facts(rows.ITERATION, Iteration, "WHERE id = ?", iteration_id)
        return next(iter(found), None)

    def iteration_by_key(self, source_kind: str, external_id: str) -> Iteration | None:
        """Return the iteration a source knows by that id, None where it is not stored."""
        where = "WHERE source_kind = ? AND external_id = ?"
        found = self._facts(rows.ITERATION, Iteration, where, source_kind, external_id)
        return next(iter(found), None)

    def highest_numbers(self, project_id: str) -> dict[str, int]:
        """Return the highest iteration number of each clip of a project."""
        query = (
            "SELECT clip_id, max(json_extract(CAST(doc AS TEXT), '$.number')) FROM iteration "
            "WHERE clip_id IN (SELECT id FROM clip WHERE project_id = ?) GROUP BY clip_id"
        )
        with self._reading() as connection:
            return dict(connection.execute(query, (project_id,)).fetchall())

    def energies(self, session_id: str) -> tuple[EnergyRow, ...]:
        """Return the energy rows of a session."""
        where = "WHERE session_id = ? ORDER BY half_hour_utc_ns, owner, device_id"
        return tuple(_energy(row) for row in self._rows(rows.ENERGY, where, session_id))

    def private(self, iteration_id: str) -> PrivateText | None:
        """Return an iteration's prompts and graph, None where they were not kept."""
        for row in self._rows(rows.PRIVATE, "WHERE iteration_id = ?", iteration_id):
            return PrivateText(
                iteration_id=row[0], texts=from_json(tuple[str, ...], row[1]), graph_json=row[2]
            )
        return None

    def learnt(self, kind: type[Fact]) -> tuple[Fact, ...]:
        """Return all of one kind of Learnt, by subject; none where the schema is older."""
        with self._reading() as connection:
            if rows.LEARNT not in self._tables(connection):
                return ()
            where = "WHERE kind = ? ORDER BY subject"
            return tuple(self._facts(rows.LEARNT, kind, where, kind.__name__))

    # ---- the log

    def events(self, session_id: str | None = None, after_seq: int = 0) -> tuple[Logged, ...]:
        """Return the events after `after_seq` in order, of all sessions or of one."""
        where = "WHERE seq > ?"
        arguments: tuple[object, ...] = (after_seq,)
        if session_id is not None:
            where, arguments = f"{where} AND session_id = ?", (after_seq, session_id)
        found = []
        for row in self._rows(rows.EVENT, f"{where} ORDER BY seq", *arguments):
            event = self._event(row)
            if event is not None:
                found.append(Logged(row[0], row[1], row[2], event))
        return tuple(found)

    def last_seq(self) -> int:
        """Return the seq of the newest event, 0 where there is none."""
        with self._reading() as connection:
            return int(connection.execute("SELECT ifnull(max(seq), 0) FROM event").fetchone()[0])

    # ---- samples

    def devices(self, run_id: str) -> tuple[str, ...]:
        """Return the ids of the devices that have samples in a run."""
        where = "WHERE run_id = ? ORDER BY device_id"
        return tuple(dict.fromkeys(row[2] for row in self._rows(rows.SERIES, where, run_id)))

    def power(self, run_id: str, device_id: str, start_ns: int, end_ns: int) -> Samples:
        """Return (t_ns, power in mW, period_ns) with start_ns <= t < end_ns, each int64."""
        return self._samples(SeriesKey(run_id, device_id, history.POWER), start_ns, end_ns)

    def counter(self, run_id: str, device_id: str, start_ns: int, end_ns: int) -> Samples:
        """Return (t_ns, energy counter in mJ, period_ns) with start_ns <= t < end_ns."""
        return self._samples(SeriesKey(run_id, device_id, history.COUNTER), start_ns, end_ns)

    def slow(
        self, run_id: str, device_id: str, quantity: SlowField, start_ns: int, end_ns: int
    ) -> Samples:
        """Return (t_ns, value, period_ns) of a slow field with start_ns <= t < end_ns."""
        key = SeriesKey(run_id, device_id, history.slow_kind(quantity))
        return self._samples(key, start_ns, end_ns)

    def envelope(
        self, run_id: str, device_id: str, start_ns: int, end_ns: int, columns: int
    ) -> Envelope | None:
        """Return the power of a span in at most `columns` columns, None for an unknown device."""
        key = SeriesKey(run_id, device_id, history.POWER)
        with self._reading() as connection:
            series = history.series_id(connection, key, self._damaged)
            if series is None:
                return None
            return envelope(connection, series, (start_ns, end_ns), columns, self._damaged)

    def digest(self, session_id: str) -> str:
        """Return the SHA-256, in hexadecimal, of a session: its events, then its samples.

        Per event its kind, a newline, its JSON, a newline, in order of seq; then per device (by
        id) and series (by kind) the columns t_ns, value, period_ns of the samples between the
        session's start and end as little-endian int64.
        """
        sha = hashlib.sha256()
        with self._reading() as connection:
            run_id, start_ns, end_ns = "", 0, _FOREVER_NS
            for row in self._rows(rows.EVENT, "WHERE session_id = ? ORDER BY seq", session_id):
                sha.update(row[4].encode() + b"\n" + row[6] + b"\n")
                event = self._event(row)
                if isinstance(event, SessionStarted):
                    run_id, start_ns = row[1], event.t_ns
                elif isinstance(event, SessionEnded):
                    end_ns = event.t_ns
            where = "WHERE run_id = ? ORDER BY device_id, kind"
            for series, *_ in self._rows(rows.SERIES, where, run_id):
                found = history.samples(connection, series, start_ns, end_ns, self._damaged)
                for column in found:
                    sha.update(column.astype("<i8").tobytes())
        return sha.hexdigest()

    # ---- inside

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Hold one state of the database for as long as the block runs."""
        with self._lock, translated(self.path):
            outermost = not self._connection.in_transaction
            if outermost:
                self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                if outermost:
                    self._connection.execute("ROLLBACK")

    @staticmethod
    def _tables(connection: sqlite3.Connection) -> tuple[Table, ...]:
        """Return the tables of the file's own version: what only reads it does not migrate it."""
        version = version_of(connection)
        return tuple(table for table in rows.TABLES if table.since <= version)

    def _rows(self, table: Table, where: str, *arguments: object) -> list[tuple[Any, ...]]:
        with self._reading() as connection:
            return list(intact_rows(connection, table, self._damaged, where, arguments))

    def _facts(
        self, table: Table, kind: type[Fact], where: str = "", *arguments: object
    ) -> list[Fact]:
        return [from_json(kind, row[-1]) for row in self._rows(table, where, *arguments)]

    def _samples(self, key: SeriesKey, start_ns: int, end_ns: int) -> Samples:
        with self._reading() as connection:
            series = history.series_id(connection, key, self._damaged)
            if series is None:
                return history.joined([])
            return history.samples(connection, series, start_ns, end_ns, self._damaged)

    def _beside_gpus(self) -> frozenset[str]:
        """Return the ids of all devices that are no GPU: their energy is in no `energy_wh`."""
        # Most events tell of GPUs: the others' JSON says so, and only they are decoded.
        kinds = [f'"kind":"{kind}"'.encode() for kind in DeviceKind if kind is not DeviceKind.GPU]
        named = " OR ".join(["instr(payload, ?)"] * len(kinds))
        where = f"WHERE kind = 'DeviceFound' AND ({named})"
        found = map(self._event, self._rows(rows.EVENT, where, *kinds))
        devices = (event.device for event in found if isinstance(event, DeviceFound))
        return frozenset(device.id for device in devices if device.kind is not DeviceKind.GPU)

    def _event(self, row: tuple[Any, ...]) -> Event | None:
        try:
            return event_from_json(row[4], row[6])
        except ValueError as error:
            # Intact, but written by a newer version.
            self._damaged.add(Damage(rows.EVENT.name, str(row[0]), str(error)))
            return None


def _energy(row: tuple[Any, ...]) -> EnergyRow:
    return EnergyRow(**dict(zip(rows.ENERGY.columns, row, strict=True)))
