"""The one door to SQLite: opens the file, commits batches, turns its errors into StoreFault."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from vidgreen_gui.model.events import TRANSIENT, Run
from vidgreen_gui.model.faults import StoreFault, StoreFaultKind
from vidgreen_gui.store import rows
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.codec import from_json
from vidgreen_gui.store.migrations import APPLICATION_ID, VERSION, migrate, version_of
from vidgreen_gui.store.rows import Row, Table
from vidgreen_gui.store.salvage import Salvaged, salvage
from vidgreen_gui.store.samples import SampleWriter
from vidgreen_gui.system.refusals import has_room, refusal

FILE_NAME = "vidgreen.db"
PAGE_BYTES = 8192
BUSY_TIMEOUT_S = 1.0

# https://sqlite.org/rescode.html, primary codes. All that is not here is a bug of ours.
_KINDS = {
    sqlite3.SQLITE_ERROR: StoreFaultKind.CORRUPT,  # our SQL is constant: the schema is broken
    sqlite3.SQLITE_PERM: StoreFaultKind.READ_ONLY,
    sqlite3.SQLITE_BUSY: StoreFaultKind.LOCKED,
    sqlite3.SQLITE_LOCKED: StoreFaultKind.LOCKED,
    sqlite3.SQLITE_READONLY: StoreFaultKind.READ_ONLY,
    sqlite3.SQLITE_IOERR: StoreFaultKind.IO,
    sqlite3.SQLITE_CORRUPT: StoreFaultKind.CORRUPT,
    sqlite3.SQLITE_FULL: StoreFaultKind.FULL,
    sqlite3.SQLITE_CANTOPEN: StoreFaultKind.MISSING,
    sqlite3.SQLITE_PROTOCOL: StoreFaultKind.LOCKED,
    sqlite3.SQLITE_NOTADB: StoreFaultKind.CORRUPT,
}

_NO_INDEX = {StoreFaultKind.READ_ONLY, StoreFaultKind.MISSING, StoreFaultKind.NO_ROOM}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise StoreFault for every SQLite or system error that is not a bug of ours."""
    try:
        yield
    except sqlite3.Error as error:
        kind = _KINDS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if kind is None:
            raise
        raise StoreFault(kind, str(path), str(error)) from error
    except OSError as error:
        raise refusal(error, path) from error


@contextmanager
def _opened(path: Path) -> Iterator[None]:
    """Raise StoreFault for every error; SQLite calls it the disk's where its index has no room."""
    try:
        with translated(path):
            yield
    except StoreFault as fault:
        if fault.kind not in {StoreFaultKind.IO, StoreFaultKind.FULL} or has_room(path.parent):
            raise
        detail = str(fault.arguments["detail"])
        raise StoreFault(StoreFaultKind.NO_ROOM, str(path), detail) from fault


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Return a connection in autocommit mode, usable from any one thread at a time.

    `mode` is the query of an SQLite address: "mode=rwc", "mode=ro".
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    # A flipped bit in a text must reach the checksum, not end the query.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


class Store:
    """The database of one data directory, written by one thread.

    `read_only` says that nothing can be written, `why` which fault made it so (None: asked for).
    """

    def __init__(
        self,
        folder: Path,
        connection: sqlite3.Connection,
        *,
        why: StoreFault | None,
        read_only: bool,
    ) -> None:
        self.folder = folder
        self.path = folder / FILE_NAME
        self.read_only = read_only
        self.why = why
        self._connection = connection
        self._samples = SampleWriter(connection)
        self._file = _identity(self.path)
        self._run_id = ""

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False) -> "Store":
        """Open the data directory's database, made where there is none; raise StoreFault.

        A newer schema or a folder that cannot be written opens read-only, with `why` set.
        """
        path = folder / FILE_NAME
        why: StoreFault | None = None
        if not read_only:
            try:
                return cls(folder, _open_writable(folder, path), why=None, read_only=False)
            except StoreFault as fault:
                if fault.kind not in {StoreFaultKind.NEWER_SCHEMA, StoreFaultKind.READ_ONLY}:
                    raise
                why = fault
        return cls(folder, open_to_read(path), why=why, read_only=True)

    def begin_run(self, run: Run) -> None:
        """Write the row of a recorder's run; raise StoreFault."""
        with self._transaction() as connection:
            connection.execute(rows.RUN.insert, rows.RUN.sealed(rows.of_run(run)))
        self._run_id = run.id

    def close_run(self, run_id: str) -> None:
        """Seal all samples and mark the run as closed in order; raise StoreFault."""
        with self._transaction() as connection:
            self._samples.seal()
            where = f"{rows.RUN.select} WHERE id = ?"
            for _, _, document, _ in connection.execute(where, (run_id,)).fetchall():
                run = replace(from_json(Run, document), closed=True)
                rows.RUN.put(connection, rows.of_run(run))

    def write(self, batch: Batch) -> None:
        """Commit the batch, all of it or nothing; raise StoreFault.

        Once this returns, the batch survives a kill and, as far as the disk keeps its word, a
        power cut. A batch that contradicts what is stored (an event's seq twice) raises
        sqlite3.IntegrityError, one with a NaN ValueError: bugs, not faults.
        """
        logged = [item for item in batch.events if not isinstance(item.event, TRANSIENT)]
        with self._transaction() as connection:
            connection.executemany(
                rows.EVENT.insert, rows.all_sealed(rows.EVENT, map(rows.of_event, logged))
            )
            connection.executemany(
                "DELETE FROM energy WHERE session_id = ? AND owner = ?", batch.replaces_energy_of
            )
            for table, replaced in _replaced(batch):
                for row in replaced:
                    table.put(connection, row)
            for block in batch.blocks:
                self._samples.add(batch.run_id, block)

    def seal(self) -> None:
        """Move the samples of the live tail into chunks; raise StoreFault."""
        with self._transaction():
            self._samples.seal()

    def take_in(self, damaged: Path) -> Salvaged:
        """Copy what can be read of a damaged database file; raise StoreFault."""
        with closing(connect(damaged, "mode=ro")) as source, self._transaction() as target:
            return salvage(source, target)

    def last_seq(self) -> int:
        """Return the seq of the newest event, 0 where there is none; raise StoreFault."""
        with translated(self.path):
            found = self._connection.execute("SELECT ifnull(max(seq), 0) FROM event").fetchone()
        return int(found[0])

    def empty_private(self) -> None:
        """Delete all prompts and graphs, also from free pages and the log; raise StoreFault."""
        with translated(self.path):
            self._connection.execute("PRAGMA secure_delete = ON")
            with self._transaction() as connection:
                connection.execute("DELETE FROM private_text")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.execute("PRAGMA secure_delete = FAST")

    def reopen(self) -> None:
        """Open the same file anew, after an error of the disk or when it is back.

        Raise StoreFault where that cannot be, or another file lies in its place.
        """
        if not self.path.exists():
            raise StoreFault(StoreFaultKind.VANISHED, str(self.folder))
        try:
            connection = _open_writable(self.folder, self.path)
        except StoreFault as fault:
            if fault.kind is StoreFaultKind.NO_ROOM:
                # Recording began long ago, and waits.
                raise StoreFault(StoreFaultKind.FULL, str(self.path)) from fault
            raise
        ours = "SELECT count(*) FROM run WHERE id = ?"
        if self._run_id and not connection.execute(ours, (self._run_id,)).fetchone()[0]:
            connection.close()
            raise StoreFault(StoreFaultKind.VANISHED, str(self.folder))
        self._connection.close()
        self._connection = connection
        self._samples = SampleWriter(connection)
        self._file = _identity(self.path)

    def close(self) -> None:
        """Give the file back; what was written stays."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self.read_only:
            raise self.why or StoreFault(StoreFaultKind.READ_ONLY, str(self.path))
        if _identity(self.path) != self._file:
            # SQLite would go on writing into a file that has no name any more.
            raise StoreFault(StoreFaultKind.VANISHED, str(self.folder))
        connection = self._connection
        with translated(self.path):
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                self._samples.forget()
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from every other, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def open_to_read(path: Path) -> sqlite3.Connection:
    """Return a connection that writes nothing; raise StoreFault where there is no database."""
    if not path.exists():
        raise StoreFault(StoreFaultKind.MISSING, str(path))
    try:
        return _open_as(path, "mode=ro")
    except StoreFault as fault:
        # Where SQLite cannot make its shared memory and no log waits, the file alone is all.
        log = path.with_name(f"{path.name}-wal")
        if fault.kind not in _NO_INDEX or (log.exists() and log.stat().st_size):
            raise
    return _open_as(path, "mode=ro&immutable=1")


def _open_as(path: Path, mode: str) -> sqlite3.Connection:
    with _opened(path):
        connection = connect(path, mode)
        try:
            _checked_version(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _open_writable(folder: Path, path: Path) -> sqlite3.Connection:
    with _opened(path):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = connect(path, "mode=rwc")
        try:
            version = _checked_version(connection, path)
            _refuse_newer(version, path)
            if not version:
                connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = FAST")
            migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _checked_version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema's version; raise StoreFault for a damaged file or somebody else's."""
    version = version_of(connection)
    application_id = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if tables and application_id != APPLICATION_ID and rows.RUN.name not in tables:
        raise StoreFault(StoreFaultKind.NOT_A_STORE, str(path))
    expected = APPLICATION_ID if tables else 0
    if application_id != expected or bool(version) != bool(tables) or version < 0:
        raise StoreFault(StoreFaultKind.CORRUPT, str(path), f"version {version}")
    return version


def _refuse_newer(version: int, path: Path) -> None:
    if version > VERSION:
        raise StoreFault(StoreFaultKind.NEWER_SCHEMA, str(path), f"{version} > {VERSION}")


def _replaced(batch: Batch) -> Iterator[tuple[Table, list[Row]]]:
    yield rows.PROJECT, [rows.of_project(project) for project in batch.projects]
    yield rows.SESSION, [rows.of_session(session) for session in batch.sessions]
    yield rows.CLIP, [rows.of_clip(clip) for clip in batch.clips]
    yield rows.ITERATION, [rows.of_iteration(iteration) for iteration in batch.iterations]
    yield rows.ENERGY, [rows.of_energy(energy) for energy in batch.energies]
    yield rows.PRIVATE, [rows.of_private(private) for private in batch.private]
    yield rows.LEARNT, [rows.of_learnt(learnt) for learnt in batch.learnt]
