"""The guess of the country: from the time zone, the region, the locale, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.grid.place import Place, this_place
from vidgreen_gui.grid.table import load_factors
from vidgreen_gui.grid.zone import (
    GuessedFrom,
    country_of_locale,
    country_of_time_zone,
    guess_zone,
)
from vidgreen_gui.system.resources import resource

DATA = resource("data")
TABLE = load_factors(DATA)


@pytest.mark.parametrize(
    ("place", "zone", "why"),
    [
        (Place("Europe/Paris", None, "en_US.UTF-8"), "FR", GuessedFrom.TIME_ZONE),
        (Place("America/Los_Angeles"), "US", GuessedFrom.TIME_ZONE),
        (Place("US/Pacific"), "US", GuessedFrom.TIME_ZONE),
        (Place("Asia/Calcutta"), "IN", GuessedFrom.TIME_ZONE),
        (Place("Europe/Kiev"), "UA", GuessedFrom.TIME_ZONE),
        (Place("Etc/UTC", None, "fr_CA.UTF-8"), "CA", GuessedFrom.LOCALE),
        (Place(None, "DE", "en_US"), "DE", GuessedFrom.REGION),
        (Place("UTC", None, "zh-Hant-TW"), "TW", GuessedFrom.LOCALE),
        (Place("Europe/Monaco", None, "fr_FR"), "FR", GuessedFrom.LOCALE),
        (Place("Etc/UTC", None, "C.UTF-8"), "G20", GuessedFrom.NOTHING),
        (Place(), "G20", GuessedFrom.NOTHING),
    ],
)
def test_guesses(place, zone, why):
    guess = guess_zone(TABLE, DATA, place)
    assert (guess.factor.zone, guess.why) == (zone, why)
    assert guess.factor.guessed


@pytest.mark.parametrize(
    ("locale", "country"),
    [("fr_FR", "FR"), ("fr_FR.UTF-8", "FR"), ("sr_RS@latin", "RS"), ("zh-Hant-TW", "TW"),
     ("en-GB", "GB"), ("C", None), ("C.UTF-8", None), ("POSIX", None), ("fr", None),
     ("French_France.1252", None), ("", None), (None, None)],
)  # fmt: skip
def test_country_of_locale(locale, country):
    assert country_of_locale(locale) == country


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_any_clue_ends_in_a_guess(time_zone, region, locale):
    assert guess_zone(TABLE, DATA, Place(time_zone, region, locale)).factor.guessed


def test_time_zones_know_their_countries():
    assert country_of_time_zone(DATA, "Europe/Amsterdam") == "NL"
    assert country_of_time_zone(DATA, "Mars/Olympus") is None


def test_place_reads_tz_before_the_system(monkeypatch):
    monkeypatch.setenv("TZ", ":America/Toronto")
    monkeypatch.setenv("LC_ALL", "fr_CA.UTF-8")
    place = this_place()
    assert (place.time_zone, place.locale) == ("America/Toronto", "fr_CA.UTF-8")
    monkeypatch.setenv("TZ", "EST5EDT")
    assert this_place().time_zone != "EST5EDT"
