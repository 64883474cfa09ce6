"""Reads one sampler: steps it runs, evaluations, guidance, noise, size and weights."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from vidgreen_gui.model.settings import Lora, Origin, SamplerPass
from vidgreen_gui.workflows.evaluate import Evaluator
from vidgreen_gui.workflows.geometry import Geometry
from vidgreen_gui.workflows.graph import Node
from vidgreen_gui.workflows.models import Weights, follow, weights_of
from vidgreen_gui.workflows.sigmas import count_steps

_CFGS = ("cfg", "cfg_conds", "video_cfg", "cfg_scale", "hyvid_cfg", "true_cfg")

Found = tuple[float | int, Origin | None] | None
# Notes the literal of a found value under a name and hands on the value.
Keep = Callable[[str, Found], float | int | None]


@dataclass(slots=True)
class Read:
    """A sampler's pass, where its settings stand, and its weights."""

    sampler: SamplerPass
    weights: Weights
    origins: dict[str, Origin] = field(default_factory=dict)


def read_pass(evaluator: Evaluator, geometry: Geometry, node: Node) -> Read:
    """Return what `node`, a sampler, is asked to do."""
    origins: dict[str, Origin] = {}

    def keep(name: str, found: Found) -> float | int | None:
        if found is not None and found[1] is not None:
            origins[name] = found[1]
        return None if found is None else found[0]

    guider = follow(evaluator, node, "guider") or node
    weights = weights_of(evaluator, guider)
    steps = _steps(evaluator, node, keep)
    cfg = keep("cfg", evaluator.number(guider, *_CFGS))
    shape = geometry.of_node(node)
    origins |= shape.origins()
    if weights.origin is not None:
        origins["model"] = weights.origin
    width, height, frames = shape.values()
    calls = _calls_per_step(evaluator, guider, cfg)
    return Read(
        SamplerPass(
            node=node.id,
            class_type=node.class_type,
            steps=None if steps is None else int(steps),
            evaluations=None if steps is None or calls is None else int(steps) * calls,
            cfg=None if cfg is None else float(cfg),
            sampler=_text(evaluator, node, "sampler_name", "sampler"),
            scheduler=_text(evaluator, node, "scheduler", "sigmas"),
            denoise=_denoise(evaluator, node, origins),
            seed=_seed(evaluator, node, origins),
            width=width,
            height=height,
            frames=frames,
            model=weights.model,
            loras=_unique(weights.loras),
        ),
        weights,
        origins,
    )


def _steps(evaluator: Evaluator, node: Node, keep: Keep) -> float | int | None:
    """Return the steps that this pass runs itself, not those of the whole schedule.

    Where the two differ, "schedule_steps" has the literal of the whole.
    """
    if "sigmas" in node.inputs:
        counted = count_steps(evaluator, node.inputs["sigmas"])
        if counted is not None or "steps" not in node.inputs:
            return keep("steps", counted)
    found = evaluator.number(node, "steps")
    if found is None:
        return None
    total = max(0, int(found[0]))
    denoise = evaluator.number(node, "denoise")
    if denoise is not None and denoise[0] <= 0:
        return 0
    start = keep("start_at_step", evaluator.number(node, "start_at_step", "start_step"))
    end = keep("end_at_step", evaluator.number(node, "end_at_step", "end_step"))
    first = min(total, max(0, int(start))) if start is not None else 0
    last = min(total, int(end)) if end is not None and end >= 0 else total
    ran = max(0, last - first)
    keep("steps" if ran == found[0] else "schedule_steps", found)
    return ran


def _calls_per_step(evaluator: Evaluator, guider: Node, cfg: float | None) -> int | None:
    """Return how often one step calls the model, None where an unknown guider hides it.

    Guidance above 1 compares with a negative prompt: a second call. Two guidances make a third.
    """
    second = evaluator.number(guider, "cfg_cond2_negative")
    if second is not None and cfg is not None:
        nested = guider.text("style") == "nested"
        if nested or not math.isclose(second[0], 1):
            return 3
        return 1 if math.isclose(cfg, 1) else 2
    if cfg is not None:
        sound = evaluator.number(guider, "audio_cfg")
        return 2 if cfg > 1 or (sound is not None and sound[0] > 1) else 1
    if guider.class_type == "BasicGuider" or (
        guider.class_type and "negative" not in guider.inputs
    ):
        return 1
    return None


def _text(evaluator: Evaluator, node: Node, direct: str, linked: str) -> str | None:
    """Return a name that stands in the sampler or in the node that its input leads to."""
    found = evaluator.input(node, direct)
    if found is None and (source := follow(evaluator, node, linked)):
        found = evaluator.input(source, direct)
    return found.value if found is not None and isinstance(found.value, str) else None


def _denoise(evaluator: Evaluator, node: Node, origins: dict[str, Origin]) -> float | None:
    for owner in (node, follow(evaluator, node, "sigmas")):
        found = evaluator.number(owner, "denoise", "denoise_strength") if owner else None
        if found is not None:
            if found[1] is not None:
                origins["denoise"] = found[1]
            return float(found[0])
    return None


def _seed(evaluator: Evaluator, node: Node, origins: dict[str, Origin]) -> int | None:
    """Return the seed of the noise this pass adds, None where it adds none."""
    if node.inputs.get("add_noise") in ("disable", False):
        return None
    for owner in (node, follow(evaluator, node, "noise")):
        found = evaluator.number(owner, "seed", "noise_seed") if owner else None
        if found is not None:
            if found[1] is not None:
                origins["seed"] = found[1]
            return int(found[0])
    return None


def _unique(loras: list[Lora]) -> tuple[Lora, ...]:
    return tuple(dict.fromkeys(loras))
