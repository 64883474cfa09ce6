"""Sums of a session: clip by clip, and all of it with what belongs to no iteration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vidgreen_gui.accounting.footprint import co2e_g, cost
from vidgreen_gui.accounting.sums import Amounts, Sum, figure, gathered, total
from vidgreen_gui.engine.coverage import Covered, added
from vidgreen_gui.engine.scopes import Pricing
from vidgreen_gui.model.facts import ClipFacts, IterationFacts, Totals
from vidgreen_gui.model.footprint import MISSING, Figure, Scope
from vidgreen_gui.model.session import Clip


@dataclass(frozen=True, slots=True)
class ClipSum:
    """A clip's facts with what its totals are made of; `by_mark` is the GPUs' energy by `kept`."""

    facts: ClipFacts
    covered: Covered
    by_mark: Mapping[bool | None, Amounts]


def clip_sum(
    clip: Clip,
    iterations: tuple[IterationFacts, ...],
    covered: tuple[Covered, ...],
    pricing: Pricing,
) -> ClipSum:
    """Return a clip of the iterations, each of which used what stands at its place in `covered`."""
    together = added(covered)
    by_mark = {
        kept: gathered(
            part
            for facts, one in zip(iterations, covered, strict=True)
            if facts.iteration.kept is kept
            for part in one.gpu
        )
        for kept in (True, False, None)
    }
    facts = ClipFacts(
        clip=clip,
        iterations=iterations,
        energy_wh=figure(together.gpu),
        co2e_g=pricing.co2e_g(together),
        cost=pricing.cost(together),
    )
    return ClipSum(facts, together, by_mark)


def session_totals(
    clips: Sequence[ClipSum],
    rest: Sequence[Covered],
    pricing: Pricing,
    known: frozenset[Scope],
) -> Totals:
    """Return the totals; those of the machine and the socket only where all of them is `known`."""
    everything = added((*(clip.covered for clip in clips), *rest))
    energy_sum = total(everything.gpu)
    simulated = energy_sum.figure.range is None
    energy = _counted(energy_sum, simulated)
    priced = _counted(total(everything.of(pricing.scope)), simulated)
    marked = {
        kept: _counted(total(part for clip in clips for part in clip.by_mark[kept]), simulated)
        for kept in (True, False, None)
    }
    return Totals(
        energy_wh=energy,
        host_energy_wh=figure(everything.host) if Scope.MACHINE in known else MISSING,
        wall_energy_wh=figure(everything.wall) if Scope.WALL in known else MISSING,
        co2e_g=co2e_g(priced, pricing.factor),
        cost=cost(priced, pricing.tariff),
        iterations=sum(len(clip.facts.iterations) for clip in clips),
        kept_energy_wh=marked[True],
        discarded_energy_wh=marked[False],
        undecided_energy_wh=marked[None],
        simulated_energy_wh=energy_sum.simulated,
        measured_share=0.0 if simulated and energy.range else energy_sum.measured_share,
        gap_s=everything.gap_s,
        grade=energy.grade,
    )


def _counted(found: Sum, wholly_simulated: bool) -> Figure:
    return found.simulated if wholly_simulated else found.figure
