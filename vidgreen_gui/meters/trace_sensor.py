"""The remark in a trace that says what a device is and how it was sensed, to be judged alike."""

from dataclasses import fields
from typing import NamedTuple

from vidgreen_gui.model.power import Device, DeviceKind, PowerSemantics, Sensor

_WORD = "sensor"
# Words that a sensor has beside numbers are for people; they stay out of traces.
_NUMBERS = {field.name: field.type for field in fields(Sensor) if field.type in {int, float}}


class Sensed(NamedTuple):
    """What a device is, and how its readings came about; `sensor` is None where nobody knew."""

    kind: DeviceKind
    semantics: PowerSemantics
    sensor: Sensor | None


UNKNOWN = Sensed(DeviceKind.GPU, PowerSemantics.UNKNOWN, None)


def sensor_remark(device: Device) -> str:
    """Return the remark about `device`: "sensor KIND SEMANTICS [NAME=NUMBER …]"."""
    words = [_WORD, device.kind.value, device.power_semantics.value]
    if device.sensor is not None:
        words += [f"{name}={getattr(device.sensor, name)}" for name in _NUMBERS]
    return " ".join(words)


def sensed(remark: str) -> Sensed | None:
    """Return what a remark says of a device, None for any other remark.

    Names it does not know are passed over, so that a newer trace can be played.
    """
    word, *rest = remark.split()
    if word != _WORD or len(rest) < 2:
        return None
    kind, semantics, *pairs = rest
    numbers: dict[str, int | float] = {}
    try:
        for name, _, text in (pair.partition("=") for pair in pairs):
            if name in _NUMBERS:
                numbers[name] = int(text) if _NUMBERS[name] is int else float(text)
        return Sensed(
            DeviceKind(kind),
            PowerSemantics(semantics),
            Sensor(**numbers) if numbers else None,  # type: ignore[arg-type]
        )
    except ValueError:
        return None
