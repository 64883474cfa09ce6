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

    `common` is the half width that all energy of the device shares, `below` and `above` are those
    it has alone; the whole is their root sum of squares. `measured` is the part that a sensor
    said.
    """

    device_id: str
    best: float
    common: float
    below: float
    above: float
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
    """Return an energy of a device whose readings are all off by up to the part `gain`.

    What its range is wider than that, it is for reasons of its own.
    """
    below, above = span.best - span.low, span.high - span.best
    common = max(0.0, min(gain * span.best, below, above))
    return Amount(
        device_id=device_id,
        best=span.best,
        common=common,
        below=_rest(below, common),
        above=_rest(above, common),
        grade=grade,
        measured=span.best if grade.is_measured else 0.0,
    )


def scaled(parts: Iterable[Amount], factor: float, grade: Grade) -> Amounts:
    """Return the amounts times a factor, known as `grade`."""
    return tuple(
        Amount(
            part.device_id,
            part.best * factor,
            part.common * factor,
            part.below * factor,
            part.above * factor,
            grade,
            part.best * factor if grade.is_measured else 0.0,
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
    _devices, best, common, below, above, grades, measured = zip(*parts, strict=True)
    return Amount(
        device_id=parts[0].device_id,
        best=math.fsum(best),
        common=math.fsum(common),
        below=math.hypot(*below),
        above=math.hypot(*above),
        grade=worst(grades),
        measured=math.fsum(measured),
    )


def _figure(parts: list[Amount]) -> Figure:
    if not parts:
        return MISSING
    best = math.fsum(part.best for part in parts)
    common = [part.common for part in parts]
    below = math.hypot(*common, *(part.below for part in parts))
    above = math.hypot(*common, *(part.above for part in parts))
    span = Range(best, max(0.0, best - below), best + above)
    return Figure(span, worst(part.grade for part in parts))


def _rest(half: float, common: float) -> float:
    """Return what is left of a half width without the common part of it."""
    return math.sqrt(max(0.0, (half - common) * (half + common)))
