"""Time-aligned buckets of count, minimum, maximum and sum, each level sixteen times the one below.

A bucket of level L holds the samples with t in [i * width(L), (i + 1) * width(L)). All functions
are pure; buckets of the same level merge in any order, so chunks may come in any.
"""

from typing import NamedTuple

import numpy as np

from vidgreen_gui.store.blocks import Column, decode, encode

BASE_NS = 6_400_000_000
FACTOR = 16
LEVELS = 5
BUCKETS_PER_PAGE = 256


class Buckets(NamedTuple):
    """Buckets that hold at least one sample, by number (`at`); columns of equal length."""

    at: Column
    n: Column
    low: Column
    high: Column
    total: Column


def width_ns(level: int) -> int:
    """Return the width of a bucket of `level`."""
    return BASE_NS * int(FACTOR**level)


def of_samples(at: Column, value: Column) -> Buckets:
    """Return one bucket per different number in `at`, over the samples of that number."""
    return _grouped(Buckets(at, np.ones_like(value), value, value, value))


def merged(parts: list[Buckets]) -> Buckets:
    """Return the buckets of all parts, those of the same number made one."""
    if not parts:
        return Buckets(*(np.empty(0, dtype=np.int64) for _ in Buckets._fields))
    return _grouped(Buckets(*(np.concatenate(columns) for columns in zip(*parts, strict=True))))


def coarser(buckets: Buckets, factor: int) -> Buckets:
    """Return the buckets `factor` times as wide."""
    return _grouped(buckets._replace(at=buckets.at // factor))


def pages(buckets: Buckets) -> list[tuple[int, Buckets]]:
    """Return the buckets cut at page borders, each part with its page's number."""
    if not len(buckets.at):
        return []
    page = buckets.at // BUCKETS_PER_PAGE
    cuts = np.flatnonzero(np.diff(page)) + 1
    parts = zip(*(np.split(column, cuts) for column in buckets), strict=True)
    return [(int(part[0][0]) // BUCKETS_PER_PAGE, Buckets(*part)) for part in parts]


def pack(buckets: Buckets) -> bytes:
    """Return a page as a payload; the sum is kept as its distance from the middle, it is small."""
    at, n, low, high, total = buckets
    return encode((at, n, low, high - low, total - n * ((low + high) // 2)))


def unpack(payload: bytes, length: int) -> Buckets:
    """Return the page of `length` buckets that `pack` made."""
    at, n, low, spread, rest = decode(payload, length)
    high = low + spread
    return Buckets(at, n, low, high, rest + n * ((low + high) // 2))


def _grouped(buckets: Buckets) -> Buckets:
    if not len(buckets.at):
        return buckets
    if np.any(np.diff(buckets.at) < 0):
        order = np.argsort(buckets.at, kind="stable")
        buckets = Buckets(*(column[order] for column in buckets))
    starts = np.concatenate(([0], np.flatnonzero(np.diff(buckets.at)) + 1))
    return Buckets(
        buckets.at[starts],
        np.add.reduceat(buckets.n, starts),
        np.minimum.reduceat(buckets.low, starts),
        np.maximum.reduceat(buckets.high, starts),
        np.add.reduceat(buckets.total, starts),
    )
