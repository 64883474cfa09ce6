"""Finds what a prompt really runs: back from what it saves, through live branches only."""

import re

from vidgreen_gui.workflows.evaluate import Evaluator
from vidgreen_gui.workflows.graph import Graph, Link, Node

_VIDEO_SAVER = re.compile(
    r"(save|export).*(video|webm|animated|gif|mp4|prores)|video.?combine|writevideo", re.IGNORECASE
)
_SAVER = re.compile(r"save|export|image sender", re.IGNORECASE)
_PREVIEWER = re.compile(r"preview|show|display|compare", re.IGNORECASE)
_SCHEDULER = re.compile(r"schedul|sigmas", re.IGNORECASE)
_LATENTS = ("latent_image", "latent", "latents", "samples", "image_embeds", "hyvid_embeds")
_MODELS = ("model", "guider", "pipeline", "pipe")


def saver_rank(node: Node) -> int | None:
    """Return 0 for what saves a video, 1 a picture or more, 2 a preview, None for other nodes."""
    name = node.class_type
    if _VIDEO_SAVER.search(name):
        return 2 if node.inputs.get("save_output") is False else 0
    if _PREVIEWER.search(name):
        return 2
    if _SAVER.search(name):
        return 1
    return None


def outputs(graph: Graph) -> list[Node]:
    """Return the nodes a prompt is run for; where none saves, those that nothing else uses."""
    savers = [node for node in graph.nodes.values() if saver_rank(node) is not None]
    if savers:
        return savers
    used = {link.node for node in graph.nodes.values() for _, link in node.links()}
    return [node for node in graph.nodes.values() if node.id not in used]


def walk(evaluator: Evaluator, roots: list[Node], skip: tuple[str, ...] = ()) -> list[Node]:
    """Return the nodes that `roots` need and the roots, each after those it needs.

    Inputs whose name begins with one of `skip` are not followed.
    """
    order: list[Node] = []
    seen: set[str] = set()
    for root in roots:
        stack: list[tuple[Node, bool]] = [(root, False)]
        while stack:
            node, entered = stack.pop()
            if entered:
                order.append(node)
                continue
            if node.id in seen:
                continue
            seen.add(node.id)
            stack.append((node, True))
            for name in reversed(evaluator.live_inputs(node)):
                link = node.inputs.get(name)
                needed = evaluator.graph.nodes.get(link.node) if isinstance(link, Link) else None
                if needed is not None and not (skip and name.startswith(skip)):
                    stack.append((needed, False))
    return order


def is_sampler(node: Node) -> bool:
    """Return whether a node runs a model step by step: known by its inputs, not by its name."""
    inputs = node.inputs
    if _SCHEDULER.search(node.class_type):
        return False
    if "sigmas" in inputs and ("guider" in inputs or "model" in inputs):
        return any(name in inputs for name in (*_LATENTS, "width", "noise"))
    has_model = any(name in inputs for name in _MODELS)
    works_on = any(name in inputs for name in (*_LATENTS, "width", "image", "positive"))
    return "steps" in inputs and has_model and works_on
