"""The charts: round ticks, gaps left open, heights that say what the figures say."""

import re
from array import array
from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import facts as built

from vidgreen_gui.exports.axes import clock_ticks, round_steps
from vidgreen_gui.exports.bars import bars_chart
from vidgreen_gui.exports.power import power_chart
from vidgreen_gui.exports.stack import cumulative_chart
from vidgreen_gui.model.facts import CumulativeTable, PowerCurve
from vidgreen_gui.texts.numbers import Numbers

ENGLISH = Numbers("en")


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_steps_are_one_two_or_five_and_reach_the_highest(highest):
    steps = round_steps(highest)
    assert steps[0] == 0.0
    assert steps[-1] >= highest * (1 - 1e-9)
    assert 2 <= len(steps) <= 6
    assert float(f"{steps[1]:e}".split("e")[0]) in {1.0, 2.0, 5.0}


@pytest.mark.parametrize(
    ("highest", "last"), [(0.0, 1.0), (-1.0, 1.0), (402.0, 500.0), (16.9, 20.0), (450.0, 500.0)]
)
def test_known_steps(highest, last):
    assert round_steps(highest)[-1] == pytest.approx(last)


@given(st.integers(0, 2**41), st.integers(8_000, 40 * 86_400_000))
def test_clock_ticks_are_few_round_and_inside(start_ms, length_ms):
    ticks = clock_ticks(start_ms, start_ms + length_ms, UTC)
    assert len(ticks) <= 10
    for tick in ticks:
        assert start_ms <= tick.at <= start_ms + length_ms
        assert tick.at % 1000 == 0


def test_clock_ticks_are_in_the_zone_of_the_reader():
    noon = 1_790_000_000_000
    labels = [tick.label for tick in clock_ticks(noon, noon + 3_600_000, ZoneInfo("Asia/Kolkata"))]
    assert labels == ["19:50", "20:00", "20:10", "20:20", "20:30", "20:40"]


def test_a_gap_is_left_open():
    curve = PowerCurve(
        "gpu",
        array("q", [0, 10_000, 20_000, 30_000, 40_000]),
        array("q", [100_000, 100_000, -1, 90_000, 90_000]),
        array("q", [100_000, 100_000, -1, 90_000, 90_000]),
        array("q", [100_000, 100_000, -1, 90_000, 90_000]),
    )
    chart = power_chart(curve, (), "", ENGLISH, UTC)
    assert re.sub(r"[^ML]", "", chart.line) == "MLML"
    assert power_chart(PowerCurve("gpu"), (), "", ENGLISH, UTC) is None


def test_columns_narrower_than_the_sampling_period_are_no_gaps():
    read = {0, 10, 20, 120, 220, 260, 270}  # ten a second, once a second, then a gap
    mean = array("q", [100_000 if index in read else -1 for index in range(271)])
    times = array("q", (index * 10 if index < 240 else index * 10 + 3000 for index in range(271)))
    chart = power_chart(PowerCurve("gpu", times, mean, mean, mean), (), "", ENGLISH, UTC)
    assert re.sub(r"[^ML]", "", chart.line) == "MLLLLML"


def test_a_short_session_has_seconds_on_its_axis():
    labels = [tick.label for tick in clock_ticks(0, 9_000, UTC)]
    assert labels[:2] == ["00:00:00", "00:00:01"]


def test_a_long_curve_stays_small_and_keeps_its_extremes():
    n = 10_000
    mean = array("q", [100_000] * n)
    high = array("q", [100_000] * n)
    high[7_777] = 390_000
    curve = PowerCurve("gpu", array("q", range(0, n * 1000, 1000)), mean, mean, high)
    chart = power_chart(curve, (), "", ENGLISH, UTC)
    assert len(chart.line) < 8_000
    assert f"V{chart.frame.y(390.0)}" in chart.spread
    assert chart.frame.highest == 400.0


def test_bands_carry_the_iterations_numbers():
    facts = built.spring_campaign()
    iterations = [one for clip in facts.clips for one in clip.iterations]
    chart = power_chart(facts.curves[0], iterations, "", ENGLISH, UTC, 450_000)
    assert [band.label for band in chart.bands] == list("12123451234")
    assert chart.limit == "450\u00a0W"
    assert chart.bands[-1].x + chart.bands[-1].width == pytest.approx(chart.frame.right)


def test_the_stack_ends_at_the_total():
    facts = built.spring_campaign()
    chart = cumulative_chart(facts, "", "idle", ENGLISH, UTC)
    assert [area.style for area in chart.areas] == ["clip-2", "clip-1", "clip-0", "idle"]
    highest_point = min(float(y) for y in re.findall(r" ([\d.]+)", chart.areas[-1].path))
    assert highest_point == pytest.approx(chart.frame.y(16.8547), abs=0.1)
    assert (
        cumulative_chart(replace(facts, cumulative=CumulativeTable()), "", "", ENGLISH, UTC) is None
    )


def test_bars_are_as_high_as_their_energy():
    facts = built.troubled_session()
    chart = bars_chart(facts, "", ENGLISH)
    energies = [one.energy_wh.best for one in facts.clips[0].iterations]
    unit = chart.frame.height / chart.frame.highest
    for bar, energy in zip(chart.bars, energies, strict=True):
        assert bar.height == pytest.approx((energy or 0.0) * unit, abs=0.11)
    assert chart.styles == {"discarded", "undecided"}
    assert bars_chart(built.empty_session(), "", ENGLISH) is None


def test_simulated_bars_have_their_own_look_and_no_range():
    chart = bars_chart(built.simulated_session(), "", ENGLISH)
    assert chart.styles == {"simulated"}
    assert {bar.low_y for bar in chart.bars} == {None}
