"""Reads rows whose checksum holds; the others are left out and noted."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vidgreen_gui.store.rows import Table


@dataclass(frozen=True, slots=True)
class Damage:
    """A row, by table and key, that cannot be trusted and was left out, or a broken file ("")."""

    table: str
    key: str
    reason: str = "checksum"


def intact_rows(
    connection: sqlite3.Connection,
    table: Table,
    damaged: set[Damage],
    where: str = "",
    arguments: tuple[object, ...] = (),
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that `where` selects, without their checksums; note those that are damaged."""
    for sealed in connection.execute(f"{table.select} {where}", arguments):
        if table.is_intact(sealed):
            yield sealed[:-1]
        else:
            damaged.add(Damage(table.name, "/".join(map(str, sealed[: table.key]))))
