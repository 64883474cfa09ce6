"""Figures, grades and times in words: the small phrases that every view puts together."""

from datetime import datetime

from vidgreen_gui.gui.shown import Quantity, Shown
from vidgreen_gui.model.facts import LiveSnapshot
from vidgreen_gui.model.footprint import Figure, Grade, GridFactor, Tariff
from vidgreen_gui.model.units import NS_PER_S, g_from_wh, money_from_wh, w_from_mw
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.numbers import MISSING_TEXT, NBSP

DOT = " · "
_LEAST_SHOWN = 0.01
_DEVICE_BRANDS = (
    "Simulated ",
    "NVIDIA GeForce ",
    "NVIDIA ",
    "GeForce ",
    "AMD Radeon ",
    "Intel Arc ",
)


def grade_words(texts: Texts, grade: Grade) -> str:
    """Return the shape and the word of a grade, as in "● measured"."""
    return f"{grade.shape} {texts.say('gui.grade.' + grade.value)}"


def energy_words(texts: Texts, watt_hours: float | None) -> str:
    """Return an energy, "<0.01 Wh" where more digits would say nothing, "—" for None."""
    if watt_hours is not None and 0 < watt_hours < _LEAST_SHOWN:
        return f"<{texts.numbers.decimal(_LEAST_SHOWN, 2)}{NBSP}Wh"
    return texts.numbers.energy(watt_hours)


def mass_words(texts: Texts, grams: float | None) -> str:
    """Return a mass, "<0.01 g" where more digits would say nothing, "—" for None."""
    if grams is not None and 0 < grams < _LEAST_SHOWN:
        return f"<{texts.numbers.decimal(_LEAST_SHOWN, 2)}{NBSP}g"
    return texts.numbers.mass(grams)


def mass_of_co2e(texts: Texts, grams: float | None) -> str:
    """Return grams of CO2e with the gas named, "—" for None."""
    shown = mass_words(texts, grams)
    return shown if grams is None else f"{shown}{NBSP}CO₂e"


def amount(
    texts: Texts, quantity: Quantity, facts: tuple[Figure, Figure, Figure], tariff: Tariff | None
) -> str:
    """Return one of (energy, CO2e, cost) in its unit, "—" where it is not known."""
    energy, co2e, cost = facts
    if quantity is Quantity.ENERGY:
        return energy_words(texts, energy.best)
    if quantity is Quantity.CO2E:
        return mass_words(texts, co2e.best)
    return MISSING_TEXT if tariff is None else texts.numbers.money(cost.best, tariff.currency)


def currency_sign(currency: str) -> str:
    """Return the sign of a currency where it is known everywhere, else its code."""
    return {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}.get(currency, currency)


def rate(texts: Texts, shown: Shown, watts: float | None) -> str:
    """Return the draw of this second: watts, or what an hour of it emits or costs."""
    snapshot = shown.snapshot
    if shown.quantity is Quantity.CO2E:
        if watts is None or snapshot.factor is None:
            return MISSING_TEXT
        grams = g_from_wh(watts, snapshot.factor.g_per_kwh)
        return f"{texts.numbers.significant(grams)}{NBSP}g/h"
    if shown.quantity is Quantity.MONEY:
        if watts is None or snapshot.tariff is None:
            return MISSING_TEXT
        price = money_from_wh(watts, snapshot.tariff.price_per_kwh)
        return f"{texts.numbers.money(price, snapshot.tariff.currency)}/h"
    return texts.numbers.power(watts)


def counted_watts(snapshot: LiveSnapshot) -> float | None:
    """Return what the counted graphics cards draw together, None while one cannot be read."""
    readings = [device.power_mw for device in snapshot.gpus if device.counted]
    if not readings:
        readings = [device.power_mw for device in snapshot.gpus]
    known = [power_mw for power_mw in readings if power_mw is not None]
    if not known or len(known) < len(readings):
        return None
    return w_from_mw(sum(known))


def clock(utc_ns: int, *, seconds: bool = False) -> str:
    """Return a UTC label as the wall clock here shows it, "14:49" or "14:41:35"."""
    # Not by strftime: it imports a module each time, which PySide looks into.
    moment = datetime.fromtimestamp(utc_ns / NS_PER_S)  # noqa: DTZ006 - the wall clock's own time
    return moment.time().isoformat("seconds" if seconds else "minutes")


def day(texts: Texts, utc_ns: int) -> str:
    """Return a UTC label as a date with time, "2026-11-21 14:49" or "21/11/2026 14:49"."""
    moment = datetime.fromtimestamp(utc_ns / NS_PER_S).astimezone()
    return moment.strftime("%d/%m/%Y %H:%M" if texts.language == "fr" else "%Y-%m-%d %H:%M")


def short_device(name: str) -> str:
    """Return a card's name without its maker, "RTX 4090"."""
    for brand in _DEVICE_BRANDS:
        name = name.removeprefix(brand)
    return name


def grams_per_kwh(texts: Texts, factor: GridFactor) -> str:
    """Return a factor's number: whole from 10 g up, else to three digits."""
    grams = factor.g_per_kwh
    return texts.numbers.integer(grams) if grams >= 10 else texts.numbers.significant(grams)


def grid_words(texts: Texts, factor: GridFactor) -> str:
    """Return a grid factor with its source and year, as it stands beside every CO2e."""
    return texts.say(
        "gui.grid.line",
        zone=factor.zone_name,
        g=grams_per_kwh(texts, factor),
        source=factor.source,
        year=str(factor.year),
    )
