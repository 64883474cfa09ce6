"""Says how work ended that a kill cut off: at its last sample, never later."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from vidgreen_gui.model.events import (
    ClockAnchored,
    Event,
    IterationEnded,
    JobKey,
    Logged,
    Run,
    SessionEnded,
)
from vidgreen_gui.model.session import EndedBy, Iteration, Session, Status
from vidgreen_gui.store import history, rows
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.codec import from_json
from vidgreen_gui.store.damage import intact_rows
from vidgreen_gui.store.database import open_to_read, translated
from vidgreen_gui.store.rows import Table


def interrupted_runs(path: Path) -> list[Batch]:
    """Return, per run that was never closed, the batch that ends what it left open.

    A session ends at the run's last sample or event, as interrupted; a running iteration at the
    last sample of its devices, as unknown.
    """
    with translated(path), closing(open_to_read(path)) as connection:
        last_seq = connection.execute("SELECT ifnull(max(seq), 0) FROM event").fetchone()[0]
        batches = []
        for row in list(intact_rows(connection, rows.RUN, set(), "WHERE closed = 0")):
            batches.append(_InterruptedRun(connection, from_json(Run, row[-1])).ended(last_seq))
            last_seq += len(batches[-1].events)
        return batches


class _InterruptedRun:
    """A run whose recorder was killed, and when its samples and events stop."""

    def __init__(self, connection: sqlite3.Connection, run: Run) -> None:
        self._connection = connection
        self._run = run
        self._last_sample_ns = dict(self._last_samples())
        where = "WHERE run_id = ? ORDER BY seq DESC"
        newest_event = next(self._rows(rows.EVENT, where), None)
        last_event_ns = newest_event[3] if newest_event else 0
        self._end_ns = max((*self._last_sample_ns.values(), last_event_ns))

    def ended(self, last_seq: int) -> Batch:
        """Return the batch that ends the run's sessions and iterations; its events follow."""
        where = "WHERE run_id = ? AND ended_utc_ns IS NULL"
        sessions = [from_json(Session, row[-1]) for row in self._rows(rows.SESSION, where)]
        where = "WHERE run_id = ? AND status = 'running'"
        running = [from_json(Iteration, row[-1]) for row in self._rows(rows.ITERATION, where)]
        iterations = [self._ended_iteration(iteration) for iteration in running]
        end_utc_ns = self._utc_ns(self._end_ns)
        events: list[tuple[str, Event]] = [
            (found.session_id, self._iteration_ended(found)) for found in iterations
        ]
        events += [
            (
                session.id,
                SessionEnded(
                    t_ns=self._end_ns,
                    session_id=session.id,
                    ended_by=EndedBy.INTERRUPTED,
                    utc_ns=end_utc_ns,
                ),
            )
            for session in sessions
        ]
        return Batch(
            run_id=self._run.id,
            events=tuple(
                Logged(seq, self._run.id, session_id, event)
                for seq, (session_id, event) in enumerate(events, start=last_seq + 1)
            ),
            sessions=tuple(
                replace(session, ended_utc_ns=end_utc_ns, ended_by=EndedBy.INTERRUPTED)
                for session in sessions
            ),
            iterations=tuple(iterations),
        )

    def _ended_iteration(self, iteration: Iteration) -> Iteration:
        if iteration.start_ns is None:
            return replace(iteration, status=Status.UNKNOWN)
        last_ns = self._last_sample_ns
        seen = [last_ns[device] for device in iteration.device_ids if device in last_ns]
        end_ns = max((iteration.start_ns, *(seen or last_ns.values())))
        phases = tuple(
            replace(phase, end_ns=max(phase.start_ns, end_ns)) if phase.end_ns is None else phase
            for phase in iteration.phases
        )
        return replace(
            iteration,
            status=Status.UNKNOWN,
            end_ns=end_ns,
            ended_utc_ns=self._utc_ns(end_ns),
            phases=phases,
        )

    def _iteration_ended(self, iteration: Iteration) -> IterationEnded:
        return IterationEnded(
            t_ns=self._end_ns if iteration.end_ns is None else iteration.end_ns,
            key=JobKey(iteration.source_kind, iteration.external_id),
            status=Status.UNKNOWN,
        )

    def _utc_ns(self, t_ns: int) -> int:
        """Return the UTC label of a steady time, by the newest anchor before it."""
        where = "WHERE run_id = ? AND kind = 'ClockAnchored' AND t_ns <= ? ORDER BY seq DESC"
        for row in self._rows(rows.EVENT, where, t_ns):
            anchor = from_json(ClockAnchored, row[-1])
            return anchor.utc_ns + (t_ns - anchor.t_ns)
        return self._run.utc_ns + t_ns

    def _last_samples(self) -> Iterator[tuple[str, int]]:
        """Yield device ids, each with the time of its last sample of any kind, last one wins."""
        latest: dict[str, int] = {}
        for series, _, device_id, _ in list(self._rows(rows.SERIES, "WHERE run_id = ?")):
            waiting = history.tail(self._connection, series, set())
            where = "WHERE series_id = ? ORDER BY t1_ns DESC"
            sealed = intact_rows(self._connection, rows.CHUNK, set(), where, (series,))
            ends = [row[3] for row in (next(sealed, None),) if row]
            ends += [int(part.t_ns[-1]) for _, part in waiting]
            latest[device_id] = max((*ends, latest.get(device_id, 0)))
        yield from latest.items()

    def _rows(self, table: Table, where: str, *arguments: object) -> Iterator[tuple[Any, ...]]:
        return intact_rows(self._connection, table, set(), where, (self._run.id, *arguments))
