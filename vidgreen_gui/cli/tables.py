"""Answers as lines of plain text for the terminal."""

from collections.abc import Sequence

from vidgreen_gui.model.advice import Estimate, Suggestion
from vidgreen_gui.model.settings import Settings
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.numbers import MISSING_TEXT
from vidgreen_gui.texts.visible import visible
from vidgreen_gui.verbs.advise import AdviseAnswer
from vidgreen_gui.verbs.doctor import DoctorAnswer
from vidgreen_gui.verbs.sensors import sensor_lines


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with columns of equal width."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def doctor_lines(answer: DoctorAnswer, texts: Texts) -> list[str]:
    """Return what the doctor found."""
    lines = [f"VidGreen {answer.versions['vidgreen']}"]
    for report in answer.devices:
        lines += sensor_lines(texts, report)
    lines.extend(
        f"● {visible(source.label)} · {visible(source.version)} · "
        f"{visible(', '.join(source.device_names))}"
        for source in answer.comfyui
    )
    if answer.grid is not None:
        lines.append(
            f"● {answer.grid.zone_name}, {texts.numbers.significant(answer.grid.g_per_kwh)} g/kWh "
            f"({answer.grid.year}, {answer.grid.source})"
        )
    lines += [f"  {name}: {path}" for name, path in answer.paths.items()]
    for problem in answer.problems:
        lines += [f"! {problem.what}", f"  → {problem.do}"]
    return lines


def settings_lines(settings: Settings, texts: Texts) -> list[str]:
    """Return one line per known setting."""
    size = f"{settings.width} × {settings.height}" if settings.width and settings.height else None
    rows: list[tuple[str, object]] = [
        ("model", settings.model),
        ("family", settings.family),
        ("size", size),
        ("frames", settings.frames),
        ("fps", settings.fps),
        ("seconds", settings.seconds and texts.numbers.decimal(settings.seconds, 2)),
        ("steps", settings.steps),
        ("evaluations", settings.evaluations),
        ("cfg", settings.cfg),
        ("sampler", settings.sampler),
        ("scheduler", settings.scheduler),
        ("precision", settings.precision),
        ("loras", ", ".join(lora.name for lora in settings.loras) or None),
        ("cache", settings.cache),
        ("seed", settings.seed),
    ]
    shown = [
        (texts.say(f"cli.setting.{name}"), MISSING_TEXT if value is None else visible(str(value)))
        for name, value in rows
    ]
    return aligned(shown)


def estimate_lines(estimate: Estimate, texts: Texts) -> list[str]:
    """Return an estimate in three lines."""
    numbers = texts.numbers
    energy = numbers.plus_minus(estimate.energy_wh, "Wh")
    lines = [
        f"◐ {energy} · {numbers.duration(estimate.duration_s.best)} · {estimate.gpu}",
        texts.say(
            "cli.estimate.basis",
            tflop=numbers.integer(estimate.tflop),
            family=estimate.family,
            basis=texts.say(estimate.basis),
        ),
    ]
    if estimate.co2e_g is not None:
        lines.append(f"{numbers.mass(estimate.co2e_g.best)} CO₂e")
    return lines


def advice_lines(answer: AdviseAnswer, texts: Texts) -> list[str]:
    """Return the suggestions, a few lines each."""
    lines: list[str] = []
    for suggestion in answer.suggestions:
        lines += suggestion_lines(suggestion, texts)
    lines += [texts.say(code) for code in answer.notes]
    return lines or [texts.say("cli.advise.nothing")]


def suggestion_lines(suggestion: Suggestion, texts: Texts) -> list[str]:
    """Return one suggestion: what it is, what it saves, what it keeps, its caveat."""
    numbers, arguments = texts.numbers, dict(suggestion.arguments)
    saved = numbers.percent(suggestion.ratio.best - 1.0)
    span = suggestion.ratio
    doubt = numbers.percent(max(span.high - span.best, span.best - span.low))
    sooner = suggestion.saving_s and texts.say(
        "cli.advise.sooner", duration=numbers.duration(suggestion.saving_s.best)
    )
    head = f"{saved} ± {doubt}  {texts.say(suggestion.title, **arguments)}"
    keeps = texts.say(f"cli.keeps.{suggestion.keeps.value}")
    return [
        f"{head} · {sooner}" if sooner else head,
        f"    {keeps} {texts.say(suggestion.caveat, **arguments)}",
        f"    {suggestion.source}",
    ]
