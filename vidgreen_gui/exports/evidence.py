"""How each device was read and what is assumed of the power supply, as a report says it."""

from collections.abc import Iterator

from vidgreen_gui.exports.document import device_name
from vidgreen_gui.exports.wording import LONGEST
from vidgreen_gui.model.facts import DeviceEvidence, SessionFacts
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.learnt import WallCalibration
from vidgreen_gui.model.power import Device, DeviceKind
from vidgreen_gui.model.units import datetime_from_utc_ns
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.visible import visible

_QUANTITIES = {
    "power",
    "energy",
    "temperature",
    "utilisation",
    "memory",
    "power_limit",
    "processes",
}
# Less than a sample a second leaves open.
_WORTH_SAYING_S = 1.0


def sensor_lines(facts: SessionFacts, texts: Texts, *, with_private: bool) -> list[str]:
    """Return a line per device: what was read, how sure it is, what was missing, who shared it.

    Programs of others are named only `with_private`; devices whose reading nobody told of have
    no line.
    """
    told = {one.device_id: one for one in facts.evidence}
    lines = []
    for device in facts.devices:
        if device.kind is DeviceKind.GPU and device.id not in facts.counted_device_ids:
            continue
        said = list(_said(device, told.get(device.id), texts, with_private))
        if said:
            name, words = _name(device, texts, with_private), " ".join(said)
            lines.append(texts.say("machine.device.line", device=name, said=words))
    return lines


def supply_lines(facts: SessionFacts, texts: Texts, *, with_private: bool) -> list[str]:
    """Return how the energy at the socket is known; nothing where it is not."""
    wall = facts.totals.wall_energy_wh
    if wall.best is None:
        return []
    if wall.grade.is_measured:
        walls = [one for one in facts.devices if one.kind is DeviceKind.WALL]
        plugs = [_name(one, texts, with_private) for one in walls]
        return [texts.say("machine.socket.measured", plugs=", ".join(plugs))]
    described = facts.described
    psu, rating_w = (described.psu, described.psu_w) if described else ("", None)
    psu = psu.title()
    if not psu:
        lines = [texts.say("machine.socket.default")]
    elif rating_w is None:
        lines = [texts.say("machine.socket.class", psu=psu)]
    else:
        power = texts.numbers.power(rating_w)
        lines = [texts.say("machine.socket.rated", psu=psu, power=power)]
    if described is not None and described.calibration is not None:
        lines.append(_calibrated(described.calibration, texts, with_private))
    return lines


def _said(
    device: Device, told: DeviceEvidence | None, texts: Texts, with_private: bool
) -> Iterator[str]:
    if device.reads:
        reads = ", ".join(_read(quantity, call, texts) for quantity, call in device.reads)
        yield texts.say("machine.device.reads", reads=reads)
    for stated in device.model:
        yield texts.say(stated.code, **dict(stated.arguments))
    if device.sensor is not None and device.grade is not Grade.SIMULATED:
        share = texts.numbers.percent(device.sensor.gain)
        level = texts.numbers.percent(0.95 if device.grade.is_measured else 0.8)
        yield texts.say("machine.device.gain", share=share, level=level)
    for code in device.missing:
        yield texts.say(code)
    if told is None:
        return
    if told.gap_s >= _WORTH_SAYING_S:
        duration = texts.numbers.duration(told.gap_s)
        yield texts.say("machine.device.gap", duration=duration)
    if told.counter_ratio is not None:
        share = texts.numbers.percent(abs(told.counter_ratio - 1.0))
        yield texts.say("machine.device.counter", share=share)
    if told.others and with_private:
        names = ", ".join(visible(name, LONGEST) for name in told.others)
        yield texts.say("machine.device.programs", names=names)
    elif told.others:
        yield texts.say("machine.device.shared")


def _name(device: Device, texts: Texts, with_private: bool) -> str:
    if device.kind is DeviceKind.MACHINE:
        return texts.say("sensors.machine")
    return visible(device_name(device, with_private=with_private), LONGEST)


def _read(quantity: str, call: str, texts: Texts) -> str:
    known = quantity in _QUANTITIES
    name = texts.say(f"sensors.quantity.{quantity}") if known else visible(quantity, LONGEST)
    return texts.say("sensors.reads.one", quantity=name, call=visible(call, LONGEST))


def _calibrated(known: WallCalibration, texts: Texts, with_private: bool) -> str:
    factor = known.factor
    half = max(factor.high - factor.best, factor.best - factor.low)
    return texts.say(
        "machine.socket.calibrated",
        plug=visible(known.plug_name if with_private else known.plug_id, LONGEST),
        factor=texts.numbers.decimal(factor.best, 2),
        half=texts.numbers.decimal(half, 2),
        duration=texts.numbers.duration(known.seconds),
        date=f"{datetime_from_utc_ns(known.measured_utc_ns):%Y-%m-%d}",
    )
