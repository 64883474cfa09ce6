"""The live account: second by second it comes to what one look at all samples says."""

from array import array
from dataclasses import replace

import numpy as np
import pytest
from support.engine import CARD, RUN, S, a_ledger, a_start, an_end, key

from vidgreen_gui.engine.live_account import LiveAccount
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.power import CounterBlock, PowerBlock, Sensor

JOBS = (("a", 100, 400), ("b", 460, 900), ("c", 1000, 1490))
LENGTH_S = 1500


def second_of_samples(second):
    """Return ten samples and a reading of the counter, which says 3 % more than the power."""
    t_ns = np.arange(10) * (S // 10) + second * S
    power_mw = 200_000 + 100_000 * np.sin(t_ns / 9e9)
    return (
        PowerBlock(CARD.id, S // 10, column(t_ns), column(power_mw)),
        CounterBlock(CARD.id, S, column([second * S]), column([206_000 * second])),
    )


def column(values):
    return array("q", np.asarray(values).astype(np.int64).tobytes())


def by_owner(rows):
    found = {}
    for row in rows:
        found[row.owner] = found.get(row.owner, 0.0) + row.energy_j
    return found


def ledger_with_session():
    ledger = a_ledger()
    ledger.apply(
        ev.SessionStarted(t_ns=0, session_id="s", project_id="p1", kind="live", utc_ns=RUN.utc_ns)
    )
    return ledger


def started(ledger, name, t_s):
    more = {"iteration_id": name, "clip_id": "c", "number": 1, "device_ids": (CARD.id,)}
    event = a_start(name, t_s)
    ledger.apply(ev.IterationStarted(**{f: getattr(event, f) for f in event.__slots__} | more))


def test_looked_at_every_second_it_is_what_one_look_at_the_end_says():
    times = TimeMap(RUN)
    ledger, watched, looked_once = ledger_with_session(), LiveAccount(times), LiveAccount(times)
    for second in range(LENGTH_S):
        for name, start_s, end_s in JOBS:
            if second == start_s:
                started(ledger, name, start_s)
            if second == end_s:
                ledger.apply(an_end(name, end_s))
        blocks = second_of_samples(second)
        watched.add(blocks)
        looked_once.add(blocks)
        rows = watched.rows("s", 0, second * S, (CARD,), ledger.in_session("s"))
    whole = looked_once.rows("s", 0, second * S, (CARD,), ledger.in_session("s"))
    assert by_owner(rows) == pytest.approx(by_owner(whole), rel=1e-5)
    assert sum(by_owner(rows).values()) == pytest.approx(206.0 * second, rel=1e-6)


def test_an_edge_that_moves_late_moves_the_energy():
    times = TimeMap(RUN)
    ledger, account = ledger_with_session(), LiveAccount(times)
    started(ledger, "a", 100)
    for second in range(500):
        account.add(second_of_samples(second))
        if second == 490:
            ledger.apply(
                ev.IterationEnded(
                    t_ns=490 * S, key=key("a"), status="completed", start_ns=200 * S,
                    end_ns=300 * S,
                )
            )  # fmt: skip
        rows = account.rows("s", 0, second * S, (CARD,), ledger.in_session("s"))
        if second == 489:
            assert by_owner(rows)["a"] == pytest.approx(206.0 * 389, rel=0.05)
    found = by_owner(rows)
    assert found["a"] == pytest.approx(206.0 * 100, rel=0.05)
    # Between the last reading and now there are only samples.
    assert sum(found.values()) == pytest.approx(206.0 * 499, rel=1e-4)


OTHER = replace(CARD, id="gpu1")


def test_a_sitting_without_a_job_is_standby_after_twenty_minutes_however_it_is_looked_at():
    times = TimeMap(RUN)
    account = LiveAccount(times)
    for second in range(LENGTH_S * 2):
        account.add(second_of_samples(second))
        if second % 60 == 0:
            rows = account.rows("s", 0, second * S, (CARD,), ())
    found = by_owner(rows)
    assert found["idle"] == pytest.approx(1200 * 206, rel=1e-3)
    assert found["standby"] == pytest.approx((second // 60 * 60 - 1200) * 206, rel=1e-3)


def test_a_card_that_is_counted_late_brings_all_it_drew():
    times = TimeMap(RUN)
    account = LiveAccount(times)
    for second in range(LENGTH_S):
        account.add(second_of_samples(second))
        account.add(replace(block, device_id=OTHER.id) for block in second_of_samples(second))
        if second % 60 == 0:
            alone = account.rows("s", 0, second * S, (CARD,), (), (OTHER,))
    both = account.rows("s", 0, second * S, (CARD, OTHER), ())
    assert {row.device_id for row in alone} == {CARD.id}
    joules = {i: sum(r.energy_j for r in both if r.device_id == i) for i in (CARD.id, OTHER.id)}
    assert joules[OTHER.id] == pytest.approx(joules[CARD.id], rel=1e-6)
    assert joules[CARD.id] == pytest.approx(206.0 * second, rel=1e-4)


def test_sleep_is_no_energy_and_its_length_is_told():
    times = TimeMap(RUN)
    ledger, account = ledger_with_session(), LiveAccount(times)
    started(ledger, "a", 100)
    for second in range(200):
        account.add(second_of_samples(second))
        if second == 150:
            account.rows("s", 0, second * S, (CARD,), ledger.in_session("s"))
            gap = {"t_ns": 149 * S, "until_ns": 149 * S + S // 10, "slept_ns": 7200 * S}
            account.slept(ev.DeviceGap(device_id=CARD.id, reason="slept", **gap))
        rows = account.rows("s", 0, second * S, (CARD,), ledger.in_session("s"))
    gaps = {row.owner: row.gap_s for row in rows}
    assert gaps == pytest.approx({"a": 7200.1, "idle": 0.0})
    assert by_owner(rows)["a"] < 206.0 * 99


def test_a_counter_that_disagrees_is_noted_once_a_session():
    account = LiveAccount(TimeMap(RUN))
    for second in range(1300):
        power, counter = second_of_samples(second)
        wrong = column([90_000 * second])
        account.add((power, CounterBlock(CARD.id, S, counter.t_ns, wrong)))
        if second % 60 == 0:
            account.rows("s", 0, second * S, (CARD,), ())
    assert account.disagreements == {CARD.id: pytest.approx(0.45, rel=0.05)}
    account.begin()
    assert account.disagreements == {}


def test_a_counter_that_agrees_is_not():
    account = LiveAccount(TimeMap(RUN))
    for second in range(1300):
        account.add(second_of_samples(second))
        if second % 60 == 0:
            account.rows("s", 0, second * S, (CARD,), ())
    assert account.disagreements == {}


def test_phases_are_told_again_when_their_last_samples_come_and_when_an_edge_moves():
    ledger, account = ledger_with_session(), LiveAccount(TimeMap(RUN))
    started(ledger, "a", 10)
    ledger.apply(ev.PhaseStarted(t_ns=10 * S, key=key("a"), phase="sample"))
    for second in range(50):
        account.add(second_of_samples(second))
    ledger.apply(an_end("a", 55, "unknown"))

    def phases():
        (iteration,) = ledger.in_session("s")
        (joules,) = account.phases_j(iteration, (iteration,), 56 * S)
        return joules

    assert phases() == pytest.approx(206 * 39.9, rel=0.1)
    for second in range(50, 60):
        account.add(second_of_samples(second))
    whole = phases()
    assert whole == pytest.approx(206 * 45, rel=0.1)
    ledger.apply(an_end("a", 55, "completed", start_ns=20 * S, end_ns=40 * S))
    assert phases() == pytest.approx(whole * 20 / 45, rel=0.2)


def test_phases_looked_at_every_second_are_what_one_look_at_the_end_says():
    ledger = ledger_with_session()
    watched, looked_once = LiveAccount(TimeMap(RUN)), LiveAccount(TimeMap(RUN))
    card = replace(CARD, sensor=Sensor(window_ns=S))
    started(ledger, "a", 10)
    ledger.apply(ev.PhaseStarted(t_ns=10 * S, key=key("a"), phase="sample"))
    ledger.apply(an_end("a", 20.4))
    (iteration,) = ledger.in_session("s")
    for second in range(30):
        power, counter = second_of_samples(second)
        busy = [206_000 if 10.4 * S <= t < 20.9 * S else 22_000 for t in power.t_ns]
        counted = column([round(22_000 * second + 184_000 * min(max(second - 10, 0), 10.4))])
        blocks = replace(power, power_mw=array("q", busy)), replace(counter, energy_mj=counted)
        for account in (watched, looked_once):
            account.add(blocks)
        watched.rows("s", 0, (second + 1) * S, (card,), (iteration,))
        seen = watched.phases_j(iteration, (iteration,), (second + 1) * S)
    looked_once.rows("s", 0, 30 * S, (card,), (iteration,))
    assert seen == pytest.approx(looked_once.phases_j(iteration, (iteration,), 30 * S), rel=1e-12)


def test_a_device_with_a_pace_is_late_by_no_more_until_a_job_ends():
    times = TimeMap(RUN)
    ledger, paced, prompt = ledger_with_session(), LiveAccount(times), LiveAccount(times)
    started(ledger, "a", 10)
    seen, latest = [], []
    for second in range(300):
        blocks = second_of_samples(second)
        if second == 250:
            ledger.apply(an_end("a", 250))
        for account, paces_s, found in ((paced, {CARD.id: 5}, seen), (prompt, None, latest)):
            account.add(blocks)
            moment = "s", 0, second * S, (CARD,), ledger.in_session("s")
            found.append(by_owner(account.rows(*moment, paces_s=paces_s)))
        assert any(seen[-1] == pytest.approx(one) for one in latest[-5:])
    assert seen[250] == pytest.approx(latest[250])
    assert len({sum(one.values()) for one in seen}) < 300 / 4
    assert by_owner(paced.rows(*moment)) == pytest.approx(latest[-1])


def test_phases_and_edges_of_a_long_job_are_told_though_it_began_long_ago():
    ledger, account = ledger_with_session(), LiveAccount(TimeMap(RUN))
    started(ledger, "a", 100)
    ledger.apply(ev.PhaseStarted(t_ns=100 * S, key=key("a"), phase="load"))
    ledger.apply(ev.PhaseStarted(t_ns=280 * S, key=key("a"), phase="sample"))
    for second in range(2401):
        account.add(second_of_samples(second))
        if second == 1900:
            ledger.apply(an_end("a", 1900, "unknown"))
        if second == 2400:
            ledger.apply(an_end("a", 1900, start_ns=200 * S, end_ns=1890 * S))
        if second % 60 == 0:
            rows = account.rows("s", 0, second * S, (CARD,), ledger.in_session("s"))
            (iteration,) = ledger.in_session("s")
            if second == 1920:
                load_j, sample_j = account.phases_j(iteration, (iteration,), second * S)
                assert load_j == pytest.approx(206 * 180, rel=0.05)
                assert sample_j == pytest.approx(206 * 1620, rel=0.01)
    assert by_owner(rows)["a"] == pytest.approx(206 * 1690, rel=0.01)
    load_j, sample_j = account.phases_j(iteration, (iteration,), 2400 * S)
    assert load_j == pytest.approx(206 * 80, rel=0.1)
    assert sample_j == pytest.approx(206 * 1610, rel=0.01)
