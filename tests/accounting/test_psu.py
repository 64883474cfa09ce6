"""Power supplies: the curves go through what the classes promise, and never out of reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.accounting.psu import (
    CLASSES,
    DEFAULT_EFFICIENCY,
    at_socket,
    doubt,
    efficiency,
    relative_half_width,
)
from vidgreen_gui.model.footprint import Range


def test_a_gold_one_of_850_w_goes_through_the_points_of_its_class():
    points = [efficiency(850.0 * load, 850.0, "gold") for load in (0.2, 0.5, 1.0)]
    assert points == pytest.approx([0.885, 0.91, 0.88])
    assert efficiency(297.5, 850.0, "gold") == pytest.approx((0.885 + 0.91) / 2)


def test_a_fifth_of_its_rating_is_where_losses_begin_to_weigh():
    # 22 W are lost at 170 W; half of that stays at any load.
    assert efficiency(42.5, 850.0, "gold") == pytest.approx(42.5 / (42.5 + 13.81), abs=1e-3)
    assert efficiency(169.99, 850.0, "gold") == pytest.approx(0.885, abs=1e-4)


def test_what_is_not_known_is_the_class_at_half_load_or_the_default():
    assert efficiency(400.0, None, "gold") == efficiency(None, 850.0, "gold") == 0.91
    assert efficiency(400.0, 850.0, "") == DEFAULT_EFFICIENCY == 0.90
    assert doubt(850.0, "gold") < doubt(None, "gold") < doubt(850.0, "")


@given(
    st.floats(0.0, 5000.0),
    st.one_of(st.none(), st.floats(100.0, 3000.0)),
    st.sampled_from(["", *CLASSES]),
)
def test_no_load_and_no_rating_leads_out_of_reason(load_w, rating_w, psu):
    assert 0.5 <= efficiency(load_w, rating_w, psu) < 0.96
    span = at_socket(load_w, rating_w, psu, None)
    assert 1.0 < span.best <= 2.0
    assert span.low < span.best < span.high


def test_a_calibration_speaks_for_the_power_supply_it_was_made_on():
    span = at_socket(400.0, 850.0, "gold", Range(1.05, 1.03, 1.08))
    assert span.best == pytest.approx(1.05 / efficiency(400.0, 850.0, "gold"))
    assert relative_half_width(span) == pytest.approx(0.03 / 1.05)
