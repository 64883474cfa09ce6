"""Puts a recorder together from its parts, headless: lock, store, meter, watchers, engine."""

import platform
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from vidgreen_gui.advice.cards import GpuCard, find_card
from vidgreen_gui.engine.absent import AbsentMeter
from vidgreen_gui.engine.advisor import Advisor
from vidgreen_gui.engine.earlier import StoredEarlier
from vidgreen_gui.engine.equipment import Equipment
from vidgreen_gui.engine.ledger import Ledger
from vidgreen_gui.engine.recorder import Recorder
from vidgreen_gui.engine.report import session_energy
from vidgreen_gui.engine.run_clock import RunClock
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.meters.choose import MODELLED, open_meter
from vidgreen_gui.meters.trace import TraceEvent, TraceWriter
from vidgreen_gui.meters.trace_sensor import sensor_remark
from vidgreen_gui.model.commands import Command
from vidgreen_gui.model.faults import Fault, MeterFault, MeterFaultKind, Notice, StoreFault
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.learnt import FreedDrop, IdleLevels, WallCalibration
from vidgreen_gui.model.ports import Meter, Watcher
from vidgreen_gui.model.power import Device, DeviceKind
from vidgreen_gui.model.session import Project, SessionKind
from vidgreen_gui.model.units import NS_PER_S
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import Store
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.recovery import RecoveryReport, recover
from vidgreen_gui.store.writer import Writer, WriterState
from vidgreen_gui.system.clock import SystemClock, boot_id
from vidgreen_gui.system.crash import CrashRecords
from vidgreen_gui.system.lock import acquire
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.settings import UserSettings, load_settings
from vidgreen_gui.verbs.describing import described_machine
from vidgreen_gui.verbs.remembering import Remembers
from vidgreen_gui.verbs.shipped import (
    chosen_factor,
    chosen_tariff,
    described_host,
    gpu_cards,
    simulated_cards,
)

MakeWatchers = Callable[
    [RunClock, Paths, UserSettings, Callable[[Command], None]], tuple[Watcher, ...]
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderRequest:
    """How to record. `tolerant` goes on without watts when the meter cannot work."""

    paths: Paths
    holder: str
    meter: str = "auto"
    kind: SessionKind = SessionKind.LIVE
    trace: Path | None = None
    tolerant: bool = False
    replay_grade: Grade = Grade.SIMULATED


@dataclass(frozen=True, slots=True)
class Assembled:
    """A recorder ready to start, with what must be given back after it stopped."""

    recorder: Recorder
    reader: Reader
    settings: UserSettings
    recovery: RecoveryReport
    closing: ExitStack

    def close(self) -> None:
        """Stop recording, keep everything, release the data directory."""
        self.recorder.stop()
        self.closing.close()


def assemble(request: RecorderRequest, make_watchers: MakeWatchers) -> Assembled:
    """Return a recorder for the data directory; raise Fault when it cannot be had.

    Everything that was opened is given back when a later part fails.
    """
    paths, closing = request.paths, ExitStack()
    try:
        settings, notices = _settings(paths)
        lock = acquire(paths.data, request.holder)
        closing.callback(lock.release)
        recovery = recover(paths.data)
        store = Store.open(paths.data)
        closing.callback(store.close)
        _refuse(store.why)
        reader = Reader(paths.data)
        closing.callback(reader.close)
        clock = RunClock(SystemClock())
        _account_interrupted(store, reader, recovery)
        run = clock.run(uuid.uuid4().hex, boot_id(), platform.node())
        store.begin_run(run)
        project = _project(reader, settings)
        times = TimeMap(run)
        ledger = _ledger(run.id, project, times, reader, settings)
        meter, devices, meter_notices = _meter(request, clock, settings)
        telling = _Telling()
        writer = Writer(store, telling.state)
        on_blocks = _tracing(request.trace, devices, closing)
        equipment = Equipment(
            run=run,
            clock=clock,
            project=project,
            meter=meter,
            devices=devices,
            writer=writer,
            reader=reader,
            watchers=make_watchers(clock, paths, settings, telling.command),
            advisor=Advisor(_card(devices)),
            earlier=StoredEarlier(reader),
            first_seq=store.last_seq() + 1,
            kind=request.kind,
            period_ns=round(NS_PER_S / settings.sampling_hz),
            keep_prompts=settings.keep_prompts,
            simulated_why=None if _why(meter) == MODELLED else _why(meter),
            remember=Remembers(paths.settings),
            crashed=CrashRecords(paths.crashes).write,
            learnt=(*reader.learnt(IdleLevels), *reader.learnt(FreedDrop)),
            children_are_ours=request.holder != "run",
            cpu_tdp_w=settings.cpu_tdp_w,
            notices=(*notices, *_recovery_notices(recovery), *meter_notices),
            **({} if on_blocks is None else {"on_blocks": on_blocks}),
        )
        recorder = Recorder(equipment, ledger, times)
        telling.recorder = recorder
        writer.start()
        # In reverse: the writer commits what waits, then the run is closed.
        closing.callback(_close_run, store, run.id)
        closing.callback(writer.stop)
    except BaseException:
        closing.close()
        raise
    return Assembled(recorder, reader, settings, recovery, closing)


class _Telling:
    """Carries what the writer and the spool say to the recorder, which is made after them."""

    recorder: Recorder | None = None

    def state(self, state: WriterState) -> None:
        """Pass on how the writer stands."""
        if self.recorder is not None:
            self.recorder.store_changed(state)

    def command(self, command: Command) -> None:
        """Pass on what another window asked for."""
        if self.recorder is not None:
            self.recorder.send(command)


def _refuse(why: StoreFault | None) -> None:
    if why is not None:
        raise why


def _account_interrupted(store: Store, reader: Reader, recovery: RecoveryReport) -> None:
    """Give sessions that a kill left open their energy, from what was sampled until then."""
    for session_id in recovery.sessions:
        session = reader.session(session_id)
        if session is not None and session.kind is not SessionKind.IMPORTED:
            rows = session_energy(reader, session)
            owners = tuple({(row.session_id, row.owner) for row in rows})
            store.write(Batch(run_id=session.run_id, replaces_energy_of=owners, energies=rows))


def _recovery_notices(recovery: RecoveryReport) -> tuple[Notice, ...]:
    found = []
    if recovery.quarantined is not None:
        found.append(Notice("store.quarantined", (("path", recovery.quarantined.name),)))
    if recovery.sessions:
        found.append(Notice("store.interrupted", severity="info"))
    return tuple(found)


def _settings(paths: Paths) -> tuple[UserSettings, tuple[Notice, ...]]:
    try:
        return load_settings(paths.settings), ()
    except Fault as fault:
        return UserSettings(), (Notice.of(fault),)


def _project(reader: Reader, settings: UserSettings) -> Project:
    for project in reader.projects():
        if settings.project in {"", project.name}:
            return project
    return Project(uuid.uuid4().hex, settings.project or "VidGreen")


def _ledger(
    run_id: str, project: Project, times: TimeMap, reader: Reader, settings: UserSettings
) -> Ledger:
    ledger = Ledger(run_id, project, times.utc_ns)
    for clip in reader.clips(project.id):
        ledger.clips[clip.id] = clip
    ledger.numbers_before.update(reader.highest_numbers(project.id))
    ledger.factor = chosen_factor(settings)
    ledger.tariff = chosen_tariff(settings)
    ledger.described = described_machine(settings, reader.learnt(WallCalibration))
    ledger.dismissed.update(settings.dismissed)
    return ledger


def _meter(
    request: RecorderRequest, clock: RunClock, settings: UserSettings
) -> tuple[Meter, tuple[Device, ...], tuple[Notice, ...]]:
    try:
        meter = open_meter(
            request.meter,
            clock,
            cards=simulated_cards(),
            replay_grade=request.replay_grade,
            rendering=settings.card,
            host=described_host(settings),
        )
        devices = _opened(meter)
        modelled = _modelled(devices) if _why(meter) == MODELLED else ()
        return meter, devices, (*modelled, *_skipped(meter))
    except MeterFault as fault:
        if not request.tolerant:
            raise
        return AbsentMeter(), (), (Notice.of(fault),)


def _opened(meter: Meter) -> tuple[Device, ...]:
    """Return the devices of a meter, which is given back where it cannot work."""
    try:
        return meter.open()
    except MeterFault:
        meter.close()
        raise


def _modelled(devices: tuple[Device, ...]) -> tuple[Notice, ...]:
    return tuple(
        Notice(MODELLED, (("card", one.name),), severity="info")
        for one in devices
        if one.kind is DeviceKind.GPU
    )


def _skipped(meter: Meter) -> tuple[Notice, ...]:
    """Return what could not be read beside what can; what the user cannot change is no trouble."""
    faults: tuple[MeterFault, ...] = getattr(meter, "skipped", ())
    calm = {
        MeterFaultKind.DRIVER_NOT_LOADED,
        MeterFaultKind.NO_DEVICE,
        MeterFaultKind.NOT_SUPPORTED,
    }
    return tuple(
        Notice.of(fault, severity="info" if fault.kind in calm else "warning") for fault in faults
    )


def _why(meter: Meter) -> str | None:
    """Return the sentence code that says why there are watts without a sensor."""
    why: str | None = getattr(meter, "why", None)
    return why


def _tracing(
    path: Path | None, devices: tuple[Device, ...], closing: ExitStack
) -> Callable[..., None] | None:
    if path is None:
        return None
    writer = closing.enter_context(TraceWriter(path))
    writer.add((), [TraceEvent(0, device.id, sensor_remark(device)) for device in devices])
    return writer.add


def _card(devices: tuple[Device, ...]) -> GpuCard | None:
    cards = gpu_cards()
    gpus = (device for device in devices if device.kind is DeviceKind.GPU)
    found = (find_card(cards, gpu.name, gpu.memory_bytes) for gpu in gpus)
    return next((card for card in found if card is not None), None)


def _close_run(store: Store, run_id: str) -> None:
    try:
        store.close_run(run_id)
    except StoreFault:
        # The disk refuses still: the next start finds the run open and recovers it.
        return
