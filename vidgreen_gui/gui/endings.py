"""Notices that an iteration has come to its end while the window was looking."""

from vidgreen_gui.gui.shown import started
from vidgreen_gui.model.facts import IterationFacts, LiveSnapshot
from vidgreen_gui.model.session import Status


class Endings:
    """Remembers what had ended; the line about the newest ending stands until the next start."""

    def __init__(self) -> None:
        self._ended: frozenset[str] | None = None
        self._newest_id: str | None = None

    def take(self, snapshot: LiveSnapshot) -> IterationFacts | None:
        """Return the facts of the iteration that ended last, None while another runs.

        What had ended in the first session that is seen is no news.
        """
        if snapshot.session is None:
            return None
        every = [facts for clip in snapshot.session.clips for facts in clip.iterations]
        done = [facts for facts in every if facts.iteration.status is not Status.RUNNING]
        known, self._ended = self._ended, frozenset(facts.iteration.id for facts in done)
        if len(done) < len(every):
            self._newest_id = None
        elif known is not None:
            news = [facts for facts in done if facts.iteration.id not in known]
            if news:
                self._newest_id = max(news, key=started).iteration.id
        return next((one for one in done if one.iteration.id == self._newest_id), None)
