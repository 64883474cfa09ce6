"""Attribution: the law, nesting, idle and standby, against a loop that anybody can read."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.accounting.build import build_curve
from vidgreen_gui.accounting.share import STANDBY_AFTER_NS, Use, Window, attribute

S = 1_000_000_000
NAMES = ("a", "b", "c", "d")


def flat(seconds, watts=100):
    t = np.arange(0, seconds + 1, dtype=np.int64) * S
    return build_curve(t, np.full(len(t), watts * 1000), S)


def test_one_job_then_idle_then_standby():
    curve = flat(3600)
    done = attribute(curve, [Window("a", 600 * S, 900 * S)], [0, 1800 * S, 3600 * S])
    assert done.owners == ("a",)
    assert done.energy_j.tolist() == [[30_000, 0]]
    assert done.idle_j == pytest.approx([150_000, 30_000])
    assert done.standby_j == pytest.approx([0, 150_000])
    assert done.total_j == pytest.approx([180_000, 180_000])
    assert done.other_j.tolist() == [0, 0]


def test_idle_counts_from_the_last_end_before_the_bins():
    curve = flat(600)
    edges = [0, 600 * S]
    before = attribute(curve, [], edges, last_job_end_ns=300 * S - STANDBY_AFTER_NS)
    assert (before.idle_j[0], before.standby_j[0]) == pytest.approx((30_000, 30_000))
    never = attribute(curve, [], edges)
    assert (never.idle_j[0], never.standby_j[0]) == pytest.approx((60_000, 0))
    early = attribute(curve, [Window("a", -STANDBY_AFTER_NS, -STANDBY_AFTER_NS)], edges)
    assert (early.idle_j[0], early.standby_j[0]) == pytest.approx((0, 60_000))


def test_two_at_once_share_equally_or_by_their_use():
    curve = flat(30)
    windows = [Window("a", 0, 20 * S), Window("b", 10 * S, 30 * S)]
    equal = attribute(curve, windows, [0, 30 * S])
    assert equal.energy_j[:, 0] == pytest.approx([1500, 1500])
    used = attribute(curve, windows, [0, 30 * S], uses=[Use(0, by_owner={"a": 60, "b": 20})])
    assert used.energy_j[:, 0] == pytest.approx([1750, 1250])
    half_known = attribute(curve, windows, [0, 30 * S], uses=[Use(0, by_owner={"a": 60})])
    assert half_known.energy_j[:, 0] == pytest.approx([1500, 1500])


def test_use_holds_from_its_time_until_the_next():
    curve = flat(30)
    windows = [Window("a", 0, 30 * S), Window("b", 0, 30 * S)]
    uses = [Use(-S, by_owner={"a": 3, "b": 1}), Use(10 * S, foreign=0.25), Use(20 * S)]
    done = attribute(curve, windows, [0, 15 * S, 30 * S], uses=uses)
    assert done.energy_j == pytest.approx(np.array([[937.5, 687.5], [437.5, 687.5]]))
    assert done.other_j == pytest.approx([125, 125])
    assert done.other_shared_j == pytest.approx([62.5, 62.5])
    assert done.shared_j == pytest.approx(np.full((2, 2), 31.25))


def test_with_no_job_running_foreign_use_is_the_others():
    uses = [Use(10 * S, foreign=0.4), Use(20 * S)]
    done = attribute(flat(30), [Window("a", 0, 5 * S)], [0, 30 * S], uses=uses)
    assert (done.other_j[0], done.idle_j[0]) == pytest.approx((1000, 1500))
    assert done.other_shared_j[0] == 0.0


def test_the_innermost_owns_and_the_parent_gets_what_is_left():
    curve = flat(100)
    windows = [
        Window("script", 0, 100 * S),
        Window("prompt", 20 * S, 80 * S, parent="script"),
        Window("node", 40 * S, 50 * S, parent="prompt"),
    ]
    done = attribute(curve, windows, [0, 100 * S])
    assert dict(zip(done.owners, done.energy_j[:, 0], strict=True)) == pytest.approx(
        {"script": 4000, "prompt": 5000, "node": 1000}
    )


def test_a_parent_elsewhere_or_in_a_circle_loses_nothing():
    curve = flat(10)
    stranger = attribute(curve, [Window("a", 0, 10 * S, parent="gone")], [0, 10 * S])
    assert stranger.energy_j[0, 0] == pytest.approx(1000)
    circle = [Window("a", 0, 10 * S, parent="b"), Window("b", 0, 10 * S, parent="a")]
    assert attribute(curve, circle, [0, 10 * S]).energy_j[:, 0] == pytest.approx([500, 500])


def test_a_gap_belongs_to_nobody():
    t = np.array([0, 10, 20, 50, 60]) * S
    curve = build_curve(t, np.full(5, 1000), 5 * S)
    done = attribute(curve, [Window("a", 0, 60 * S)], [0, 60 * S])
    assert done.energy_j[0, 0] == pytest.approx(30)
    assert done.total_j[0] == pytest.approx(30)
    assert done.gap_s[0] == pytest.approx(30)


# ---- properties


@st.composite
def recordings(draw):
    t = sorted(draw(st.lists(st.integers(0, 100), min_size=2, max_size=20, unique=True)))
    power = draw(st.lists(st.integers(0, 600_000), min_size=len(t), max_size=len(t)))
    return build_curve(np.array(t) * S, np.array(power), 10 * S)


@st.composite
def job_windows(draw):
    listed = draw(
        st.lists(
            st.tuples(st.sampled_from(NAMES), st.integers(-20, 120), st.integers(0, 60)),
            max_size=8,
        )
    )
    parents = draw(st.dictionaries(st.sampled_from(NAMES[1:]), st.sampled_from(NAMES), max_size=3))
    nested = {child: parent for child, parent in parents.items() if parent < child}
    return [Window(n, a * S, (a + length) * S, nested.get(n)) for n, a, length in listed]


bins = st.lists(st.integers(0, 100), min_size=2, max_size=5, unique=True).map(
    lambda edges: [edge * S for edge in sorted(edges)]
)


uses_over_time = st.lists(
    st.builds(
        Use,
        st.integers(-10 * S, 110 * S),
        st.floats(0, 1),
        st.dictionaries(st.sampled_from(NAMES), st.floats(0, 100), max_size=4),
    ),
    max_size=6,
).map(lambda uses: sorted(uses, key=lambda use: use.t_ns))


@given(recordings(), job_windows(), bins, st.integers(0, 60), uses_over_time)
def test_the_law(curve, windows, edges, standby_s, uses):
    done = attribute(curve, windows, edges, standby_after_ns=standby_s * S, uses=uses)
    parts = done.energy_j.sum(axis=0) + done.idle_j + done.standby_j + done.other_j
    assert parts == pytest.approx(done.total_j, rel=1e-6, abs=1e-9)
    assert (done.energy_j >= -1e-9).all()
    assert (done.other_j >= -1e-9).all()
    assert (done.shared_j <= done.energy_j / 2 + 1e-9).all()


@given(recordings(), job_windows(), bins, st.integers(1, 60), st.none() | st.integers(-90, 90))
def test_equals_a_walk_second_by_second(curve, windows, edges, standby_s, last_s):
    last = None if last_s is None else last_s * S
    done = attribute(curve, windows, edges, standby_after_ns=standby_s * S, last_job_end_ns=last)
    expected = {name: np.zeros(len(edges) - 1) for name in (*done.owners, "idle", "standby")}
    for column, (lo, hi) in enumerate(pairwise(edges)):
        for second in range(lo, hi, S):
            energy = float(curve.energy_j(second, second + S))
            for name in owners_at(windows, second, edges[0], standby_s * S, last):
                expected[name[0]][column] += energy * name[1]
    for row, name in enumerate(done.owners):
        assert done.energy_j[row] == pytest.approx(expected[name], abs=1e-6)
    assert done.idle_j == pytest.approx(expected["idle"], abs=1e-6)
    assert done.standby_j == pytest.approx(expected["standby"], abs=1e-6)


def owners_at(windows, now, first_edge, standby, last):
    """Return (name, share) of who owns the second that begins now."""
    running = {w.owner: w.parent for w in windows if w.start_ns <= now < w.end_ns}
    parents = {w.owner: w.parent for w in windows}
    covered = set()
    for name in running:
        above = parents[name]
        while above in parents:
            covered.add(above)
            above = parents[above]
    inner = [name for name in running if name not in covered]
    if inner:
        return [(name, 1 / len(inner)) for name in inner]
    ends = [w.end_ns for w in windows if w.end_ns <= now]
    if last is not None:
        ends.append(last)
    since = max(ends, default=first_edge)
    return [("standby" if now - since >= standby else "idle", 1.0)]


def test_ten_thousand_iterations_at_once_are_one_pass():
    curve = flat(20_000)
    windows = [Window(str(n), n * 2 * S, (n * 2 + 2) * S, "all") for n in range(10_000)]
    done = attribute(curve, [*windows, Window("all", 0, 20_000 * S)], [0, 20_000 * S])
    assert done.energy_j[:-1, 0] == pytest.approx(np.full(10_000, 200.0))
    assert done.energy_j[-1, 0] == 0
