"""Adds up the energy rows of a session for a list of sessions."""

from collections.abc import Sequence
from dataclasses import dataclass

from vidgreen_gui.model.footprint import MISSING, Figure, Grade, Range
from vidgreen_gui.model.units import wh_from_j
from vidgreen_gui.store.batch import EnergyRow


@dataclass(frozen=True, slots=True)
class EnergySum:
    """The energy of a session in Wh, and the measured part of it, 0 to 1 (None without energy)."""

    figure: Figure
    measured_share: float | None


def energy_of(energies: Sequence[EnergyRow]) -> EnergySum:
    """Return the sum, its bounds added linearly, its grade the worst of its parts.

    Simulated energy counts only where there is no other.
    """
    known = [row for row in energies if Grade(row.grade) is not Grade.MISSING]
    counted = [row for row in known if Grade(row.grade) is not Grade.SIMULATED] or known
    if not counted:
        return EnergySum(MISSING, None)
    total = Range(
        wh_from_j(sum(row.energy_j for row in counted)),
        wh_from_j(sum(row.low_j for row in counted)),
        wh_from_j(sum(row.high_j for row in counted)),
    )
    order = list(Grade)
    worst = max((Grade(row.grade) for row in counted), key=order.index)
    measured_j = sum(row.energy_j for row in counted if Grade(row.grade).is_measured)
    best_j = sum(row.energy_j for row in counted)
    return EnergySum(Figure(total, worst), measured_j / best_j if best_j else None)
