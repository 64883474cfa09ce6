"""Keeps the advice that fits the newest iteration, computed anew when its figures change."""

from vidgreen_gui.advice.cards import GpuCard
from vidgreen_gui.advice.suggestions import suggest
from vidgreen_gui.engine.ledger import Ledger
from vidgreen_gui.model.advice import Suggestion
from vidgreen_gui.model.facts import IterationFacts, SessionFacts
from vidgreen_gui.model.session import Cached, Status


class Advisor:
    """Holds the suggestions for one iteration; `card` is the GPU they are computed for."""

    def __init__(self, card: GpuCard | None) -> None:
        self.suggestions: tuple[Suggestion, ...] = ()
        self.iteration_id: str | None = None
        self._card = card
        self._seen: tuple[str, Status, frozenset[str]] | None = None

    def update(self, ledger: Ledger, facts: SessionFacts) -> None:
        """Look again when another iteration is newest, when it ended, or a rule was dismissed."""
        newest = _newest(facts)
        if newest is None or newest.iteration.id not in ledger.extractions:
            return
        iteration = newest.iteration
        seen = (iteration.id, iteration.status, frozenset(ledger.dismissed))
        if seen == self._seen:
            return
        self._seen = seen
        done = iteration.status is Status.COMPLETED and iteration.cached is Cached.NO
        measured = done and newest.energy_wh.grade.is_measured
        self.iteration_id = iteration.id
        self.suggestions = suggest(
            ledger.extractions[iteration.id],
            measured_wh=newest.energy_wh.best if measured else None,
            duration_s=newest.duration_s if done else None,
            card=self._card,
            dismissed=seen[2],
            ran_before=iteration.cached is Cached.ALL,
        )


def _newest(facts: SessionFacts) -> IterationFacts | None:
    listed = [facts for clip in facts.clips for facts in clip.iterations]
    return max(listed, key=lambda f: f.iteration.started_utc_ns or 0, default=None)
