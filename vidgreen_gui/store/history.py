"""Reads sample blocks back: whole columns of one series between two times."""

import sqlite3
from typing import NamedTuple

import numpy as np

from vidgreen_gui.model.power import SlowField
from vidgreen_gui.store.blocks import Column, decode_few, decode_samples
from vidgreen_gui.store.damage import Damage, intact_rows
from vidgreen_gui.store.rows import CHUNK, SERIES, TAIL

POWER = "power"
COUNTER = "counter"


class SeriesKey(NamedTuple):
    """One kind of samples of one device in one run."""

    run_id: str
    device_id: str
    kind: str


class Samples(NamedTuple):
    """Columns of equal length, by time: steady ns of the run, the value, the grid it was on."""

    t_ns: Column
    value: Column
    period_ns: Column


def slow_kind(quantity: SlowField) -> str:
    """Return the kind of series that holds a slow field."""
    return f"slow:{quantity.value}"


def series_id(connection: sqlite3.Connection, key: SeriesKey, damaged: set[Damage]) -> int | None:
    """Return the number under which blocks of the series are filed, None where there is none."""
    where = "WHERE run_id = ? AND device_id = ? AND kind = ?"
    for row in intact_rows(connection, SERIES, damaged, where, tuple(key)):
        return int(row[0])
    return None


def tail(
    connection: sqlite3.Connection, series: int, damaged: set[Damage]
) -> list[tuple[int, Samples]]:
    """Return the blocks of the series that are in no chunk yet, each with its row's id."""
    where = "WHERE series_id = ? ORDER BY id"
    return [
        (row_id, Samples(*decode_few(payload)))
        for row_id, _, payload in intact_rows(connection, TAIL, damaged, where, (series,))
    ]


def chunks(
    connection: sqlite3.Connection, series: int, start_ns: int, end_ns: int, damaged: set[Damage]
) -> list[Samples]:
    """Return the chunks of the series that touch [start_ns, end_ns), each whole."""
    where = "WHERE series_id = ? AND t1_ns >= ? AND t0_ns < ? ORDER BY t1_ns"
    return [
        Samples(*decode_samples(payload, n, t0_ns))
        for _, _, t0_ns, _, n, payload in intact_rows(
            connection, CHUNK, damaged, where, (series, start_ns, end_ns)
        )
    ]


def samples(
    connection: sqlite3.Connection, series: int, start_ns: int, end_ns: int, damaged: set[Damage]
) -> Samples:
    """Return the samples of the series with start_ns <= t < end_ns."""
    parts = chunks(connection, series, start_ns, end_ns, damaged)
    parts += [part for _, part in tail(connection, series, damaged)]
    return between(joined(parts), start_ns, end_ns)


def joined(parts: list[Samples]) -> Samples:
    """Return all samples of the parts as one, by time."""
    if not parts:
        return Samples(*(np.empty(0, dtype=np.int64) for _ in Samples._fields))
    whole = Samples(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    if np.any(np.diff(whole.t_ns) < 0):
        order = np.argsort(whole.t_ns, kind="stable")
        whole = Samples(*(column[order] for column in whole))
    return whole


def between(whole: Samples, start_ns: int, end_ns: int) -> Samples:
    """Return the samples with start_ns <= t < end_ns."""
    first, last = np.searchsorted(whole.t_ns, (start_ns, end_ns))
    return Samples(*(column[first:last] for column in whole))
