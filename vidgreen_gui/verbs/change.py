"""The workflow of a recorded iteration with a suggestion applied, ready for ComfyUI."""

import json
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from vidgreen_gui.model.advice import Change
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.workflows.apply import apply


def changed_workflow(data: Path, iteration_id: str, changes: Iterable[Change]) -> str | None:
    """Return the changed graph in ComfyUI's API format, None where the graph was not kept.

    Raise StoreFault when the store cannot be read; a change that does not fit gives None.
    """
    with closing(Reader(data)) as reader:
        private = reader.private(iteration_id)
    if private is None or private.graph_json is None:
        return None
    try:
        return json.dumps(apply(json.loads(private.graph_json), changes), indent=2)
    except InputFault:
        return None
