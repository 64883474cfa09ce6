"""Finds the ComfyUI graph among a file's tags."""

import json
from collections.abc import Mapping

_MAX_TEXT = 64 * 1024 * 1024


def graph_in(tags: Mapping[str, str]) -> dict[str, object] | None:
    """Return the graph a file was made from, None where its tags hold none.

    Names count in any case. The prompt that ran goes before the workflow on the canvas; a
    `comment` of older video savers holds both as one JSON object.
    """
    named = {name.lower(): text for name, text in tags.items()}
    comment = _object(named.get("comment"))
    for name in ("prompt", "workflow"):
        for found in (_object(named.get(name)), _object(comment.get(name) if comment else None)):
            if found:
                return found
    return None


def _object(value: object) -> dict[str, object] | None:
    """Return a JSON object, also one written as text."""
    if isinstance(value, str) and len(value) <= _MAX_TEXT:
        try:
            value = json.loads(value, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None
