"""What the history says of a finished job: status, exact times, what was cached, files."""

from dataclasses import dataclass

from vidgreen_gui.model.session import Cached, Status
from vidgreen_gui.watchers.comfyui.answers import HistoryEntry
from vidgreen_gui.workflows.graph import Graph

# Of an error only the beginning is kept: enough to recognise it.
_ERROR_LENGTH = 300

_STATUS_BY_VERDICT = {
    "execution_success": Status.COMPLETED,
    "execution_interrupted": Status.CANCELLED,
    "execution_error": Status.FAILED,
}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ended; the times are the server's own, in ms since 1970, None where unsaid."""

    status: Status
    start_ms: int | None
    end_ms: int | None
    cached: Cached
    cached_nodes: frozenset[str]
    error: str = ""


def read_ending(entry: HistoryEntry, graph: Graph) -> Ending:
    """Return how the history says a job ended.

    `status_str` says "error" for an interrupted job too: the messages tell them apart.
    """
    status = Status.COMPLETED if entry.succeeded else Status.UNKNOWN
    end_ms = None
    error = ""
    for event, meant in _STATUS_BY_VERDICT.items():
        if (verdict := entry.verdicts.get(event)) is not None:
            status, end_ms = meant, verdict.timestamp
            error = f"{verdict.exception_type}: {verdict.exception_message}".strip(": \n")
    start = entry.verdicts.get("execution_start")
    answered = entry.verdicts.get("execution_cached")
    cached_nodes = frozenset(answered.nodes if answered else ())
    return Ending(
        status=status,
        start_ms=start.timestamp if start else None,
        end_ms=end_ms,
        cached=_share(graph, entry.item.outputs_to_execute, cached_nodes),
        cached_nodes=cached_nodes,
        error=error[:_ERROR_LENGTH],
    )


def _share(graph: Graph, targets: list[str], cached_nodes: frozenset[str]) -> Cached:
    live = live_nodes(graph, targets)
    if not live & cached_nodes:
        return Cached.NO
    return Cached.ALL if live <= cached_nodes else Cached.PART


def live_nodes(graph: Graph, targets: list[str]) -> frozenset[str]:
    """Return the nodes that `targets` (all nodes where there are none) depend on, and these."""
    live: set[str] = set()
    ahead = list(targets or graph.nodes)
    while ahead:
        node = ahead.pop()
        if node not in live and node in graph.nodes:
            live.add(node)
            ahead += [link.node for _, link in graph.nodes[node].links()]
    return frozenset(live)
