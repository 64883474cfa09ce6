"""Loading again costs what the first job after freeing spent on it, less what others spend."""

import pytest
from support.loading import loaded, sitting

from vidgreen_gui.engine.reload import loading_of, reload_cost
from vidgreen_gui.model.session import Status

USUAL = [loaded("b", 1.0, 0.02), loaded("c", 1.2, 0.03), loaded("d", 0.8, 0.01)]


def test_what_is_above_the_usual_is_the_reload():
    cost = reload_cost("a", sitting(loaded("a", 31.0, 1.02), *USUAL), {"a"})
    assert cost.seconds == pytest.approx(30.0)
    assert cost.energy_j.best == pytest.approx(3600.0)
    assert cost.energy_j.low == pytest.approx(3600 * (0.918 - 0.022))
    assert cost.energy_j.high == pytest.approx(3600 * (1.122 - 0.018))


def test_without_a_job_like_it_nothing_is_known():
    others = (loaded("b", 1, 0.1, model="ltx"), loaded("c", 1, 0.1, device="gpu1"),
              loaded("d", 9, 0.9), loaded("e", 1, 0.1, status=Status.FAILED))  # fmt: skip
    assert reload_cost("a", sitting(loaded("a", 31.0, 1.0), *others), {"a", "d"}) is None


def test_while_the_first_runs_or_failed_nothing_is_known():
    for status in (Status.RUNNING, Status.FAILED):
        first = loaded("a", 31.0, 1.0, status=status)
        assert reload_cost("a", sitting(first, *USUAL), {"a"}) is None
    assert reload_cost("not here", sitting(*USUAL), set()) is None


def test_a_first_that_loaded_no_more_than_others_cost_nothing():
    cost = reload_cost("a", sitting(loaded("a", 0.5, 0.001), *USUAL), {"a"})
    assert (cost.seconds, cost.energy_j.best, cost.energy_j.low) == (0.0, 0.0, 0.0)
    assert cost.energy_j.high >= 0.0


def test_a_phase_without_energy_is_not_zero():
    assert loading_of(loaded("a", 3.0, None)) is None
