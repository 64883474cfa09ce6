"""Hands stored sessions over as a file, and checks one that was handed over."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from vidgreen_gui.engine.report import find_session, session_report
from vidgreen_gui.exports.registry import exporters
from vidgreen_gui.exports.verify import Verdict, verify
from vidgreen_gui.model.facts import SessionFacts
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.ports import Exporter
from vidgreen_gui.model.session import Session
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.texts.catalog import Texts

LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What to export and where to.

    `session` is an id or "last"; None is all sessions of `project` (its id or name), and the last
    one where no project is named.
    """

    data: Path
    format: str
    path: Path
    session: str | None = None
    project: str | None = None
    with_private: bool = False


@dataclass(frozen=True, slots=True)
class ExportAnswer:
    """Where it was written and which sessions are in it."""

    path: Path
    session_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """Which file to check."""

    path: Path


def export(
    request: ExportRequest, texts: Texts, more: Mapping[str, Exporter] | None = None
) -> ExportAnswer:
    """Write the sessions asked for; raise InputFault or StoreFault.

    `more` are exporters of other rooms: the window's PDF, plug-ins.
    """
    table = {**exporters(texts), **(more or {})}
    if request.format not in table:
        known = ", ".join(sorted(table))
        raise InputFault("fault.export.unknown_format", format=request.format, known=known)
    with closing(Reader(request.data)) as reader:
        sessions = tuple(
            _with_prompts(reader, facts) if request.with_private else facts
            for facts in _wanted(reader, request)
        )
    exporter = table[request.format]
    exporter.write(sessions, request.path, with_private=request.with_private)
    return ExportAnswer(request.path, tuple(facts.session.id for facts in sessions))


def check(request: VerifyRequest) -> Verdict:
    """Return what is wrong with a session file; raise InputFault where it cannot be read."""
    return verify(request.path)


def _wanted(reader: Reader, request: ExportRequest) -> Iterator[SessionFacts]:
    for session in _sessions(reader, request):
        yield session_report(reader, session)


def _sessions(reader: Reader, request: ExportRequest) -> list[Session]:
    """Return the sessions asked for, oldest first."""
    if request.project is None:
        return [find_session(reader, request.session or LAST)]
    rows = [
        row for row in reader.sessions() if request.project in {row.project.id, row.project.name}
    ]
    if not rows:
        raise InputFault("fault.export.unknown_project", project=request.project)
    if request.session is None:
        return [row.session for row in reversed(rows)]
    if request.session == LAST:
        return [next((row for row in rows if row.iterations), rows[0]).session]
    for row in rows:
        if row.session.id == request.session:
            return [row.session]
    raise InputFault("fault.export.unknown_session", session=request.session)


def _with_prompts(reader: Reader, facts: SessionFacts) -> SessionFacts:
    clips = tuple(
        replace(
            clip,
            iterations=tuple(
                replace(one, prompts=private.texts)
                if (private := reader.private(one.iteration.id))
                else one
                for one in clip.iterations
            ),
        )
        for clip in facts.clips
    )
    return replace(facts, clips=clips)
