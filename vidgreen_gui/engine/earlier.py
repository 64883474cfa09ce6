"""Looks up what earlier runs recorded: no job is recorded twice, and all can still be edited."""

from typing import Protocol

from vidgreen_gui.model.events import JobKey
from vidgreen_gui.model.session import Iteration, Session
from vidgreen_gui.store.queries import Reader


class Earlier(Protocol):
    """What is known of earlier runs; every method may raise StoreFault."""

    def by_key(self, key: JobKey) -> Iteration | None:
        """Return the iteration a source knows by that key, None where none was recorded."""

    def by_id(self, iteration_id: str) -> Iteration | None:
        """Return an iteration, None where there is none of that id."""

    def session(self, session_id: str) -> Session | None:
        """Return a session, None where there is none of that id."""


class StoredEarlier:
    """What earlier runs left in the store."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def by_key(self, key: JobKey) -> Iteration | None:
        """Return the iteration a source knows by that key, None where none is stored."""
        return self._reader.iteration_by_key(key.source_kind, key.external_id)

    def by_id(self, iteration_id: str) -> Iteration | None:
        """Return an iteration, None where there is none of that id."""
        return self._reader.iteration(iteration_id)

    def session(self, session_id: str) -> Session | None:
        """Return a session, None where there is none of that id."""
        return self._reader.session(session_id)
