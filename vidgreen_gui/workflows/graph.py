"""A ComfyUI prompt as a frozen graph of nodes, read from bytes that nobody vouches for."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from vidgreen_gui.model.faults import InputFault

MAX_BYTES = 64 * 1024 * 1024
MAX_NODES = 20_000


@dataclass(frozen=True, slots=True)
class Link:
    """An input that comes from another node's output."""

    node: str
    slot: int


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its inputs are links or literals. `class_type` is empty where nothing says."""

    id: str
    class_type: str
    inputs: dict[str, object]

    def links(self) -> list[tuple[str, Link]]:
        """Return the linked inputs with their names."""
        return [(name, value) for name, value in self.inputs.items() if isinstance(value, Link)]

    def text(self, name: str) -> str | None:
        """Return an input that is a literal text, else None."""
        value = self.inputs.get(name)
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Graph:
    """All nodes by id, in the order they were written.

    `unread` are nodes whose values stand in the file without names that we know.
    """

    nodes: dict[str, Node]
    workflow_id: str | None = None
    unread: frozenset[str] = frozenset()


def load_document(source: bytes | str) -> object:
    """Return the JSON in `source`; raise InputFault where it is no JSON, too big or too deep.

    NaN, which Python servers write, reads as None.
    """
    if len(source) > MAX_BYTES:
        raise InputFault("fault.workflow.too_big", limit_mb=MAX_BYTES // 1024**2)
    try:
        return json.loads(source, parse_constant=lambda _: None)
    except RecursionError as error:
        raise InputFault("fault.workflow.too_deep") from error
    except ValueError as error:
        raise InputFault("fault.workflow.not_json") from error


def unwrap(document: object) -> Mapping[str, object]:
    """Return the workflow inside `document`, which may be the body of a request; raise InputFault.

    A body holds the graph under `prompt`; a file that holds both keeps the API form there too.
    """
    if isinstance(document, Mapping):
        inner = document.get("prompt")
        if isinstance(inner, Mapping) and "class_type" not in inner:
            return inner
        if document:
            return document
    raise InputFault("fault.workflow.not_a_workflow")


def is_ui_format(document: Mapping[str, object]) -> bool:
    """Return whether this is what the browser saves: a list of nodes beside a list of links."""
    return isinstance(document.get("nodes"), list)


def parse_api(document: Mapping[str, object]) -> Graph:
    """Return the graph of an API-format prompt; raise InputFault where it is none."""
    if len(document) > MAX_NODES:
        raise InputFault("fault.workflow.too_many_nodes", limit=MAX_NODES)
    nodes: dict[str, Node] = {}
    for key, raw in document.items():
        inputs = raw.get("inputs") if isinstance(raw, Mapping) else None
        if not isinstance(raw, Mapping) or not isinstance(inputs, Mapping):
            continue
        class_type = raw.get("class_type")
        nodes[str(key)] = Node(
            str(key),
            class_type if isinstance(class_type, str) else "",
            {str(name): _input(value) for name, value in inputs.items()},
        )
    if not nodes:
        raise InputFault("fault.workflow.not_a_workflow")
    return Graph(nodes)


def finite(value: object) -> float | int | None:
    """Return a literal number, None for anything else and for what no setting can be."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if abs(value) < 2**64 else None


def _input(value: object) -> object:
    """Return a Link for what the API format writes as [node id, output index]."""
    if not isinstance(value, list) or len(value) != 2:
        return value
    node, slot = value
    if isinstance(node, str) and isinstance(slot, int) and not isinstance(slot, bool):
        return Link(node, slot)
    return value
