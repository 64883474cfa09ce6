"""Counts the steps in a schedule of noise levels."""

from vidgreen_gui.model.settings import Origin
from vidgreen_gui.workflows.evaluate import MAX_DEPTH, Evaluator
from vidgreen_gui.workflows.graph import Link, Node

Count = tuple[int, Origin | None]


def count_steps(evaluator: Evaluator, link: object, depth: int = 0) -> Count | None:
    """Return how many steps a SIGMAS output makes and the literal that says so, else None."""
    source = evaluator.source(link)
    node = evaluator.graph.nodes.get(source.node) if source else None
    if source is None or node is None or depth > MAX_DEPTH:
        return None
    if node.class_type.startswith("SplitSigmas"):
        return _split(evaluator, node, source.slot, depth)
    steps = evaluator.number(node, "steps")
    if steps is not None:
        denoise = evaluator.number(node, "denoise")
        if denoise is not None and denoise[0] <= 0:
            return 0, None
        return max(0, int(steps[0])), steps[1]
    written = evaluator.input(node, "sigmas")
    if written is not None and isinstance(written.value, str):
        levels = [part for part in written.value.replace(",", " ").split() if part]
        return max(0, len(levels) - 1), None
    inner = node.inputs.get("sigmas")
    return count_steps(evaluator, inner, depth + 1) if isinstance(inner, Link) else None


def _split(evaluator: Evaluator, node: Node, slot: int, depth: int) -> Count | None:
    """Return one half of a split: at a step, or at a share of denoising."""
    whole = count_steps(evaluator, node.inputs.get("sigmas"), depth + 1)
    at = evaluator.number(node, "step", "denoise")
    if whole is None or at is None:
        return None
    n = whole[0]
    first = n - round(n * at[0]) if "denoise" in node.inputs else int(at[0])
    first = max(0, min(n, first))
    return (first if slot == 0 else n - first), None
