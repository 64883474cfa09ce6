"""A device's line is made anew where it would look different, and only there."""

from array import array
from dataclasses import replace

import numpy as np
import pytest

from vidgreen_gui.gui.charts.columns import columns_of
from vidgreen_gui.gui.charts.lanes import Lane
from vidgreen_gui.gui.charts.scale import Scale
from vidgreen_gui.gui.charts.strokes import Strokes
from vidgreen_gui.gui.charts.timeview import time_view
from vidgreen_gui.model.facts import PowerCurve

LANE = Lane("gpu", "RTX 4090", Scale(500.0, 100.0))
VIEW = time_view(720_000, 720.0, 700, 100)
# Two watts a pixel.
PIXEL_Y = 1 / 250


def curve(newest_mw=300_000):
    power = array("q", [*range(200_000, 300_000, 1_000), newest_mw])
    return PowerCurve("gpu", array("q", range(0, 202_000, 2_000)), power[:], power[:], power[:])


@pytest.fixture
def stroke_of():
    strokes = Strokes()

    def stroke_of(shown, lane=LANE, view=VIEW):
        (stroke,) = strokes.of((lane,), {"gpu": shown}, view, PIXEL_Y)
        return stroke

    return stroke_of


def test_what_looks_the_same_is_the_same_stroke(stroke_of):
    first = stroke_of(curve())
    assert stroke_of(curve()) is first
    assert stroke_of(curve(300_900)) is first


@pytest.mark.parametrize("newest_mw", [302_000, 0, -1])
def test_another_pixel_is_another_stroke(stroke_of, newest_mw):
    first = stroke_of(curve())
    second = stroke_of(curve(newest_mw))
    assert second is not first
    assert np.array_equal(
        second.columns.high_mw, columns_of(curve(newest_mw), VIEW).high_mw, equal_nan=True
    )


def test_missing_is_not_zero(stroke_of):
    assert stroke_of(curve(0)) is not stroke_of(curve(-1))


def test_many_small_steps_are_drawn_in_the_end(stroke_of):
    first = stroke_of(curve())
    assert all(stroke_of(curve(300_000 + step)) is first for step in range(0, 1_000, 100))
    assert stroke_of(curve(301_100)) is not first


def test_another_lane_view_or_time_is_another_stroke(stroke_of):
    seen = {stroke_of(curve())}
    seen.add(stroke_of(curve(), lane=replace(LANE, counted=False)))
    seen.add(stroke_of(curve(), view=time_view(740_000, 720.0, 700, 100)))
    later = curve()
    seen.add(stroke_of(replace(later, t_utc_ms=array("q", range(2_000, 204_000, 2_000)))))
    assert len(seen) == 4
