"""Sums of energies whose errors are partly the same: a device's own linearly, all else squared."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from vidgreen_gui.accounting.footprint import worst
from vidgreen_gui.accounting.ranges import BOARD_GAIN, MODEL_GAIN
from vidgreen_gui.model.footprint import MISSING, Figure, Grade, Range
from vidgreen_gui.model.power import Sensor


class Amount(NamedTuple):
    """An energy on one device, in any unit, with what its error is made of.

    `common` are the half widths, below and above, that move with all energy of the device,
    `alone` those it has for itself; a side's half width is the root of their squares' sum.
    `measured` is the part that a sensor said.
    """

    device_id: str
    best: float
    common: tuple[float, float]
    alone: tuple[float, float]
    grade: Grade
    measured: float

    @property
    def is_simulated(self) -> bool:
        """Whether it was invented."""
        return self.grade is Grade.SIMULATED


Amounts = tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """Amounts put together; simulated ones stand apart and are in no other field.

    `figure` is the real part, with the worst grade in it. `measured_share` is the measured part
    of it, 0 to 1, None where that is 0.
    """

    figure: Figure
    simulated: Figure
    measured_share: float | None


def gain_of(sensor: Sensor | None, grade: Grade) -> float:
    """Return the half width of the relative error that all readings of a device share."""
    if grade is Grade.SIMULATED:
        return 0.0
    if sensor is not None:
        return sensor.gain
    return BOARD_GAIN if grade.is_measured else MODEL_GAIN


def amount(device_id: str, span: Range, grade: Grade, gain: float) -> Amount:
    """Return an energy of a device whose readings may all be a part `gain` off the truth.

    What its range is wider than that on both sides, it is for reasons of its own: samples and
    edges. What it is wider on one side is common: a counter and a power that disagree do so
    throughout. At a range that ends at zero the sides cannot be compared.
    """
    below, above = span.best - span.low, span.high - span.best
    # A reading may be a part `gain` of the truth too low: the truth is up to 1 / (1 - gain) of it.
    common = min(gain * span.best, below), min(gain / (1.0 - gain) * span.best, above)
    alone = _rest(below, common[0]), _rest(above, common[1])
    if span.low > 0.0:
        least = min(alone)
        common, alone = (_rest(below, least), _rest(above, least)), (least, least)
    return Amount(device_id, span.best, common, alone, grade, _measured(span.best, grade))


def scaled(parts: Iterable[Amount], factor: float, grade: Grade) -> Amounts:
    """Return the amounts times a factor, known as `grade`."""
    return tuple(
        Amount(
            part.device_id,
            part.best * factor,
            (part.common[0] * factor, part.common[1] * factor),
            (part.alone[0] * factor, part.alone[1] * factor),
            grade,
            _measured(part.best * factor, grade),
        )
        for part in parts
    )


def gathered(parts: Iterable[Amount]) -> Amounts:
    """Return the amounts with those of one device added up; simulated ones stand apart."""
    by_device: dict[tuple[str, bool], list[Amount]] = {}
    for part in parts:
        by_device.setdefault((part.device_id, part.is_simulated), []).append(part)
    return tuple(found[0] if len(found) == 1 else _together(found) for found in by_device.values())


def total(parts: Iterable[Amount]) -> Sum:
    """Return the sum: common errors linear within a device, devices and the rest in quadrature."""
    together = gathered(parts)
    real = [part for part in together if not part.is_simulated]
    measured = math.fsum(part.measured for part in real)
    best = math.fsum(part.best for part in real)
    return Sum(
        figure=_figure(real),
        simulated=_figure([part for part in together if part.is_simulated]),
        # Rounded in another order than the total: a part never comes out above the whole.
        measured_share=min(1.0, measured / best) if best > 0.0 else None,
    )


def figure(parts: Iterable[Amount]) -> Figure:
    """Return the sum as a figure; simulated amounts only where there are no others."""
    found = total(parts)
    return found.simulated if found.figure.range is None else found.figure


def _together(parts: list[Amount]) -> Amount:
    _devices, best, common, alone, grades, measured = zip(*parts, strict=True)
    below, above = zip(*common, strict=True)
    alone_below, alone_above = zip(*alone, strict=True)
    return Amount(
        device_id=parts[0].device_id,
        best=math.fsum(best),
        common=(math.fsum(below), math.fsum(above)),
        alone=(math.hypot(*alone_below), math.hypot(*alone_above)),
        grade=worst(grades),
        measured=math.fsum(measured),
    )


def _figure(parts: list[Amount]) -> Figure:
    if not parts:
        return MISSING
    best = math.fsum(part.best for part in parts)
    below, above = (
        math.hypot(*(one for part in parts for one in (part.common[side], part.alone[side])))
        for side in (0, 1)
    )
    span = Range(best, max(0.0, best - below), best + above)
    return Figure(span, worst(part.grade for part in parts))


def _measured(best: float, grade: Grade) -> float:
    return best if grade.is_measured else 0.0


def _rest(half: float, part: float) -> float:
    """Return what is left of a half width without one part of it."""
    return math.sqrt(max(0.0, (half - part) * (half + part)))
