"""Adds up the energy rows of a session for a list of sessions."""

from collections.abc import Sequence
from dataclasses import dataclass

from vidgreen_gui.accounting.sums import Amount, amount, gain_of, total
from vidgreen_gui.model.footprint import Figure, Grade, Range
from vidgreen_gui.model.units import wh_from_j
from vidgreen_gui.store.batch import EnergyRow


@dataclass(frozen=True, slots=True)
class EnergySum:
    """The energy of a session in Wh, and the measured part of it, 0 to 1 (None without energy)."""

    figure: Figure
    measured_share: float | None


def energy_of(energies: Sequence[EnergyRow]) -> EnergySum:
    """Return the sum, its grade the worst of its parts, as a report of the session has it.

    Simulated energy counts only where there is no other. The devices themselves are not looked
    up: each has the gain that is usual for its grade.
    """
    found = total(_amount(row) for row in energies if row.grade != Grade.MISSING)
    if found.figure.range is not None:
        return EnergySum(found.figure, found.measured_share)
    return EnergySum(found.simulated, 0.0 if found.simulated.best else None)


def _amount(row: EnergyRow) -> Amount:
    grade = Grade(row.grade)
    span = Range(row.energy_j, row.low_j, row.high_j).scaled(wh_from_j(1.0))
    return amount(row.device_id, span, grade, gain_of(None, grade))
