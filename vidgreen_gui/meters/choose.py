"""Which meter a run uses: what `--meter` says, or what this machine has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from vidgreen_gui.meters.around import Host, meters_around
from vidgreen_gui.meters.cards import find_cards, has_nvidia
from vidgreen_gui.meters.nvml import NvmlMeter
from vidgreen_gui.meters.nvml_door import NvmlDoor
from vidgreen_gui.meters.replay import ReplayMeter
from vidgreen_gui.meters.several import together
from vidgreen_gui.meters.simulated import SimulatedMeter
from vidgreen_gui.meters.sysfs import SYSFS
from vidgreen_gui.model.faults import InputFault, MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.ports import Clock, Meter


@dataclass(frozen=True, slots=True)
class Card:
    """What a simulated meter needs to know of a card."""

    name: str
    tdp_w: float
    idle_w: float
    limit_w: float | None = None


# Why a meter without a sensor is believed: the user said which card renders.
MODELLED = "meters.modelled"
DEFAULT_CARD = Card("GeForce RTX 4090", tdp_w=450.0, idle_w=20.0)


def open_meter(
    spec: str,
    clock: Clock,
    *,
    cards: Mapping[str, Card] | None = None,
    seed: int = 0,
    replay_grade: Grade = Grade.SIMULATED,
    rendering: str = "",
    host: Host | None = None,
    sysfs: Path = SYSFS,
) -> Meter:
    """Return the meter for "auto", "nvml", "hwmon", "simulated[:CARD]" or "replay:FILE".

    "auto" reads NVIDIA's, AMD's and Intel's GPUs, and simulates only where there is neither an
    NVML library to load nor another card; a library that loads and fails raises its MeterFault
    where nothing else can be read. With the name of the card that is `rendering` here its
    behaviour is a model of real jobs, and the grade says so. With a `host` the rest of the
    machine is measured or modelled too, beside anything but invented watts. Raises InputFault for
    a spec or a card nobody knows. `open` of the meter is the caller's.
    """
    kind, _, rest = spec.partition(":")
    match kind:
        case "auto" if not rest:
            named = partial(_card, rendering, cards or {}) if rendering else None
            return _auto(clock, seed, named, host, sysfs)
        case "nvml" if not rest:
            return together(meters_around([NvmlMeter()], clock, sysfs, cards=False, host=host))
        case "hwmon" if not rest:
            if not _has_cards(sysfs):
                raise InputFault("fault.meter.no_hwmon")
            return together(meters_around([], clock, sysfs, host=host))
        case "simulated":
            card = _card(rest, cards or {}) if rest else DEFAULT_CARD
            return _simulated(card, clock, seed, why="meters.simulated.chosen")
        case "replay" if rest:
            return ReplayMeter(Path(rest), clock, replay_grade)
        case _:
            raise InputFault("fault.meter.unknown_meter", meter=spec)


def _auto(
    clock: Clock,
    seed: int,
    rendering: Callable[[], Card] | None,
    host: Host | None,
    sysfs: Path,
) -> Meter:
    gpus: list[Meter] = []
    failed: list[MeterFault] = []
    try:
        gpus.append(NvmlMeter(NvmlDoor()))
    except MeterFault as fault:
        if fault.kind is not MeterFaultKind.LIBRARY_MISSING:
            failed.append(fault)
    if gpus or _has_renderer(sysfs):
        return together(meters_around(gpus, clock, sysfs, host=host), failed)
    if failed:
        raise failed[0]
    if rendering is None:
        return _simulated(DEFAULT_CARD, clock, seed, why="meters.simulated.no_library")
    # Not before it is needed: a name nobody knows is no trouble where the card is measured.
    modelled = _simulated(rendering(), clock, seed, why=MODELLED, grade=Grade.MODEL)
    return together(meters_around([modelled], clock, sysfs, host=host))


def _has_renderer(sysfs: Path) -> bool:
    """Return whether a card can be read that jobs run on.

    Beside a card of NVIDIA's that cannot be read, the graphics of a processor are not it.
    """
    telling = [card for card in find_cards(sysfs) if card.tells()]
    if all(card.integrated for card in telling) and has_nvidia(sysfs):
        return False
    return bool(telling)


def _has_cards(sysfs: Path) -> bool:
    return any(card.tells() for card in find_cards(sysfs))


def _simulated(
    card: Card, clock: Clock, seed: int, *, why: str, grade: Grade = Grade.SIMULATED
) -> SimulatedMeter:
    return SimulatedMeter(
        card.name,
        tdp_w=card.tdp_w,
        idle_w=card.idle_w,
        limit_w=card.limit_w,
        seed=seed,
        clock=clock,
        grade=grade,
        why=why,
    )


def _card(name: str, cards: Mapping[str, Card]) -> Card:
    """Return the card called `name`, whole or in part, as long as it is the only one."""
    known = {DEFAULT_CARD.name: DEFAULT_CARD, **cards}
    wanted = _plain(name)
    exact = [card for title, card in known.items() if _plain(title) == wanted]
    found = exact or [card for title, card in known.items() if wanted in _plain(title)]
    if len(found) == 1:
        return found[0]
    near = [card.name for card in found] or get_close_matches(name, known, n=3, cutoff=0.3)
    raise InputFault("fault.meter.unknown_card", card=name, near=", ".join(near[:3]) or "—")


def _plain(name: str) -> str:
    return "".join(name.lower().split())
