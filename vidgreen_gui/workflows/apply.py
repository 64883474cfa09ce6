"""Applies changes to an API-format prompt and leaves the original as it was."""

from collections.abc import Iterable, Mapping

from vidgreen_gui.model.advice import Change
from vidgreen_gui.model.faults import InputFault


def apply(prompt: Mapping[str, object], changes: Iterable[Change]) -> dict[str, object]:
    """Return `prompt` with each change made; nodes that no change names are shared with it.

    Raises InputFault where a change names an input that is not there, or one whose value is no
    longer the change's `before`: then somebody edited the workflow in between.
    """
    changed = dict(prompt)
    for change in changes:
        node = changed.get(change.node)
        inputs = node.get("inputs") if isinstance(node, Mapping) else None
        if not isinstance(node, Mapping) or not isinstance(inputs, Mapping):
            raise _outdated(change)
        if change.input not in inputs or not _same(inputs[change.input], change.before):
            raise _outdated(change)
        changed[change.node] = {**node, "inputs": {**inputs, change.input: change.after}}
    return changed


def _same(value: object, before: str | float | bool | None) -> bool:
    """Return whether two literals are the same setting: 1 and 1.0 are, 1 and True are not."""
    return value == before and isinstance(value, bool) == isinstance(before, bool)


def _outdated(change: Change) -> InputFault:
    return InputFault("fault.workflow.outdated_change", node=change.node, input=change.input)
