"""What CO2e and cost of a session cover: what the user wants, where all of it is known."""

from collections.abc import Iterable
from typing import NamedTuple

from vidgreen_gui.accounting.footprint import co2e_g, cost
from vidgreen_gui.accounting.sums import figure
from vidgreen_gui.engine.coverage import Covered, Meters
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.footprint import Figure, GridFactor, Scope, Tariff


class Pricing(NamedTuple):
    """What turns a session's energies into grams and money: one scope, one factor, one tariff."""

    scope: Scope
    factor: GridFactor | None
    tariff: Tariff | None

    def co2e_g(self, covered: Covered) -> Figure:
        """Return the grams of CO2e of what the scope counts."""
        return co2e_g(figure(covered.of(self.scope)), self.factor)

    def cost(self, covered: Covered) -> Figure:
        """Return what that costs."""
        return cost(figure(covered.of(self.scope)), self.tariff)


def known_scopes(meters: Meters, ended: Iterable[Covered]) -> frozenset[Scope]:
    """Return the scopes that are known of each ended iteration whose GPU energy is known.

    One that still runs may be ahead of a meter that answers once a second.
    """
    known = frozenset(scope for scope in Scope if meters.can(scope))
    lacking = {scope for one in ended for scope in one.lacks}
    return known - lacking


def fallback_notices(wanted: Scope, scope: Scope) -> tuple[Notice, ...]:
    """Return what to say where a session's figures cover less than the user wants."""
    if scope is wanted:
        return ()
    return (Notice(f"machine.scope_fallback.{wanted.value}", severity="info"),)
