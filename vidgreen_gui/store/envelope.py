"""The power of any span in a given number of columns, at a cost that history does not raise.

Sealed samples stand in the pyramid as well: a long span reads buckets of the coarsest level that
still has four of them in a column, a short one decodes its samples. A page whose checksum fails
is made again from the level below, in the end from the chunks.
"""

import sqlite3
from dataclasses import dataclass

import numpy as np

from vidgreen_gui.store import history, pyramid
from vidgreen_gui.store.blocks import Column
from vidgreen_gui.store.damage import Damage
from vidgreen_gui.store.history import Samples
from vidgreen_gui.store.pyramid import BUCKETS_PER_PAGE, FACTOR, LEVELS, Buckets
from vidgreen_gui.store.rows import PYRAMID

_BUCKETS_PER_COLUMN = 4


@dataclass(frozen=True, slots=True)
class Envelope:
    """Columns `width_ns` wide from `start_ns` on: samples in each, least, most and sum in mW.

    A column without samples has count 0 and zeros that mean nothing.
    """

    start_ns: int
    width_ns: int
    count: Column
    low_mw: Column
    high_mw: Column
    sum_mw: Column


def envelope(
    connection: sqlite3.Connection,
    series: int,
    span_ns: tuple[int, int],
    columns: int,
    damaged: set[Damage],
) -> Envelope:
    """Return the span in at most `columns` (2 or more) columns.

    A span long enough for the pyramid is widened to whole buckets, so that each column holds
    exactly the samples between its edges.
    """
    start_ns, end_ns = span_ns
    level = _level_for((end_ns - start_ns) // (columns - 1))
    if level is None:
        width_ns = -(-(end_ns - start_ns) // columns)
        count = -(-(end_ns - start_ns) // width_ns)
        # The last column may end nanoseconds after the span, and holds what lies there too.
        found = history.samples(connection, series, start_ns, start_ns + count * width_ns, damaged)
        parts = [pyramid.of_samples((found.t_ns - start_ns) // width_ns, found.value)]
        return _spread(parts, 0, count, start_ns, width_ns)
    bucket_ns = pyramid.width_ns(level)
    factor = -(-(end_ns - start_ns) // ((columns - 1) * bucket_ns))
    width_ns = factor * bucket_ns
    first, last = start_ns // width_ns, -(-end_ns // width_ns)
    sealed = _sealed(connection, series, level, (first * factor, last * factor), damaged)
    fresh = history.joined([part for _, part in history.tail(connection, series, damaged)])
    fresh = history.between(fresh, first * width_ns, last * width_ns)
    parts = [
        pyramid.coarser(sealed, factor),
        pyramid.of_samples(fresh.t_ns // width_ns, fresh.value),
    ]
    return _spread(parts, first, last, first * width_ns, width_ns)


def add(connection: sqlite3.Connection, series: int, new: Samples) -> None:
    """Add samples that are about to become chunks to every level of the pyramid."""
    buckets = pyramid.of_samples(new.t_ns // pyramid.BASE_NS, new.value)
    for level in range(LEVELS):
        for page, part in pyramid.pages(buckets):
            there = _pages(connection, series, level, (page, page + 1), set())
            _write_page(connection, series, level, page, pyramid.merged([*there, part]))
        buckets = pyramid.coarser(buckets, FACTOR)


def rebuild(connection: sqlite3.Connection, series: int) -> None:
    """Make the pyramid of a series again from its chunks, inside the caller's transaction."""
    connection.execute("DELETE FROM pyramid WHERE series_id = ?", (series,))
    where = "SELECT t0_ns, t1_ns FROM chunk WHERE series_id = ? ORDER BY id"
    for t0_ns, t1_ns in connection.execute(where, (series,)).fetchall():
        for part in history.chunks(connection, series, t0_ns, t1_ns + 1, set()):
            add(connection, series, part)


def _level_for(column_ns: int) -> int | None:
    fitting = [
        level
        for level in range(LEVELS)
        if pyramid.width_ns(level) * _BUCKETS_PER_COLUMN <= column_ns
    ]
    return max(fitting, default=None)


def _sealed(
    connection: sqlite3.Connection,
    series: int,
    level: int,
    span: tuple[int, int],
    damaged: set[Damage],
) -> Buckets:
    """Return the buckets of `level` with span[0] <= index < span[1]."""
    wanted = (span[0] // BUCKETS_PER_PAGE, -(-span[1] // BUCKETS_PER_PAGE))
    whole = pyramid.merged(_pages(connection, series, level, wanted, damaged))
    first, last = np.searchsorted(whole.at, span)
    return Buckets(*(column[first:last] for column in whole))


def _pages(
    connection: sqlite3.Connection,
    series: int,
    level: int,
    span: tuple[int, int],
    damaged: set[Damage],
) -> list[Buckets]:
    where = f"{PYRAMID.select} WHERE series_id = ? AND level = ? AND page >= ? AND page < ?"
    found = []
    for sealed in connection.execute(f"{where} ORDER BY page", (series, level, *span)).fetchall():
        _, _, page, n, payload, _ = sealed
        if PYRAMID.is_intact(sealed):
            found.append(pyramid.unpack(payload, n))
        else:
            damaged.add(Damage(PYRAMID.name, f"{series}/{level}/{page}"))
            found.append(_made_again(connection, series, level, page, damaged))
    return found


def _made_again(
    connection: sqlite3.Connection, series: int, level: int, page: int, damaged: set[Damage]
) -> Buckets:
    if level:
        below = (page * FACTOR, (page + 1) * FACTOR)
        parts = _pages(connection, series, level - 1, below, damaged)
        return pyramid.coarser(pyramid.merged(parts), FACTOR)
    start_ns = page * BUCKETS_PER_PAGE * pyramid.BASE_NS
    end_ns = start_ns + BUCKETS_PER_PAGE * pyramid.BASE_NS
    whole = history.joined(history.chunks(connection, series, start_ns, end_ns, damaged))
    part = history.between(whole, start_ns, end_ns)
    return pyramid.of_samples(part.t_ns // pyramid.BASE_NS, part.value)


def _write_page(
    connection: sqlite3.Connection, series: int, level: int, page: int, buckets: Buckets
) -> None:
    row = (series, level, page, len(buckets.at), pyramid.pack(buckets))
    PYRAMID.put(connection, row)


def _spread(parts: list[Buckets], first: int, last: int, start_ns: int, width_ns: int) -> Envelope:
    filled = pyramid.merged(parts)
    columns = [np.zeros(last - first, dtype=np.int64) for _ in range(4)]
    for column, values in zip(columns, filled[1:], strict=True):
        column[filled.at - first] = values
    return Envelope(start_ns, width_ns, *columns)
