"""Turns what the browser saves into the graph that would be sent: subgraphs opened, links resolved.

Muted nodes and all that hangs on them are gone, bypassed ones hand their input on, reroutes,
primitives and get/set pairs disappear. A node whose values cannot be named keeps its links only
and is listed in the graph's `unread`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.workflows.graph import MAX_NODES, Graph, Link, Node
from vidgreen_gui.workflows.ui_widgets import named_values

Raw = Mapping[str, object]

_NEVER, _BYPASSED = 2, 4
_FROM_OUTSIDE, _TO_OUTSIDE = -10, -20
_SETTERS = ("SetNode", "easy setNode")
_GETTERS = ("GetNode", "easy getNode")
_VIRTUAL = {"Reroute", "PrimitiveNode", "Note", "MarkdownNote", *_SETTERS, *_GETTERS}
_MAX_HOPS = 300
_MAX_NESTING = 20


@dataclass(frozen=True, slots=True)
class _Literal:
    """A value that a primitive or a subgraph's own widget puts in place of a link."""

    value: object


@dataclass(frozen=True, slots=True)
class _Canvas:
    """A workflow or a subgraph's definition, read once however often it is used."""

    nodes: dict[str, Raw]
    links: dict[str, tuple[str, int]]
    # Links that feed the outputs, by output; links that end in a field; the inputs' names.
    outlets: dict[int, object]
    fields: frozenset[str]
    declared: list[Raw]


@dataclass(slots=True)
class _Scope:
    """One instance of a canvas: the workflow's own or a subgraph in use."""

    prefix: str
    canvas: _Canvas
    parent: "_Scope | None" = None
    instance: Raw | None = None
    children: dict[str, "_Scope"] = field(default_factory=dict)


def parse_ui(document: Raw) -> Graph:
    """Return the graph of a workflow as the browser saves it; raise InputFault where it is none."""
    nodes, unread = _Opener(document).graph_nodes()
    if not nodes:
        raise InputFault("fault.workflow.not_a_workflow")
    workflow_id = document.get("id")
    return Graph(
        nodes,
        workflow_id=workflow_id if isinstance(workflow_id, str) else None,
        unread=frozenset(unread),
    )


class _Opener:
    """Opens every subgraph once per instance and follows links across their edges."""

    def __init__(self, document: Raw) -> None:
        definitions = _mapping(document.get("definitions"))
        self._subgraphs = {
            str(one["id"]): _read_canvas(one)
            for one in _mappings(definitions.get("subgraphs"))
            if "id" in one
        }
        self._count = 0
        self._setters: dict[str, tuple[_Scope, Raw]] = {}
        self._root = self._open(_read_canvas(document), "", None, None, 0)

    def graph_nodes(self) -> tuple[dict[str, Node], list[str]]:
        """Return the nodes that would run and the ids of those whose values have no names."""
        nodes: dict[str, Node] = {}
        unread: list[str] = []
        for scope, raw in self._real(self._root):
            node, complete = self._node(scope, raw)
            nodes[node.id] = node
            if not complete:
                unread.append(node.id)
        return nodes, unread

    def _open(
        self, canvas: _Canvas, prefix: str, parent: _Scope | None, instance: Raw | None, depth: int
    ) -> _Scope:
        self._count += len(canvas.nodes)
        if self._count > MAX_NODES:
            raise InputFault("fault.workflow.too_many_nodes", limit=MAX_NODES)
        if depth > _MAX_NESTING:
            raise InputFault("fault.workflow.too_deep")
        scope = _Scope(prefix, canvas, parent, instance)
        for key, raw in canvas.nodes.items():
            definition = self._subgraphs.get(str(raw.get("type")))
            if definition is not None and raw.get("mode") != _NEVER:
                inside = f"{prefix}{key}:"
                scope.children[key] = self._open(definition, inside, scope, raw, depth + 1)
            elif raw.get("type") in _SETTERS:
                self._setters.setdefault(str(_first_value(raw)), (scope, raw))
        return scope

    def _real(self, scope: _Scope) -> Iterator[tuple[_Scope, Raw]]:
        for key, raw in scope.canvas.nodes.items():
            if raw.get("mode") in (_NEVER, _BYPASSED):
                continue
            if key in scope.children:
                yield from self._real(scope.children[key])
            elif isinstance(kind := raw.get("type"), str) and kind not in _VIRTUAL:
                yield scope, raw

    def _node(self, scope: _Scope, raw: Raw) -> tuple[Node, bool]:
        kind = str(raw.get("type"))
        slots = _mappings(raw.get("inputs"))
        named = named_values(kind, slots, raw.get("widgets_values"))
        inputs: dict[str, object] = dict(named or {})
        for slot in slots:
            found = self._origin(scope, slot.get("link"))
            if isinstance(found, _Literal):
                inputs[str(slot.get("name"))] = found.value
            elif found is not None:
                inputs[str(slot.get("name"))] = found
        return Node(f"{scope.prefix}{raw.get('id')}", kind, inputs), named is not None

    def _origin(self, scope: _Scope, link: object) -> Link | _Literal | None:
        """Return the output or the value that a link brings, None where it brings nothing."""
        for _ in range(_MAX_HOPS):
            origin = None if link is None else scope.canvas.links.get(str(link))
            if origin is None:
                return None
            key, slot = origin
            if key == str(_FROM_OUTSIDE):
                outer = self._outside(scope, slot)
                if outer is None or isinstance(outer, _Literal):
                    return outer
                scope, link = outer
                continue
            step = self._step(scope, key, slot)
            if step is None or isinstance(step, Link | _Literal):
                return step
            scope, link = step
        return None

    def _step(
        self, scope: _Scope, key: str, slot: int
    ) -> "tuple[_Scope, object] | Link | _Literal | None":
        """Return where the output `slot` of a node comes from: one hop, or the end of the way."""
        raw = scope.canvas.nodes.get(key)
        if raw is None or raw.get("mode") == _NEVER:
            return None
        if raw.get("mode") == _BYPASSED:
            return scope, _bypass(raw, slot)
        if key in scope.children:
            child = scope.children[key]
            return child, child.canvas.outlets.get(slot)
        return self._virtual(scope, raw) or Link(f"{scope.prefix}{key}", slot)

    def _virtual(self, scope: _Scope, raw: Raw) -> tuple[_Scope, object] | _Literal | None:
        """Return what stands behind a node that only exists in the browser, None for real ones."""
        kind = raw.get("type")
        if kind == "PrimitiveNode":
            return _Literal(_first_value(raw))
        if kind in _GETTERS:
            setter = self._setters.get(str(_first_value(raw)))
            return (setter[0], _first_link(setter[1])) if setter else (scope, None)
        if kind == "Reroute" or kind in _SETTERS:
            return scope, _first_link(raw)
        return None

    def _outside(self, scope: _Scope, slot: int) -> tuple[_Scope, object] | _Literal | None:
        """Return what the instance of a subgraph brings to one of its inputs."""
        declared = scope.canvas.declared
        if scope.parent is None or scope.instance is None or not 0 <= slot < len(declared):
            return None
        name = declared[slot].get("name")
        for one in _mappings(scope.instance.get("inputs")):
            if one.get("name") == name and one.get("link") is not None:
                return scope.parent, one["link"]
        values = scope.instance.get("widgets_values")
        if not isinstance(values, list) or not values:
            return None
        shown = [one.get("name") for one in declared if _is_field(scope.canvas, one)]
        if len(shown) != len(values) or name not in shown:
            return None
        return _Literal(values[shown.index(name)])


def _read_canvas(raw: Raw) -> _Canvas:
    nodes = {str(one.get("id")): one for one in _mappings(raw.get("nodes"))}
    return _Canvas(
        nodes=nodes,
        links=dict(_links(raw.get("links"))),
        outlets={
            slot: link.get("id")
            for link in _mappings(raw.get("links"))
            if link.get("target_id") == _TO_OUTSIDE
            and isinstance(slot := link.get("target_slot"), int)
        },
        fields=frozenset(
            str(slot.get("link"))
            for node in nodes.values()
            for slot in _mappings(node.get("inputs"))
            if "widget" in slot
        ),
        declared=_mappings(raw.get("inputs")),
    )


def _is_field(canvas: _Canvas, declared: Raw) -> bool:
    """Return whether an input of a subgraph is shown as a field: it ends in one inside."""
    ids = declared.get("linkIds")
    return isinstance(ids, list) and any(str(one) in canvas.fields for one in ids)


def _links(links: object) -> Iterator[tuple[str, tuple[str, int]]]:
    """Yield each link's id with the node and output it comes from, from either way of writing."""
    for link in links if isinstance(links, list) else ():
        if isinstance(link, list) and len(link) >= 5:
            identity, origin, slot = link[0], link[1], link[2]
        elif isinstance(link, Mapping):
            identity, origin, slot = (link.get(n) for n in ("id", "origin_id", "origin_slot"))
        else:
            continue
        if isinstance(slot, int):
            yield str(identity), (str(origin), slot)


def _bypass(raw: Raw, slot: int) -> object:
    """Return the link a bypassed node hands on: its input of the type of the output."""
    inputs, outputs = _mappings(raw.get("inputs")), _mappings(raw.get("outputs"))
    if not 0 <= slot < len(outputs):
        return None
    wanted = outputs[slot].get("type")
    same_place = inputs[slot : slot + 1]
    for one in (*same_place, *inputs):
        if one.get("type") == wanted:
            return one.get("link")
    return None


def _first_link(raw: Raw) -> object:
    return next((one.get("link") for one in _mappings(raw.get("inputs"))), None)


def _first_value(raw: Raw) -> object:
    values = raw.get("widgets_values")
    return values[0] if isinstance(values, list) and values else None


def _mappings(values: object) -> list[Raw]:
    return [one for one in values if isinstance(one, Mapping)] if isinstance(values, list) else []


def _mapping(value: object) -> Raw:
    return value if isinstance(value, Mapping) else {}
