"""Says what was found on this machine: devices, servers, grid, folders, versions, problems."""

import asyncio
import contextlib
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version

from vidgreen_gui import __version__
from vidgreen_gui.engine.run_clock import RunClock
from vidgreen_gui.meters.choose import open_meter
from vidgreen_gui.model.events import DeviceUser, SourceEvent, SourceFound, SourceTroubled
from vidgreen_gui.model.facts import DeviceNow
from vidgreen_gui.model.faults import Fault, MeterFault, MeterFaultKind, Notice, StoreFault
from vidgreen_gui.model.footprint import GridFactor
from vidgreen_gui.model.learnt import IdleLevels, WallCalibration
from vidgreen_gui.model.ports import Meter
from vidgreen_gui.model.power import Device, Wants
from vidgreen_gui.store.database import FILE_NAME, Store
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.clock import SystemClock
from vidgreen_gui.system.event_loop import EventLoop
from vidgreen_gui.system.lock import holder
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.settings import UserSettings, load_settings
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.verbs.describing import model_inputs
from vidgreen_gui.verbs.sensors import SensorReport, sensor_report
from vidgreen_gui.verbs.shipped import chosen_factor, described_host, simulated_cards
from vidgreen_gui.watchers.comfyui.watcher import ComfyUIWatcher

_LIBRARIES = ("PySide6-Essentials", "pyqtgraph", "numpy", "nvidia-ml-py", "httpx2", "websockets",
              "msgspec", "av")  # fmt: skip

# A driver without a card of its own is no trouble.
_UNUSED = {MeterFaultKind.DRIVER_NOT_LOADED, MeterFaultKind.NO_DEVICE}


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

    devices: tuple[SensorReport, ...]
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
    meter = _Probed()
    try:
        meter.open(settings)
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
    idle, calibration = _learnt(request.paths)
    if calibration is not None and calibration.made_with != model_inputs(settings):
        note(Fault("fault.calibrate.outdated"), "doctor.do.calibrate")
    moments = meter.close(idle)
    for skipped in meter.skipped:
        note(skipped, _about_skipped(skipped))
    return DoctorAnswer(
        devices=tuple(sensor_report(texts, now, calibration, names=False) for now in moments),
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


class _Probed:
    """The meter of this machine, read when it is opened and when it is closed.

    What tells differences only (an energy counter of a processor) has its watts by then.
    """

    def __init__(self) -> None:
        self.skipped: tuple[MeterFault, ...] = ()
        self._meter: Meter | None = None
        self._devices: tuple[Device, ...] = ()

    def open(self, settings: UserSettings) -> None:
        """Find the devices; raise Fault where the meter cannot work."""
        self._meter = open_meter(
            "auto",
            RunClock(SystemClock()),
            cards=simulated_cards(),
            rendering=settings.card,
            host=described_host(settings),
        )
        self._devices = self._meter.open()
        self.skipped = getattr(self._meter, "skipped", ())
        for device in self._devices:
            self._read(self._meter, device, None)

    def close(self, idle: Mapping[str, IdleLevels]) -> tuple[DeviceNow, ...]:
        """Return each device at this moment, and give the meter back."""
        if self._meter is None:
            return ()
        try:
            return tuple(
                self._read(self._meter, device, idle.get(device.id)) for device in self._devices
            )
        finally:
            self._meter.close()

    def _read(self, meter: Meter, device: Device, idle: IdleLevels | None) -> DeviceNow:
        nothing = DeviceNow(device=device, power_mw=None, counted=False, idle=idle)
        try:
            reading = meter.read(device.id, Wants.POWER | Wants.PROCESSES)
        except MeterFault as fault:
            return replace(nothing, fault=Notice.of(fault))
        users = reading.processes
        return replace(
            nothing,
            power_mw=reading.power_mw,
            users=None if users is None else tuple(DeviceUser(user.pid) for user in users),
        )


def _about_skipped(fault: MeterFault) -> str:
    """Return what to do about a part of the meter that cannot work."""
    if fault.kind in _UNUSED:
        return "doctor.do.nothing"
    return "sensors.do.plug" if fault.code.startswith("fault.plug.") else "doctor.do.meter"


def _learnt(paths: Paths) -> tuple[dict[str, IdleLevels], WallCalibration | None]:
    """Return what was learnt of each device at rest, and the newest comparison of a plug."""
    if not (paths.data / FILE_NAME).exists():
        return {}, None
    reader = Reader(paths.data)
    try:
        levels = {one.device_id: one for one in reader.learnt(IdleLevels)}
        compared = reader.learnt(WallCalibration)
    except StoreFault:
        # The store's own check says so.
        return {}, None
    finally:
        reader.close()
    return levels, max(compared, key=lambda one: one.measured_utc_ns, default=None)


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

    with asyncio.Runner(loop_factory=EventLoop) as runner:
        runner.run(look())
    return tuple(found.values()), tuple(troubles.values())
