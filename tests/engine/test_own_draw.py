"""Our own draw: processor time at a modelled or a learnt cost, with a range that says so."""

import subprocess
import sys
from array import array
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.engine import CARD

from vidgreen_gui.engine import own_draw
from vidgreen_gui.engine.own_draw import (
    LEAST_W,
    LOG_NS,
    MOST_W,
    W_PER_BUSY_CORE,
    CoreCost,
    OwnDraw,
    drawn_in,
)
from vidgreen_gui.model.events import Logged, OwnDrawn
from vidgreen_gui.model.footprint import MISSING, Figure, Grade, Range
from vidgreen_gui.model.power import DeviceKind, PowerBlock
from vidgreen_gui.system.resources import load_texts

S = 1_000_000_000
PACKAGE = replace(CARD, id="rapl:0", kind=DeviceKind.CPU)


def said(own):
    for language in ("en", "fr"):
        assert "{" not in load_texts(language).fault(own.how)
    return own.how.code


def learnt(slope_w, noise_w=0.3, loads=(0.2, 4.0), spans=60, seed=1, tdp_w=None):
    random = np.random.default_rng(seed)
    cost = CoreCost(tdp_w, 8)
    for load in random.uniform(*loads, spans):
        cost.take(load, 22.0 + slope_w * load + random.normal(0.0, noise_w))
    return cost


def test_without_a_meter_it_is_a_model():
    assert CoreCost().w_per_core == Range(10.0, 5.0, 20.0)
    assert CoreCost(120.0, 16).w_per_core.best == 7.5
    assert CoreCost(None, 16).w_per_core.best == W_PER_BUSY_CORE


@given(st.floats(2.0, 50.0), st.integers(0, 2**32))
def test_the_slope_of_package_power_is_learnt(slope_w, seed):
    cost = learnt(slope_w, seed=seed)
    assert cost.is_learnt
    assert cost.w_per_core.best == pytest.approx(slope_w, rel=0.1, abs=0.2)
    assert cost.w_per_core.low <= slope_w <= cost.w_per_core.high
    assert cost.w_per_core.high - cost.w_per_core.low < 0.25 * slope_w + 1.0


def test_a_render_on_the_processor_is_no_outlier_that_moves_it():
    cost = CoreCost()
    random = np.random.default_rng(3)
    for number, load in enumerate(random.uniform(0.1, 6.0, 60)):
        burst_w = 90.0 if number % 8 == 0 else 0.0  # another part of the package woke up
        cost.take(load, 20.0 + 6.0 * load + burst_w)
    assert cost.w_per_core.best == pytest.approx(6.0, rel=0.15)


@pytest.mark.parametrize(
    "cost",
    [
        learnt(12.0, loads=(1.0, 1.2)),  # nothing changed
        learnt(12.0, spans=20),  # not for long
        learnt(0.2),
        learnt(200.0),
        learnt(-8.0),
        learnt(3.0, noise_w=60.0),
    ],
    ids=["still", "short", "nothing", "absurd", "backwards", "noise"],
)
def test_what_cannot_be_learnt_stays_the_model(cost):
    assert not cost.is_learnt
    assert cost.w_per_core == CoreCost(None, 8).w_per_core


@given(st.lists(st.tuples(st.floats(0, 64), st.floats(0, 500)), max_size=90))
@example([(0.0, 0.0), (5e-324, 1.0), (64.0, 500.0)] * 30)
def test_whatever_comes_the_cost_is_sane(spans):
    cost = CoreCost()
    for span in spans:
        cost.take(*span)
    power = cost.w_per_core
    assert LEAST_W <= power.best <= MOST_W
    assert 0.0 <= power.low <= power.best <= power.high


def test_processor_time_counts_at_the_cost():
    own = OwnDraw()
    assert own.update(0) is None
    sum(i * i for i in range(300_000))
    watts = own.update(S)
    assert watts > 0.0
    energy = own.energy_wh
    assert energy.grade is Grade.MODEL
    assert energy.range.low == energy.best / 2
    assert energy.range.high == energy.best * 2
    assert energy.best == pytest.approx(watts / 3600, rel=0.5)


def burn():
    sum(i * i for i in range(300_000))


def test_a_session_counts_from_its_begin_to_its_end():
    own = OwnDraw()
    burn()
    own.update(S)
    own.begin(2 * S)
    assert own.energy_j.best == 0.0
    burn()
    own.update(3 * S)
    assert own.to_log(4 * S) is None
    told = own.to_log(2 * S + LOG_NS)
    assert own.to_log(3 * S + LOG_NS) is None
    assert told.energy_j == own.energy_j
    ended = own.end(400 * S)
    assert ended.energy_j.best >= told.energy_j.best > 0.0
    burn()
    own.update(401 * S)
    assert own.energy_j == ended.energy_j


def test_a_log_says_what_was_drawn():
    told = [OwnDrawn(t_ns=t, energy_j=Range(t * 3600.0, 0.0, t * 7200.0)) for t in (1, 2)]
    assert drawn_in([Logged(i, "r", "s", event) for i, event in enumerate(told)]) == Figure(
        Range(2.0, 0.0, 4.0), Grade.MODEL
    )
    assert drawn_in([]) == MISSING


BURN = "sum(i * i for i in range(2_000_000))"


@pytest.mark.parametrize("children", [True, False])
def test_a_child_counts_once_it_has_ended_unless_it_is_the_users_command(children):
    own = OwnDraw(children=children)
    own.update(0)
    subprocess.run([sys.executable, "-c", BURN], check=True)
    watts = own.update(S)
    assert (watts > 0.05 * W_PER_BUSY_CORE) == children


def test_the_machines_own_meter_is_read_beside_its_load(monkeypatch):
    total, cores = 0.0, 0.0

    def busy():
        nonlocal total
        total += 5.0 * cores
        return total

    monkeypatch.setattr(own_draw, "_busy_s", busy)
    own = OwnDraw()
    assert said(own) == "idle.own.model"
    for second in range(400):
        cores = 1.0 + (second - 1) // 5 % 4
        power_mw = round(1000 * (15.0 + 8.0 * cores))
        t_ns = array("q", [second * S])
        block = PowerBlock(PACKAGE.id, S, t_ns, array("q", [power_mw]))
        other = PowerBlock(CARD.id, S, t_ns, array("q", [999_000]))
        own.add((block, other), (PACKAGE, CARD))
        own.update((second + 1) * S)
    assert said(own) == "idle.own.learnt"
    assert own.cost.w_per_core.best == pytest.approx(8.0, rel=1e-6)
