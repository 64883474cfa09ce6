"""Cumulative energy as stacked layers in the unit of the switch; the table is the source."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from vidgreen_gui.gui.charts.timeview import ms_of
from vidgreen_gui.model.facts import ClipFacts, LiveSnapshot, SessionFacts
from vidgreen_gui.model.footprint import Figure, Grade
from vidgreen_gui.model.units import g_from_wh, money_from_wh

Floats = npt.NDArray[np.float64]
IDLE = "idle"


class Unit(StrEnum):
    """What the cumulative chart shows."""

    ENERGY = "wh"
    CO2E = "co2e"
    MONEY = "money"


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One clip, or what no clip owns: `values` float64[n] so far, in the stack's unit."""

    owner: str
    name: str
    values: Floats
    in_work: bool = False
    simulated: bool = False

    @property
    def is_clip(self) -> bool:
        """Whether a clip owns it; all else is hatched."""
        return bool(self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Layers from the floor up over `t_ms` (UTC), with the iterations' ends as (UTC ms, layer)."""

    t_ms: Floats
    layers: tuple[Layer, ...]
    unit: Unit
    ends: tuple[tuple[float, int], ...] = ()

    @property
    def tops(self) -> Floats:
        """Return the upper edge of every layer, float64[layers, n]."""
        if not self.layers:
            return np.zeros((0, len(self.t_ms)))
        return np.cumsum([layer.values for layer in self.layers], axis=0)


NO_TIMES: Floats = np.zeros(0)
EMPTY_STACK = Stack(NO_TIMES, (), Unit.ENERGY)


def stack_of(snapshot: LiveSnapshot, unit: Unit) -> Stack:
    """Return the session's cumulative table in `unit`, in Wh where it cannot be converted.

    The last values equal the clips' own figures: each layer is scaled by what its clip's energy
    became in that unit. Clips stand in the order in which they were last worked on, with idle under
    the newest.
    """
    session = snapshot.session
    used = unit if _per_wh(snapshot, unit) is not None else Unit.ENERGY
    if session is None or len(session.cumulative.t_utc_ms) == 0:
        return Stack(NO_TIMES, (), used)
    table = session.cumulative
    clips = {one.clip.id: one for one in session.clips}
    outside = [owner for owner in table.owners if owner not in clips]
    inside = sorted(
        (owner for owner in table.owners if owner in clips),
        key=lambda owner: _last_start(clips[owner]),
    )
    order = [*inside[:-1], *outside, *inside[-1:]]
    layers = tuple(
        Layer(
            owner,
            clips[owner].clip.name if owner in clips else "",
            np.array(table.energy_wh[table.owners.index(owner)])
            * _share(snapshot, session, clips.get(owner), owner, used),
            in_work=bool(inside) and owner == inside[-1],
            simulated=_grade_of(session, clips.get(owner)) is Grade.SIMULATED,
        )
        for owner in order
    )
    t_ms = np.array(table.t_utc_ms, dtype=np.float64)
    return Stack(t_ms, layers, used, _ends(layers, clips))


def _last_start(clip: ClipFacts) -> int:
    return max((one.iteration.started_utc_ns or 0 for one in clip.iterations), default=0)


def _per_wh(snapshot: LiveSnapshot, unit: Unit) -> float | None:
    """Return what one Wh is in `unit` by the factor and the price of now, None if unknown."""
    if unit is Unit.CO2E:
        return g_from_wh(1.0, snapshot.factor.g_per_kwh) if snapshot.factor else None
    if unit is Unit.MONEY:
        return money_from_wh(1.0, snapshot.tariff.price_per_kwh) if snapshot.tariff else None
    return 1.0


def _share(
    snapshot: LiveSnapshot,
    session: SessionFacts,
    clip: ClipFacts | None,
    owner: str,
    unit: Unit,
) -> float:
    """Return what one Wh of this owner became, by its own figures where it has them."""
    per_wh = _per_wh(snapshot, unit) or 0.0
    if unit is Unit.ENERGY:
        return 1.0
    if clip is not None:
        figures = (clip.energy_wh, clip.co2e_g if unit is Unit.CO2E else clip.cost)
    elif owner == IDLE and unit is Unit.CO2E:
        figures = (session.idle_wh, session.idle_co2e_g)
    else:
        return per_wh
    return _ratio(*figures) or per_wh


def _ratio(energy: Figure, other: Figure) -> float | None:
    if not energy.best or other.best is None:
        return None
    return other.best / energy.best


def _grade_of(session: SessionFacts, clip: ClipFacts | None) -> Grade:
    return clip.energy_wh.grade if clip is not None else session.idle_wh.grade


def _ends(layers: tuple[Layer, ...], clips: dict[str, ClipFacts]) -> tuple[tuple[float, int], ...]:
    return tuple(
        (ms_of(facts.iteration.ended_utc_ns), place)
        for place, layer in enumerate(layers)
        if layer.owner in clips
        for facts in clips[layer.owner].iterations
        if facts.iteration.ended_utc_ns is not None
    )
