"""A drop is measured where models really went from a card at rest, and its range holds."""

from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.engine.freeing import COOLED_NS, FreedPower, Outcome, median_of
from vidgreen_gui.model.power import PowerBlock, SlowBlock, SlowField

S = 1_000_000_000
GB = 10**9
GAIN = 0.05


class Card:
    """A card whose power and memory a test sets, read second by second."""

    def __init__(self, *, tells_memory=True, noise_w=0.0, seed=1):
        self.freed = FreedPower(GAIN)
        self.held_w, self.power_w, self.memory = 60.0, 60.0, 20 * GB
        self.at_s = 0
        self.outcomes = []
        self._tells_memory = tells_memory
        self._noise_w = noise_w
        self._random = np.random.default_rng(seed)

    def go(self, seconds):
        for _ in range(seconds):
            t_ns = array("q", [self.at_s * S + i * S // 10 for i in range(9)])
            noise = self._random.normal(0.0, self._noise_w, 9) if self._noise_w else np.zeros(9)
            power = [round(1000 * (self.power_w + n)) for n in noise]
            self.freed.power(PowerBlock("gpu0", S // 10, t_ns, array("q", power)))
            if self._tells_memory and self.at_s % 2 == 0:
                told = array("q", [self.at_s * S]), array("q", [self.memory])
                self.freed.memory(SlowBlock("gpu0", SlowField.MEMORY_USED_BYTES, 2 * S, *told))
            self.at_s += 1
            self.take(self.freed.outcome(self.at_s * S))

    def take(self, outcome):
        if outcome is not None:
            self.outcomes.append(outcome)

    def free(self, power_w=25.0, memory=1 * GB):
        self.power_w, self.memory = power_w, memory

    def work(self, seconds):
        for _ in range(seconds):
            self.take(self.freed.disturbed(self.at_s * S))
            self.freed.holds()
            self.at_s += 1


def test_a_fall_of_memory_is_measured_a_minute_after():
    card = Card()
    card.go(100)
    card.free()
    card.go(75)
    assert card.outcomes == []
    card.go(10)
    (outcome,) = card.outcomes
    drop = outcome.drop_mw
    assert (drop.best, drop.low, drop.high) == pytest.approx((35_000, 33_250, 36_750))
    assert card.freed.is_free
    assert not outcome.asked
    card.go(200)
    assert len(card.outcomes) == 1


def test_the_true_drop_lies_in_the_range():
    """Board gain within its bound, noise of the sensor: 95 of a hundred times, the truth is in."""
    random = np.random.default_rng(7)
    held = 0
    for seed in range(200):
        drop_w, gain = random.uniform(0.0, 60.0), random.uniform(-GAIN, GAIN)
        card = Card(noise_w=random.uniform(0.0, 12.0), seed=seed)
        card.power_w = 80.0 * (1.0 + gain)
        card.go(100)
        card.free((80.0 - drop_w) * (1.0 + gain))
        card.go(90)
        (outcome,) = card.outcomes
        held += outcome.drop_mw.low <= 1000 * drop_w <= outcome.drop_mw.high
    assert held >= 190


def test_a_card_that_just_worked_is_not_measured():
    card = Card()
    card.work(30)
    card.go(COOLED_NS // S)
    card.free()
    card.go(90)
    (outcome,) = card.outcomes
    assert outcome.drop_mw is None
    assert card.freed.is_free


def test_a_job_in_between_ends_the_measurement():
    card = Card()
    card.go(100)
    card.free()
    card.go(50)
    card.work(5)
    card.go(100)
    (outcome,) = card.outcomes
    assert outcome.drop_mw is None
    assert not card.freed.is_free


def test_what_the_user_asked_for_needs_a_smaller_fall():
    card = Card()
    card.go(100)
    card.free(memory=17 * GB)
    card.go(100)
    assert card.outcomes == []
    card.freed.asked(card.at_s * S)
    card.free(memory=15 * GB)
    card.go(90)
    (outcome,) = card.outcomes
    assert outcome.asked
    assert outcome.drop_mw is not None


def test_asking_where_nothing_was_held_measures_nothing():
    card = Card()
    card.go(100)
    card.freed.asked(card.at_s * S)
    card.go(120)
    assert card.outcomes == [Outcome(asked=True, went=False)]
    assert not card.freed.is_free


def test_where_memory_is_not_told_asking_is_enough():
    card = Card(tells_memory=False)
    card.go(100)
    card.freed.asked(card.at_s * S)
    card.free()
    card.go(90)
    (outcome,) = card.outcomes
    assert outcome.drop_mw.best == pytest.approx(35_000)


def test_samples_that_are_missing_measure_nothing():
    card = Card()
    card.go(100)
    card.free()
    card.go(30)
    card.at_s += 60
    card.go(5)
    (outcome,) = card.outcomes
    assert outcome.drop_mw is None


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_a_median_lies_between_its_bounds_and_among_its_values(values):
    found = median_of(values)
    assert min(values) <= found.low <= found.best <= found.high <= max(values)
    assert found.best == pytest.approx(float(np.median(values)), abs=1e-6)
