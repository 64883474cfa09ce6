"""Compares a plug meter with what the sensors say of the same computer, and keeps the factor."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from threading import Event

import numpy as np

from vidgreen_gui.accounting.build import build_curve
from vidgreen_gui.accounting.calibration import Comparison, compare
from vidgreen_gui.accounting.curve import EnergyCurve
from vidgreen_gui.accounting.psu import efficiency
from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.engine.run_clock import RunClock
from vidgreen_gui.engine.sampler import Sampler
from vidgreen_gui.meters.choose import open_meter
from vidgreen_gui.meters.plug import SENSOR, PlugMeter
from vidgreen_gui.meters.plug_address import parse_plug_address
from vidgreen_gui.meters.several import SeveralMeters
from vidgreen_gui.model.commands import KeepLearnt
from vidgreen_gui.model.events import DeviceEvent, DeviceFound, DeviceGap, DeviceLost
from vidgreen_gui.model.faults import Fault, InputFault, MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Range
from vidgreen_gui.model.learnt import WallCalibration
from vidgreen_gui.model.ports import Meter
from vidgreen_gui.model.power import Block, CounterBlock, Device, DeviceKind, PowerBlock
from vidgreen_gui.model.units import s_from_ns, w_from_mw
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import Store
from vidgreen_gui.system.clock import SystemClock
from vidgreen_gui.system.lock import RecorderBusy, acquire
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.settings import UserSettings, load_settings
from vidgreen_gui.system.spool import SpooledCommand, SpoolWriter, Stamp
from vidgreen_gui.verbs.describing import model_inputs
from vidgreen_gui.verbs.shipped import described_host, simulated_cards

_LOOK_S = 1.0
# What has no sensor has none in a recording either: it is part of what the factor makes up for.
_NEVER_SEEN = {
    MeterFaultKind.DRIVER_NOT_LOADED,
    MeterFaultKind.NO_DEVICE,
    MeterFaultKind.NOT_SUPPORTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateRequest:
    """Which plug, the one of the settings where it is None, and for how long to compare."""

    paths: Paths
    plug: str | None = None
    for_s: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateProgress:
    """How far it is, and the newest power in W of the plug and of all sensors; None: none yet."""

    plug_name: str
    elapsed_s: float
    for_s: float
    plug_w: float | None
    sensed_w: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateAnswer:
    """What the plug says of the model: `factor` at 95 %, from `blocks` blocks of `seconds` in all.

    `plug_w` and `model_w` are their mean powers, `lag_s` is how late the plug's values came.
    `is_steady` says that it is known at one level of load only, `handed_over` that another process
    records and keeps the factor.
    """

    plug_id: str
    plug_name: str
    factor: Range
    seconds: float
    blocks: int
    lag_s: float
    plug_w: float
    model_w: float
    handed_over: bool
    is_steady: bool = False


Tell = Callable[[CalibrateProgress], None]


def calibrate(request: CalibrateRequest, stop: Event, tell: Tell) -> CalibrateAnswer:
    """Compare until `stop` is set or the time is over, then keep what was found.

    `tell` hears how it stands, first at once and then every second. What was sampled until `stop`
    counts. Raise MeterFault where the plug or the sensors cannot be read, InputFault where there
    is nothing to compare or the plug plainly measures something else; then nothing is kept.
    """
    settings = load_settings(request.paths.settings)
    clock = RunClock(SystemClock())
    plugs = PlugMeter((_address(request, settings),), clock)
    host = replace(described_host(settings), plugs=())
    cards = simulated_cards()
    sensors = open_meter("auto", clock, cards=cards, rendering=settings.card, host=host)
    meter = SeveralMeters((sensors, plugs))
    try:
        plug, loads = _compared(meter.open(), plugs, meter.skipped)
        samples = _sampled(request, meter, plug, loads, clock, stop, tell)
    finally:
        meter.close()
    found = _comparison(samples, plug, loads, settings)
    kept = WallCalibration(
        plug_id=plug.id,
        plug_name=plug.name,
        factor=found.factor,
        seconds=found.seconds,
        measured_utc_ns=clock.utc_ns(),
        made_with=model_inputs(settings),
    )
    return CalibrateAnswer(
        plug_id=plug.id,
        plug_name=plug.name,
        factor=found.factor,
        seconds=found.seconds,
        blocks=found.blocks,
        lag_s=found.lag_s,
        plug_w=found.plug_w,
        model_w=found.model_w,
        is_steady=found.is_steady,
        handed_over=_keep(request.paths, kept),
    )


def _sampled(
    request: CalibrateRequest,
    meter: Meter,
    plug: Device,
    loads: Sequence[Device],
    clock: RunClock,
    stop: Event,
    tell: Tell,
) -> "_Samples":
    """Sample until `stop` is set or the time is over, and tell every second how it stands."""
    samples = _Samples()
    devices = (plug, *loads)
    sampler = Sampler(meter, devices, clock, samples.deliver, anchor_ns=0, history=PowerHistory())
    began_ns = clock.steady_ns()
    sampler.start()
    try:
        while True:
            elapsed_s = s_from_ns(clock.steady_ns() - began_ns)
            tell(
                CalibrateProgress(
                    plug_name=plug.name,
                    elapsed_s=elapsed_s,
                    for_s=request.for_s,
                    plug_w=samples.watts((plug,)),
                    sensed_w=samples.watts(loads),
                )
            )
            left_s = request.for_s - elapsed_s
            if left_s <= 0.0 or stop.wait(min(_LOOK_S, left_s)):
                return samples
    finally:
        sampler.stop()


def _address(request: CalibrateRequest, settings: UserSettings) -> str:
    if request.plug is not None:
        return parse_plug_address(request.plug).text
    if not settings.plugs:
        raise InputFault("fault.calibrate.no_plug")
    if len(settings.plugs) > 1:
        raise InputFault("fault.calibrate.several_plugs")
    return settings.plugs[0]


def _compared(
    devices: Sequence[Device], plugs: PlugMeter, skipped: Sequence[MeterFault]
) -> tuple[Device, tuple[Device, ...]]:
    """Return the plug, and all that hangs on the power supply behind it."""
    plug = next((device for device in devices if device.kind is DeviceKind.WALL), None)
    if plug is None:
        raise plugs.skipped[0]
    for fault in skipped:
        if fault.kind not in _NEVER_SEEN and fault not in plugs.skipped:
            # The factor would stand for what it draws, and be wrong once it is back.
            raise fault
    loads = tuple(device for device in devices if device.kind is not DeviceKind.WALL)
    for device in loads:
        if device.kind is DeviceKind.GPU and not device.grade.is_measured:
            raise InputFault("fault.calibrate.not_measured", card=device.name)
    return plug, loads


def _comparison(
    samples: "_Samples", plug: Device, loads: Sequence[Device], settings: UserSettings
) -> Comparison:
    if samples.slept:
        raise InputFault("fault.calibrate.slept")
    try:
        return compare(
            [samples.curve(device.id) for device in loads],
            samples.curve(plug.id),
            lambda load_w: efficiency(load_w, settings.psu_w, settings.psu),
            plug_gain=SENSOR.gain,
        )
    except InputFault as fault:
        lost = next(
            (samples.lost[one.id] for one in (plug, *loads) if one.id in samples.lost), None
        )
        if lost is None:
            raise
        device = next(one for one in (plug, *loads) if one.id == lost.device_id)
        raise Fault(lost.code, device=device.name, detail=lost.detail) from fault


def _keep(paths: Paths, calibration: WallCalibration) -> bool:
    """Store the factor; return whether it was left to the process that records."""
    try:
        lock = acquire(paths.data, "run")
    except RecorderBusy:
        spool = SpoolWriter(paths.data)
        spool.append(SpooledCommand(at=Stamp.now(), command=KeepLearnt(calibration)))
        spool.close()
        return True
    with lock, ExitStack() as closing:
        store = Store.open(paths.data)
        closing.callback(store.close)
        if store.why is not None:
            raise store.why
        # What is learnt belongs to no run.
        store.write(Batch(run_id="", learnt=(calibration,)))
    return False


@dataclass(slots=True)
class _Samples:
    """What the sampler delivered, by device; `lost` are those that no longer answer."""

    blocks: list[Block] = field(default_factory=list)
    latest_mw: dict[str, int] = field(default_factory=dict)
    lost: dict[str, DeviceLost] = field(default_factory=dict)
    slept: bool = False

    def deliver(self, blocks: tuple[Block, ...], events: tuple[DeviceEvent, ...]) -> None:
        """Take what the sampler hands over, on its thread."""
        self.blocks += blocks
        for block in blocks:
            if isinstance(block, PowerBlock):
                self.latest_mw[block.device_id] = block.power_mw[-1]
        for event in events:
            match event:
                case DeviceLost():
                    self.lost[event.device_id] = event
                case DeviceFound():
                    self.lost.pop(event.device.id, None)
                case DeviceGap():
                    self.slept |= event.slept_ns > 0

    def watts(self, devices: Sequence[Device]) -> float | None:
        """Return the newest power of these devices together, None while one has none."""
        try:
            return w_from_mw(sum(self.latest_mw[device.id] for device in devices))
        except KeyError:
            return None

    def curve(self, device_id: str) -> EnergyCurve:
        """Return the energy of a device over time."""
        own = [block for block in self.blocks if block.device_id == device_id]
        power = [block for block in own if isinstance(block, PowerBlock)]
        counter = [block for block in own if isinstance(block, CounterBlock)]
        return build_curve(
            _joined([block.t_ns for block in power]),
            _joined([block.power_mw for block in power]),
            np.repeat([block.period_ns for block in power], [len(block.t_ns) for block in power]),
            _joined([block.t_ns for block in counter]) if counter else None,
            _joined([block.energy_mj for block in counter]) if counter else None,
        )


def _joined(columns: Sequence[object]) -> np.typing.NDArray[np.int64]:
    arrays = [np.asarray(column, dtype=np.int64) for column in columns]
    return np.concatenate([np.zeros(0, dtype=np.int64), *arrays])
