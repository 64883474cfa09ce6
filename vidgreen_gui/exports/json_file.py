"""Sessions as JSON: the published schema, readable by eye."""

from pathlib import Path

import msgspec

from vidgreen_gui.exports.atomic import write_whole
from vidgreen_gui.exports.document import session_document
from vidgreen_gui.exports.schema import LIST_SCHEMA, SessionDocument, SessionList
from vidgreen_gui.model.facts import SessionFacts
from vidgreen_gui.model.faults import InputFault


class JsonFile:
    """Writes one session as `vidgreen-session/1`, several as a list of them."""

    format = "json"
    suffix = ".json"

    def write(self, sessions: tuple[SessionFacts, ...], path: Path, *, with_private: bool) -> None:
        """Write the sessions to `path`, whole or not at all; raise InputFault."""
        documents = tuple(session_document(one, with_private=with_private) for one in sessions)
        content: SessionDocument | SessionList = (
            documents[0] if len(documents) == 1 else SessionList(LIST_SCHEMA, documents)
        )
        encoded = msgspec.json.format(msgspec.json.encode(content), indent=1)
        write_whole(path, encoded + b"\n")


def read_documents(path: Path) -> tuple[SessionDocument, ...]:
    """Return the sessions of a JSON file of ours; raise InputFault when it is none.

    Unknown fields are ignored, a wrong type is refused with its place in the file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputFault(
            "fault.export.unreadable", path=str(path), detail=error.strerror or ""
        ) from error
    try:
        read = msgspec.json.decode(content, type=_Named)
        if read.schema == LIST_SCHEMA:
            return msgspec.json.decode(content, type=SessionList).sessions
        return (msgspec.json.decode(content, type=SessionDocument),)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputFault("fault.export.not_ours", path=path.name, detail=str(error)) from error


class _Named(msgspec.Struct):
    """The one field that tells which document a file holds."""

    schema: str
