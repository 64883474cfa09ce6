"""The shipped table of yearly carbon intensities: countries, zones within them, US states."""

import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from pathlib import Path

from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.footprint import Basis, GridFactor

# The best first: consumption-based and of one year; then what fills its blanks.
SOURCES = ("electricity_maps", "ember", "egrid")
# Where nothing tells the country. No row covers the world; these countries are most of its power.
EVERYWHERE = "G20"
_LEVELS = ("country", "zone", "state", "group")


@dataclass(frozen=True, slots=True)
class GridRow:
    """A factor with what a picker shows beside it; the shares are of the year's electricity."""

    factor: GridFactor
    level: str
    low_carbon_percent: float | None
    renewable_percent: float | None


class GridTable:
    """Finds factors; reads its files when it is first asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def factor(self, zone: str, prefer: str = SOURCES[0]) -> GridFactor:
        """Return the lifecycle factor of a zone, from the source `prefer` where it has one.

        Direct and marginal factors are never returned here: a user chooses them, by `chosen`.
        An unknown zone raises InputFault.
        """
        found = [row.factor for row in self.zones() if row.factor.zone == zone.upper()]
        lifecycle = [factor for factor in found if factor.basis is Basis.LIFECYCLE]
        if not lifecycle:
            raise InputFault("fault.grid.unknown_zone", zone=zone)
        return min(lifecycle, key=lambda factor: not factor.id.startswith(f"{prefer}:"))

    def chosen(self, factor_id: str) -> GridFactor:
        """Return the factor of that id, of any basis; raise InputFault when there is none."""
        for row in self.zones():
            if row.factor.id == factor_id:
                return row.factor
        raise InputFault("fault.grid.unknown_zone", zone=factor_id)

    def zones(self) -> tuple[GridRow, ...]:
        """Return all rows: countries first, by name."""
        return self._rows

    def search(self, text: str) -> tuple[GridRow, ...]:
        """Return the rows whose zone or name has `text` in it, whatever case and accents.

        An exact zone comes first, then names that begin with it.
        """
        wanted = _plain(text)

        def place(row: GridRow) -> int:
            name, zone = _plain(row.factor.zone_name), row.factor.zone.lower()
            if wanted == zone:
                return 0
            return 1 if name.startswith(wanted) else 2 if wanted in name or wanted in zone else 3

        return tuple(sorted((row for row in self._rows if place(row) < 3), key=place))

    @cached_property
    def _rows(self) -> tuple[GridRow, ...]:
        rows = [row for source in SOURCES for row in _read(self._folder, source)]
        return tuple(
            sorted(rows, key=lambda row: (_LEVELS.index(row.level), _plain(row.factor.zone_name)))
        )


def load_factors(folder: Path) -> GridTable:
    """Return the table kept in `folder`, one folder a source; nothing is read yet."""
    return GridTable(folder)


def _read(folder: Path, source: str) -> Iterator[GridRow]:
    with (folder / source / "factors.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield _row(source, row)


def _row(source: str, row: dict[str, str]) -> GridRow:
    """Return a line as facts; raise ValueError or KeyError where it breaks the table's rules."""
    year = int(row["year"])
    factor = GridFactor(
        id=f"{source}:{row['zone']}:{year}",
        zone=row["zone"],
        zone_name=row["name"],
        g_per_kwh=_number(row["g_per_kwh"]),
        basis=Basis(row["basis"]),
        source=_given(row["source"]),
        year=year,
        licence=_given(row["licence"]),
        verified={"published": True, "recalled": False}[row["status"]],
    )
    return GridRow(
        factor,
        row["level"],
        _number(row["low_carbon_percent"]) if row["low_carbon_percent"] else None,
        _number(row["renewable_percent"]) if row["renewable_percent"] else None,
    )


def _number(text: str) -> float:
    value = float(text)
    if not isfinite(value) or value < 0:
        raise ValueError(text)
    return value


def _given(text: str) -> str:
    if not text:
        raise ValueError(text)
    return text


def _plain(text: str) -> str:
    """Return `text` without case and accents, for comparing."""
    split = unicodedata.normalize("NFKD", text.casefold().strip())
    return "".join(character for character in split if not unicodedata.combining(character))
