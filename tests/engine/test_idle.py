"""Idle levels: what was drawn at rest, and nothing else; forgetting; what was kept before."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.engine.idle import KEEP_NS, KEPT_MEANS, MEAN_S, IdleLearner, Rest
from vidgreen_gui.model.footprint import Range
from vidgreen_gui.model.learnt import IdleLevel, IdleLevels
from vidgreen_gui.model.power import PowerBlock

S = 1_000_000_000
UTC = 1_790_000_000 * S


def second(at_s, power_mw, device="gpu0", n=10):
    """A second of samples, at ten a second."""
    t_ns = array("q", [at_s * S + i * S // n for i in range(n)])
    powers = power_mw if isinstance(power_mw, list) else [power_mw] * n
    return PowerBlock(device, S // n, t_ns, array("q", powers))


def feed(learner, rests, power_of=lambda _: 20_000, begin_s=0):
    for at_s, rest in enumerate(rests, begin_s):
        learner.add(second(at_s, power_of(at_s)), rest, UTC + at_s * S)


def test_a_level_needs_half_a_minute_and_a_moment():
    learner = IdleLearner()
    feed(learner, [Rest.CONTEXT] * 30)
    assert learner.levels("gpu0") is None
    feed(learner, [Rest.CONTEXT] * 4, begin_s=30)
    level = learner.levels("gpu0").context
    assert level.power_mw == Range.exact(20_000)
    assert level.seconds == 30
    assert learner.levels("gpu0").bare is None


def test_the_mean_before_a_job_that_was_known_late_is_not_idle():
    learner = IdleLearner()
    busy_from_s = 39
    feed(
        learner,
        [Rest.BARE] * 41 + [None] * 60 + [Rest.BARE] * 40,
        lambda s: 400_000 if busy_from_s <= s < 101 else 20_000,
    )
    assert learner.levels("gpu0").bare.power_mw == Range.exact(20_000)


@pytest.mark.parametrize("between", [[None], [Rest.BARE]])
def test_a_mean_is_of_one_rest_without_a_break(between):
    learner = IdleLearner()
    feed(learner, ([Rest.CONTEXT] * 9 + between) * 30)
    assert learner.levels("gpu0") is None


def test_a_gap_begins_a_mean_anew():
    learner = IdleLearner()
    for at_s in range(0, 300, 2):
        learner.add(second(at_s, 20_000), Rest.BARE, UTC)
    assert learner.levels("gpu0") is None


def test_the_newest_ten_minutes_count():
    learner = IdleLearner()
    feed(learner, [Rest.BARE] * 1500, lambda s: 50_000 if s < 700 else 20_000)
    level = learner.levels("gpu0").bare
    assert level.power_mw == Range.exact(20_000)
    assert level.seconds == KEPT_MEANS * MEAN_S


def test_what_was_kept_stands_and_is_pushed_out():
    earlier = IdleLevel(power_mw=Range(30_000, 28_000, 33_000), seconds=600.0, learnt_utc_ns=1)
    learner = IdleLearner([IdleLevels(device_id="gpu0", context=earlier)])
    assert learner.levels("gpu0").context == earlier
    feed(learner, [Rest.CONTEXT] * 120)
    both = learner.levels("gpu0").context.power_mw
    assert both.low < 21_000 < both.high
    feed(learner, [Rest.CONTEXT] * 700, begin_s=120)
    assert learner.levels("gpu0").context.power_mw == Range.exact(20_000)


@given(
    best=st.floats(5e3, 5e4), below=st.floats(0, 4e3), above=st.floats(0, 9e3),
    seconds=st.floats(30, 600),
)  # fmt: skip
def test_a_kept_level_says_the_same_after_one_more_mean_of_it(best, below, above, seconds):
    kept = IdleLevel(
        power_mw=Range(best, best - below, best + above), seconds=seconds, learnt_utc_ns=1
    )
    learner = IdleLearner([IdleLevels(device_id="gpu0", bare=kept)])
    feed(learner, [Rest.BARE] * 14, lambda _: round(best))
    now = learner.levels("gpu0").bare.power_mw
    assert best - below - 1 <= now.low <= now.best <= now.high <= best + above + 1
    assert now.best == pytest.approx(best, abs=1 + 0.15 * max(below, above))


@given(
    st.lists(st.tuples(st.sampled_from([None, *Rest]), st.integers(1, 45)), max_size=12),
    st.integers(1_000, 100_000),
    st.integers(0, 5_000),
)
def test_only_what_was_drawn_at_rest_is_learnt(spells, idle_mw, swing_mw):
    """Work draws ten times as much; nothing of it is in any level, whatever came between."""
    rests = [rest for rest, length in spells for _ in range(length)]
    learner = IdleLearner()
    feed(
        learner, rests,
        lambda s: idle_mw + swing_mw * (s % 2) if rests[s] else 10 * (idle_mw + swing_mw),
    )  # fmt: skip
    levels = learner.levels("gpu0") or IdleLevels(device_id="gpu0")
    for rest in Rest:
        level = getattr(levels, rest.value)
        if level is not None:
            power = level.power_mw
            assert idle_mw <= power.low <= power.best <= power.high <= idle_mw + swing_mw
            assert level.seconds >= 30
        if max((n for r, n in spells if r is rest), default=0) >= 40:
            assert level is not None


def test_it_is_written_down_at_once_then_now_and_then_and_at_the_end():
    learner = IdleLearner()
    assert learner.to_keep(0) == ()
    feed(learner, [Rest.BARE] * 40)
    (kept,) = learner.to_keep(40 * S)
    assert kept == learner.levels("gpu0")
    feed(learner, [Rest.BARE] * 40, begin_s=40)
    assert learner.to_keep(80 * S) == ()
    assert len(learner.to_keep(80 * S, at_the_end=True)) == 1
    assert learner.to_keep(80 * S + KEEP_NS) == ()
