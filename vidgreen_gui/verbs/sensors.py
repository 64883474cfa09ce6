"""Puts each device's sensor into words: what is read and how well, what is missing, what to do."""

from dataclasses import dataclass

from vidgreen_gui.accounting.sums import gain_of
from vidgreen_gui.model.events import DeviceUser
from vidgreen_gui.model.facts import DeviceNow
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.learnt import IdleLevels, WallCalibration
from vidgreen_gui.model.power import Device, DeviceKind
from vidgreen_gui.model.units import (
    NS_PER_S,
    datetime_from_utc_ns,
    ms_from_ns,
    s_from_ns,
    w_from_mw,
)
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.numbers import NBSP
from vidgreen_gui.texts.visible import visible

_BYTES_PER_GB = 1e9
# What a meter may say that it reads; anything else is shown by the meter's own word.
_QUANTITIES = {
    "power", "energy", "counter", "temperature", "utilisation", "memory", "power_limit",
    "processes",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SensorFact:
    """One thing that is known of a sensor: `code` for programs, `name` and `said` for people."""

    code: str
    name: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorReport:
    """A device with everything known of its sensor, in the language of the call.

    `title` is its name, in that language where it is of our making. `power_w` is None while it
    cannot be read, and `trouble` says why. `standing` and
    `counted_why` say whether its energy is counted, and as what. `advice` says what is missing
    and what to do about it, one sentence each.
    """

    device: Device
    power_w: float | None
    counted: bool
    title: str
    standing: str
    counted_why: str
    trouble: str = ""
    facts: tuple[SensorFact, ...] = ()
    advice: tuple[str, ...] = ()

    @property
    def grade(self) -> Grade:
        """Return how the watts of this moment are known."""
        return Grade.MISSING if self.power_w is None else self.device.grade


def sensor_report(
    texts: Texts, now: DeviceNow, calibration: WallCalibration | None = None, *, names: bool
) -> SensorReport:
    """Return what is known of a device; programs that use it are named only where `names`.

    `calibration` is the newest comparison of a plug, whichever it was of.
    """
    device, standing = now.device, _standing(now)
    told = {
        "reads": _reads(texts, device),
        "model": _model(texts, device),
        "pace": _pace(texts, now),
        "sensor": _sensor(texts, device),
        "certainty": _certainty(texts, device),
        "since": _since(texts, now),
        "used_by": _used_by(texts, now, names=names),
        "idle": "" if now.idle is None else _idle(texts, now.idle),
        "compared": _compared(texts, device, calibration),
        "chip": _chip(device),
        "limit": _limit(texts, now),
        "parts": texts.count("sensors.parts", len(device.parts)) if device.parts else "",
        "source": device.sensor.source if device.sensor else "",
    }
    return SensorReport(
        device=device,
        power_w=None if now.power_mw is None else w_from_mw(now.power_mw),
        counted=standing == "counted",
        title=_title(texts, device),
        standing=texts.say(f"sensors.standing.{standing}"),
        counted_why=texts.say(f"sensors.counted.{_counted(now)}"),
        trouble="" if now.fault is None else visible(texts.fault(now.fault), 400),
        facts=tuple(
            SensorFact(code, texts.say(f"sensors.{code}"), said)
            for code, said in told.items()
            if said
        ),
        advice=_advice(texts, device),
    )


def sensor_lines(texts: Texts, report: SensorReport) -> list[str]:
    """Return a report as lines of plain text, for the terminal and the clipboard."""
    grade = texts.say(f"sensors.grade.{report.grade.value}")
    watts = "" if report.power_w is None else f"{texts.numbers.power(report.power_w)} · "
    width = max((len(fact.name) for fact in report.facts), default=0)
    return [
        f"{report.grade.shape} {report.title} · {watts}{grade}",
        f"    {report.standing} · {report.counted_why}",
        *(f"  ! {report.trouble}" for _ in range(bool(report.trouble))),
        *(f"    {fact.name.ljust(width)}  {fact.said}" for fact in report.facts),
        *(f"  → {sentence}" for sentence in report.advice),
    ]


def _title(texts: Texts, device: Device) -> str:
    if device.kind is DeviceKind.MACHINE:
        return texts.say("sensors.machine")
    return visible(device.name, 80)


def _reads(texts: Texts, device: Device) -> str:
    parts = []
    for quantity, call in device.reads:
        known = quantity in _QUANTITIES
        name = texts.say(f"sensors.quantity.{quantity}") if known else visible(quantity)
        parts.append(texts.say("sensors.reads.one", quantity=name, call=visible(call, 120)))
    return " · ".join(parts)


def _model(texts: Texts, device: Device) -> str:
    """Return what a stated model is made of, with its inputs."""
    return " ".join(texts.say(one.code, **dict(one.arguments)) for one in device.model)


def _pace(texts: Texts, now: DeviceNow) -> str:
    """Return how often it is read: as seen of late, else as planned."""
    rate = round(now.samples_per_s or 0.0, 1)
    if rate > 1.0:
        shown = texts.numbers.decimal(rate, 0 if rate.is_integer() else 1)
        return texts.say("sensors.pace.rate", rate=shown)
    period_ns = round(NS_PER_S / rate) if rate else now.device.sampling_ns
    if period_ns is None:
        return ""
    return texts.say("sensors.pace.every", span=_span(texts, period_ns))


def _sensor(texts: Texts, device: Device) -> str:
    """Return what one value of the sensor means, "" where nothing is sensed."""
    if not device.grade.is_measured:
        return ""
    sensor, meaning = device.sensor, device.power_semantics.value
    if sensor is None:
        return texts.say(f"sensors.value.{meaning}")
    parts = [texts.say("sensors.value.update", span=_span(texts, sensor.update_ns))]
    if sensor.window_ns:
        parts.append(texts.say("sensors.value.mean", span=_span(texts, sensor.window_ns)))
    else:
        parts.append(texts.say(f"sensors.value.{meaning}"))
    if sensor.observed < 1.0:
        share = texts.numbers.percent(sensor.observed)
        parts.append(texts.say("sensors.value.observed", share=share))
    if device.has_counter:
        span = _span(texts, sensor.counter_update_ns)
        parts.append(texts.say("sensors.value.counter", span=span))
    return ", ".join(parts)


def _certainty(texts: Texts, device: Device) -> str:
    """Return the error that all its watts share: at 95 % where sensed, at 80 % where modelled."""
    if device.grade is Grade.SIMULATED:
        return ""
    gain = texts.numbers.percent(gain_of(device.sensor, device.grade))
    level = texts.numbers.percent(0.95 if device.grade.is_measured else 0.80)
    return texts.say("sensors.certainty.gain", share=gain, level=level)


def _since(texts: Texts, now: DeviceNow) -> str:
    if now.since_utc_ns is None:
        return ""
    moment = datetime_from_utc_ns(now.since_utc_ns).astimezone()
    at = moment.strftime("%H:%M:%S")
    if now.gap_s <= 0:
        return texts.say("sensors.since.whole", time=at)
    return texts.say("sensors.since.gaps", time=at, gaps=texts.numbers.duration(now.gap_s))


def _used_by(texts: Texts, now: DeviceNow, *, names: bool) -> str:
    if now.device.kind is not DeviceKind.GPU or now.device.grade is Grade.SIMULATED:
        return ""
    if now.device.sees_processes is False:
        return texts.say("sensors.used_by.unseen")
    if now.users is None:
        return ""
    if not now.users:
        return texts.say("sensors.used_by.nobody")
    if not names:
        return texts.count("sensors.used_by.programs", len(now.users))
    return ", ".join(_user(texts, user) for user in now.users)


def _user(texts: Texts, user: DeviceUser) -> str:
    name = visible(user.name, 40) or texts.say("sensors.used_by.process", pid=str(user.pid))
    parts = []
    if user.utilisation_pct is not None:
        parts.append(texts.numbers.percent(user.utilisation_pct / 100))
    if user.memory_bytes is not None:
        held = texts.numbers.decimal(user.memory_bytes / _BYTES_PER_GB, 1)
        parts.append(f"{held}{NBSP}{texts.say('sensors.gigabytes')}")
    if not user.source_id:
        parts.append(texts.say("sensors.used_by.foreign"))
    return f"{name} ({', '.join(parts)})" if parts else name


def _idle(texts: Texts, levels: IdleLevels) -> str:
    known = (("context", levels.context), ("bare", levels.bare), ("untouched", levels.untouched))
    return ", ".join(
        texts.say(
            f"sensors.idle.{name}", power=texts.numbers.power(w_from_mw(round(level.power_mw.best)))
        )
        for name, level in known
        if level is not None
    )


def _compared(texts: Texts, device: Device, calibration: WallCalibration | None) -> str:
    if calibration is None or calibration.plug_id != device.id:
        return ""
    factor = calibration.factor
    half = max(factor.high - factor.best, factor.best - factor.low)
    moment = datetime_from_utc_ns(calibration.measured_utc_ns).astimezone()
    return texts.say(
        "sensors.compared.factor",
        factor=texts.numbers.decimal(factor.best, 2),
        half=texts.numbers.decimal(half, 2),
        day=moment.strftime("%d/%m/%Y" if texts.language == "fr" else "%Y-%m-%d"),
    )


def _chip(device: Device) -> str:
    """Return architecture, driver and slot: the slot tells twins apart."""
    told = (device.architecture, device.driver, device.pci_bus_id)
    return " · ".join(visible(one, 40) for one in told if one)


def _limit(texts: Texts, now: DeviceNow) -> str:
    limit_mw = now.power_limit_mw or now.device.power_limit_mw
    return "" if limit_mw is None else texts.numbers.power(w_from_mw(limit_mw))


def _standing(now: DeviceNow) -> str:
    if now.device.kind is not DeviceKind.GPU:
        return "apart"
    return "counted" if now.counted and now.device.grade is not Grade.SIMULATED else "not_counted"


def _counted(now: DeviceNow) -> str:
    """Return the end of the sentence that says whether a device is counted, and as what."""
    device = now.device
    if device.grade is Grade.SIMULATED:
        return "simulated"
    if device.kind is DeviceKind.GPU:
        return "gpu" if now.counted else "gpu_not_yet"
    return "wall" if device.kind is DeviceKind.WALL else "host"


def _advice(texts: Texts, device: Device) -> tuple[str, ...]:
    codes = [*device.missing, *(device.sensor.defects if device.sensor else ())]
    if device.grade is Grade.SIMULATED:
        codes.append("sensors.do.simulated")
    return tuple(texts.say(code) for code in codes)


def _span(texts: Texts, span_ns: int) -> str:
    """Return a short length of time, "100 ms" or "1.5 s"."""
    value, unit = (s_from_ns(span_ns), "s") if span_ns >= NS_PER_S else (ms_from_ns(span_ns), "ms")
    return f"{texts.numbers.decimal(value, 0 if value.is_integer() else 1)}{NBSP}{unit}"
