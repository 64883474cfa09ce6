"""Copies what can be read of a damaged database into a new one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from vidgreen_gui.store import envelope, history
from vidgreen_gui.store.rows import PYRAMID, TABLES, Row, Table


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How many rows were copied, and how many were seen and could not be trusted."""

    copied: int
    lost: int


def salvage(damaged: sqlite3.Connection, target: sqlite3.Connection) -> Salvaged:
    """Copy all intact rows, inside the caller's transaction on `target`.

    A table is read from its first row on and, where that stops at a broken page, from its last
    row backwards. The pyramid is made anew.
    """
    copied, lost = 0, 0
    for table in TABLES:
        if table is PYRAMID:
            continue
        for sealed in _readable(damaged, table):
            if table.is_intact(sealed):
                copied += target.execute(table.insert_or_ignore, sealed).rowcount
            else:
                lost += 1
    power = "SELECT id FROM series WHERE kind = ?"
    for (series,) in target.execute(power, (history.POWER,)).fetchall():
        envelope.rebuild(target, series)
    return Salvaged(copied, lost)


def _readable(damaged: sqlite3.Connection, table: Table) -> Iterator[Row]:
    for direction in ("ASC", "DESC"):
        try:
            with closing(damaged.execute(table.scan(direction))) as cursor:
                yield from cursor
        except sqlite3.DatabaseError:
            continue
        return
