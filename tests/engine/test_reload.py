"""Loading again costs what the first job after freeing spent on it, less what others spend."""

from dataclasses import dataclass

import pytest

from vidgreen_gui.engine.reload import loading_of, reload_cost
from vidgreen_gui.model.facts import IterationFacts, PhaseFigure
from vidgreen_gui.model.footprint import MISSING, Figure, Grade, Range
from vidgreen_gui.model.session import Iteration, PhaseName, Status
from vidgreen_gui.model.settings import Settings


def job(name, load_s, load_wh, *, model="wan", device="gpu0", status=Status.COMPLETED):
    figure = MISSING
    if load_wh is not None:
        figure = Figure(Range(load_wh, 0.9 * load_wh, 1.1 * load_wh), Grade.MEASURED)
    phases = (
        PhaseFigure(PhaseName.LOAD, 0, load_s, figure),
        PhaseFigure(PhaseName.SAMPLE, 0, 60.0, Figure(Range.exact(9.0), Grade.MEASURED)),
    )
    iteration = Iteration(
        id=name, source_kind="comfyui", external_id=name, session_id="s", clip_id="c", number=1,
        source_id="comfyui:8188", run_id="r", status=status, device_ids=(device,),
        settings=Settings(model=model),
    )  # fmt: skip
    return IterationFacts(iteration=iteration, phases=phases)


@dataclass
class Clip:
    iterations: tuple


@dataclass
class Sitting:
    clips: tuple


def sitting(*jobs):
    return Sitting(clips=(Clip(jobs[:2]), Clip(jobs[2:])))


USUAL = [job("b", 1.0, 0.02), job("c", 1.2, 0.03), job("d", 0.8, 0.01)]


def test_what_is_above_the_usual_is_the_reload():
    cost = reload_cost("a", sitting(job("a", 31.0, 1.02), *USUAL), {"a"})
    assert cost.seconds == pytest.approx(30.0)
    assert cost.energy_j.best == pytest.approx(3600.0)
    assert cost.energy_j.low == pytest.approx(3600 * (0.918 - 0.022))
    assert cost.energy_j.high == pytest.approx(3600 * (1.122 - 0.018))


def test_without_a_job_like_it_nothing_is_known():
    others = (job("b", 1, 0.1, model="ltx"), job("c", 1, 0.1, device="gpu1"),
              job("d", 9, 0.9), job("e", 1, 0.1, status=Status.FAILED))  # fmt: skip
    assert reload_cost("a", sitting(job("a", 31.0, 1.0), *others), {"a", "d"}) is None


def test_while_the_first_runs_or_failed_nothing_is_known():
    for status in (Status.RUNNING, Status.FAILED):
        first = job("a", 31.0, 1.0, status=status)
        assert reload_cost("a", sitting(first, *USUAL), {"a"}) is None
    assert reload_cost("not here", sitting(*USUAL), set()) is None


def test_a_first_that_loaded_no_more_than_others_cost_nothing():
    cost = reload_cost("a", sitting(job("a", 0.5, 0.001), *USUAL), {"a"})
    assert (cost.seconds, cost.energy_j.best, cost.energy_j.low) == (0.0, 0.0, 0.0)
    assert cost.energy_j.high >= 0.0


def test_a_phase_without_energy_is_not_zero():
    assert loading_of(job("a", 3.0, None)) is None
