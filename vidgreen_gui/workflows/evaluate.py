"""Resolves an input to the value it has, through links, switches, primitives and arithmetic."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from vidgreen_gui.model.settings import Origin
from vidgreen_gui.workflows.arithmetic import calculate
from vidgreen_gui.workflows.graph import Graph, Link, Node, finite

Scalar = str | int | float | bool
# Chains longer than this are no workflow; the bound also keeps the interpreter's stack.
MAX_DEPTH = 50

_SWITCHES = (
    # condition, when false, when true
    ("switch", "on_false", "on_true"),
    ("boolean", "on_false", "on_true"),
    ("cond", "ff_value", "tt_value"),
)
_CONSTANTS = ("value", "Value", "Number", "number", "int", "float", "string", "seed", "text")
_CONVERTS_TO_INT = re.compile(r"to_?int", re.IGNORECASE)
_CONVERTS_TO_FLOAT = re.compile(r"to_?float", re.IGNORECASE)
_ASPECT = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*:\s*(\d{1,6}(?:\.\d{1,6})?)")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A value; `origin` is the literal that sets it, None where it is computed."""

    value: Scalar
    origin: Origin | None = None


def pass_through(node: Node) -> str | None:
    """Return the input that a node hands on unchanged, None where it does more than that."""
    names = [name for name, _ in node.links()]
    if node.class_type.startswith("Reroute") and names:
        return names[0]
    return None


class Evaluator:
    """Reads values out of a graph; every answer is remembered, every loop ends as None."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        # Set by the floor above it: what a node's image output measures, as (w, h, frames).
        self.image_size: Callable[[Link], tuple[int | None, ...]] = lambda _: (None, None, None)
        # Nodes whose values have no names in the file, though a number was looked for there.
        self.missed: set[str] = set()
        self._known: dict[Link, Resolved | None] = {}
        self._depth = 0
        self._computed: tuple[tuple[str, Callable[[Node, int], Resolved | None]], ...] = (
            ("MathExpression", self._expression),
            ("GetImageSize", self._image_size),
            ("ResolutionSelector", self._resolution),
            ("ComfyNumberConvert", self._number_convert),
            ("WanCameraEmbedding", self._camera),
        )

    def input(self, node: Node, *names: str) -> Resolved | None:
        """Return the value of the first of the named inputs that has one."""
        for name in names:
            value = node.inputs.get(name)
            if isinstance(value, Link):
                found = self.output(value)
            elif isinstance(value, str | int | float):
                found = Resolved(value, Origin(node.id, node.class_type, name))
            else:
                found = None
            if found is not None:
                return found
        return None

    def number(self, node: Node, *names: str) -> tuple[float | int, Origin | None] | None:
        """Return the first named input that is a finite number, or text that reads as one."""
        for name in names:
            found = self.input(node, name)
            value = None if found is None else as_number(found.value)
            if found is not None and value is not None:
                same = not isinstance(found.value, str)
                return value, found.origin if same else None
        if node.id in self.graph.unread:
            self.missed.add(node.id)
        return None

    def source(self, link: Link | object) -> Link | None:
        """Return the output that a link really comes from, past reroutes and live branches."""
        for _ in range(MAX_DEPTH):
            if not isinstance(link, Link):
                return None
            node = self.graph.nodes.get(link.node)
            if node is None:
                return None
            following = self.live_inputs(node) if self.is_switch(node) else pass_through(node)
            if following is None:
                return link
            name = following if isinstance(following, str) else following[0] if following else ""
            link = node.inputs.get(name)
        return None

    def is_switch(self, node: Node) -> bool:
        """Return whether a node only chooses between its inputs."""
        return _switch(node) is not None or node.class_type == "Any Switch (rgthree)"

    def live_inputs(self, node: Node) -> list[str]:
        """Return the names of the inputs whose nodes can run: of a switch only the chosen one."""
        parts = _switch(node)
        if parts is not None:
            condition, when_false, when_true = parts
            decided = self.input(node, condition)
            if decided is None:
                return [when_true, when_false]
            return [when_true if decided.value else when_false]
        if node.class_type == "Any Switch (rgthree)":
            return [name for name, _ in node.links()][:1]
        return list(node.inputs)

    def output(self, link: Link) -> Resolved | None:
        """Return the value of a node's output."""
        if link in self._known:
            return self._known[link]
        node = self.graph.nodes.get(link.node)
        if node is None or self._depth >= MAX_DEPTH:
            return None
        self._known[link] = None  # what a loop sees of itself
        self._depth += 1
        try:
            found = self._output(node, link.slot)
        finally:
            self._depth -= 1
        self._known[link] = found
        return found

    def _output(self, node: Node, slot: int) -> Resolved | None:
        if self.is_switch(node):
            live = self.live_inputs(node)
            return self.input(node, *live) if len(live) == 1 else None
        for name, compute in self._computed:
            if name in node.class_type:
                return compute(node, slot)
        held = pass_through(node)
        if held is None:
            held = _constant_input(node)
        found = self.input(node, held) if held is not None and slot == 0 else None
        if _CONVERTS_TO_INT.search(node.class_type):
            return _converted(found, whole=True)
        if _CONVERTS_TO_FLOAT.search(node.class_type):
            return _converted(found, whole=False)
        return found

    def _number_convert(self, node: Node, slot: int) -> Resolved | None:
        return _converted(self.input(node, "value"), whole=slot == 1)

    def _camera(self, node: Node, slot: int) -> Resolved | None:
        names = {1: "width", 2: "height", 3: "length"}
        return self.input(node, names[slot]) if slot in names else None

    def _expression(self, node: Node, slot: int) -> Resolved | None:
        expression = self.input(node, "expression")
        if expression is None or not isinstance(expression.value, str):
            return None
        names = {}
        for name in node.inputs:
            found = self.number(node, name)
            if name != "expression" and found is not None:
                names[name.removeprefix("values.")] = found
        value = calculate(expression.value, {name: found[0] for name, found in names.items()})
        if value is None:
            return None
        same = names.get(expression.value.strip())
        origin = same[1] if same else None
        if "pysssh" in node.class_type:
            return Resolved(float(value) if slot == 1 else int(value), origin)
        by_slot: tuple[Scalar, ...] = (float(value), int(value), bool(value))
        return Resolved(by_slot[slot], origin) if 0 <= slot < len(by_slot) else None

    def _image_size(self, node: Node, slot: int) -> Resolved | None:
        for _, link in node.links():
            size = self.image_size(link)
            if 0 <= slot < len(size) and (value := size[slot]) is not None:
                return Resolved(value)
        return None

    def _resolution(self, node: Node, slot: int) -> Resolved | None:
        """Return a side of the picture with this shape, area and common divisor."""
        shape, area, step = (
            self.input(node, "aspect_ratio"),
            self.number(node, "megapixels"),
            self.number(node, "multiple"),
        )
        ratio = _ASPECT.search(shape.value) if shape and isinstance(shape.value, str) else None
        if ratio is None or area is None or slot not in (0, 1) or area[0] <= 0:
            return None
        sides = float(ratio[1]), float(ratio[2])
        multiple = int(step[0]) if step and step[0] >= 1 else 8
        if not all(sides):
            return None
        scale = math.sqrt(area[0] * 1024 * 1024 / (sides[0] * sides[1]))
        return Resolved(round(sides[slot] * scale / multiple) * multiple)


def as_number(value: object) -> float | int | None:
    """Return a number, also one written as text, None for anything else."""
    if isinstance(value, str) and len(value) <= 40:
        try:
            value = int(value)
        except ValueError:
            try:
                value = float(value)
            except ValueError:
                return None
    return finite(value)


def _switch(node: Node) -> tuple[str, str, str] | None:
    for parts in _SWITCHES:
        if parts[0] in node.inputs and (parts[1] in node.inputs or parts[2] in node.inputs):
            return parts
    return None


def _constant_input(node: Node) -> str | None:
    """Return the input of a node that only holds one value, None for any other node."""
    if len(node.inputs) == 1 or node.class_type.startswith("Primitive"):
        for name in (*_CONSTANTS, "a"):
            if name in node.inputs:
                return name
    return None


def _converted(found: Resolved | None, *, whole: bool) -> Resolved | None:
    value = None if found is None else as_number(found.value)
    if found is None or value is None:
        return None
    number = int(value) if whole else float(value)
    return Resolved(number, found.origin if number == found.value else None)
