"""A counter that moves once a minute beside power told each second, as plugs have them."""

import numpy as np
import pytest

from vidgreen_gui.accounting.build import build_curve
from vidgreen_gui.accounting.doubt import doubt_j
from vidgreen_gui.model.power import Sensor

S = 1_000_000_000
PLUG = Sensor(update_ns=S, counter_update_ns=60 * S, gain=0.02)
IDLE_MW, BUSY_MW = 150_000, 600_000
JOB = 400 * S, 500 * S


def columns(length_s, phase_s, counted=1.0):
    """Return seconds, power and a counter that was last brought up to date `phase_s` ago."""
    t_ns = np.arange(length_s + 1) * S
    power_mw = np.where((t_ns >= JOB[0]) & (t_ns < JOB[1]), BUSY_MW, IDLE_MW)
    drawn_mj = np.append(0, np.cumsum(power_mw[:-1])) * counted
    updated_s = np.maximum(0, (np.arange(length_s + 1) - phase_s) // 60 * 60 + phase_s)
    return t_ns, power_mw, drawn_mj[updated_s].astype(np.int64)


def curve_of(t_ns, power_mw, counter_mj):
    return build_curve(t_ns, power_mw, S, t_ns, counter_mj, sensor=PLUG, edges_ns=JOB)


@pytest.mark.parametrize("phase_s", [1, 17, 30, 59])
def test_a_job_s_energy_is_what_was_drawn_while_it_ran(phase_s):
    curve = curve_of(*columns(900, phase_s))
    true_j = BUSY_MW / 1000 * 100
    assert curve.energy_j(*JOB) == pytest.approx(true_j, rel=0.01)
    (open_j,) = doubt_j(curve, *np.array(JOB)[:, None])
    assert open_j < 0.02 * true_j


def test_where_the_record_begins_and_ends_changes_no_energy():
    whole = columns(900, 17)
    parts = [
        curve_of(*(column[begin:end] for column in whole))
        for begin, end in ((0, 901), (290, 710), (313, 590))
    ]
    first, *others = (part.energy_j(330 * S, 570 * S) for part in parts)
    assert others == pytest.approx([first, first], rel=1e-12)


def test_what_it_counts_is_compared_once_its_updates_are_many():
    assert curve_of(*columns(900, 17, counted=0.8)).reconciliation is None
    long = curve_of(*columns(4000, 17, counted=0.8))
    assert long.reconciliation == pytest.approx(0.8, rel=0.03)
    assert long.rival == pytest.approx(0.8, rel=0.03)
