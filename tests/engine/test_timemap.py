"""UTC labels of steady time: a wall clock that steps moves later labels and nothing else."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from support.engine import RUN, UTC, S

from vidgreen_gui.engine.accounts import half_hour_edges
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.model.events import ClockAnchored

HOUR = 3600 * S


def anchored(*pairs):
    times = TimeMap(RUN)
    for t_ns, utc_ns in pairs:
        times.anchor(ClockAnchored(t_ns=t_ns, boottime_ns=t_ns, utc_ns=utc_ns))
    return times


def test_labels_follow_the_nearest_anchor_before():
    times = anchored((60 * S, UTC + 60 * S), (120 * S, UTC + 120 * S + HOUR))
    assert times.utc_ns(119 * S) == UTC + 119 * S
    assert times.utc_ns(121 * S) == UTC + 121 * S + HOUR
    assert times.steady_ns(UTC + 30 * S) == 30 * S
    assert times.steady_ns(UTC + HOUR + 130 * S) == 130 * S


@given(st.lists(st.integers(-HOUR, HOUR), max_size=6), st.integers(1, 10 * HOUR))
def test_half_hours_cut_a_span_whole_whatever_the_wall_clock_did(steps, length_ns):
    pairs, offset = [], 0
    for number, step in enumerate(steps, start=1):
        offset += step
        pairs.append((number * 600 * S, UTC + number * 600 * S + offset))
    edges = half_hour_edges(0, length_ns, anchored(*pairs))
    assert edges[0] == 0
    assert edges[-1] == length_ns
    assert all(a < b for a, b in pairwise(edges))
