"""Says what was found on this machine: devices, servers, grid, folders, versions, problems."""

import asyncio
import contextlib
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from vidgreen_gui import __version__
from vidgreen_gui.engine.run_clock import RunClock
from vidgreen_gui.meters.choose import open_meter
from vidgreen_gui.model.events import SourceEvent, SourceFound, SourceTroubled
from vidgreen_gui.model.faults import Fault
from vidgreen_gui.model.footprint import GridFactor
from vidgreen_gui.model.power import Device
from vidgreen_gui.store.database import Store
from vidgreen_gui.system.clock import SystemClock
from vidgreen_gui.system.lock import holder
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.settings import UserSettings, load_settings
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.verbs.shipped import chosen_factor
from vidgreen_gui.watchers.comfyui.watcher import ComfyUIWatcher

_LIBRARIES = ("PySide6-Essentials", "pyqtgraph", "numpy", "nvidia-ml-py", "httpx2", "websockets",
              "msgspec", "av")  # fmt: skip


@dataclass(frozen=True, slots=True)
class DoctorRequest:
    """Whose machine, and how long to look for servers."""

    paths: Paths
    look_s: float = 2.5


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be, and what to do about it."""

    what: str
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorAnswer:
    """All that was found; sentences are in the language of the call."""

    devices: tuple[Device, ...]
    comfyui: tuple[SourceFound, ...]
    grid: GridFactor | None
    paths: dict[str, str]
    versions: dict[str, str]
    problems: tuple[Problem, ...]


def diagnose(request: DoctorRequest, texts: Texts) -> DoctorAnswer:
    """Return what was found; never raises for what it can report."""
    problems: list[Problem] = []

    def note(fault: Fault, what_to_do: str) -> None:
        problems.append(Problem(texts.fault(fault), texts.say(what_to_do)))

    settings = UserSettings()
    try:
        settings = load_settings(request.paths.settings)
    except Fault as fault:
        note(fault, "doctor.do.settings")
    devices: tuple[Device, ...] = ()
    try:
        devices = _devices()
    except Fault as fault:
        note(fault, "doctor.do.meter")
    grid = None
    try:
        grid = chosen_factor(settings)
    except Fault as fault:
        note(fault, "doctor.do.zone")
    _check_store(request.paths, note)
    servers, troubles = _servers(settings, request.look_s)
    for trouble in troubles:
        note(Fault(trouble.code, **dict(trouble.arguments)), "doctor.do.comfyui")
    if not servers:
        note(Fault("fault.source.none_found"), "doctor.do.comfyui")
    return DoctorAnswer(
        devices=devices,
        comfyui=servers,
        grid=grid,
        paths={
            "data": str(request.paths.data),
            "settings": str(request.paths.settings),
            "crashes": str(request.paths.crashes),
        },
        versions={
            "vidgreen": __version__,
            "python": platform.python_version(),
            "system": platform.platform(),
            **{name: version(name) for name in _LIBRARIES},
        },
        problems=tuple(problems),
    )


def _devices() -> tuple[Device, ...]:
    meter = open_meter("auto", RunClock(SystemClock()))
    try:
        return meter.open()
    finally:
        meter.close()


def _check_store(paths: Paths, note: Callable[[Fault, str], None]) -> None:
    if not paths.data.exists():
        return
    if (held := holder(paths.data)) is not None:
        note(Fault("fault.doctor.recording", pid=held.pid, kind=held.kind), "doctor.do.nothing")
        return
    try:
        store = Store.open(paths.data)
    except Fault as fault:
        note(fault, "doctor.do.store")
        return
    if store.why is not None:
        note(store.why, "doctor.do.store")
    store.close()


def _servers(
    settings: UserSettings, look_s: float
) -> tuple[tuple[SourceFound, ...], tuple[SourceTroubled, ...]]:
    found: dict[str, SourceFound] = {}
    troubles: dict[str, SourceTroubled] = {}

    def emit(event: SourceEvent) -> None:
        if isinstance(event, SourceFound):
            found[event.source_id] = event
        elif isinstance(event, SourceTroubled):
            troubles[event.code] = event

    async def look() -> None:
        watcher = ComfyUIWatcher(
            RunClock(SystemClock()), addresses=settings.comfyui, discover=settings.discover
        )
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(watcher.run(emit), look_s)

    asyncio.run(look())
    return tuple(found.values()), tuple(troubles.values())
