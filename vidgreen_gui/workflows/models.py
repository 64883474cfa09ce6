"""Which weights a sampler really runs: its model file, LoRAs, cache and precision."""

import re
from dataclasses import dataclass, field

from vidgreen_gui.model.settings import Lora, Origin
from vidgreen_gui.workflows.evaluate import Evaluator
from vidgreen_gui.workflows.graph import Node, finite

_MODEL_LINKS = (
    "model",
    "model1",
    "model_high",
    "unet",
    "transformer",
    "pipeline",
    "pipe",
    "guider",
)
_NAMES = (
    "unet_name",
    "ckpt_name",
    "model_name",
    "gguf_name",
    "model",
    "model_path",
    "base_ckpt_name",
)
_LORA_LINKS = ("lora", "prev_lora", "lora_stack", "loras", "optional_lora_stack")
_LORA_NAME = re.compile(r"^lora(?:_name)?_?(\d*)$")
_CACHE = re.compile(
    r"EasyCache|LazyCache|TeaCache|MagCache|FBCache|FirstBlockCache|DBCache|WaveCache",
    re.IGNORECASE,
)
_TELLS_PRECISION = re.compile(r"(fp|bf|int)\d|(?<![a-z\d])i?q\d", re.IGNORECASE)
_MAX_CHAIN = 300


@dataclass(slots=True)
class Weights:
    """What the model link of one sampler leads to.

    `precision` is what the loader is told; what a file name tells is for advice to read.
    """

    model: str | None = None
    origin: Origin | None = None
    precision: str | None = None
    cache: str | None = None
    loras: list[Lora] = field(default_factory=list)


def weights_of(evaluator: Evaluator, sampler: Node) -> Weights:
    """Return what runs in `sampler`, read back along the live model links to the loader."""
    weights = Weights()
    seen: set[str] = set()
    node: Node | None = sampler
    while node is not None and node.id not in seen and len(seen) < _MAX_CHAIN:
        seen.add(node.id)
        if node is not sampler:
            _read_loader(evaluator, node, weights)
        _read_loras(evaluator, node, weights, seen)
        _read_cache(evaluator, node, weights)
        node = next(
            (found for name in _MODEL_LINKS if (found := follow(evaluator, node, name))), None
        )
    return weights


def follow(evaluator: Evaluator, node: Node, name: str) -> Node | None:
    """Return the node that a linked input really comes from."""
    source = evaluator.source(node.inputs.get(name))
    return evaluator.graph.nodes.get(source.node) if source else None


def base_name(path: str) -> str:
    """Return a model's file name without its folders."""
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def _read_loader(evaluator: Evaluator, node: Node, weights: Weights) -> None:
    found = next((v for name in _NAMES if (v := evaluator.input(node, name))), None)
    if found is None or not isinstance(found.value, str) or weights.model is not None:
        return
    weights.model, weights.origin = base_name(found.value), found.origin
    chosen = [node.text(n) for n in ("weight_dtype", "quantization", "quant_type")]
    said = [value for value in chosen if value and value not in ("default", "disabled")]
    if said:
        weights.precision = said[0]
    elif not _TELLS_PRECISION.search(weights.model):
        weights.precision = node.text("base_precision")


def _read_loras(evaluator: Evaluator, node: Node, weights: Weights, seen: set[str]) -> None:
    """Put the LoRAs of one node, and of the LoRA chain that hangs on it, before those found."""
    own: list[Lora | None] = []
    for name, value in node.inputs.items():
        numbered = _LORA_NAME.match(name)
        if isinstance(value, dict):
            own.append(_switched(value))
        elif numbered:
            own.append(_named(evaluator, node, name, numbered[1]))
    weights.loras[:0] = [lora for lora in own if lora is not None]
    for name in _LORA_LINKS:
        chained = follow(evaluator, node, name)
        if chained is not None and chained.id not in seen and len(seen) < _MAX_CHAIN // 3:
            seen.add(chained.id)
            _read_loras(evaluator, chained, weights, seen)


def _named(evaluator: Evaluator, node: Node, name: str, number: str) -> Lora | None:
    """Return the LoRA of one input, None where it is none, switched off or of no strength."""
    found = evaluator.input(node, name)
    if found is None or not isinstance(found.value, str) or found.value.lower() in ("none", ""):
        return None
    suffix = f"_{number}" if number else ""
    names = [f"{n}{suffix}" for n in ("strength_model", "strength", "model_weight", "lora_wt")]
    strength = evaluator.number(node, *names, "strength_model")
    if node.inputs.get(f"switch{suffix}") in ("Off", False) or (strength and strength[0] == 0):
        return None
    return Lora(base_name(found.value), strength[0] if strength else None)


def _switched(value: dict[object, object]) -> Lora | None:
    """Return a LoRA written as one value with its own switch, the way rgthree's loader does."""
    name, strength = value.get("lora"), finite(value.get("strength"))
    named = isinstance(name, str) and name.lower() != "none"
    if not named or value.get("on") is False or strength == 0:
        return None
    return Lora(base_name(str(name)), strength)


def _read_cache(evaluator: Evaluator, node: Node, weights: Weights) -> None:
    linked = follow(evaluator, node, "cache_args")
    for candidate in (node, linked):
        found = _CACHE.search(candidate.class_type) if candidate else None
        if found and weights.cache is None:
            weights.cache = found[0]
