"""Keeps prompts and graphs out of the event log: they live in one table that can be emptied."""

from dataclasses import replace

from vidgreen_gui.model.events import Event, IterationBackfilled, IterationStarted


def without_texts(event: Event) -> Event:
    """Return the event without the user's prompts and without the graph that holds them."""
    if isinstance(event, IterationStarted):
        bare = replace(event.extraction, texts=())
        return replace(event, extraction=bare, graph_json=None)
    if isinstance(event, IterationBackfilled):
        return replace(event, extraction=replace(event.extraction, texts=()))
    return event
