"""Which graphics card an estimate is for: the one named, the one chosen, the one found."""

from contextlib import closing

from vidgreen_gui.advice.cards import GpuCard, find_card
from vidgreen_gui.meters.nvml import NvmlMeter
from vidgreen_gui.model.faults import InputFault, MeterFault
from vidgreen_gui.verbs.shipped import gpu_cards

# Stands in on a machine without a known card; the answer names it.
REFERENCE_CARD = "GeForce RTX 4090"


def card_for(name: str | None, chosen: str = "") -> GpuCard:
    """Return the card called `name`, else the user's `chosen` one, else this machine's.

    Raise InputFault for a name that no card has.
    """
    cards = gpu_cards()
    if name or chosen:
        card = find_card(cards, name or chosen)
        if card is None:
            known = ", ".join(card.name for card in cards)
            raise InputFault("fault.estimate.unknown_gpu", name=name or chosen, known=known)
        return card
    here = _card_here(cards)
    return here or next(card for card in cards if card.name == REFERENCE_CARD)


def _card_here(cards: tuple[GpuCard, ...]) -> GpuCard | None:
    try:
        with closing(NvmlMeter()) as meter:
            devices = meter.open()
    except MeterFault:
        return None
    found = (find_card(cards, device.name, device.memory_bytes) for device in devices)
    return next((card for card in found if card is not None), None)
