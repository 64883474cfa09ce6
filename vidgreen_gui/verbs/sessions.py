"""Lists the stored sessions, newest first."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from vidgreen_gui.accounting.footprint import co2e_g
from vidgreen_gui.engine.report import described, session_totals
from vidgreen_gui.model.facts import SessionRow
from vidgreen_gui.model.faults import StoreFault, StoreFaultKind
from vidgreen_gui.model.footprint import Figure, Grade, Range, Scope
from vidgreen_gui.model.session import EndedBy, SessionKind
from vidgreen_gui.model.units import datetime_from_utc_ns
from vidgreen_gui.model.user_events import FactorChosen
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.visible import visible

_TITLE_WIDTH = 32


@dataclass(frozen=True, slots=True)
class SessionsRequest:
    """Whose sessions to list: those of one project (its id or name), or all."""

    data: Path
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A session in the list, as `sessions --json` gives it; None is not known."""

    id: str
    kind: SessionKind
    title: str
    started_at: datetime
    ended_at: datetime | None
    ended_by: EndedBy | None
    iterations: int
    energy_wh: Range | None
    co2e_g: Range | None
    measured_share: float | None
    grade: Grade


@dataclass(frozen=True, slots=True)
class SessionsAnswer:
    """The sessions, newest first."""

    sessions: tuple[SessionLine, ...]


def list_sessions(request: SessionsRequest) -> SessionsAnswer:
    """Return the sessions of a data directory, none where it was never used; raise StoreFault."""
    try:
        reader = Reader(request.data)
    except StoreFault as fault:
        if fault.kind is StoreFaultKind.MISSING:
            return SessionsAnswer(())
        raise
    with closing(reader):
        return SessionsAnswer(
            tuple(
                _line(row, _co2e(reader, row))
                for row in reader.sessions()
                if request.project in {None, row.project.id, row.project.name}
            )
        )


def sessions_table(answer: SessionsAnswer, texts: Texts, zone: tzinfo | None = None) -> str:
    """Return the sessions as aligned lines of text, their times in `zone` (None: local)."""
    if not answer.sessions:
        return texts.say("exports.sessions.none")
    head = (
        texts.say("exports.sessions.started"),
        texts.say("exports.sessions.title"),
        texts.say("exports.report.attempts"),
        texts.say("exports.report.energy"),
        texts.say("exports.report.co2e_short"),
        texts.say("exports.sessions.id"),
    )
    lines = [head, *(_cells(line, texts, zone) for line in answer.sessions)]
    widths = [max(len(cells[index]) for cells in lines) for index in range(len(head))]
    return "\n".join(
        "  ".join(
            text.rjust(width) if 2 <= index <= 4 else text.ljust(width)
            for index, (text, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()
        for cells in lines
    )


def _line(row: SessionRow, carbon: Figure) -> SessionLine:
    session = row.session
    ended = session.ended_utc_ns
    return SessionLine(
        id=session.id,
        kind=session.kind,
        title=session.title,
        started_at=datetime_from_utc_ns(session.started_utc_ns),
        ended_at=None if ended is None else datetime_from_utc_ns(ended),
        ended_by=session.ended_by,
        iterations=row.iterations,
        energy_wh=row.energy_wh.range,
        co2e_g=carbon.range,
        measured_share=row.measured_share,
        grade=row.energy_wh.grade,
    )


def _co2e(reader: Reader, row: SessionRow) -> Figure:
    """Return the CO2e of a session as its report has it: by its last factor, over its scope."""
    events = reader.events(row.session.id)
    machine = described(events)
    if machine is not None and machine.scope is not Scope.GPU:
        return session_totals(reader, row.session).co2e_g
    chosen = [logged.event.factor for logged in events if isinstance(logged.event, FactorChosen)]
    return co2e_g(row.energy_wh, chosen[-1] if chosen else None)


def _cells(line: SessionLine, texts: Texts, zone: tzinfo | None) -> tuple[str, ...]:
    numbers = texts.numbers
    return (
        f"{line.started_at.astimezone(zone):%Y-%m-%d %H:%M}",
        visible(line.title, _TITLE_WIDTH),
        numbers.integer(line.iterations),
        f"{line.grade.shape} {numbers.energy(line.energy_wh.best if line.energy_wh else None)}",
        numbers.mass(None if line.co2e_g is None else line.co2e_g.best),
        line.id,
    )
