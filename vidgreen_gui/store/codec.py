"""Events and rows to JSON and back, typed: unknown fields are ignored, NaN is refused."""

import json
from typing import TypeVar

import msgspec

from vidgreen_gui.model.events import EVENT_TYPES, Event

Fact = TypeVar("Fact")


def to_json(fact: object) -> bytes:
    """Return a frozen fact as UTF-8 JSON with keys in their order of declaration.

    NaN and infinity raise ValueError: JSON has no word for them and a reader would see null.
    Half surrogates, which a file system may hand out, become "?".
    """
    plain = msgspec.to_builtins(fact, order="deterministic")
    text = json.dumps(plain, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def from_json(kind: type[Fact], document: bytes) -> Fact:
    """Return the fact of type `kind` that `to_json` wrote; raise ValueError where it is none."""
    return msgspec.json.decode(document, type=kind)


def event_kind(event: Event) -> str:
    """Return the name under which an event stands in the log."""
    return type(event).__name__


def event_from_json(kind: str, document: bytes) -> Event:
    """Return the event; raise ValueError for a kind that this version does not know."""
    if kind not in EVENT_TYPES:
        raise ValueError(f"unknown kind of event: {kind}")
    event: Event = from_json(EVENT_TYPES[kind], document)
    return event
