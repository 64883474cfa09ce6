"""What is so this second: every device with its power and how it answers, every source."""

from collections.abc import Callable
from dataclasses import dataclass, field

from vidgreen_gui.engine.figures import counted_devices
from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.engine.users import Users
from vidgreen_gui.engine.vitals import Vitals
from vidgreen_gui.engine.work_state import SourceState, WorkState
from vidgreen_gui.model.events import SourceTroubled
from vidgreen_gui.model.facts import DeviceNow, SourceNow
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.learnt import IdleLevels
from vidgreen_gui.model.power import Device, SlowField


def _unknown(_device_id: str) -> IdleLevels | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSight:
    """What is seen of devices beside the log: samples, how they come, users, idle levels."""

    history: PowerHistory
    vitals: Vitals = field(default_factory=Vitals)
    users: Users = field(default_factory=Users)
    idle: Callable[[str], IdleLevels | None] = _unknown


def devices_now(state: WorkState, sight: DeviceSight, t_ns: int) -> tuple[DeviceNow, ...]:
    """Return every device with its newest power, None where that is stale or lost."""
    session = state.current_session_id
    iterations = state.in_session(session) if session else ()
    counted = {d.id for d in counted_devices(tuple(state.devices.values()), iterations)}
    return tuple(
        _device(state, sight, device, t_ns, counted=device.id in counted)
        for device in state.devices.values()
    )


def _device(
    state: WorkState, sight: DeviceSight, device: Device, t_ns: int, *, counted: bool
) -> DeviceNow:
    vital, lost = sight.vitals.of(device.id), state.lost_devices.get(device.id)
    power_mw, fault = None, None
    reading = sight.history.latest(device.id)
    if lost is not None:
        arguments = (("detail", lost.detail), ("device", device.name))
        fault = Notice(lost.code, arguments, state.utc_ns(lost.t_ns))
    elif reading is not None and not vital.is_stale(reading[0], t_ns):
        power_mw = reading[1]
    limit_mw = vital.slow_value(SlowField.POWER_LIMIT_MW, t_ns)
    return DeviceNow(
        device=device,
        power_mw=power_mw,
        counted=counted,
        power_limit_mw=device.power_limit_mw if limit_mw is None else limit_mw,
        temperature_c=vital.slow_value(SlowField.TEMPERATURE_C, t_ns),
        utilisation_pct=vital.slow_value(SlowField.UTILISATION_PCT, t_ns),
        fault=fault,
        since_utc_ns=None if vital.found_ns is None else state.utc_ns(vital.found_ns),
        samples_per_s=vital.samples_per_s(t_ns),
        gap_s=vital.gap_s(t_ns, lost=lost is not None),
        users=sight.users.now.get(device.id) if device.sees_processes is not False else None,
        idle=sight.idle(device.id),
    )


def sources_now(state: WorkState) -> tuple[SourceNow, ...]:
    """Return every source as it stands."""
    return tuple(_source(state, source) for source in state.sources.values())


def _source(work: WorkState, state: SourceState) -> SourceNow:
    notice = None
    if isinstance(state.trouble, SourceTroubled):
        at = work.utc_ns(state.trouble.t_ns)
        notice = Notice(state.trouble.code, state.trouble.arguments, at)
    return SourceNow(
        id=state.found.source_id,
        kind=state.found.source_kind,
        label=state.found.label,
        state="troubled" if notice and state.state == "found" else state.state,
        running=state.running,
        pending=state.pending,
        notice=notice,
    )
