"""Folds neighbours with equal settings into one row, so that fourteen seeds are one line."""

from dataclasses import replace
from math import sqrt

from vidgreen_gui.model.facts import IterationFacts
from vidgreen_gui.model.session import Cached, Status
from vidgreen_gui.model.settings import Settings

FEWEST_FOLDED = 4


def same_but_for_the_seed(settings: Settings) -> Settings:
    """Return the settings without any seed, to tell whether two iterations ask for the same."""
    samplers = tuple(replace(one, seed=None) for one in settings.samplers)
    return replace(settings, seed=None, samplers=samplers)


def fold(iterations: tuple[IterationFacts, ...]) -> list[tuple[IterationFacts, ...]]:
    """Return the iterations in order, in groups: neighbours with equal settings stand together.

    Only completed and measured work folds, and only from four on; all else stands alone.
    """
    groups: list[tuple[IterationFacts, ...]] = []
    run: list[IterationFacts] = []
    for facts in iterations:
        if run and not (_folds(facts) and _folds(run[0]) and _alike(run[0], facts)):
            groups.extend(_close(run))
            run = []
        run.append(facts)
    return groups + _close(run)


def mean_and_deviation(values: list[float]) -> tuple[float, float]:
    """Return the mean and the sample standard deviation of two or more values."""
    mean = sum(values) / len(values)
    return mean, sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _folds(facts: IterationFacts) -> bool:
    iteration = facts.iteration
    return (
        iteration.status is Status.COMPLETED
        and iteration.cached is Cached.NO
        and facts.energy_wh.range is not None
    )


def _alike(one: IterationFacts, other: IterationFacts) -> bool:
    return (
        one.energy_wh.grade is other.energy_wh.grade
        and all(change.name == "seed" for change in other.changes)
        and _size_of(one.iteration.settings) == _size_of(other.iteration.settings)
        and same_but_for_the_seed(one.iteration.settings)
        == same_but_for_the_seed(other.iteration.settings)
    )


def _size_of(settings: Settings) -> tuple[object, ...]:
    """Return what most often differs, to tell most pairs apart without building anything."""
    return settings.model, settings.width, settings.height, settings.frames, settings.steps


def _close(run: list[IterationFacts]) -> list[tuple[IterationFacts, ...]]:
    if len(run) >= FEWEST_FOLDED:
        return [tuple(run)]
    return [(facts,) for facts in run]
