"""Says what would do for less, for a file or an iteration, and writes the changed workflow."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from vidgreen_gui.advice.estimate import estimate
from vidgreen_gui.advice.recognise import complete
from vidgreen_gui.advice.suggestions import suggest
from vidgreen_gui.engine.report import session_report
from vidgreen_gui.exports.atomic import write_whole
from vidgreen_gui.model.advice import Change, Suggestion
from vidgreen_gui.model.facts import IterationFacts
from vidgreen_gui.model.faults import InputFault, StoreFault, StoreFaultKind
from vidgreen_gui.model.footprint import Range
from vidgreen_gui.model.session import Cached
from vidgreen_gui.model.settings import Extraction
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.settings import load_settings
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.verbs.gpu import card_for
from vidgreen_gui.verbs.inspect import read_content
from vidgreen_gui.workflows.apply import apply
from vidgreen_gui.workflows.extract import extract
from vidgreen_gui.workflows.graph import is_ui_format, load_document, unwrap


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviseRequest:
    """A file's path or an iteration's id; `write` gets the workflow changed by `rules`.

    Without rules, the suggestion that saves most of those that can be written is.
    """

    subject: str
    paths: Paths
    gpu: str | None = None
    write: Path | None = None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviseAnswer:
    """What the generation needs as it is, and what would need less; `notes` are sentence codes."""

    energy_wh: Range | None
    duration_s: Range | None
    suggestions: tuple[Suggestion, ...]
    notes: tuple[str, ...] = ()
    written: Path | None = None


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is advised on: its graph where there is one, its figures where it was measured."""

    extraction: Extraction
    prompt: dict[str, object] | None
    energy_wh: Range | None = None
    duration_s: Range | None = None
    ran_before: bool = False


def advise(request: AdviseRequest) -> AdviseAnswer:
    """Return the advice; raise InputFault for an unknown subject, card or rule.

    Also where nothing can be written. A measured iteration is compared with itself; anything
    else with its estimate on the card.
    """
    user = load_settings(request.paths.settings)
    subject = _subject(request)
    card = card_for(request.gpu, user.card)
    energy_wh, duration_s = subject.energy_wh, subject.duration_s
    suggestions = suggest(
        subject.extraction,
        measured_wh=energy_wh.best if energy_wh else None,
        duration_s=duration_s.best if duration_s else None,
        card=card,
        dismissed=frozenset(user.dismissed) - set(request.rules),
        ran_before=subject.ran_before,
    )
    if suggestions and (energy_wh is None or duration_s is None):
        expected = estimate(subject.extraction.settings, card)
        energy_wh = energy_wh or expected.energy_wh
        duration_s = duration_s or expected.duration_s
    if request.write is not None:
        _write(request.write, subject, _chosen(suggestions, request.rules))
    notes = subject.extraction.notes if suggestions else (
        *subject.extraction.notes, "note.advice.nothing",
    )  # fmt: skip
    return AdviseAnswer(
        energy_wh=energy_wh,
        duration_s=duration_s,
        suggestions=suggestions,
        notes=notes,
        written=request.write,
    )


def advice_document(answer: AdviseAnswer, texts: Texts) -> dict[str, object]:
    """Return the answer as its published JSON, titles and caveats in the user's language."""
    return {
        "baseline": {"energy_wh": answer.energy_wh, "duration_s": answer.duration_s},
        "suggestions": [_document(one, texts) for one in answer.suggestions],
        "notes": [texts.say(code) for code in answer.notes],
    }


def _document(one: Suggestion, texts: Texts) -> dict[str, object]:
    arguments = dict(one.arguments)
    return {
        "rule": one.rule,
        "title": texts.say(one.title, **arguments),
        "keeps": one.keeps,
        "change": [
            {"node": each.node, "input": each.input, "from": each.before, "to": each.after}
            for each in one.change
        ],
        "ratio": one.ratio,
        "saving_wh": one.saving_wh,
        "saving_s": one.saving_s,
        "caveat": texts.say(one.caveat, **arguments),
        "evidence": one.evidence,
        "source": one.source,
    }


def _subject(request: AdviseRequest) -> _Subject:
    path = Path(request.subject)
    if path.is_file():
        content = read_content(path)
        return _Subject(content.extraction, content.prompt)
    try:
        reader = Reader(request.paths.data)
    except StoreFault as fault:
        if fault.kind is StoreFaultKind.MISSING:
            raise InputFault("fault.advise.no_such_subject", subject=request.subject) from fault
        raise
    try:
        return _iteration(reader, request.subject)
    finally:
        reader.close()


def _iteration(reader: Reader, wanted: str) -> _Subject:
    for row in reader.sessions():
        ids = {one.id for one in reader.iterations(row.session.id)
               if wanted in {one.id, one.external_id}}  # fmt: skip
        if ids:
            facts = session_report(reader, row.session)
            every = (each for clip in facts.clips for each in clip.iterations)
            return _stored(reader, next(each for each in every if each.iteration.id in ids))
    raise InputFault("fault.advise.no_such_subject", subject=wanted)


def _stored(reader: Reader, facts: IterationFacts) -> _Subject:
    iteration = facts.iteration
    private = reader.private(iteration.id)
    extraction, prompt = Extraction(settings=complete(iteration.settings)), None
    if private is not None and private.graph_json:
        document = dict(unwrap(load_document(private.graph_json)))
        found = extract(document)
        extraction = Extraction(settings=extraction.settings, origins=found.origins)
        prompt = None if is_ui_format(document) else document
    measured = facts.energy_wh.grade.is_measured and facts.duration_s is not None
    return _Subject(
        extraction,
        prompt,
        energy_wh=facts.energy_wh.range if measured else None,
        duration_s=Range.exact(facts.duration_s or 0.0) if measured else None,
        ran_before=iteration.cached is Cached.ALL,
    )


def _chosen(suggestions: tuple[Suggestion, ...], rules: tuple[str, ...]) -> tuple[Change, ...]:
    by_rule = {one.rule: one for one in suggestions}
    for rule in rules:
        if rule not in by_rule:
            raise InputFault("fault.advise.unknown_rule", rule=rule, known=", ".join(by_rule))
    if not rules:
        return next((one.change for one in suggestions if one.change), ())
    return tuple(change for rule in rules for change in by_rule[rule].change)


def _write(path: Path, subject: _Subject, changes: tuple[Change, ...]) -> None:
    if subject.prompt is None:
        raise InputFault("fault.advise.no_graph")
    if not changes:
        raise InputFault("fault.advise.nothing_to_write")
    changed = apply(subject.prompt, changes)
    write_whole(path, msgspec.json.format(msgspec.json.encode(changed), indent=2) + b"\n")
