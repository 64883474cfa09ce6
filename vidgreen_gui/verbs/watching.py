"""Which watchers a recorder runs: ComfyUI servers, and the spool of wrapped commands."""

from collections.abc import Callable

from vidgreen_gui.engine.run_clock import RunClock
from vidgreen_gui.model.commands import Command
from vidgreen_gui.model.ports import Watcher
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.settings import UserSettings
from vidgreen_gui.watchers.comfyui.address import parse_address
from vidgreen_gui.watchers.comfyui.watcher import ComfyUIWatcher
from vidgreen_gui.watchers.spool import SpoolWatcher

OnCommand = Callable[[Command], None]


def watchers_for(
    clock: RunClock,
    paths: Paths,
    settings: UserSettings,
    on_command: OnCommand,
    addresses: tuple[str, ...] = (),
) -> tuple[Watcher, ...]:
    """Return the watchers; with `addresses` given, only those servers are looked at.

    Raise SourceFault for an address that is none.
    """
    for address in addresses:
        parse_address(address)
    comfyui = ComfyUIWatcher(
        clock,
        addresses=addresses or settings.comfyui,
        discover=settings.discover and not addresses,
    )
    return comfyui, SpoolWatcher(paths.data, clock, on_command)


def spool_only(
    clock: RunClock,
    paths: Paths,
    settings: UserSettings,  # noqa: ARG001 - one shape for all
    on_command: OnCommand,
) -> tuple[Watcher, ...]:
    """Return the one watcher that a wrapped command needs."""
    return (SpoolWatcher(paths.data, clock, on_command),)
