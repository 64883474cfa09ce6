import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.model.settings import SamplerPass
from vidgreen_gui.workflows.progress import fraction_done, planned_work


def one(steps, evaluations=None, size=(None, None, None)):
    width, height, frames = size
    return SamplerPass(node="1", class_type="KSampler", steps=steps, evaluations=evaluations,
                       width=width, height=height, frames=frames)  # fmt: skip


def test_a_single_pass_goes_by_its_steps():
    assert fraction_done((one(20, 40),), 0, 5, 20) == 0.25


def test_an_equal_pair_is_half_done_after_its_first_pass():
    pair = (one(10, 20), one(10, 20))
    assert fraction_done(pair, 0, 10, 10) == 0.5
    assert fraction_done(pair, 1, 5, 10) == 0.75


def test_a_pass_without_guidance_weighs_half():
    assert fraction_done((one(10, 20), one(10, 10)), 0, 10, 10) == pytest.approx(2 / 3)


def test_a_small_first_pass_weighs_little():
    two = (one(8, 8, (640, 360, 121)), one(3, 3, (1280, 720, 121)))
    assert planned_work(two)[0] * 3 == planned_work(two)[1] * 2
    assert fraction_done(two, 0, 8, 8) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("passes", "index", "step", "steps", "expected"),
    [
        ((one(None), one(10)), 1, 5, 10, None),
        ((one(None),), 0, 5, 10, 0.5),
        ((), 0, 5, 10, 0.5),
        ((one(10), one(10)), 2, 5, 10, None),
        ((one(10),), 0, 5, 0, None),
        ((one(10),), 0, 99, 10, 1.0),
    ],
)
def test_what_is_not_known_is_not_guessed(passes, index, step, steps, expected):
    assert fraction_done(passes, index, step, steps) == expected


@given(st.lists(st.integers(1, 50), min_size=1, max_size=4), st.data())
def test_it_only_grows(steps, data):
    passes = tuple(one(count, count) for count in steps)
    index = data.draw(st.integers(0, len(steps) - 1))
    done = [fraction_done(passes, index, step, steps[index]) for step in range(steps[index] + 1)]
    assert done == sorted(done)
    assert 0 <= done[0] <= done[-1] <= 1
