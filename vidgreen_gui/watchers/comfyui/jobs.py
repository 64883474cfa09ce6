"""One job of a server: its graph and settings as read once, and what was seen of it."""

from dataclasses import dataclass

import msgspec

from vidgreen_gui.model.events import IterationStarted, JobKey
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.session import Where
from vidgreen_gui.model.settings import Extraction, Settings
from vidgreen_gui.watchers.comfyui.answers import QueueItem
from vidgreen_gui.watchers.comfyui.times import Moment
from vidgreen_gui.watchers.comfyui.trace import Trace
from vidgreen_gui.watchers.comfyui.wire import MALFORMED
from vidgreen_gui.workflows.extract import extract
from vidgreen_gui.workflows.graph import Graph, load_document, parse_api, unwrap

SOURCE_KIND = "comfyui"


@dataclass(frozen=True, slots=True)
class Work:
    """What a prompt asks for. The prompt id alone is its identity, whatever the address."""

    key: JobKey
    graph: Graph
    graph_json: str
    extraction: Extraction

    @property
    def where(self) -> Where:
        """Return `mixed` where some nodes run in somebody's cloud."""
        return Where.MIXED if self.extraction.partner_nodes else Where.LOCAL

    @property
    def weights(self) -> tuple[str | None, str | None]:
        """Return what is loaded, as asked for: the model's file and its precision."""
        return self.extraction.settings.model, self.extraction.settings.precision

    def started(self, t_ns: int, source_id: str) -> IterationStarted:
        """Return the event of this work beginning."""
        return IterationStarted(
            t_ns=t_ns,
            key=self.key,
            source_id=source_id,
            extraction=self.extraction,
            where=self.where,
            graph_json=self.graph_json,
        )

    def new_trace(self) -> Trace:
        """Return a trace that knows this work's samplers."""
        classes = {node.id: node.class_type for node in self.graph.nodes.values()}
        return Trace(self.key, self.extraction.settings.samplers, classes)


def read_work(item: QueueItem) -> Work:
    """Return what a queue item asks for; a graph that cannot be read has empty settings."""
    key = JobKey(SOURCE_KIND, item.prompt_id)
    text = bytes(item.graph)
    try:
        document = unwrap(load_document(text))
        graph = parse_api(document)
        extraction = extract(dict(document), _workflow_id(item))
    except InputFault as fault:
        graph = Graph({})
        extraction = Extraction(settings=Settings(), notes=(fault.code,))
    return Work(key, graph, text.decode(errors="replace"), extraction)


class _Named(msgspec.Struct, frozen=True):
    id: str = ""


class _Picture(msgspec.Struct, frozen=True):
    workflow: _Named = _Named()


class _Extra(msgspec.Struct, frozen=True):
    """What the browser sends beside a prompt, as far as it tells one workflow from another."""

    extra_pnginfo: _Picture = _Picture()


def _workflow_id(item: QueueItem) -> str | None:
    try:
        return msgspec.json.decode(item.extra, type=_Extra).extra_pnginfo.workflow.id or None
    except MALFORMED:
        return None


@dataclass(slots=True)
class Job:
    """A job that runs, or has left the queue and awaits its verdict.

    `taken` and `done` are the status messages that told of its start and end, where there were
    any: only they teach the server's clock. `ended_at` is set once it was seen gone.
    """

    work: Work
    trace: Trace
    started_at: Moment
    taken: Moment | None = None
    done: Moment | None = None
    executed_ns: int | None = None
    ended_at: Moment | None = None
    tries: int = 0
    retry_ns: int = 0
    given_up: bool = False
