"""Checks a session file that someone was handed: its shape, its sums, its digest."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import fsum, isclose
from pathlib import Path

import msgspec

from vidgreen_gui.exports.json_file import read_documents
from vidgreen_gui.exports.schema import IterationPart, Outside, SessionDocument
from vidgreen_gui.model.faults import InputFault, Notice
from vidgreen_gui.model.footprint import Grade, Range
from vidgreen_gui.texts.visible import visible

_SHA256 = re.compile(r"[0-9a-f]{64}")
# One part in a million, as the law says; below a microwatt-hour nothing is left to differ.
_RELATIVE = 1e-6
_ABSOLUTE = 1e-6


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a file found: `problems` is empty where all is in order."""

    sessions: int
    problems: tuple[Notice, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(path: Path) -> Verdict:
    """Return what is wrong with the sessions of a JSON file; raise InputFault if it has none."""
    try:
        documents = read_documents(path)
    except InputFault as fault:
        if fault.code == "fault.export.unreadable":
            raise
        return Verdict(0, (Notice.of(fault),))
    return Verdict(len(documents), tuple(found for one in documents for found in _problems(one)))


def _problems(document: SessionDocument) -> Iterator[Notice]:
    yield from _energy(document)
    yield from _machine(document)
    yield from _co2e(document)
    yield from _counts(document)
    for name, span in _spans(document):
        if not span.low <= span.best <= span.high:
            yield _problem("exports.verify.range", document, name=name)
    if not _SHA256.fullmatch(document.digest):
        yield _problem("exports.verify.digest", document)


def _energy(document: SessionDocument) -> Iterator[Notice]:
    """Check the law, on best values: iterations + idle + standby + other = total."""
    totals = document.totals
    parts = [one.energy_wh for one in _counted(document)]
    yield from _sum(document, "energy_wh", parts, totals.energy_wh)
    attempts = [one.energy_wh for one in _counted(document) if isinstance(one, IterationPart)]
    decided = [totals.kept_energy_wh, totals.discarded_energy_wh, totals.undecided_energy_wh]
    yield from _sum(document, "kept + discarded + undecided", decided, _total(attempts))
    simulated = [one.energy_wh for one in _parts(document) if one.grade is Grade.SIMULATED]
    yield from _sum(document, "simulated_energy_wh", simulated, totals.simulated_energy_wh)


def _machine(document: SessionDocument) -> Iterator[Notice]:
    """Check the machine and the socket as the energy is, where their totals are known."""
    for name in ("host_energy_wh", "wall_energy_wh"):
        total = getattr(document.totals, name)
        if total is not None:
            parts = [getattr(one, name) for one in _parts(document)]
            yield from _sum(document, name, parts, total)


def _co2e(document: SessionDocument) -> Iterator[Notice]:
    parts = [one.co2e_g for one in _counted(document)]
    yield from _sum(document, "co2e_g", parts, document.totals.co2e_g)


def _counts(document: SessionDocument) -> Iterator[Notice]:
    iterations = _iterations(document)
    if document.totals.iterations != len(iterations):
        yield _problem("exports.verify.count", document)
    if len({one.id for one in iterations}) != len(iterations):
        yield _problem("exports.verify.twice", document)
    known = {factor.id for factor in document.factors}
    if any(used not in known for one in iterations for used in one.factor_ids):
        yield _problem("exports.verify.factor", document)


def _sum(
    document: SessionDocument, name: str, parts: Iterable[Range | None], total: Range | None
) -> Iterator[Notice]:
    added = _total(parts)
    one, other = (0.0 if span is None else span.best for span in (added, total))
    if not isclose(one, other, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE):
        yield _problem("exports.verify.sum", document, name=name, parts=one, total=other)


def _total(parts: Iterable[Range | None]) -> Range | None:
    known = [span.best for span in parts if span is not None]
    return Range.exact(fsum(known)) if known else None


def _iterations(document: SessionDocument) -> tuple[IterationPart, ...]:
    return tuple(one for clip in document.clips for one in clip.iterations)


def _parts(document: SessionDocument) -> tuple[IterationPart | Outside, ...]:
    return *_iterations(document), document.idle, document.standby, document.other


def _counted(document: SessionDocument) -> tuple[IterationPart | Outside, ...]:
    """Return what the totals count: without simulated parts, unless all of it is simulated."""
    if document.totals.grade is Grade.SIMULATED:
        return _parts(document)
    return tuple(one for one in _parts(document) if one.grade is not Grade.SIMULATED)


def _spans(document: SessionDocument) -> Iterator[tuple[str, Range]]:
    named: list[tuple[str, msgspec.Struct]] = [("totals", document.totals)]
    named += [("idle", document.idle), ("standby", document.standby), ("other", document.other)]
    named += [(one.id, one) for one in _iterations(document)]
    for name, part in named:
        for field in part.__struct_fields__:
            value = getattr(part, field)
            if isinstance(value, Range):
                yield f"{name}.{field}", value


def _problem(code: str, document: SessionDocument, **arguments: str | float) -> Notice:
    title = visible(document.session.title or document.session.id, limit=80)
    return Notice(code, tuple(sorted({"session": title, **arguments}.items())))
