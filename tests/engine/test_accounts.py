"""Rows of energy: gaps told once, half hours by the wall clock, sleep bridged by nothing."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.engine import CARD, RUN, UTC, S

from vidgreen_gui.accounting.build import build_curve
from vidgreen_gui.accounting.curve import Asleep
from vidgreen_gui.accounting.share import Window, attribute
from vidgreen_gui.engine.accounts import Span, energy_rows, graded, half_hour_edges
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import Sensor
from vidgreen_gui.model.session import Iteration, Status, Where
from vidgreen_gui.model.units import NS_PER_HALF_HOUR

TENTH = S // 10


def curve(seconds, *, hole=(), asleep=(), counter=None, power_mw=100_000):
    """A constant draw at 10 Hz without the samples from `hole[0]` to `hole[1]` s."""
    t_ns = [n * TENTH for n in range(seconds * 10 + 1)]
    if hole:
        t_ns = [t for t in t_ns if not hole[0] * S < t < hole[1] * S]
    times, readings = zip(*counter, strict=True) if counter else (None, None)
    return build_curve(t_ns, [power_mw] * len(t_ns), TENTH, times, readings, asleep)


def rows(curve, windows, edges, times=None):
    span = Span("s", CARD, curve, windows, edges)
    return energy_rows(span, times or TimeMap(RUN))


def by_owner(found, what):
    summed = {}
    for row in found:
        summed[row.owner] = summed.get(row.owner, 0.0) + getattr(row, what)
    return summed


def test_a_gap_is_told_once_whoever_ran_in_it():
    windows = [Window("a", 10 * S, 50 * S), Window("b", 30 * S, 50 * S)]
    found = rows(curve(60, hole=(40, 45)), windows, [0, 60 * S])
    gaps = by_owner(found, "gap_s")
    assert gaps == {"a": 2.5, "b": 2.5, "idle": 0.0}
    assert sum(by_owner(found, "energy_j").values()) == pytest.approx(5500.0)


def test_a_gap_over_a_whole_half_hour_is_told_and_is_no_zero():
    edges = [0, 60 * S, 120 * S, 180 * S]
    found = rows(curve(180, hole=(50, 130)), [Window("a", 60 * S, 120 * S)], edges)
    assert by_owner(found, "gap_s") == {"a": 60.0, "idle": 20.0}
    (of_a,) = [row for row in found if row.owner == "a"]
    assert (of_a.grade, of_a.energy_j) == ("missing", 0.0)


def test_sleep_is_a_gap_of_its_own_length_though_samples_lie_close():
    asleep = (Asleep(30 * S, 30 * S + TENTH, 3600 * S),)
    windows = [Window("a", 10 * S, 50 * S)]
    found = rows(curve(60, asleep=asleep), windows, [0, 60 * S])
    assert by_owner(found, "gap_s") == pytest.approx({"a": 3600.1, "idle": 0.0})
    assert by_owner(found, "energy_j")["a"] == pytest.approx(39.9 * 100)


def test_a_counter_that_ran_on_while_the_machine_slept_gives_its_joules_to_nobody():
    readings = [(n * S, n * 100_000 + (5_000_000 if n > 30 else 0)) for n in range(61)]
    asleep = (Asleep(30 * S + TENTH, 30 * S + 2 * TENTH, 3600 * S),)
    found = rows(curve(60, asleep=asleep, counter=readings), [], [0, 60 * S])
    assert by_owner(found, "energy_j") == pytest.approx({"idle": 5990.0})


@given(
    sleeps=st.lists(st.tuples(st.integers(0, 589), st.integers(1, 10**13)), max_size=5),
    windows=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 60), st.integers(0, 60)), max_size=6
    ),
    edges=st.lists(st.integers(1, 59), max_size=5),
)
def test_gaps_and_joules_add_up_whatever_slept(sleeps, windows, edges):
    asleep = [Asleep(t * TENTH, (t + 1) * TENTH, slept) for t, slept in sleeps]
    drawn = curve(60, asleep=asleep)
    made = [Window(owner, a * S, max(a, b) * S) for owner, a, b in windows]
    cuts = sorted({0, 60 * S, *(edge * S for edge in edges)})
    shared = attribute(drawn, made, cuts)
    owned = shared.energy_j.sum() + shared.idle_j.sum() + shared.standby_j.sum()
    missed = {t for t, _ in sleeps}
    assert owned == pytest.approx((600 - len(missed)) * 10, rel=1e-9)
    gaps = shared.owner_gap_s.sum() + shared.free_gap_s.sum()
    slept_s = sum(slept for _, slept in sleeps) / S
    assert gaps == pytest.approx(slept_s + 0.1 * len(missed))
    assert shared.gap_s.sum() == pytest.approx(gaps)


@pytest.mark.parametrize(
    ("grade", "share"), [(Grade.MEASURED, 0.05), (Grade.MODEL, 0.20), (Grade.SIMULATED, 0.0)]
)
def test_a_modelled_card_may_be_off_by_more_than_a_measured_one(grade, share):
    windows = [Window("a", 10 * S, 50 * S)]
    span = Span("s", replace(CARD, grade=grade), curve(60), windows, [0, 60 * S])
    (row,) = [row for row in energy_rows(span, TimeMap(RUN)) if row.owner == "a"]
    assert row.grade == grade.value
    assert row.energy_j == pytest.approx(4000.0)
    assert (row.low_j, row.high_j) == pytest.approx((4000 * (1 - share), 4000 / (1 - share)))


def test_without_a_sample_all_is_missing():
    found = rows(curve(60, hole=(0, 60)), [Window("a", 10 * S, 50 * S)], [0, 60 * S])
    assert {row.grade for row in found} == {"missing"}
    assert by_owner(found, "gap_s") == {"a": 40.0, "idle": 20.0}


def anchored(*steps):
    """A time map whose wall clock steps by so many seconds at so many seconds."""
    times, ahead = TimeMap(RUN), 0
    for at_s, by_s in steps:
        ahead += by_s
        times.anchor(
            ev.ClockAnchored(t_ns=at_s * S, boottime_ns=0, utc_ns=UTC + (at_s + ahead) * S)
        )
    return times


@given(
    st.lists(st.tuples(st.integers(1, 20_000), st.integers(-9_000, 9_000)), max_size=4),
    st.integers(-2_000, 2_000),
    st.integers(0, 30_000),
)
def test_a_bin_lies_in_one_half_hour_however_the_wall_clock_steps(steps, start_s, length_s):
    times = anchored(*sorted(steps))
    edges = half_hour_edges(start_s * S, (start_s + length_s) * S, times)
    assert edges[0] == start_s * S
    assert edges[-1] == max(start_s * S + 1, (start_s + length_s) * S)
    assert all(a < b for a, b in itertools.pairwise(edges))
    for begin, until in itertools.pairwise(edges):
        for moment in (begin, (begin + until) // 2, until - 1):
            same = times.utc_ns(moment) // NS_PER_HALF_HOUR
            assert same == times.utc_ns(begin) // NS_PER_HALF_HOUR


def test_a_clock_that_was_set_after_decades_costs_no_time():
    edges = half_hour_edges(0, 7200 * S, anchored((60, 56 * 365 * 86_400)))
    assert len(edges) < 8


def test_a_wall_clock_that_steps_back_doubles_no_key_and_loses_no_joule():
    times = anchored((1800, -3600))
    edges = half_hour_edges(0, 3600 * S, times)
    found = rows(curve(3600), [Window("a", 0, 3600 * S)], edges, times)
    keys = [(row.owner, row.half_hour_utc_ns) for row in found]
    assert len(set(keys)) == len(keys)
    assert by_owner(found, "energy_j")["a"] == pytest.approx(360_000)


def test_what_ran_in_a_cloud_too_is_an_estimate_and_keeps_its_joules():
    job = {"source_kind": "comfyui", "session_id": "s", "clip_id": "c", "number": 1,
           "source_id": "", "run_id": "run1", "status": Status.COMPLETED}  # fmt: skip
    mixed = Iteration(id="a", external_id="a", where=Where.MIXED, **job)
    local = Iteration(id="b", external_id="b", **job)
    windows = [Window("a", 10 * S, 20 * S), Window("b", 30 * S, 40 * S)]
    found = rows(curve(60), windows, [0, 60 * S])
    told = graded(found, (mixed, local))
    assert {row.owner: row.grade for row in told} == {
        "a": "model", "b": "measured", "idle": "measured",
    }  # fmt: skip
    assert by_owner(told, "energy_j") == by_owner(found, "energy_j")


@pytest.mark.parametrize("length_ms", [50, 100, 150])
@pytest.mark.parametrize("counted", [False, True])
def test_a_job_that_a_momentary_sensor_may_miss_is_known_accordingly(length_ms, counted):
    """20 W, and 320 W for less than two updates, wherever between them the job falls."""
    card, held = replace(CARD, power_limit_mw=350_000), []
    for start_ns in range(10 * S, 11 * S, 13_000_000):
        job = Window("a", start_ns, start_ns + length_ms * 1_000_000)
        t_ns = range(0, 20 * S, TENTH)
        power_mw = [320_000 if job.start_ns <= t < job.end_ns else 20_000 for t in t_ns]
        passed_ns = [min(max(t - start_ns, 0), job.end_ns - start_ns) for t in t_ns[::10]]
        read_ns = zip(t_ns[::10], passed_ns, strict=True)
        drawn_mj = [(20 * t + 300 * passed) // 10**6 for t, passed in read_ns]
        readings = (t_ns[::10], drawn_mj) if counted else (None, None)
        edges = [job.start_ns, job.end_ns]
        measured = build_curve(t_ns, power_mw, TENTH, *readings, sensor=Sensor(), edges_ns=edges)
        span = Span("s", card, measured, [job], [0, 19 * S])
        (of_a,) = (row for row in energy_rows(span, TimeMap(RUN)) if row.owner == "a")
        assert of_a.grade == "averaged"
        held.append(of_a.low_j <= 0.320 * length_ms <= of_a.high_j)
    assert sum(held) >= 0.95 * len(held)
