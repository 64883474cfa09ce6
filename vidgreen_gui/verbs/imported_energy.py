"""Turns the energies of a session document back into rows of the store."""

from collections.abc import Iterator
from math import isfinite

from vidgreen_gui.exports.schema import IterationPart, Outside, SessionDocument
from vidgreen_gui.model.footprint import Grade, Range
from vidgreen_gui.model.power import DeviceKind
from vidgreen_gui.model.session import Session
from vidgreen_gui.model.units import NS_PER_HALF_HOUR, j_from_wh
from vidgreen_gui.store.batch import EnergyRow

# Who owns energy outside iterations, as the store names them.
OUTSIDE = ("idle", "standby", "other")


def energy_rows(
    document: SessionDocument, session: Session, parts: list[IterationPart]
) -> Iterator[EnergyRow]:
    """Return a row per owner for the GPUs, the rest of the machine and a plug.

    A file does not say what was used in which half hour, nor on which of several devices: it is
    taken for that of the one that is known least well. What it models at the socket is modelled
    again. An energy beyond all numbers raises ValueError.
    """
    hosts = (one for one in document.devices if one.kind.is_host)
    host = max(hosts, key=lambda one: one.gain or 0.0, default=None)
    plug = next((one for one in document.devices if one.kind is DeviceKind.WALL), None)
    for part in parts:
        device_id = part.device_ids[0] if part.device_ids else ""
        yield from _row(document, session, part.id, part.energy_wh, part.grade, device_id)
        if host is not None:
            energy, grade = part.host_energy_wh, part.host_grade
            yield from _row(document, session, part.id, energy, grade, host.id)
        if plug is not None and part.wall_grade.is_measured:
            energy, grade = part.wall_energy_wh, part.wall_grade
            yield from _row(document, session, part.id, energy, grade, plug.id)
    card_id = next((one.id for one in document.devices if one.counted), "")
    gap_s = document.totals.gap_s
    for name in OUTSIDE:
        outside: Outside = getattr(document, name)
        rows = _row(document, session, name, outside.energy_wh, outside.grade, card_id, gap_s)
        gap_s = 0.0 if outside.energy_wh is not None else gap_s
        yield from rows
        if host is not None:
            energy, grade = outside.host_energy_wh, outside.host_grade
            yield from _row(document, session, name, energy, grade, host.id)
        if plug is not None and outside.wall_grade.is_measured:
            energy, grade = outside.wall_energy_wh, outside.wall_grade
            yield from _row(document, session, name, energy, grade, plug.id)


def _row(
    document: SessionDocument,
    session: Session,
    owner: str,
    energy: Range | None,
    grade: Grade,
    device_id: str,
    gap_s: float = 0.0,
) -> tuple[EnergyRow, ...]:
    if energy is None:
        return ()
    joules = [j_from_wh(value) for value in (energy.best, energy.low, energy.high)]
    if not all(isfinite(value) for value in joules):
        raise ValueError(f"{owner}: {energy}")
    row = EnergyRow(
        session_id=session.id,
        owner=owner,
        device_id=device_id,
        half_hour_utc_ns=session.started_utc_ns // NS_PER_HALF_HOUR * NS_PER_HALF_HOUR,
        energy_j=joules[0],
        low_j=joules[1],
        high_j=joules[2],
        grade=grade.value,
        gap_s=gap_s,
        method_version=document.method_version,
    )
    return (row,)
