"""How long to wait: for a job before a sitting ends, for a source before its jobs are given up."""

from collections.abc import Iterable

from vidgreen_gui.engine.ledger import Ledger
from vidgreen_gui.engine.work_state import SourceState
from vidgreen_gui.model.ports import Clock
from vidgreen_gui.model.units import NS_PER_S

IDLE_ENDS_SESSION_NS = 4 * 3600 * NS_PER_S
# A source that does not come back within this takes its running jobs with it.
LOST_FOR_GOOD_NS = 60 * NS_PER_S


class Patience:
    """Knows when a sitting has had no job for four hours, those asleep included."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_ns: int | None = None
        self._asleep_ns = 0

    def is_over(self, ledger: Ledger) -> bool:
        """Return whether the sitting under way has been without a job for too long."""
        session = ledger.session
        if session is None or ledger.running():
            self._since_ns = None
            return False
        # The steady clock may stop while the machine sleeps; boot time does not.
        asleep_ns = self._clock.boottime_ns() - self._clock.steady_ns()
        since_ns = max(ledger.last_job_ns or 0, ledger.session_start_ns[session.id])
        if since_ns != self._since_ns:
            self._since_ns, self._asleep_ns = since_ns, asleep_ns
        slept_ns = max(0, asleep_ns - self._asleep_ns)
        return self._clock.steady_ns() - since_ns + slept_ns > IDLE_ENDS_SESSION_NS


def gone_for_good(sources: Iterable[SourceState], now_ns: int) -> tuple[SourceState, ...]:
    """Return the sources whose jobs are to be given up now."""
    return tuple(
        source
        for source in sources
        if source.state == "lost"
        and source.lost_at_ns is not None
        and now_ns - source.lost_at_ns > LOST_FOR_GOOD_NS
    )
