"""Puts clips, iterations and settings into words: what changed, how it stands, how we know."""

import re

from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.wording import DOT, clock, energy_words
from vidgreen_gui.model.facts import ClipFacts, IterationFacts, SettingChange
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.session import Cached, Status, Where
from vidgreen_gui.model.settings import Settings
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.numbers import MISSING_TEXT

_TOLD_APART = ("seed", "prompt", "model", "sampler", "scheduler", "loras", "cache", "precision")
_NUMBERS = ("frames", "steps", "width", "height", "cfg", "fps", "size")
_MODEL_FILE_END = re.compile(r"(_scaled)?\.(safetensors|gguf|sft|ckpt)$")
_NOISE_OF_A_PAIR = re.compile(r" (high|low)( noise)?")
MARKS = {True: "✓", False: "✕", None: "?"}


def setting_name(texts: Texts, name: str) -> str:
    """Return a setting's name in the user's words, as it came where we have none."""
    if name in _TOLD_APART or name in _NUMBERS:
        return texts.say(f"gui.setting.{name}")
    return visible(name, 40)


def change(texts: Texts, one: SettingChange) -> str:
    """Return one change: "new seed", "frames 81 → 49"."""
    if one.name in _TOLD_APART:
        return texts.say(f"gui.changed.{one.name}")
    name = setting_name(texts, one.name)
    if one.before is None or one.after is None:
        return name
    return f"{name} {_value(texts, one.before)} → {_value(texts, one.after)}"


def what_changed(texts: Texts, facts: IterationFacts) -> str:
    """Return what sets an iteration apart from the one before in its clip."""
    if facts.iteration.cached is Cached.ALL:
        return texts.say("gui.changed.cached")
    if facts.changes:
        return ", ".join(change(texts, one) for one in facts.changes)
    return texts.say("gui.changed.first" if facts.first else "gui.changed.nothing")


def state_words(texts: Texts, facts: IterationFacts) -> str:
    """Return how an iteration stands where that is not plain "completed", else ""."""
    status = facts.iteration.status
    if status in {Status.FAILED, Status.CANCELLED, Status.UNKNOWN}:
        return texts.say(f"gui.status.{status.value}")
    if facts.iteration.where is not Where.LOCAL:
        return texts.say(f"gui.where.{facts.iteration.where.value}")
    return ""


def per_second(texts: Texts, facts: IterationFacts) -> str:
    """Return the energy per second of finished video, "" where none was made here."""
    iteration = facts.iteration
    made = iteration.status is Status.COMPLETED and iteration.cached is not Cached.ALL
    if facts.wh_per_second is None or not made or iteration.where is not Where.LOCAL:
        return ""
    return texts.say("gui.per_second", wh=texts.numbers.significant(facts.wh_per_second, 2))


def second_line(texts: Texts, facts: IterationFacts) -> str:
    """Return what stands under an iteration: progress, else state, else energy per second."""
    if facts.iteration.status is Status.RUNNING:
        return progress_words(texts, facts)
    parts = [state_words(texts, facts), per_second(texts, facts)]
    if facts.energy_wh.range is None:
        parts.append(texts.say("gui.grade.missing"))
    said = DOT.join(part for part in parts if part)
    return said or texts.numbers.duration(facts.duration_s)


def progress_words(texts: Texts, facts: IterationFacts) -> str:
    """Return how far a running iteration is: "step 13 of 20 · ends 14:49"."""
    progress = facts.progress
    if progress is None:
        return texts.say("gui.status.running")
    step = texts.say("gui.step", step=progress.step, steps=progress.steps)
    if progress.finish_utc_ns is None:
        return step
    return step + DOT + texts.say("gui.ends", time=clock(progress.finish_utc_ns))


def clip_words(texts: Texts, clip: ClipFacts) -> str:
    """Return a clip's second line: "4 iterations · 1 running · 2 to decide"."""
    marks = [one.iteration.kept for one in clip.iterations]
    running = sum(one.iteration.status is Status.RUNNING for one in clip.iterations)
    undecided = marks.count(None) - running
    parts = [texts.count("gui.iterations", len(marks))]
    for code, n in (
        ("gui.running", running),
        ("gui.kept", marks.count(True)),
        ("gui.discarded", marks.count(False)),
        ("gui.to_decide", undecided),
    ):
        if n > 0 and len(parts) < 3:
            parts.append(texts.count(code, n))
    return DOT.join(parts)


def mark(facts: IterationFacts) -> str:
    """Return the glyph of an iteration's mark; a running one shows that it runs."""
    if facts.iteration.status is Status.RUNNING:
        return "◔"
    return MARKS[facts.iteration.kept]


def mark_word(texts: Texts, facts: IterationFacts) -> str:
    """Return the word for `mark`, for those who hear the list."""
    if facts.iteration.status is Status.RUNNING:
        return texts.say("gui.status.running")
    names = {True: "gui.mark.kept", False: "gui.mark.discarded", None: "gui.mark.undecided"}
    return texts.say(names[facts.iteration.kept])


def with_shape(shown: str, grade: Grade) -> str:
    """Return a figure with its grade's shape before it, except where it is measured or absent."""
    if grade.is_measured or shown == MISSING_TEXT:
        return shown
    return f"{grade.shape} {shown}"


def setting_rows(texts: Texts, facts: IterationFacts) -> list[tuple[str, str]]:
    """Return label and value of what an iteration was asked to do, for the details card."""
    settings = facts.iteration.settings
    return [
        (texts.say("gui.field.model"), _model(texts, settings)),
        (texts.say("gui.field.size"), _size(texts, settings)),
        (texts.say("gui.field.frames"), _frames(texts, settings)),
        (texts.say("gui.field.steps"), _steps(settings)),
        (texts.say("gui.field.cfg"), _cfg(texts, settings)),
        (texts.say("gui.field.sampler"), _sampler(settings)),
        (texts.say("gui.field.lora"), _loras(texts, settings)),
        (texts.say("gui.field.energy"), _energy(texts, facts)),
    ]


def _value(texts: Texts, value: str | float) -> str:
    if isinstance(value, str):
        return visible(value, 24)
    return texts.numbers.decimal(value, 0 if float(value).is_integer() else 1)


def _model(texts: Texts, settings: Settings) -> str:
    if settings.model is None:
        return MISSING_TEXT
    name = settings.model.replace("\\", "/").rsplit("/", 1)[-1]
    pair = len({one.model for one in settings.samplers if one.model}) == 2
    words = _MODEL_FILE_END.sub("", name).replace("_", " ")
    shown = visible(_NOISE_OF_A_PAIR.sub("", words) if pair else words, 60)
    return texts.say("gui.model.pair", model=shown) if pair else shown


def _size(texts: Texts, settings: Settings) -> str:
    if settings.width is None or settings.height is None:
        return MISSING_TEXT
    return texts.say("gui.size", width=settings.width, height=settings.height)


def _frames(texts: Texts, settings: Settings) -> str:
    if settings.frames is None:
        return MISSING_TEXT
    if settings.fps is None or settings.seconds is None:
        return texts.numbers.integer(settings.frames)
    return texts.say(
        "gui.frames_at",
        frames=texts.numbers.integer(settings.frames),
        fps=texts.numbers.significant(settings.fps, 2),
        seconds=texts.numbers.decimal(settings.seconds, 1),
    )


def _steps(settings: Settings) -> str:
    if settings.steps is None:
        return MISSING_TEXT
    passes = [str(one.steps) for one in settings.samplers if one.steps]
    if 2 <= len(passes) <= 4:
        return f"{settings.steps} ({' + '.join(passes)})"
    return str(settings.steps)


def _cfg(texts: Texts, settings: Settings) -> str:
    if settings.cfg is None:
        return MISSING_TEXT
    shown = texts.numbers.decimal(settings.cfg, 1)
    return texts.say("gui.cfg.twice" if settings.cfg > 1 else "gui.cfg.once", cfg=shown)


def _sampler(settings: Settings) -> str:
    named = [visible(one, 40) for one in (settings.sampler, settings.scheduler) if one]
    return DOT.join(named) or MISSING_TEXT


def _loras(texts: Texts, settings: Settings) -> str:
    if not settings.loras:
        return texts.say("gui.none")
    return ", ".join(visible(one.name.rsplit("/", 1)[-1], 40) for one in settings.loras)


def _energy(texts: Texts, facts: IterationFacts) -> str:
    if facts.energy_wh.range is None:
        return MISSING_TEXT
    shown = energy_words(texts, facts.energy_wh.best)
    if facts.iteration.status is Status.RUNNING:
        return texts.say("gui.so_far", energy=shown)
    if not shown.startswith("<"):
        shown = texts.numbers.plus_minus(facts.energy_wh.range, "Wh")
    return with_shape(shown, facts.energy_wh.grade)
