"""Steps at known edges: what a sensor smeared is put back, and not a joule is made or lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.accounting.build import build_curve, sensor_lag_ns
from vidgreen_gui.accounting.doubt import doubt_j, period_ns
from vidgreen_gui.model.power import Sensor

S = 1_000_000_000
TENTH = S // 10
MEAN_OF_A_SECOND = Sensor(update_ns=0, window_ns=S)
SENSORS = (Sensor(), MEAN_OF_A_SECOND, Sensor(window_ns=TENTH, observed=0.25))


def averaged(begin_s, end_s, *, idle_w=20, job_w=320):
    """Return what a sensor that says the mean of the last second says of a job, over 30 s."""
    t_s = np.arange(0, 30, 0.1)
    worked_s = np.clip(t_s - begin_s, 0, end_s - begin_s)
    worked_s -= np.clip(t_s - 1 - begin_s, 0, end_s - begin_s)
    power_mw = (idle_w + (job_w - idle_w) * worked_s) * 1000
    return np.rint(t_s * S).astype(np.int64), np.rint(power_mw).astype(np.int64)


@pytest.mark.parametrize("length_s", [0.3, 0.9, 1.0, 4.2, 15.0])
def test_a_smeared_job_gets_its_own_energy_back(length_s):
    begin_s, end_s = 8.03, 8.03 + length_s
    t_ns, power_mw = averaged(begin_s, end_s)
    edges = np.rint(np.array([begin_s, end_s]) * S).astype(np.int64)
    smeared = build_curve(t_ns, power_mw, TENTH, sensor=MEAN_OF_A_SECOND)
    stepped = build_curve(t_ns, power_mw, TENTH, sensor=MEAN_OF_A_SECOND, edges_ns=edges)
    assert stepped.energy_j(*edges) == pytest.approx(320 * length_s, rel=2e-3)
    assert abs(smeared.energy_j(*edges) - 320 * length_s) > 20
    assert stepped.energy_j(5 * S, edges[0]) == pytest.approx(20 * 3.03, rel=2e-3)


@given(
    st.lists(st.integers(0, 500_000), min_size=20, max_size=120),
    st.lists(st.integers(-S, 13 * S), max_size=6),
    st.sampled_from(SENSORS),
    st.sets(st.integers(0, 119), max_size=10),
)
def test_what_is_drawn_in_all_does_not_hang_on_when_jobs_ran(power_mw, edges, sensor, lost):
    kept = [n for n in range(len(power_mw)) if n not in lost]
    t_ns, power_mw = np.array(kept) * TENTH, np.array(power_mw)[kept]
    without = build_curve(t_ns, power_mw, TENTH, sensor=sensor)
    curve = build_curve(t_ns, power_mw, TENTH, sensor=sensor, edges_ns=edges)
    everything = -2 * S, 14 * S
    assert curve.energy_j(*everything) == pytest.approx(without.energy_j(*everything), rel=1e-6)
    assert curve.covered_s(*everything) == pytest.approx(without.covered_s(*everything))
    assert (np.diff(curve.cumulative_j) >= 0).all()
    ends = np.sort(np.array([0, *edges, 13 * S]))
    assert np.isfinite(doubt_j(curve, ends[:-1], ends[1:])).all()


def test_how_late_a_reading_is():
    assert sensor_lag_ns(Sensor(update_ns=0)) == 0
    assert sensor_lag_ns(Sensor()) == S // 20
    assert sensor_lag_ns(Sensor(window_ns=S)) == (S + TENTH) // 2
    # 25 ms of each 100 ms, read 50 ms later on average.
    assert sensor_lag_ns(Sensor(window_ns=TENTH, observed=0.25)) == 62_500_000


def test_on_what_a_window_rests():
    t_ns, power_mw = averaged(8, 12)
    seconds = np.arange(30) * S
    sensor = Sensor(window_ns=S)
    plain = build_curve(t_ns, power_mw, TENTH, sensor=sensor)
    assert period_ns(plain, sensor, 8 * S, 12 * S) == S
    assert period_ns(plain, Sensor(), 8 * S, 12 * S) == TENTH
    counted = build_curve(t_ns, power_mw, TENTH, seconds, seconds // 1_000_000 * 20, sensor=sensor)
    assert period_ns(counted, sensor, 20 * S, 25 * S) == TENTH
    assert period_ns(counted, sensor, 20 * S, 20 * S + TENTH) == S
