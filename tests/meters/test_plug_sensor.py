"""What is told of a plug's sensor puts the energy of a job where it was drawn."""

import numpy as np
import pytest

from vidgreen_gui.accounting.build import build_curve
from vidgreen_gui.accounting.doubt import doubt_j
from vidgreen_gui.meters.plug import SENSOR
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S

IDLE_W, BUSY_W = 150, 600


@pytest.mark.parametrize("seed", range(8))
def test_means_of_a_second_asked_for_each_second_give_a_job_its_energy(seed):
    rng = np.random.default_rng(seed)
    watts = np.full(120_000, IDLE_W)
    start, end = np.array([40_000, 80_000]) + rng.integers(0, 1000, 2)
    watts[start:end] = BUSY_W
    drawn_mj = np.append(0, np.cumsum(watts))
    asked_ms = np.arange(3, 118) * 1000 + rng.integers(0, 40, 115)
    phase_ms = rng.integers(0, 1000)
    updated_ms = (asked_ms - phase_ms) // 1000 * 1000 + phase_ms
    power_mw = drawn_mj[updated_ms] - drawn_mj[updated_ms - 1000]
    job = np.array([start, end]) * NS_PER_MS
    curve = build_curve(asked_ms * NS_PER_MS, power_mw, NS_PER_S, sensor=SENSOR, edges_ns=job)
    true_j = watts[start:end].sum() / 1000
    assert curve.energy_j(*job) == pytest.approx(true_j, rel=0.002)
    (open_j,) = doubt_j(curve, job[:1], job[1:])
    assert open_j < 0.01 * true_j
