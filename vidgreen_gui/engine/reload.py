"""What loading the models again costs: the first job after freeing, against the others like it."""

from collections.abc import Collection
from dataclasses import dataclass
from statistics import median

from vidgreen_gui.model.facts import IterationFacts, SessionFacts
from vidgreen_gui.model.footprint import Range
from vidgreen_gui.model.session import PhaseName, Status
from vidgreen_gui.model.units import j_from_wh


@dataclass(frozen=True, slots=True)
class Loading:
    """The energy in J and the time in s that a job spent on loading."""

    energy_j: Range
    seconds: float


def loading_of(facts: IterationFacts) -> Loading | None:
    """Return what a finished job spent on loading; None where its phases are not all known."""
    if facts.iteration.status is not Status.COMPLETED or not facts.phases:
        return None
    phases = [phase for phase in facts.phases if phase.name is PhaseName.LOAD]
    energies = [phase.energy.range for phase in phases if phase.energy.range is not None]
    if len(energies) < len(phases):
        return None
    joules = (
        j_from_wh(sum(getattr(energy, bound) for energy in energies))
        for bound in ("best", "low", "high")
    )
    return Loading(Range(*joules), sum(phase.duration_s for phase in phases))


def reload_cost(first_id: str, session: SessionFacts, cold: Collection[str]) -> Loading | None:
    """Return how much more the first job after freeing spent on loading than those like it.

    Like it are the jobs of the same model on the same devices that are not `cold`: they found
    their models loaded. None while the first has not ended well, or none like it has.
    """
    jobs = {facts.iteration.id: facts for clip in session.clips for facts in clip.iterations}
    first = jobs.get(first_id)
    spent = None if first is None else loading_of(first)
    if first is None or spent is None:
        return None
    alike = (
        loading_of(facts)
        for facts in jobs.values()
        if facts.iteration.id not in cold and _is_alike(facts, first)
    )
    usual = [loading for loading in alike if loading is not None]
    if not usual:
        return None
    low, high = (median(getattr(one.energy_j, bound) for one in usual) for bound in ("low", "high"))
    best = median(one.energy_j.best for one in usual)
    energy_j = spent.energy_j
    return Loading(
        Range(
            max(0.0, energy_j.best - best),
            max(0.0, energy_j.low - high),
            max(0.0, energy_j.high - low),
        ),
        max(0.0, spent.seconds - median(one.seconds for one in usual)),
    )


def _is_alike(facts: IterationFacts, first: IterationFacts) -> bool:
    one, other = facts.iteration, first.iteration
    return one.settings.model == other.settings.model and one.device_ids == other.device_ids
