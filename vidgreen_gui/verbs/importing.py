"""Takes sessions of our own JSON into the store, merged by id: what is there stays."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from vidgreen_gui.exports.json_file import read_documents
from vidgreen_gui.exports.schema import SessionDocument
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.session import Project
from vidgreen_gui.store.database import Store
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.lock import acquire
from vidgreen_gui.verbs.imported import Known, rows_of, run_of


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """Which file, or which folder of files, to take in."""

    data: Path
    path: Path


@dataclass(frozen=True, slots=True)
class ImportAnswer:
    """What became of it: counts of iterations, and the sessions that were new."""

    added: int
    skipped: int
    session_ids: tuple[str, ...]


def import_path(request: ImportRequest) -> ImportAnswer:
    """Add what is new; raise InputFault for a file that is not ours, RecorderBusy, StoreFault.

    All files are read before the first is written, so a bad one leaves nothing half done. A
    session that is stored already is left alone, as is an iteration that another session holds.
    """
    documents = [one for path in _files(request.path) for one in read_documents(path)]
    with ExitStack() as closing:
        lock = acquire(request.data, "run")
        closing.callback(lock.release)
        store = Store.open(request.data)
        closing.callback(store.close)
        if store.why is not None:
            raise store.why
        reader = Reader(request.data)
        closing.callback(reader.close)
        counts = [_merge(store, reader, document) for document in documents]
    return ImportAnswer(
        added=sum(added for added, _skipped, _id in counts),
        skipped=sum(skipped for _added, skipped, _id in counts),
        session_ids=tuple(found for _added, _skipped, found in counts if found is not None),
    )


def _merge(store: Store, reader: Reader, document: SessionDocument) -> tuple[int, int, str | None]:
    """Return how many iterations were added and skipped, and the session's id when it is new."""
    total = sum(len(clip.iterations) for clip in document.clips)
    if reader.session(document.session.id) is not None:
        return 0, total, None
    run = run_of(document)
    try:
        batch = rows_of(document, run, _known(reader), store.last_seq() + 1)
        if total and not batch.iterations:
            return 0, total, None
        store.begin_run(run)
        store.write(batch)
    except (OverflowError, ValueError) as error:
        # A year 1, a number of a hundred digits: of the right type, and still none of ours.
        raise InputFault(
            "fault.export.not_ours", path=document.session.id, detail=str(error)
        ) from error
    return len(batch.iterations), total - len(batch.iterations), document.session.id


def _known(reader: Reader) -> Known:
    projects = reader.projects()
    clips = (clip.id for project in projects for clip in reader.clips(project.id))
    stored = [one for row in reader.sessions() for one in reader.iterations(row.session.id)]

    def project(project_id: str, name: str) -> Project:
        """Return ours of that id, else of that name, else a new one."""
        same_id = (one for one in projects if one.id == project_id)
        same_name = (one for one in projects if one.name == name)
        return next(same_id, None) or next(same_name, None) or Project(project_id, name)

    return Known(
        iteration_ids=frozenset(one.id for one in stored),
        iteration_keys=frozenset((one.source_kind, one.external_id) for one in stored),
        clip_ids=frozenset(clips),
        project=project,
    )


def _files(path: Path) -> Iterator[Path]:
    """Return the file itself, or a folder's session files by name; raise InputFault for none."""
    if not path.is_dir():
        yield path
        return
    found = [one for one in sorted(path.glob("*.json")) if _is_session(one)]
    if not found:
        raise InputFault("fault.import.nothing", path=str(path))
    yield from found


def _is_session(path: Path) -> bool:
    """Whether a file of a folder says of itself that it is ours; workflows lie there too."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and str(content.get("schema", "")).startswith("vidgreen-")
