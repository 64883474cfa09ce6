"""The shipped tables as the verbs use them: grid factors, graphics cards."""

import csv
from dataclasses import replace

from vidgreen_gui.advice.cards import GpuCard, parse_cards
from vidgreen_gui.grid.place import this_place
from vidgreen_gui.grid.table import GridTable
from vidgreen_gui.grid.zone import guess_zone
from vidgreen_gui.meters.around import Host
from vidgreen_gui.meters.choose import Card
from vidgreen_gui.model.footprint import GridFactor, Tariff
from vidgreen_gui.system.resources import resource
from vidgreen_gui.system.settings import UserSettings


def grid_table() -> GridTable:
    """Return the table of grid factors; it reads its files when first asked."""
    return GridTable(resource("data"))


def chosen_factor(settings: UserSettings) -> GridFactor:
    """Return the factor of the user's zone, or a guessed one; raise InputFault for a bad zone."""
    table = grid_table()
    if settings.zone:
        return replace(table.factor(settings.zone), guessed=False)
    return guess_zone(table, resource("data"), this_place()).factor


def chosen_tariff(settings: UserSettings) -> Tariff | None:
    """Return the user's price of electricity, None where none was given."""
    if settings.price_per_kwh is None:
        return None
    return Tariff(settings.price_per_kwh, settings.currency)


def described_host(settings: UserSettings) -> Host:
    """Return what the user says of the machine around the GPUs, which is measured with them."""
    return Host(
        cpu_tdp_w=settings.cpu_tdp_w,
        dimms=settings.dimms,
        board_w=settings.board_w,
        plugs=settings.plugs,
    )


def gpu_cards() -> tuple[GpuCard, ...]:
    """Return the shipped graphics cards."""
    with resource("data/vidgreen/gpus.csv").open(encoding="utf-8", newline="") as stream:
        return parse_cards(csv.DictReader(stream))


def simulated_cards() -> dict[str, Card]:
    """Return the cards that can be simulated, by name: those whose idle power is known."""
    return {
        card.name: Card(card.name, tdp_w=card.tdp_w, idle_w=card.idle_w)
        for card in gpu_cards()
        if card.idle_w is not None
    }
