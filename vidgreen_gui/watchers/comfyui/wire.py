"""What a ComfyUI server says on its WebSocket, decoded by type.

Only what can reach a second client is read: `status`, `logs`, and, for prompts queued without a
client id, `progress`, `progress_state` and `execution_*`. Anything else is `UNKNOWN`, anything
malformed `BAD`: a stranger's frame never raises.
"""

from enum import Enum
from typing import Annotated, Any

import msgspec

# A frame above this is not text we want; previews come as binary frames and are never read.
MAX_TEXT_BYTES = 1 << 20

# The longest identifier taken from a server; ComfyUI's own are 36 characters.
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Refused(Enum):
    """Why a frame gives no message."""

    BAD = "bad"
    UNKNOWN = "unknown"


class _ExecInfo(msgspec.Struct, frozen=True):
    queue_remaining: int


class _StatusBody(msgspec.Struct, frozen=True):
    exec_info: _ExecInfo


class Status(msgspec.Struct, frozen=True):
    """The queue moved: at a POST, when the worker takes a job, and when a job is done."""

    status: _StatusBody

    @property
    def remaining(self) -> int:
        """Return how many jobs run or wait."""
        return self.status.exec_info.queue_remaining


class LogEntry(msgspec.Struct, frozen=True):
    """One write chunk of the server's log; `t` is its local time without a zone."""

    t: Annotated[str, msgspec.Meta(max_length=64)]
    m: str


class Logs(msgspec.Struct, frozen=True):
    """Log chunks, oldest first; also the body of /internal/logs/raw."""

    entries: list[LogEntry]


class Progress(msgspec.Struct, frozen=True):
    """A node of a prompt without client id advanced."""

    value: float
    max: float
    prompt_id: Id
    node: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class NodeState(msgspec.Struct, frozen=True):
    """How far one node is; `state` is pending, running, finished or error."""

    value: float
    max: float
    state: str
    display_node_id: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class ProgressState(msgspec.Struct, frozen=True):
    """All nodes of a prompt without client id that have started."""

    prompt_id: Id
    nodes: dict[Id, NodeState]


class JobEdge(msgspec.Struct, frozen=True):
    """Any other word about a prompt: reason to ask, never evidence by itself."""

    prompt_id: Id


Message = Status | Logs | Progress | ProgressState | JobEdge


class _Envelope(msgspec.Struct):
    type: Annotated[str, msgspec.Meta(max_length=64)]
    data: msgspec.Raw = msgspec.Raw(b"{}")


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_EDGE = msgspec.json.Decoder(JobEdge)
_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    "status": msgspec.json.Decoder(Status),
    "logs": msgspec.json.Decoder(Logs),
    "progress": msgspec.json.Decoder(Progress),
    "progress_state": msgspec.json.Decoder(ProgressState),
    "execution_start": _EDGE,
    "execution_success": _EDGE,
    "execution_error": _EDGE,
    "execution_interrupted": _EDGE,
}

# What msgspec raises on hostile input: wrong types and NaN, bad UTF-8, 100,000 brackets deep.
MALFORMED = (msgspec.MsgspecError, UnicodeError, RecursionError)


def decode(frame: bytes) -> Message | Refused:
    """Return the message in a text frame, or why there is none; never raises."""
    if len(frame) > MAX_TEXT_BYTES:
        return Refused.BAD
    try:
        envelope = _ENVELOPE.decode(frame)
        decoder = _DECODERS.get(envelope.type)
        if decoder is None:
            return Refused.UNKNOWN
        message: Message = decoder.decode(envelope.data)
    except MALFORMED:
        return Refused.BAD
    return message
