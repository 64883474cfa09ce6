"""The preferences that the window asks for itself, by name, in the settings file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vidgreen_gui.meters.plug_address import parse_plug_address
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.system.settings import UserSettings, load_settings, save_settings

LOWEST_W, HIGHEST_W = 100.0, 10_000.0


def remember(path: Path, name: str, value: str) -> None:
    """Keep a preference for the next start.

    Raise KeyError for a name of none, Fault for a value that cannot be and where the file cannot
    be read or written.
    """
    save_settings(path, _CHANGES[name](load_settings(path), value.strip()))


def recall(path: Path, name: str) -> str:
    """Return a preference as `remember` takes it, "" where none was chosen; raise Fault."""
    value = getattr(load_settings(path), name)
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _plugs(settings: UserSettings, value: str) -> UserSettings:
    addresses = (one.strip() for one in value.replace(";", ",").split(","))
    plugs = (parse_plug_address(one).text for one in addresses if one)
    return replace(settings, plugs=tuple(dict.fromkeys(plugs)))


def _psu_w(settings: UserSettings, value: str) -> UserSettings:
    if not value:
        return replace(settings, psu_w=None)
    try:
        watts = float(value.replace(",", "."))
    except ValueError as error:
        raise InputFault("gui.supply.no_number", written=value) from error
    if not LOWEST_W <= watts <= HIGHEST_W:
        raise InputFault("gui.supply.no_number", written=value)
    return replace(settings, psu_w=watts)


_CHANGES: dict[str, Callable[[UserSettings, str], UserSettings]] = {
    "theme": lambda settings, value: replace(settings, theme=value),
    "language": lambda settings, value: replace(settings, language=value),
    "card": lambda settings, value: replace(settings, card=value),
    "scope": lambda settings, value: replace(settings, scope=value),
    "psu": lambda settings, value: replace(settings, psu=value),
    "psu_w": _psu_w,
    "plugs": _plugs,
}
