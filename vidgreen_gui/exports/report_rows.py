"""The tables of a report: clips, their iterations, and what belongs to none."""

import re
from dataclasses import dataclass
from datetime import tzinfo

from vidgreen_gui.exports.document import base_name
from vidgreen_gui.exports.wording import LONGEST, grade_words
from vidgreen_gui.model.facts import ClipFacts, IterationFacts, SessionFacts, SettingChange
from vidgreen_gui.model.footprint import Figure, Grade
from vidgreen_gui.model.session import Cached, Status, Where
from vidgreen_gui.model.units import datetime_from_utc_ns
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.numbers import MISSING_TEXT
from vidgreen_gui.texts.visible import visible

# Changes whose values say something; the others would be long, or private.
_VALUED = {"frames", "fps", "steps", "cfg", "width", "height"}
_FILE_TYPE = re.compile(r"\.(safetensors|gguf|ckpt|pth?|bin)$", re.IGNORECASE)
_NAMED = _VALUED | {"seed", "prompt", "model", "loras", "sampler", "scheduler", "precision"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IterationRow:
    """An iteration in words; `shape` and `grade` tell how its energy is known."""

    number: str
    started: str
    changed: str
    settings: str
    state: str
    mark: str
    duration: str
    energy: str
    spread: str
    shape: str
    grade: str
    co2e: str
    outputs: str
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRow:
    """A clip in words; `share` is its part of the session's energy in per cent, for a bar."""

    name: str
    models: str
    attempts: str
    kept: str
    discarded: str
    undecided: str
    energy: str
    co2e: str
    share: float
    share_text: str
    iterations: tuple[IterationRow, ...]


@dataclass(frozen=True, slots=True)
class OutsideRow:
    """Energy under its own name."""

    name: str
    energy: str
    co2e: str


def clip_rows(
    facts: SessionFacts, texts: Texts, zone: tzinfo | None, *, with_private: bool
) -> tuple[ClipRow, ...]:
    """Return the clips of a session in their order."""
    total = facts.totals.energy_wh.best
    return tuple(_clip(clip, total, texts, zone, with_private) for clip in facts.clips)


def outside_rows(facts: SessionFacts, texts: Texts) -> tuple[OutsideRow, ...]:
    """Return idle, standby and what other programs used, those that are known."""
    named = (
        ("exports.report.idle", facts.idle_wh, facts.idle_co2e_g),
        ("exports.report.standby", facts.standby_wh, facts.standby_co2e_g),
        ("exports.report.other", facts.other_wh, facts.other_co2e_g),
    )
    return tuple(
        OutsideRow(
            texts.say(code), texts.numbers.energy(energy.best), texts.numbers.mass(co2e.best)
        )
        for code, energy, co2e in named
        if energy.best is not None
    )


def _clip(
    clip: ClipFacts, total: float | None, texts: Texts, zone: tzinfo | None, with_private: bool
) -> ClipRow:
    numbers = texts.numbers
    marks = [one.iteration.kept for one in clip.iterations]
    part = clip.energy_wh.best / total if clip.energy_wh.best is not None and total else None
    models = dict.fromkeys(
        visible(_FILE_TYPE.sub("", base_name(one.iteration.settings.model)), LONGEST)
        for one in clip.iterations
        if one.iteration.settings.model
    )
    return ClipRow(
        name=visible(clip.clip.name, LONGEST),
        models=", ".join(models),
        attempts=numbers.integer(len(marks)),
        kept=numbers.integer(marks.count(True)),
        discarded=numbers.integer(marks.count(False)),
        undecided=numbers.integer(marks.count(None)),
        energy=numbers.energy(clip.energy_wh.best),
        co2e=numbers.mass(clip.co2e_g.best),
        share=0.0 if part is None else round(part * 100, 1),
        share_text=MISSING_TEXT if part is None else numbers.percent(part),
        iterations=tuple(_iteration(one, texts, zone, with_private) for one in clip.iterations),
    )


def _iteration(
    facts: IterationFacts, texts: Texts, zone: tzinfo | None, with_private: bool
) -> IterationRow:
    numbers, iteration = texts.numbers, facts.iteration
    started = iteration.started_utc_ns
    mark = {True: "kept", False: "discarded", None: "undecided"}[iteration.kept]
    local = None if started is None else datetime_from_utc_ns(started).astimezone(zone)
    return IterationRow(
        number=str(iteration.number),
        started=MISSING_TEXT if local is None else f"{local:%H:%M}",
        changed=_changed(facts, texts),
        settings=_settings(facts, texts),
        state=_state(facts, texts),
        mark=texts.say(f"exports.report.marked.{mark}"),
        duration=numbers.duration(facts.duration_s),
        energy=numbers.energy(facts.energy_wh.best),
        spread=_spread(facts.energy_wh, texts),
        shape=facts.energy_wh.grade.shape,
        grade=grade_words(facts.energy_wh.grade, texts),
        co2e=numbers.mass(facts.co2e_g.best),
        outputs=", ".join(
            visible(base_name(output.filename), LONGEST) for output in iteration.outputs
        ),
        prompts=tuple(visible(text) for text in facts.prompts) if with_private else (),
    )


def _spread(figure: Figure, texts: Texts) -> str:
    """Return "± 2.4", nothing for what is invented or missing."""
    span = figure.range
    if span is None or figure.grade is Grade.SIMULATED or span.high <= span.low:
        return ""
    half = max(span.high - span.best, span.best - span.low)
    return f"± {texts.numbers.significant(half, 2)}"


def _settings(facts: IterationFacts, texts: Texts) -> str:
    settings, numbers = facts.iteration.settings, texts.numbers
    parts = []
    if settings.width and settings.height:
        parts.append(f"{settings.width} × {settings.height}")
    if settings.frames:
        parts.append(texts.say("exports.report.frames", frames=numbers.integer(settings.frames)))
    if settings.seconds:
        parts.append(numbers.duration(settings.seconds))
    if settings.steps:
        parts.append(texts.say("exports.report.steps", steps=settings.steps))
    if settings.cfg is not None:
        parts.append(texts.say("exports.report.cfg", cfg=numbers.significant(settings.cfg, 2)))
    return " · ".join(parts)


def _changed(facts: IterationFacts, texts: Texts) -> str:
    if facts.first:
        return texts.say("exports.report.first")
    return ", ".join(_change(change, texts) for change in facts.changes)


def _change(change: SettingChange, texts: Texts) -> str:
    if change.name not in _NAMED:
        return visible(change.name, LONGEST)
    name = texts.say(f"exports.report.setting.{change.name}")
    if change.name not in _VALUED or change.before is None or change.after is None:
        return texts.say("exports.report.new", name=name)
    before, after = (_setting(value, texts) for value in (change.before, change.after))
    return texts.say("exports.report.change", name=name, before=before, after=after)


def _setting(value: str | float, texts: Texts) -> str:
    if isinstance(value, str):
        return visible(value, LONGEST)
    return texts.numbers.decimal(value, 0 if value == int(value) else 2)


def _state(facts: IterationFacts, texts: Texts) -> str:
    """Return what is unusual about an iteration, nothing where it ran here and was completed."""
    iteration, parts = facts.iteration, []
    if iteration.status is not Status.COMPLETED:
        parts.append(texts.say(f"exports.report.status.{iteration.status.value}"))
    if iteration.cached is not Cached.NO:
        parts.append(texts.say(f"exports.report.cached.{iteration.cached.value}"))
    if iteration.where is not Where.LOCAL:
        provider = iteration.provider or texts.say("exports.report.where.somebody")
        parts.append(
            texts.say(
                f"exports.report.where.{iteration.where.value}",
                provider=visible(provider, LONGEST),
            )
        )
    return ", ".join(parts)
