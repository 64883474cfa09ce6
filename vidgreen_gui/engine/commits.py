"""Makes one transaction of what was said, sampled and derived since the last."""

from collections.abc import Iterable, Sequence

from vidgreen_gui.engine.intake import Taken
from vidgreen_gui.engine.ledger import Ledger
from vidgreen_gui.engine.report import session_energy
from vidgreen_gui.engine.work_state import Changed
from vidgreen_gui.model.events import Logged
from vidgreen_gui.model.power import Block
from vidgreen_gui.model.units import NS_PER_S
from vidgreen_gui.store.batch import Batch, EnergyRow
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.writer import Writer

_SETTLE_NS = NS_PER_S // 2
# A disk that refuses must not hold up the end.
_FLUSH_S = 2.0


class Commits:
    """Numbers events, gathers samples, and hands whole batches to the writer."""

    def __init__(self, writer: Writer, run_id: str, first_seq: int, ledger: Ledger) -> None:
        self._writer = writer
        self._run_id = run_id
        self._seq = first_seq
        self._ledger = ledger
        self._blocks: list[Block] = []
        self._owes = False
        self._settled_ns = -_SETTLE_NS

    def gather(self, blocks: Iterable[Block]) -> None:
        """Keep samples for the next batch."""
        self._blocks += blocks

    def settles(self, taken: Taken, now_ns: int) -> bool:
        """Return whether the energy of jobs that ended goes with this batch.

        The first one's goes at once; of many that end together, once for all with a later batch:
        to account for each by itself would take the time of all others.
        """
        self._owes = self._owes or bool(taken.ended)
        if not self._owes or now_ns - self._settled_ns < _SETTLE_NS:
            return False
        self._owes, self._settled_ns = False, now_ns
        return True

    def submit(self, taken: Taken, rows: Sequence[EnergyRow]) -> None:
        """Hand over all that waits, with `rows` in the place of their owners' earlier ones."""
        ledger = self._ledger
        changed, ledger.changed = ledger.changed, Changed()
        blocks, self._blocks = tuple(self._blocks), []
        if not (taken.events or taken.private or taken.learnt or blocks or rows or changed):
            return
        self._writer.submit(
            Batch(
                run_id=self._run_id,
                events=self._logged(taken),
                blocks=blocks,
                projects=(ledger.project,) if changed.sessions or changed.clips else (),
                sessions=tuple(ledger.sessions[i] for i in changed.sessions),
                clips=tuple(ledger.clips[i] for i in changed.clips),
                iterations=tuple(ledger.iterations[i] for i in changed.iterations),
                replaces_energy_of=tuple({(row.session_id, row.owner) for row in rows}),
                energies=tuple(rows),
                private=tuple(taken.private),
                learnt=tuple(taken.learnt),
            )
        )

    def store_exactly(self, reader: Reader, session_id: str) -> None:
        """Store a session's energy as a report reads it from the log and the samples.

        Those in memory may have been let go before a source corrected when a job ended.
        """
        if self._writer.flush(_FLUSH_S) and (session := reader.session(session_id)) is not None:
            self.submit(Taken(), session_energy(reader, session))

    def _logged(self, taken: Taken) -> tuple[Logged, ...]:
        first = self._seq
        self._seq += len(taken.events)
        return tuple(
            Logged(first + number, self._run_id, session_id, event)
            for number, (session_id, event) in enumerate(taken.events)
        )
