"""Says what settings stand in a finished video or picture, or in a workflow."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from vidgreen_gui.advice.recognise import complete
from vidgreen_gui.media.facts import MediaFacts
from vidgreen_gui.media.probe import probe
from vidgreen_gui.media.tags import graph_in
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.settings import Extraction, Settings
from vidgreen_gui.workflows.extract import extract
from vidgreen_gui.workflows.graph import MAX_BYTES, is_ui_format, load_document, unwrap

Kind = Literal["workflow", "video", "image"]


@dataclass(frozen=True, slots=True)
class InspectRequest:
    """Which file to look into."""

    path: Path


@dataclass(frozen=True, slots=True)
class InspectAnswer:
    """The settings found, completed by what the model's name tells; `notes` are sentence codes."""

    file: str
    kind: Kind
    settings: Settings
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileContent:
    """All that a file holds: `prompt` is its graph in API format, None where it has none."""

    kind: Kind
    extraction: Extraction
    prompt: dict[str, object] | None = None


def inspect(request: InspectRequest) -> InspectAnswer:
    """Return what `request.path` tells of its making; raise InputFault where it cannot be read."""
    content = read_content(request.path)
    extraction = content.extraction
    return InspectAnswer(request.path.name, content.kind, extraction.settings, extraction.notes)


def read_content(path: Path) -> FileContent:
    """Return the graph and the settings in a file; raise InputFault where it cannot be read."""
    if not path.is_file():
        raise InputFault("fault.media.missing", file=path.name)
    try:
        with path.open("rb") as stream:
            head = stream.read(256).lstrip(b"\xef\xbb\xbf \t\r\n")
            stream.seek(0)
            is_text = path.suffix.lower() == ".json" or head[:1] in (b"{", b"[")
            data = stream.read(MAX_BYTES + 1) if is_text else None
    except OSError as error:
        raise InputFault("fault.media.missing", file=path.name) from error
    if data is not None:
        return _workflow(data)
    facts = probe(path)
    return _finished(facts)


def _workflow(data: bytes) -> FileContent:
    document = dict(unwrap(load_document(data)))
    extraction = extract(document)
    settings = complete(extraction.settings)
    prompt = None if is_ui_format(document) else document
    return FileContent("workflow", replace(extraction, settings=settings), prompt)


def _finished(facts: MediaFacts) -> FileContent:
    """Return a graph's settings with the finished file's own size and length in their place."""
    document = graph_in(facts.tags)
    notes: tuple[str, ...] = ()
    try:
        extraction = extract(document) if document else None
    except InputFault:
        extraction = None
    if extraction is None:
        document, extraction = None, Extraction(settings=Settings())
        notes = ("note.media.no_settings",)
    settings = complete(_measured(extraction.settings, facts))
    extraction = replace(extraction, settings=settings, notes=(*extraction.notes, *notes))
    prompt = None if document is None or is_ui_format(document) else document
    return FileContent(facts.kind, extraction, prompt)


def _measured(settings: Settings, facts: MediaFacts) -> Settings:
    """Return the settings as the file turned out; a still beside a video keeps the video's."""
    if facts.kind == "image":
        return replace(
            settings,
            width=settings.width or facts.width,
            height=settings.height or facts.height,
            frames=settings.frames or facts.frames,
        )
    frames, fps = facts.frames or settings.frames, facts.fps or settings.fps
    return replace(
        settings,
        width=facts.width or settings.width,
        height=facts.height or settings.height,
        frames=frames,
        fps=fps,
        seconds=frames / fps if frames and fps else settings.seconds,
    )
