"""Guesses whose electricity this is: from the time zone, else the region, else the locale."""

import csv
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from vidgreen_gui.grid.place import Place
from vidgreen_gui.grid.table import EVERYWHERE, GridTable
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.footprint import GridFactor

_TERRITORY = re.compile(r"^[A-Za-z]{2,3}(?:[_-][A-Za-z]{4})?[_-]([A-Za-z]{2})(?:[.@]|$)")


class GuessedFrom(StrEnum):
    """What told the country."""

    TIME_ZONE = "time_zone"
    REGION = "region"
    LOCALE = "locale"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Guess:
    """A factor, marked as guessed, and why; from NOTHING it is the average of the G20."""

    factor: GridFactor
    why: GuessedFrom


def guess_zone(table: GridTable, folder: Path, place: Place) -> Guess:
    """Return the factor of the country that `place` points to.

    `folder` holds the shipped data. A country is taken as a whole, the United States too: only
    the user knows the state or the balancing area.
    """
    clues = (
        (GuessedFrom.TIME_ZONE, country_of_time_zone(folder, place.time_zone)),
        (GuessedFrom.REGION, place.region),
        (GuessedFrom.LOCALE, country_of_locale(place.locale)),
    )
    for why, country in clues:
        if country is None:
            continue
        try:
            return Guess(replace(table.factor(country), guessed=True), why)
        except InputFault:
            continue
    return Guess(replace(table.factor(EVERYWHERE), guessed=True), GuessedFrom.NOTHING)


def country_of_time_zone(folder: Path, time_zone: str | None) -> str | None:
    """Return the country (ISO 3166-1 alpha-2) of an IANA time zone, None where it has none."""
    if time_zone is None:
        return None
    with (folder / "tz_database" / "countries.csv").open(encoding="utf-8", newline="") as stream:
        return next((row[1] for row in csv.reader(stream) if row[0] == time_zone), None)


def country_of_locale(locale: str | None) -> str | None:
    """Return the territory of a locale such as "fr_CA.UTF-8" or "zh-Hant-TW", None without one."""
    found = _TERRITORY.match(locale or "")
    return found[1].upper() if found else None
