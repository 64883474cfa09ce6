"""Notices that an iteration has come to its end while the window was looking."""

from vidgreen_gui.model.facts import IterationFacts, LiveSnapshot
from vidgreen_gui.model.session import Status


class Endings:
    """Remembers what ran; the line about an ended iteration stands until the next one starts."""

    def __init__(self) -> None:
        self._ran: frozenset[str] = frozenset()
        self._ended_id: str | None = None

    def take(self, snapshot: LiveSnapshot) -> IterationFacts | None:
        """Return the facts of the iteration that ended last, None while another runs."""
        every = [
            facts
            for clip in (snapshot.session.clips if snapshot.session else ())
            for facts in clip.iterations
        ]
        runs = frozenset(
            facts.iteration.id for facts in every if facts.iteration.status is Status.RUNNING
        )
        for facts in every:
            if facts.iteration.id in self._ran - runs:
                self._ended_id = facts.iteration.id
        self._ran = runs
        if runs:
            self._ended_id = None
        return next((facts for facts in every if facts.iteration.id == self._ended_id), None)
