"""Writes sample blocks: each commit's into the tail, every 4096 samples into a chunk.

All of it runs inside the caller's transaction, so a kill leaves a sample either in the tail or
in a chunk, never in both and never in neither.
"""

import sqlite3
from array import array

import numpy as np

from vidgreen_gui.model.power import Block, CounterBlock, PowerBlock
from vidgreen_gui.store import envelope, history
from vidgreen_gui.store.blocks import Column, encode_few, encode_samples
from vidgreen_gui.store.damage import Damage
from vidgreen_gui.store.history import Samples, SeriesKey
from vidgreen_gui.store.rows import CHUNK, SERIES, TAIL, Table

CHUNK_SAMPLES = 4096
# A series of one sample a second is sealed sooner, so that the tail, read whole, stays short.
TAIL_ROWS = 512


class SampleWriter:
    """Files blocks into a database; knows its series and what each has in the tail."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._series: dict[SeriesKey, int] = {}
        # Per series: samples and rows in the tail.
        self._waiting: dict[int, tuple[int, int]] = {}
        self._damaged: set[Damage] = set()

    def forget(self) -> None:
        """Forget what was known: a transaction was rolled back."""
        self._series.clear()
        self._waiting.clear()

    def add(self, run_id: str, block: Block) -> None:
        """Add a block to its series; what fills a chunk leaves the tail at once."""
        new = _samples_of(block)
        if not len(new.t_ns):
            return
        key = _key_of(run_id, block)
        series = self._series_id(key)
        n_samples, n_rows = self._in_tail(series)
        n_samples += len(new.t_ns)
        if n_samples < CHUNK_SAMPLES and n_rows < TAIL_ROWS:
            self._add_tail(series, new)
            self._waiting[series] = n_samples, n_rows + 1
            return
        whole = self._take_tail(series, [new])
        n_rest = n_samples % CHUNK_SAMPLES if n_samples >= CHUNK_SAMPLES else 0
        cut = n_samples - n_rest
        self._add_chunks(series, key.kind, Samples(*(column[:cut] for column in whole)))
        if n_rest:
            self._add_tail(series, Samples(*(column[cut:] for column in whole)))
        self._waiting[series] = n_rest, min(n_rest, 1)

    def seal(self) -> None:
        """Move all that is in the tail into chunks, however short."""
        self.forget()
        waiting = self._connection.execute(
            "SELECT DISTINCT series_id, kind FROM tail JOIN series ON series.id = series_id"
        )
        for series, kind in waiting.fetchall():
            self._add_chunks(series, kind, self._take_tail(series, []))

    def _in_tail(self, series: int) -> tuple[int, int]:
        if series not in self._waiting:
            parts = history.tail(self._connection, series, self._damaged)
            n_samples = sum(len(part.t_ns) for _, part in parts)
            self._waiting[series] = n_samples, len(parts)
        return self._waiting[series]

    def _take_tail(self, series: int, new: list[Samples]) -> Samples:
        rows = history.tail(self._connection, series, self._damaged)
        self._connection.executemany("DELETE FROM tail WHERE id = ?", [(row[0],) for row in rows])
        return history.joined([*(part for _, part in rows), *new])

    def _add_chunks(self, series: int, kind: str, whole: Samples) -> None:
        if kind == history.POWER:
            envelope.add(self._connection, series, whole)
        for start in range(0, len(whole.t_ns), CHUNK_SAMPLES):
            part = Samples(*(column[start : start + CHUNK_SAMPLES] for column in whole))
            t0_ns, t1_ns = int(part.t_ns[0]), int(part.t_ns[-1])
            row_id = _next_id(self._connection, CHUNK)
            row = (row_id, series, t0_ns, t1_ns, len(part.t_ns), encode_samples(*part))
            self._connection.execute(CHUNK.insert, CHUNK.sealed(row))

    def _add_tail(self, series: int, part: Samples) -> None:
        row = (_next_id(self._connection, TAIL), series, encode_few(*part))
        self._connection.execute(TAIL.insert, TAIL.sealed(row))

    def _series_id(self, key: SeriesKey) -> int:
        if key not in self._series:
            known = history.series_id(self._connection, key, self._damaged)
            if known is None:
                known = _next_id(self._connection, SERIES)
                self._connection.execute(SERIES.insert, SERIES.sealed((known, *key)))
            self._series[key] = known
        return self._series[key]


def _next_id(connection: sqlite3.Connection, table: Table) -> int:
    return int(
        connection.execute(f"SELECT ifnull(max(id), 0) + 1 FROM {table.name}").fetchone()[0]  # noqa: S608
    )


def _key_of(run_id: str, block: Block) -> SeriesKey:
    if isinstance(block, PowerBlock):
        return SeriesKey(run_id, block.device_id, history.POWER)
    if isinstance(block, CounterBlock):
        return SeriesKey(run_id, block.device_id, history.COUNTER)
    return SeriesKey(run_id, block.device_id, history.slow_kind(block.quantity))


def _samples_of(block: Block) -> Samples:
    if isinstance(block, PowerBlock):
        values = block.power_mw
    elif isinstance(block, CounterBlock):
        values = block.energy_mj
    else:
        values = block.value
    t_ns = _column(block.t_ns)
    return Samples(t_ns, _column(values), np.full(len(t_ns), block.period_ns, dtype=np.int64))


def _column(values: "array[int]") -> Column:
    return np.frombuffer(values, dtype=np.int64) if len(values) else np.empty(0, dtype=np.int64)
