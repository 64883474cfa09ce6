"""Four cheaper ways to the same clip or to an idea of it, each with what it saves and costs."""

from dataclasses import dataclass

from vidgreen_gui.advice.alternatives import (
    fewer_frames,
    fewer_steps,
    is_few_steps,
    shorter_frames,
    smaller,
    smaller_size,
)
from vidgreen_gui.advice.cards import GpuCard
from vidgreen_gui.advice.changes import frame_changes, size_changes, step_changes
from vidgreen_gui.advice.cost import Cost, generation_cost
from vidgreen_gui.advice.estimate import estimate
from vidgreen_gui.model.advice import Change, Keeps, Suggestion
from vidgreen_gui.model.footprint import Range
from vidgreen_gui.model.settings import Extraction, Settings

# Ratios of counted operations against pairs of published runs: within 11 % across laboratories.
RATIO_BAND = 0.11
# The same where a relative stands in for the model.
RATIO_BAND_UNKNOWN = 0.25
# VAE, text encoder and loading are known to a factor of two.
FIXED_BAND = 2.0
# An ESRGAN of 16.7 million weights: 36 MFLOP per pixel it is given, at 40 % of the denoiser's
# rate; a plain resize costs nothing, a diffusion upscaler twice as much and more.
UPSCALE_TFLOP_PER_MEGAPIXEL = 90.0
# Less than this is not worth another video.
WORTH_IT = 0.85
_PHYSICS = "Delavande et al. 2025, arXiv 2509.19222: operations of the released model"


@dataclass(frozen=True, slots=True)
class _Case:
    """A generation as it is: its graph, its cost and, where known, what it draws and lasts."""

    extraction: Extraction
    cost: Cost
    energy_wh: float | None
    duration_s: float | None


def suggest(
    extraction: Extraction,
    *,
    measured_wh: float | None = None,
    duration_s: float | None = None,
    card: GpuCard | None = None,
    dismissed: frozenset[str] = frozenset(),
    ran_before: bool = False,
) -> tuple[Suggestion, ...]:
    """Return what would cost less, most time saved first; empty where nothing better is known.

    `extraction.settings` has its family filled in (`recognise.complete`). Savings are of what
    was measured, else of what `card` is expected to need, else None. `ran_before` says that
    this very graph, seed included, ran already.
    """
    settings = extraction.settings
    cost = generation_cost(settings) if settings.samplers else None
    if cost is None or cost.tflop <= 0:
        return ()
    if card is not None:
        expected = estimate(settings, card)
        measured_wh = expected.energy_wh.best if measured_wh is None else measured_wh
        duration_s = expected.duration_s.best if duration_s is None else duration_s
    case = _Case(extraction, cost, measured_wh, duration_s)
    found = (
        _rerun(case) if ran_before else None,
        _few_steps(case),
        _frames(case),
        _size(case),
    )
    kept = [one for one in found if one is not None and one.rule not in dismissed]
    return tuple(sorted(kept, key=lambda one: one.ratio.best))


def _few_steps(case: _Case) -> Suggestion | None:
    settings, few = case.extraction.settings, case.cost.architecture.few_steps
    if few is None or not case.cost.exact or is_few_steps(settings, few.steps):
        return None
    return _suggestion(
        case,
        "few_steps",
        Keeps.OTHER_VIDEO,
        fewer_steps(settings, few.steps),
        change=step_changes(case.extraction, few.steps),
        source=f"{_PHYSICS}; {few.source}",
        arguments=(("steps", few.steps),),
    )


def _frames(case: _Case) -> Suggestion | None:
    settings = case.extraction.settings
    after = shorter_frames(settings, case.cost.architecture)
    if after is None or settings.frames is None:
        return None
    return _suggestion(
        case,
        "frames",
        Keeps.SHORTER,
        fewer_frames(settings, after),
        change=frame_changes(case.extraction, after),
        arguments=(("before", settings.frames), ("after", after)),
    )


def _size(case: _Case) -> Suggestion | None:
    settings = case.extraction.settings
    after = smaller_size(settings, case.cost.architecture)
    if after is None:
        return None
    width, height = after
    return _suggestion(
        case,
        "size",
        Keeps.OTHER_VIDEO,
        smaller(settings, width, height),
        change=size_changes(case.extraction, width, height),
        added_tflop=UPSCALE_TFLOP_PER_MEGAPIXEL * width * height * (settings.frames or 1) / 1e6,
        arguments=(("width", width), ("height", height)),
    )


def _rerun(case: _Case) -> Suggestion:
    ratio = Range(0.0, 0.0, 0.02)
    return Suggestion(
        rule="rerun",
        title="advice.rerun.title",
        keeps=Keeps.SAME_TAKE,
        change=(),
        ratio=ratio,
        saving_wh=_saving(case.energy_wh, ratio),
        saving_s=_saving(case.duration_s, ratio),
        caveat="advice.rerun.caveat",
        evidence="physics",
        source="ComfyUI answers an unchanged graph from its cache",
    )


def _suggestion(
    case: _Case,
    rule: str,
    keeps: Keeps,
    changed: Settings,
    *,
    change: tuple[Change, ...],
    source: str = _PHYSICS,
    added_tflop: float = 0.0,
    arguments: tuple[tuple[str, str | float], ...] = (),
) -> Suggestion | None:
    then = generation_cost(changed)
    if then is None:
        return None
    ratio = _ratio(case.cost, then, added_tflop)
    if ratio.best > WORTH_IT:
        return None
    return Suggestion(
        rule=rule,
        title=f"advice.{rule}.title",
        keeps=keeps,
        change=change,
        ratio=ratio,
        saving_wh=_saving(case.energy_wh, ratio),
        saving_s=_saving(case.duration_s, ratio),
        caveat=f"advice.{rule}.caveat",
        evidence="physics",
        source=source,
        arguments=arguments,
    )


def _ratio(cost: Cost, then: Cost, added_tflop: float) -> Range:
    """Return new over old at 80 %, with all that steps do not touch counted on both sides."""

    def at(fixed: float, added: float) -> float:
        new = then.denoising_tflop + fixed * then.fixed_tflop + added * added_tflop
        return new / (cost.denoising_tflop + fixed * cost.fixed_tflop)

    spread = [at(fixed, added) for fixed in (1 / FIXED_BAND, FIXED_BAND) for added in (0.0, 2.0)]
    band = RATIO_BAND if cost.exact else RATIO_BAND_UNKNOWN
    low, high = min(spread) * (1 - band), max(spread) * (1 + band)
    return Range(at(1.0, 1.0), low, high)


def _saving(whole: float | None, ratio: Range) -> Range | None:
    if whole is None:
        return None
    return Range(*(whole * max(0.0, 1 - part) for part in (ratio.best, ratio.high, ratio.low)))
