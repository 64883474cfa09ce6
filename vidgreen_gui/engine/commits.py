"""Makes one transaction of what was said, sampled and derived since the last."""

from collections.abc import Iterable, Sequence

from vidgreen_gui.engine.intake import Taken
from vidgreen_gui.engine.ledger import Changed, Ledger
from vidgreen_gui.model.events import Logged
from vidgreen_gui.model.power import Block
from vidgreen_gui.store.batch import Batch, EnergyRow
from vidgreen_gui.store.writer import Writer


class Commits:
    """Numbers events, gathers samples, and hands whole batches to the writer."""

    def __init__(self, writer: Writer, run_id: str, first_seq: int, ledger: Ledger) -> None:
        self._writer = writer
        self._run_id = run_id
        self._seq = first_seq
        self._ledger = ledger
        self._blocks: list[Block] = []

    def gather(self, blocks: Iterable[Block]) -> None:
        """Keep samples for the next batch."""
        self._blocks += blocks

    def submit(self, taken: Taken, rows: Sequence[EnergyRow]) -> None:
        """Hand over all that waits, with `rows` in the place of their owners' earlier ones."""
        ledger = self._ledger
        changed, ledger.changed = ledger.changed, Changed()
        blocks, self._blocks = tuple(self._blocks), []
        if not (taken.events or taken.private or blocks or rows or changed):
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
            )
        )

    def _logged(self, taken: Taken) -> tuple[Logged, ...]:
        first = self._seq
        self._seq += len(taken.events)
        return tuple(
            Logged(first + number, self._run_id, session_id, event)
            for number, (session_id, event) in enumerate(taken.events)
        )
