"""Follows pictures and latents through the graph and says what size they have there."""

import math
import re
from collections.abc import Callable
from dataclasses import replace

from vidgreen_gui.workflows.evaluate import Evaluator
from vidgreen_gui.workflows.graph import Link, Node
from vidgreen_gui.workflows.shapes import MAX_SIDE, Shape, Side

MAX_DEPTH = 80
_WIDTHS = ("width", "custom_width", "target_width")
_HEIGHTS = ("height", "custom_height", "target_height")
_LENGTHS = ("length", "num_frames", "video_frames", "frame_count", "frame_load_cap", "frames")
_FACTORS = ("scale_by", "upscale_by", "rescale_factor", "resize_type.multiplier")
_UPSTREAM = (
    "image_embeds", "samples", "latent_image", "latent", "latents", "video_latent", "av_latent",
    "samples1", "images", "image", "pixels", "frames", "video", "input", "image1",
)  # fmt: skip
_PICTURES = re.compile(r"^(images?|frames|image_?\d+|images\.image\d+)$")
_STRIDES = ((re.compile("LTX|Cosmos"), 8), (re.compile("Mochi"), 6))
_FACTOR_IN_NAME = re.compile(r"(?<![\da-z])x(\d(?:\.\d)?)|(\d)x(?![a-z\d])", re.IGNORECASE)

Rule = Callable[["Geometry", Node, Shape], Shape]


class Geometry:
    """Answers what an output measures; every answer is remembered, every loop ends as unknown."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        evaluator.image_size = lambda link: self.of(link).values()
        self._known: dict[Link, Shape] = {}
        self._depth = 0

    def of(self, link: object) -> Shape:
        """Return the shape of what a link carries, with None for what is known at run time only."""
        source = self.evaluator.source(link)
        if source is None or self._depth >= MAX_DEPTH:
            return Shape()
        if source not in self._known:
            self._known[source] = Shape()
            self._depth += 1
            try:
                self._known[source] = self.of_node(self.evaluator.graph.nodes[source.node])
            finally:
                self._depth -= 1
        return self._known[source]

    def of_node(self, node: Node) -> Shape:
        """Return the shape of what a node puts out, or of what it saves."""
        before = self.of(next((node.inputs[n] for n in _UPSTREAM if self._linked(node, n)), None))
        for pattern, rule in _RULES:
            if pattern.search(node.class_type):
                return rule(self, node, before)
        return self._by_inputs(node, before)

    def side(self, node: Node, *names: str) -> Side | None:
        """Return the first named input that is a number above zero."""
        for name in names:
            found = self.evaluator.number(node, name)
            if found is not None and 1 <= found[0] <= MAX_SIDE:
                return Side(int(found[0]), found[1])
        return None

    def amount(self, node: Node, *names: str) -> float | None:
        """Return the first named input that is a number."""
        found = self.evaluator.number(node, *names)
        return None if found is None else found[0]

    def _linked(self, node: Node, name: str) -> bool:
        return isinstance(node.inputs.get(name), Link)

    def _by_inputs(self, node: Node, before: Shape) -> Shape:
        """Return what a node's input names say: a maker has a length, a scaler a size."""
        has_length = any(n in node.inputs and n not in _UPSTREAM[:-1] for n in _LENGTHS)
        has_size = any(n in node.inputs for n in _WIDTHS)
        if has_length and "Audio" not in node.class_type:
            shape = Shape(before.width, before.height, self.side(node, *_LENGTHS), _stride(node))
        elif has_size and "batch_size" in node.inputs:
            shape = Shape(frames=self.side(node, "batch_size"), stride=1)
        else:
            shape = before
        if has_size:
            return self.resized(shape, self.side(node, *_WIDTHS), self.side(node, *_HEIGHTS))
        factor = self.amount(node, *_FACTORS)
        return shape.scaled(factor) if factor and factor > 0 else shape

    def resized(self, shape: Shape, width: Side | None, height: Side | None) -> Shape:
        """Return the shape at a new size; a missing side keeps the picture's proportions."""
        old_width, old_height, _ = shape.values()
        if old_width and old_height:
            if width and not height:
                height = Side(round(width.value * old_height / old_width))
            if height and not width:
                width = Side(round(height.value * old_width / old_height))
            if not width and not height:
                return shape
        return replace(shape, width=width, height=height)


def _stride(node: Node) -> int:
    return next((n for pattern, n in _STRIDES if pattern.search(node.class_type)), 4)


def _unknown(_geometry: Geometry, _node: Node, _before: Shape) -> Shape:
    return Shape()


def _model_scale(geometry: Geometry, node: Node, before: Shape) -> Shape:
    """Scale by the factor in the upscaling model's file name: "spatial-upscaler-x2", "4x_…"."""
    source = geometry.evaluator.source(node.inputs.get("upscale_model"))
    loader = geometry.evaluator.graph.nodes.get(source.node) if source else None
    name = loader.text("model_name") if loader else None
    found = _FACTOR_IN_NAME.search(name or "")
    if name is None or found is None:
        return replace(before, width=None, height=None)
    factor = float(found[1] or found[2])
    if "temporal" in name.lower():
        frames = before.frames
        return before.with_frames(round((frames.value - 1) * factor) + 1 if frames else None)
    return before.scaled(factor)


def _interpolated(geometry: Geometry, node: Node, before: Shape) -> Shape:
    """Put multiplier - 1 new frames between each two."""
    factor, frames = geometry.amount(node, "multiplier", "multiplier_value"), before.frames
    if factor is None or frames is None:
        return before.with_frames(None)
    return before.with_frames(int((frames.value - 1) * max(1, factor)) + 1)


def _cut_out(geometry: Geometry, node: Node, before: Shape) -> Shape:
    """Keep `length` pictures from an index on."""
    starts = ("batch_index", "start_index", "start")
    index = geometry.amount(node, *starts) if any(n in node.inputs for n in starts) else 0
    length = geometry.amount(node, "length", "num_frames")
    if before.frames is None or length is None or index is None:
        return before.with_frames(None)
    left = before.frames.value - (index if index >= 0 else before.frames.value + index)
    return before.with_frames(max(0, int(min(length, left))))


def _joined(geometry: Geometry, node: Node, before: Shape) -> Shape:
    """Put pictures one after the other."""
    parts = [geometry.of(link) for name, link in node.links() if _PICTURES.match(name)]
    if not parts:
        return before
    lengths = [part.frames.value for part in parts if part.frames]
    return parts[0].with_frames(sum(lengths) if len(lengths) == len(parts) else None)


def _repeated(geometry: Geometry, node: Node, before: Shape) -> Shape:
    amount = geometry.amount(node, "amount")
    known = before.frames is not None and amount is not None
    return before.with_frames(int(before.frames.value * amount) if known else None)  # type: ignore[union-attr,operator]


def _latent_cut(geometry: Geometry, node: Node, before: Shape) -> Shape:
    amount = geometry.amount(node, "amount")
    if node.text("dim") != "t" or amount is None:
        return Shape()
    return before.with_latent_frames(int(amount))


def _latent_joined(geometry: Geometry, node: Node, before: Shape) -> Shape:
    other = geometry.of(node.inputs.get("samples2"))
    counts = before.latent_frames(), other.latent_frames()
    if node.text("dim") not in ("t", "-t"):
        return Shape()
    total = None if counts[0] is None or counts[1] is None else counts[0] + counts[1]
    return replace(before, frames=None).with_latent_frames(total)


def _side_by_side(_geometry: Geometry, _node: Node, before: Shape) -> Shape:
    return Shape(frames=before.frames, stride=before.stride)


def _by_type(geometry: Geometry, node: Node, before: Shape) -> Shape:
    """Resize as the chosen way of resizing says; its numbers are inputs named after it."""
    way = node.text("resize_type") or ""
    width, height, _ = before.values()
    size = geometry.amount(node, "resize_type.longer_size", "resize_type.shorter_size")
    if "multiplier" in way:
        factor = geometry.amount(node, "resize_type.multiplier")
        return before.scaled(factor) if factor else before
    if size and width and height:
        return before.scaled(size / (max if "longer" in way else min)(width, height))
    if "pixels" in way:
        return _to_area(before, geometry.amount(node, "resize_type.megapixels"))
    sides = (geometry.side(node, "resize_type.width"), geometry.side(node, "resize_type.height"))
    if "match" in way or not any(sides):
        return replace(before, width=None, height=None)
    return geometry.resized(before, *sides)


def _to_area(before: Shape, megapixels: float | None) -> Shape:
    width, height, _ = before.values()
    if not width or not height or not megapixels or megapixels < 0:
        return replace(before, width=None, height=None)
    return before.scaled(math.sqrt(megapixels * 1024 * 1024 / (width * height)))


def _to_total_pixels(geometry: Geometry, node: Node, before: Shape) -> Shape:
    return _to_area(before, geometry.amount(node, "megapixels"))


def _to_longest(geometry: Geometry, node: Node, before: Shape) -> Shape:
    width, height, _ = before.values()
    size = geometry.amount(node, "largest_size")
    if not width or not height or not size:
        return replace(before, width=None, height=None)
    return before.scaled(size / max(width, height))


def _combined(geometry: Geometry, node: Node, before: Shape) -> Shape:
    """Play there and back when asked: neither end is shown twice."""
    there_and_back = geometry.evaluator.input(node, "pingpong")
    if before.frames is None or there_and_back is None or there_and_back.value is not True:
        return before
    return before.with_frames(max(1, 2 * before.frames.value - 2))


_RULES: tuple[tuple[re.Pattern[str], Rule], ...] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (r"^(LoadImage|LoadVideo)", _unknown),
        (r"LatentUpsampler|UpscaleWithModel$|UpscaleModel$", _model_scale),
        (r"Interpolat|VFI", _interpolated),
        (r"ImageFromBatch|ImageRange", _cut_out),
        (r"^(ImageBatch|BatchImages)", _joined),
        (r"^Repeat(Image|Latent)", _repeated),
        (r"^LatentCut$", _latent_cut),
        (r"^LatentConcat$", _latent_joined),
        (r"Stitch|ImageConcat", _side_by_side),
        (r"^ResizeImageMaskNode$", _by_type),
        (r"ScaleToTotalPixels", _to_total_pixels),
        (r"ScaleToMaxDimension", _to_longest),
        (r"VideoCombine", _combined),
    )
)
