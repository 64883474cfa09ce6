"""What kind of sensor a device has decides how its samples become energy, and how sure that is."""

from array import array
from dataclasses import replace

import numpy as np
import pytest
from support.engine import CARD, RUN, S

from vidgreen_gui.accounting.share import Use, Window
from vidgreen_gui.engine.accounts import Samples, Span, energy_rows
from vidgreen_gui.engine.live_account import LiveAccount
from vidgreen_gui.engine.sensing import job_edges, sensor_of
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import CounterBlock, PowerBlock, PowerSemantics, Sensor
from vidgreen_gui.model.session import Iteration, Status

TENTH = S // 10
AVERAGING = replace(CARD, power_semantics=PowerSemantics.AVERAGE_1S)
SINCE_LAST = replace(CARD, power_semantics=PowerSemantics.SINCE_LAST)
IDLE_W, JOB_W = 30, 330
JOBS = ((20, 23.37), (40.21, 40.71), (60, 85), (85, 95.5))


def drawn_j(t_s):
    """Return the joules drawn until each time by a card that rests beside its jobs."""
    t_s = np.asarray(t_s, dtype=np.float64)
    worked = sum(np.clip(t_s - begin, 0, end - begin) for begin, end in JOBS)
    return IDLE_W * t_s + (JOB_W - IDLE_W) * worked


def blocks(device, seconds=120, counter=False):
    """Return what the card's sensor says ten times a second, the value half an update old."""
    t_s = np.arange(2, seconds, 0.1)
    late_s = sensor_of(device).update_ns / 2 / S
    if device.power_semantics is PowerSemantics.SINCE_LAST:
        late_s, window_s = 0.0, 0.1
    else:
        window_s = sensor_of(device).window_ns / S or 1e-6
    power_mw = (drawn_j(t_s - late_s) - drawn_j(t_s - late_s - window_s)) / window_s * 1000
    found = [PowerBlock(device.id, TENTH, column(t_s * S), column(power_mw))]
    if counter:
        read_s = t_s[::10]
        found.append(
            CounterBlock(device.id, S, column(read_s * S), column(drawn_j(read_s - 0.05) * 1000))
        )
    return found


def column(values):
    return array("q", np.rint(values).astype(np.int64).tobytes())


def windows(**more):
    return [Window(str(n), round(a * S), round(b * S), **more) for n, (a, b) in enumerate(JOBS)]


def rows(device, listed=None, *, counter=False, uses=()):
    samples = Samples(device)
    for block in blocks(device, counter=counter):
        samples.add(block)
    listed = windows() if listed is None else listed
    curve = samples.curve(edges_ns=job_edges(listed, 0))
    span = Span("s", device, curve, listed, [5 * S, 110 * S], uses=uses)
    return {row.owner: row for row in energy_rows(span, TimeMap(RUN))}


@pytest.mark.parametrize("counter", [False, True])
@pytest.mark.parametrize("device", [CARD, AVERAGING, SINCE_LAST], ids=lambda d: d.power_semantics)
def test_a_job_between_rests_has_its_energy_whatever_the_sensor(device, counter):
    found = rows(device, counter=counter)
    for number, (begin, end) in enumerate(JOBS):
        true_j = JOB_W * (end - begin)
        row = found[str(number)]
        assert row.low_j <= true_j <= row.high_j
        assert row.energy_j == pytest.approx(true_j, rel=0.03, abs=6)
    assert sum(row.energy_j for row in found.values()) == pytest.approx(
        drawn_j(110) - drawn_j(5), rel=1e-3
    )


def test_a_job_of_less_than_two_periods_is_known_on_average_only():
    found = rows(AVERAGING)
    assert [found[str(n)].grade for n in range(4)] == ["measured", "averaged", *["measured"] * 2]
    assert rows(CARD)["1"].grade == "measured"
    # A counter that moves ten times a second says more than a mean of a second, over whole spans.
    assert rows(AVERAGING, counter=True)["2"].grade == "measured"
    invented = replace(AVERAGING, grade=Grade.SIMULATED)
    assert rows(invented)["1"].grade == "simulated"


def test_a_clock_that_may_be_off_widens_the_range():
    sharp, vague = rows(CARD), rows(CARD, windows(clock_bound_ns=S // 2))
    assert vague["2"].energy_j == sharp["2"].energy_j
    half_j = vague["2"].energy_j - vague["2"].low_j
    assert half_j > 0.5 * (JOB_W - IDLE_W)


def test_a_game_beside_a_job_widens_both_and_is_no_idle():
    found = rows(CARD, uses=(Use(65 * S, foreign=0.25), Use(75 * S)))
    taken_j = 10 * JOB_W / 4
    assert found["other"].energy_j == pytest.approx(taken_j)
    assert found["other"].energy_j - found["other"].low_j > taken_j / 2
    assert found["2"].energy_j == pytest.approx(25 * JOB_W - taken_j, rel=0.01)
    assert found["2"].energy_j - found["2"].low_j > taken_j / 2


def test_what_a_meter_says_of_its_sensor_comes_first():
    assert sensor_of(CARD) == Sensor()
    assert sensor_of(AVERAGING).window_ns == S
    own = Sensor(update_ns=S, gain=0.02)
    assert sensor_of(replace(AVERAGING, sensor=own)) is own
    modelled = sensor_of(replace(CARD, grade=Grade.MODEL))
    assert (modelled.update_ns, modelled.gain) == (0, 0.2)
    assert sensor_of(replace(CARD, grade=Grade.SIMULATED)).gain == 0.0


def iterations(until_s):
    """Return the jobs as they stand at a time: begun, and ended where they are."""
    return [
        Iteration(
            id=str(n), source_kind="x", external_id=str(n), session_id="s", clip_id="c", number=n,
            source_id="x", run_id=RUN.id, status=Status.RUNNING, device_ids=(CARD.id,),
            start_ns=round(begin * S), end_ns=round(end * S) if end <= until_s else None,
        )
        for n, (begin, end) in enumerate(JOBS)
        if begin <= until_s
    ]  # fmt: skip


@pytest.mark.parametrize("counter", [False, True])
def test_an_averaging_sensor_is_corrected_alike_however_often_one_looks(counter):
    watched, once = LiveAccount(TimeMap(RUN)), LiveAccount(TimeMap(RUN))
    held = blocks(AVERAGING, seconds=400, counter=counter)
    once.add(between(block, 2, 399) for block in held)
    for second in range(3, 400):
        watched.add(between(block, second - 1, second) for block in held)
        found = watched.rows("s", 2 * S, second * S, (AVERAGING,), iterations(second))
    expected = once.rows("s", 2 * S, second * S, (AVERAGING,), iterations(second))
    assert {row.owner: row.energy_j for row in found} == pytest.approx(
        {row.owner: row.energy_j for row in expected}, rel=1e-6
    )
    for row in found:
        (same,) = (other for other in expected if other.owner == row.owner)
        assert (row.low_j, row.high_j) == pytest.approx((same.low_j, same.high_j), rel=0.01)


def between(block, first_s, last_s):
    """Return the part of a block from one second to another."""
    begin, stop = np.searchsorted(np.asarray(block.t_ns), (first_s * S, last_s * S))
    if isinstance(block, PowerBlock):
        return replace(block, t_ns=block.t_ns[begin:stop], power_mw=block.power_mw[begin:stop])
    return replace(block, t_ns=block.t_ns[begin:stop], energy_mj=block.energy_mj[begin:stop])
