"""Puts a data directory in order before recording: interrupted sessions, a damaged file."""

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from vidgreen_gui.model.faults import StoreFault, StoreFaultKind
from vidgreen_gui.store.database import FILE_NAME, Store, open_to_read, translated
from vidgreen_gui.store.interrupted import interrupted_runs


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What was found and mended: ids of runs, sessions and iterations that a kill left open.

    `quarantined` is the damaged file under its new name, `salvaged` how many rows were read from
    it, `lost` how many were seen and could not be trusted.
    """

    runs: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    iterations: tuple[str, ...] = ()
    quarantined: Path | None = None
    salvaged: int = 0
    lost: int = 0


def recover(folder: Path) -> RecoveryReport:
    """Mend what the last recorder left behind; the caller holds the recorder lock.

    Sessions and iterations of runs that were never closed end at their last sample, marked as
    interrupted and unknown. A file that SQLite cannot trust is renamed and its readable rows are
    copied into a new one. A newer schema or a folder that cannot be written is left as it is.
    Raise StoreFault where the disk refuses or the file is somebody else's.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return RecoveryReport()
    try:
        _refuse_damaged(path)
        return _end_interrupted(folder, RecoveryReport())
    except StoreFault as fault:
        if fault.kind is not StoreFaultKind.CORRUPT:
            raise
    return _end_interrupted(folder, _quarantine(folder, path))


def _end_interrupted(folder: Path, report: RecoveryReport) -> RecoveryReport:
    with closing(Store.open(folder)) as store:
        if store.read_only:
            return report
        for interrupted in interrupted_runs(store.path):
            store.write(interrupted)
            store.close_run(interrupted.run_id)
            report = replace(
                report,
                runs=(*report.runs, interrupted.run_id),
                sessions=(*report.sessions, *(session.id for session in interrupted.sessions)),
                iterations=(*report.iterations, *(found.id for found in interrupted.iterations)),
            )
    return report


def _refuse_damaged(path: Path) -> None:
    """Raise StoreFault for a file that SQLite cannot trust; only after an unclean end all of it."""
    with translated(path), closing(open_to_read(path)) as connection:
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            return
        if connection.execute("SELECT count(*) FROM run WHERE closed = 0").fetchone()[0]:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok":
                raise StoreFault(StoreFaultKind.CORRUPT, str(path), found)


def _quarantine(folder: Path, path: Path) -> RecoveryReport:
    date = datetime.now(tz=UTC).strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.name}.corrupt-{date}")
    with translated(path):
        for suffix in ("-wal", "-shm", ""):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.replace(aside.with_name(aside.name + suffix))
    with closing(Store.open(folder)) as store:
        found = store.take_in(aside)
    return RecoveryReport(quarantined=aside, salvaged=found.copied, lost=found.lost)
