"""Settings as they would be: with fewer steps, fewer frames or a smaller picture."""

import math
from dataclasses import replace

from vidgreen_gui.advice.architectures import Architecture
from vidgreen_gui.advice.recognise import is_distilled
from vidgreen_gui.model.settings import SamplerPass, Settings

# Clips up to here are short enough for judging motion: nothing to cut.
SHORT_FRAMES = 49
SHORT_SECONDS = 5.0
LEAST_FRAMES = 17
FRAMES_KEPT = 0.6
# The short side that models are trained at, and the most that an upscaler should add.
DRAFT_SIDE = 480
LEAST_SCALE = 0.5
LARGEST_SCALE = 0.75


def is_few_steps(settings: Settings, steps: int) -> bool:
    """Return whether a generation is distilled already, or does no more work than if it were."""
    names = [lora.name for lora in settings.loras]
    for each in settings.samplers:
        names += [lora.name for lora in each.loras]
        names += [each.model] if each.model else []
    names += [settings.model] if settings.model else []
    if any(is_distilled(name) for name in names):
        return True
    return settings.steps is not None and settings.steps <= 2 * steps


def split_steps(settings: Settings, steps: int) -> tuple[int, ...]:
    """Return the steps of each pass when the whole has `steps`, in proportion, at least one each.

    The last pass of a schedule takes what is left, so that a pair of 10 and 10 becomes 2 and 2.
    """
    own = [each.steps or 0 for each in settings.samplers]
    total = sum(own)
    done = 0
    split = []
    for before, count in zip((sum(own[:i]) for i in range(len(own))), own, strict=True):
        until = max(done + 1, round(steps * (before + count) / total)) if total else done + 1
        split.append(until - done)
        done = until
    return tuple(split)


def fewer_steps(settings: Settings, steps: int) -> Settings:
    """Return the settings with `steps` evaluations in all and guidance off."""
    passes = tuple(
        replace(each, steps=count, evaluations=count, cfg=None if each.cfg is None else 1.0)
        for each, count in zip(settings.samplers, split_steps(settings, steps), strict=True)
    )
    total = sum(each.steps or 0 for each in passes)
    return replace(settings, samplers=passes, steps=total, evaluations=total, cfg=1.0)


def shorter_frames(settings: Settings, architecture: Architecture) -> int | None:
    """Return three fifths of the frames, on the VAE's grid; None for a clip that is short."""
    frames = settings.frames
    if frames is None:
        return None
    seconds = frames / (settings.fps or architecture.fps)
    if frames <= SHORT_FRAMES and seconds <= SHORT_SECONDS:
        return None
    stride = architecture.stride_t
    after = round((FRAMES_KEPT * frames - 1) / stride) * stride + 1
    return after if LEAST_FRAMES <= after < frames else None


def fewer_frames(settings: Settings, frames: int) -> Settings:
    """Return the settings with that length in every pass that makes the whole clip."""
    return replace(
        settings,
        frames=frames,
        samplers=tuple(
            replace(each, frames=frames if each.frames != 1 else 1) for each in settings.samplers
        ),
    )


def smaller_size(settings: Settings, architecture: Architecture) -> tuple[int, int] | None:
    """Return a draft's width and height on the model's grid; None where it is small already.

    A workflow whose passes differ in size upscales by itself and is left alone.
    """
    width, height = settings.width, settings.height
    if not (width and height) or len(_sizes(settings.samplers) | {(width, height)}) > 1:
        return None
    scale = max(LEAST_SCALE, DRAFT_SIDE / min(width, height))
    if scale > LARGEST_SCALE:
        return None
    grid = architecture.stride_xy * architecture.patch_xy
    return tuple(max(grid, math.ceil(side * scale / grid) * grid) for side in (width, height))  # type: ignore[return-value]


def smaller(settings: Settings, width: int, height: int) -> Settings:
    """Return the settings at another size in every pass."""
    passes = tuple(replace(each, width=width, height=height) for each in settings.samplers)
    return replace(settings, width=width, height=height, samplers=passes)


def _sizes(passes: tuple[SamplerPass, ...]) -> set[tuple[int, int]]:
    return {(each.width, each.height) for each in passes if each.width and each.height}
