"""What a ComfyUI server answers over HTTP, decoded by type; one bad item spoils only itself.

Graphs stay bytes (`msgspec.Raw`) until somebody reads them: they are large and private.
"""

from typing import Annotated, TypeVar

import msgspec

from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.session import Output
from vidgreen_gui.watchers.comfyui.wire import MALFORMED, Id
from vidgreen_gui.workflows.graph import load_document

T = TypeVar("T")

_YEAR_2100_MS = 4_102_444_800_000

_MEDIA_BY_SUFFIX = {
    "mp4": "video", "webm": "video", "mkv": "video", "mov": "video", "avi": "video",
    "gif": "video", "png": "image", "jpg": "image", "jpeg": "image", "webp": "image",
    "wav": "audio", "mp3": "audio", "flac": "audio", "opus": "audio",
}  # fmt: skip


class QueueItem(msgspec.Struct, frozen=True, array_like=True):
    """One job as /queue and /history hold it; `graph` is the API-format prompt as JSON."""

    number: float
    prompt_id: Id
    graph: msgspec.Raw
    extra: msgspec.Raw = msgspec.Raw(b"{}")
    outputs_to_execute: list[str] = []


class Queue(msgspec.Struct, frozen=True):
    """The answer of /queue; `unread` counts items that were not as they should be."""

    running: tuple[QueueItem, ...]
    pending: tuple[str, ...]
    unread: int = 0


class Verdict(msgspec.Struct, frozen=True):
    """One of the history's messages on a prompt, all fields of all kinds."""

    timestamp: Annotated[int, msgspec.Meta(ge=0, le=_YEAR_2100_MS)] | None = None
    nodes: list[str] = []
    executed: list[str] = []
    node_type: str = ""
    exception_type: str = ""
    exception_message: str = ""


class HistoryEntry(msgspec.Struct, frozen=True):
    """A finished job. `verdicts` maps "execution_success" and the like to what was said last."""

    item: QueueItem
    succeeded: bool
    verdicts: dict[str, Verdict]
    outputs: tuple[Output, ...]


History = dict[str, HistoryEntry]


class Accelerator(msgspec.Struct, frozen=True):
    """A device the server computes on; `name` as torch writes it."""

    name: str
    type: str = ""
    index: int | None = None


class _System(msgspec.Struct, frozen=True):
    comfyui_version: Annotated[str, msgspec.Meta(max_length=100)]
    argv: list[str] = []


class SystemStats(msgspec.Struct, frozen=True):
    """The answer of /system_stats; whoever gives it is a ComfyUI."""

    system: _System
    devices: list[Accelerator] = []


class _RawQueue(msgspec.Struct):
    queue_running: list[msgspec.Raw]
    queue_pending: list[msgspec.Raw]


class _RawStatus(msgspec.Struct):
    status_str: str = ""
    messages: list[tuple[str, msgspec.Raw]] = []


class _RawEntry(msgspec.Struct):
    prompt: QueueItem
    outputs: dict[str, dict[str, msgspec.Raw]] = {}
    status: _RawStatus | None = None


class _RawFile(msgspec.Struct):
    filename: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
    subfolder: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    type: Annotated[str, msgspec.Meta(max_length=64)] = "output"


class _PendingId(msgspec.Struct, array_like=True):
    number: float
    prompt_id: Id


_QUEUE = msgspec.json.Decoder(_RawQueue)
_ITEM = msgspec.json.Decoder(QueueItem)
_PENDING = msgspec.json.Decoder(_PendingId)
_HISTORY = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENTRY = msgspec.json.Decoder(_RawEntry)
_VERDICT = msgspec.json.Decoder(Verdict)
_FILES = msgspec.json.Decoder(list[_RawFile])
_STATS = msgspec.json.Decoder(SystemStats)


def decode_queue(body: bytes) -> Queue | None:
    """Return the queue, None where the body is not one; never raises."""
    raw = _decode(_QUEUE, body)
    if raw is None:
        return None
    running = [item for one in raw.queue_running if (item := _decode(_ITEM, one))]
    pending = [wait.prompt_id for one in raw.queue_pending if (wait := _decode(_PENDING, one))]
    asked = len(raw.queue_running) + len(raw.queue_pending)
    return Queue(tuple(running), tuple(pending), asked - len(running) - len(pending))


def decode_history(body: bytes) -> History | None:
    """Return the jobs of /history by prompt id, oldest first, None where it is none."""
    raw = _decode(_HISTORY, body)
    if raw is None:
        return None
    entries = ((key, _entry(value)) for key, value in raw.items())
    return {key: entry for key, entry in entries if entry is not None}


def decode_system_stats(body: bytes) -> SystemStats | None:
    """Return what the server is, None where it is no ComfyUI."""
    return _decode(_STATS, body)


def _decode(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T | None:
    """Return the body by type, None where it does not fit.

    A second reading replaces NaN, which a server writes for nodes that always run.
    """
    try:
        return decoder.decode(body)
    except MALFORMED:
        pass
    if b"NaN" not in bytes(body):
        return None
    try:
        cleaned = load_document(bytes(body))
        return decoder.decode(msgspec.json.encode(cleaned))
    except (*MALFORMED, InputFault):
        return None


def _entry(raw: msgspec.Raw) -> HistoryEntry | None:
    entry = _decode(_ENTRY, raw)
    if entry is None:
        return None
    status = entry.status or _RawStatus()
    verdicts = {
        event: verdict for event, said in status.messages if (verdict := _decode(_VERDICT, said))
    }
    outputs = tuple(
        output
        for node, results in entry.outputs.items()
        for key, listed in results.items()
        for output in _files(node, key, listed)
    )
    return HistoryEntry(entry.prompt, status.status_str == "success", verdicts, outputs)


def _files(node: str, key: str, listed: msgspec.Raw) -> list[Output]:
    # Videos stand under "images", VHS's under "gifs"; "animated" and texts are no files.
    return [
        Output(
            filename=file.filename,
            subfolder=file.subfolder,
            kind=file.type,
            media=_media(file.filename, key),
            node=node,
        )
        for file in _decode(_FILES, listed) or ()
    ]


def _media(filename: str, key: str) -> str:
    suffix = filename.rpartition(".")[2].lower()
    return _MEDIA_BY_SUFFIX.get(suffix, "audio" if key == "audio" else "image")
