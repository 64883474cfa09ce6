"""Reads the settings of a generation out of its ComfyUI graph."""

from collections.abc import Mapping

from vidgreen_gui.model.settings import Extraction, Origin, SamplerPass, Settings
from vidgreen_gui.workflows.evaluate import Evaluator
from vidgreen_gui.workflows.geometry import Geometry
from vidgreen_gui.workflows.graph import (
    Graph,
    Node,
    finite,
    is_ui_format,
    load_document,
    parse_api,
    unwrap,
)
from vidgreen_gui.workflows.hints import hints_of
from vidgreen_gui.workflows.live import is_sampler, outputs, saver_rank, walk
from vidgreen_gui.workflows.partners import is_partner
from vidgreen_gui.workflows.passes import Read, read_pass
from vidgreen_gui.workflows.shapes import Shape
from vidgreen_gui.workflows.ui_format import parse_ui

# More passes than any clip has; what comes after them is not read.
MAX_PASSES = 200


def extract(
    prompt: Mapping[str, object] | bytes | str, workflow_id: str | None = None
) -> Extraction:
    """Return the settings of `prompt`: an API-format graph or a workflow as the browser saves it.

    Only what the graph says is filled in; what is known at run time only stays None. Raises
    InputFault for anything that is no ComfyUI graph.
    """
    document = load_document(prompt) if isinstance(prompt, bytes | str) else prompt
    return extract_graph(read_graph(document), workflow_id)


def read_graph(document: object) -> Graph:
    """Return the graph of a parsed document in either format; raise InputFault."""
    workflow = unwrap(document)
    return parse_ui(workflow) if is_ui_format(workflow) else parse_api(workflow)


def extract_graph(graph: Graph, workflow_id: str | None = None) -> Extraction:
    """Return the settings of a graph that was read already."""
    evaluator = Evaluator(graph)
    geometry = Geometry(evaluator)
    ends = outputs(graph)
    live = walk(evaluator, ends)
    saver = _finished_clip(evaluator, geometry, ends)
    samplers = [node for node in live if is_sampler(node)][:MAX_PASSES]
    reads = [read_pass(evaluator, geometry, node) for node in samplers]
    shape = geometry.of_node(saver) if saver else Shape()
    origins = shape.origins()
    fps = _fps(evaluator, saver, origins)
    hints, texts = hints_of(evaluator, saver, live, workflow_id or graph.workflow_id)
    settings = _settings(reads, shape, fps)
    return Extraction(
        settings=settings,
        origins=origins | _pass_origins(graph, reads),
        hints=hints,
        texts=texts,
        partner_nodes=tuple(node.id for node in live if is_partner(node)),
        save_nodes=tuple(node.id for node in ends if saver_rank(node) in (0, 1)),
        notes=_notes(evaluator, settings, saver),
    )


def _notes(evaluator: Evaluator, settings: Settings, saver: Node | None) -> tuple[str, ...]:
    """Return what the user should know: a hole in the settings that the file's format made."""
    needed: list[float | None] = [settings.width, settings.height]
    if saver is not None and saver_rank(saver) == 0:
        needed += [settings.frames, settings.fps]
    needed += [settings.steps, settings.evaluations]
    # A sampler whose values have no names is not even known to be one.
    nameless = evaluator.missed if settings.samplers else evaluator.graph.unread
    hole = bool(nameless) and None in needed
    return ("note.workflow.values_without_names",) if hole else ()


def _settings(reads: list[Read], shape: Shape, fps: float | None) -> Settings:
    passes = tuple(read.sampler for read in reads)
    width, height, frames = shape.values()
    main = _main(passes)
    weights = next((read.weights for read in reads if read.sampler is main), None)
    steps = [one.steps for one in passes if one.steps is not None]
    evaluations = [one.evaluations for one in passes if one.evaluations is not None]
    complete = len(steps) == len(passes) and passes != ()
    return Settings(
        model=main.model if main else None,
        width=width,
        height=height,
        frames=frames,
        fps=fps,
        seconds=frames / fps if frames and fps else None,
        steps=sum(steps) if complete else None,
        evaluations=sum(evaluations) if passes and len(evaluations) == len(passes) else None,
        cfg=main.cfg if main else None,
        sampler=main.sampler if main else None,
        scheduler=main.scheduler if main else None,
        precision=weights.precision if weights else None,
        loras=tuple(dict.fromkeys(lora for one in passes for lora in one.loras)),
        cache=next((read.weights.cache for read in reads if read.weights.cache), None),
        seed=next((one.seed for one in passes if one.seed is not None), None),
        samplers=passes,
    )


def _main(passes: tuple[SamplerPass, ...]) -> SamplerPass | None:
    """Return the first pass that makes the clip itself.

    A still made before it, or a depth map drawn in a step or two, is not it: a pass counts that
    works on the most frames and runs at least a quarter of the most steps.
    """
    longest = max((one.frames or 0 for one in passes), default=0)
    candidates = [one for one in passes if longest <= 1 or (one.frames or longest) > 1]
    most = max((one.steps or 0 for one in candidates), default=0)
    return next((one for one in candidates if 4 * (one.steps or 0) >= most), None)


def _finished_clip(evaluator: Evaluator, geometry: Geometry, ends: list[Node]) -> Node | None:
    """Return the node that saves the clip: a video before a picture before a preview.

    Of several, the one with most passes behind it, then the biggest, then the nearest to them.
    """

    def order(node: Node) -> tuple[int, int, int, int]:
        rank = saver_rank(node)
        before = walk(evaluator, [node])
        samplers = sum(map(is_sampler, before))
        return (
            3 if rank is None else rank,
            -samplers,
            -geometry.of_node(node).volume(),
            len(before),
        )

    # A prompt may save every frame of a long comparison; the first fifty are enough to choose.
    return min(ends[:50], key=order, default=None)


def _fps(evaluator: Evaluator, saver: Node | None, origins: dict[str, Origin]) -> float | None:
    """Return the frame rate of the finished clip, from its saver or what feeds it a video."""
    if saver is None:
        return None
    for node in reversed(walk(evaluator, [saver])):
        if saver_rank(node) is None and "images" not in node.inputs:
            continue
        found = evaluator.number(node, "fps", "frame_rate")
        if found is not None and 0.01 <= found[0] <= 10_000:
            if found[1] is not None:
                origins["fps"] = found[1]
            return float(found[0])
    return None


def _pass_origins(graph: Graph, reads: list[Read]) -> dict[str, Origin]:
    """Return the literals of each pass, and those that hold for the whole generation."""
    found = {
        f"samplers.{index}.{name}": origin
        for index, read in enumerate(reads)
        for name, origin in read.origins.items()
    }
    main = _main(tuple(read.sampler for read in reads))
    for read in reads:
        if read.sampler is main:
            found |= {n: o for n, o in read.origins.items() if n in ("cfg", "model")}
        if "seed" in read.origins and "seed" not in found:
            found["seed"] = read.origins["seed"]
    total = sum(read.sampler.steps or 0 for read in reads)
    literals = {
        read.origins[name]
        for read in reads
        for name in ("steps", "schedule_steps")
        if name in read.origins
    }
    if len(literals) == 1:
        (origin,) = literals
        literal = graph.nodes[origin.node].inputs.get(origin.input)
        if finite(literal) == total:
            found["steps"] = origin
    return found
