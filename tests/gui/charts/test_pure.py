"""Scales, times, pixels and stacks of the charts, without a widget."""

from array import array
from dataclasses import replace
from itertools import pairwise
from math import isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.facts import START_UTC_NS, long_session, simulated_session, snapshot, spring_campaign

from vidgreen_gui.gui.charts.columns import columns_of, power_at_mw
from vidgreen_gui.gui.charts.lanes import lanes_of
from vidgreen_gui.gui.charts.live_marks import marks_of
from vidgreen_gui.gui.charts.scale import round_step, scale_for
from vidgreen_gui.gui.charts.stack import Unit, stack_of
from vidgreen_gui.gui.charts.timeline import stretches_of
from vidgreen_gui.gui.charts.timeview import (
    STEP_PX,
    TimeView,
    auto_span_s,
    clock_ticks,
    time_view,
    whole_span_s,
)
from vidgreen_gui.gui.theme import load_theme
from vidgreen_gui.model.facts import PowerCurve
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.system.resources import load_texts

NOW_MS = START_UTC_NS / 1e6


def curve(values, step_ms=1000, start_ms=NOW_MS):
    times = array("q", [int(start_ms) + step_ms * index for index in range(len(values))])
    low = array("q", [value if value < 0 else value - 1000 for value in values])
    high = array("q", [value if value < 0 else value + 1000 for value in values])
    return PowerCurve("GPU", times, low, array("q", values), high)


@given(st.floats(1e-6, 1e9))
def test_a_step_is_1_2_or_5_times_a_power_of_ten_and_not_too_long(least):
    step = round_step(least)
    mantissa = step / 10 ** np.floor(np.log10(step) + 1e-9)
    assert min(abs(mantissa - one) for one in (1, 2, 5)) < 1e-6
    assert least * (1 - 1e-6) <= step <= least * 2.6


@given(st.floats(1e-3, 1e7), st.integers(1, 8))
def test_a_scale_holds_its_value_in_few_steps(highest, most):
    scale = scale_for(highest, most)
    assert scale.top >= highest * (1 - 1e-6)
    assert len(scale.ticks) - 1 <= most
    assert isclose(scale.ticks[-1], scale.top)


@pytest.mark.parametrize(
    ("highest", "most", "top", "step", "places"),
    [(459, 5, 500, 100, 0), (17.2, 5, 20, 5, 0), (0.043, 5, 0.05, 0.01, 2), (0, 5, 1, 1, 0)],
)
def test_scales_that_people_would_choose(highest, most, top, step, places):
    scale = scale_for(highest, most)
    assert (scale.top, scale.step, scale.places) == (
        pytest.approx(top),
        pytest.approx(step),
        places,
    )


@given(st.floats(1.7e12, 1.9e12), st.sampled_from([120, 720, 2100, 7200]), st.integers(200, 3000))
def test_the_view_moves_by_whole_pixels_and_never_hides_now(now_ms, span_s, width):
    view = time_view(now_ms, span_s, width, 100)
    assert now_ms <= view.edge_ms + 1e-3
    assert view.edge_ms - now_ms <= STEP_PX * view.pixel_ms + 1e-3
    assert view.edge_index % STEP_PX == 0
    assert isclose(view.edge_ms - view.start_ms, span_s * 1000)


@given(st.floats(1.7e12, 1.9e12), st.sampled_from([2, 12, 35, 120, 1440]), st.integers(3, 14))
def test_clock_labels_are_round_and_no_more_than_fit(now_ms, minutes, most):
    ticks = clock_ticks(now_ms - minutes * 60_000, now_ms, most)
    assert len(ticks) <= most + 1
    assert all(now_ms - minutes * 60_000 <= t <= now_ms for t, _label in ticks)
    gaps = {round(after[0] - before[0]) for before, after in pairwise(ticks)}
    assert len(gaps) <= 1
    if minutes <= 120:
        assert all(label.count(":") == (2 if min(gaps, default=0) < 60_000 else 1)
                   for _t, label in ticks) or not gaps  # fmt: skip


def test_the_automatic_window_is_twelve_minutes_or_the_iteration_and_a_tenth():
    assert auto_span_s(0) == 720
    assert auto_span_s(600) == 720
    assert auto_span_s(3000) >= 3300
    assert whole_span_s(1) == 60
    assert 3600 <= whole_span_s(3600) <= 3600 * 1.05


def test_a_pixel_holds_the_lowest_and_the_highest_of_its_samples():
    view = TimeView(NOW_MS + 10_000, 2000, 5, 0)
    columns = columns_of(curve([100_000, 300_000] * 5), view)
    assert columns.low_mw.tolist() == [99_000] * 5
    assert columns.high_mw.tolist() == [301_000] * 5
    assert columns.line_low_mw.tolist() == [100_000] * 5
    assert columns.line_high_mw.tolist() == [300_000] * 5
    assert columns.gaps == ()


def test_between_two_samples_lies_a_line_and_in_a_gap_nothing():
    view = TimeView(NOW_MS + 40_000, 250, 160, 0)
    values = [100_000] * 10 + [-1] * 20 + [200_000] * 10
    columns = columns_of(curve(values), view)
    seen = ~np.isnan(columns.low_mw)
    assert seen[:36].all()
    assert not seen[40:118].any()
    assert seen[121:150].all()
    assert columns.gaps == ((NOW_MS + 9000, NOW_MS + 30_000),)


def test_one_empty_column_is_no_gap():
    view = TimeView(NOW_MS + 10_000, 500, 20, 0)
    columns = columns_of(curve([100_000, 100_000, -1, 100_000, 100_000, 100_000]), view)
    assert columns.gaps == ()
    assert not np.isnan(columns.low_mw[:10]).any()


@given(st.lists(st.integers(-1, 600_000), min_size=1, max_size=120), st.floats(100, 5000))
def test_no_pixel_leaves_the_range_of_the_samples(values, pixel_ms):
    one = curve(values)
    columns = columns_of(one, TimeView(NOW_MS + 60_000, pixel_ms, 60, 0))
    seen = ~np.isnan(columns.low_mw)
    assert (seen == ~np.isnan(columns.high_mw)).all()
    assert (columns.low_mw[seen] <= columns.line_low_mw[seen] + 1e-6).all()
    assert (columns.line_low_mw[seen] <= columns.line_high_mw[seen]).all()
    assert (columns.line_high_mw[seen] <= columns.high_mw[seen] + 1e-6).all()
    measured = [value for value in values if value >= 0]
    if measured:
        assert (columns.low_mw[seen] >= min(measured) - 1000.001).all()
        assert (columns.high_mw[seen] <= max(measured) + 1000.001).all()
    else:
        assert not seen.any()


def test_the_power_under_the_pointer_is_unknown_in_a_gap():
    one = curve([100_000] * 10 + [-1] * 20 + [200_000] * 10)
    assert power_at_mw(one, NOW_MS + 4000) == 100_000
    assert power_at_mw(one, NOW_MS + 20_000) is None
    assert power_at_mw(one, NOW_MS + 35_000) == 200_000
    assert power_at_mw(one, NOW_MS + 90_000) is None
    assert power_at_mw(PowerCurve("GPU"), NOW_MS) is None


@pytest.mark.parametrize("facts", [spring_campaign(), long_session(60), simulated_session()])
@pytest.mark.parametrize("unit", list(Unit))
def test_the_stack_ends_at_the_figures_of_the_session(facts, unit):
    stack = stack_of(snapshot(facts), unit)
    totals = facts.totals
    figure = {Unit.ENERGY: totals.energy_wh, Unit.CO2E: totals.co2e_g, Unit.MONEY: totals.cost}
    assert stack.unit is unit
    assert stack.tops[-1, -1] == pytest.approx(figure[unit].best, rel=1e-6)
    for clip in facts.clips:
        layer = next(one for one in stack.layers if one.owner == clip.clip.id)
        own = {Unit.ENERGY: clip.energy_wh, Unit.CO2E: clip.co2e_g, Unit.MONEY: clip.cost}
        assert layer.values[-1] == pytest.approx(own[unit].best, rel=1e-6)


def test_idle_lies_under_the_newest_clip():
    stack = stack_of(snapshot(spring_campaign()), Unit.ENERGY)
    assert [layer.owner for layer in stack.layers] == ["c-01", "c-02", "idle", "c-03"]
    assert [layer.in_work for layer in stack.layers] == [False, False, False, True]


def test_without_a_factor_or_a_price_the_stack_says_wh():
    bare = snapshot(spring_campaign(), factor=None, tariff=None)
    assert stack_of(bare, Unit.CO2E).unit is Unit.ENERGY
    assert stack_of(bare, Unit.MONEY).unit is Unit.ENERGY
    assert stack_of(snapshot(None), Unit.CO2E).layers == ()


def test_iterations_at_the_same_time_get_tracks_of_their_own():
    stretches = stretches_of(snapshot(spring_campaign()))
    assert len(stretches) == 11
    assert {stretch.track for stretch in stretches} == {0}
    assert [stretch.running for stretch in stretches] == [False] * 10 + [True]


@pytest.mark.parametrize(
    ("grade", "words"),
    [
        (Grade.MEASURED, []),
        (Grade.AVERAGED, []),
        (Grade.MODEL, ["◐ estimated"]),
        (Grade.SIMULATED, ["◌ simulated"]),
    ],
)
def test_watts_that_no_sensor_read_are_named_beside_the_curve(grade, words):
    moment = snapshot(spring_campaign())
    (now,) = moment.devices
    moment = replace(moment, devices=(replace(now, device=replace(now.device, grade=grade)),))
    lanes = lanes_of(moment, {}, 240.0)
    marks = marks_of(lanes, load_theme("dark"), load_texts("en"))
    assert [mark.text for mark in marks] == [*words, "limit 450\u00a0W"]
