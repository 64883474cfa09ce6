"""What the window asks of the rest of the application, as plain callables."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vidgreen_gui.gui.comparing import Calibrate
    from vidgreen_gui.model.advice import Suggestion
    from vidgreen_gui.model.footprint import GridFactor


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowActions:
    """The doors out of the window.

    `export` takes a session's id, one of `formats`, a path and whether private texts go along;
    it may block and raises Fault. `zones` and `cards`, the names of those that can stand in for a
    sensor, may block too. `changed_workflow` returns the JSON of an iteration's workflow with a
    suggestion applied, None where the graph is not known. `calibrate` compares a plug meter with
    the sensors: minutes. `remember` keeps a preference and raises Fault where it cannot; `recall`
    returns one, "" where there is none: "theme", "language", "card", "scope", "plugs" (a line of
    addresses), "psu", "psu_w".
    """

    export: Callable[[str, str, Path, bool], Path]
    formats: tuple[str, ...]
    cards: Callable[[], tuple[str, ...]]
    zones: "Callable[[], tuple[GridFactor, ...]]"
    open_demo: Callable[[], None]
    changed_workflow: "Callable[[str, Suggestion], str | None]"
    calibrate: "Calibrate"
    remember: Callable[[str, str], None]
    recall: Callable[[str], str]
