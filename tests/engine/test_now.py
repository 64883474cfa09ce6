"""A device as the window sees it: power, how it answers, since when, with what gaps, for whom."""

from array import array

import pytest
from support.engine import CARD, UTC, S, a_ledger

from vidgreen_gui.engine.now import DeviceSight, devices_now
from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.footprint import Range
from vidgreen_gui.model.learnt import IdleLevel, IdleLevels
from vidgreen_gui.model.power import PowerBlock, SlowBlock, SlowField


class Seen:
    """A ledger with one device, and what comes from its sampler."""

    def __init__(self, idle=lambda device_id: None):
        self.ledger = a_ledger()
        self.sight = DeviceSight(history=PowerHistory(), idle=idle)
        self.say(ev.DeviceFound(t_ns=2 * S, device=CARD))

    def say(self, event):
        self.sight.vitals.event(event)
        self.ledger.apply(event)

    def sample(self, from_s, until_s, hertz=10, power_mw=100_000):
        step = S // hertz
        for second_ns in range(round(from_s * S), round(until_s * S), S):
            times = range(second_ns, min(second_ns + S, round(until_s * S)), step)
            block = PowerBlock(
                CARD.id, step, array("q", times), array("q", [power_mw] * len(times))
            )
            self.sight.vitals.add([block])
            for t_ns in times:
                self.sight.history.append(CARD.id, t_ns, power_mw)

    def slow(self, quantity, t_s, value):
        block = SlowBlock(CARD.id, quantity, S, array("q", [t_s * S]), array("q", [value]))
        self.sight.vitals.add([block])

    def now(self, t_s):
        (device,) = devices_now(self.ledger, self.sight, round(t_s * S))
        return device


def test_before_its_first_sample_nothing_is_known_but_when_it_was_found():
    now = Seen().now(3)
    assert (now.power_mw, now.samples_per_s, now.gap_s) == (None, None, 0.0)
    assert now.since_utc_ns == UTC + 2 * S


@pytest.mark.parametrize("hertz", [1, 10, 50])
def test_how_often_it_answered_of_late(hertz):
    seen = Seen()
    seen.sample(2, 30, hertz=20)
    seen.sample(30, 60, hertz)
    assert seen.now(60).samples_per_s == pytest.approx(hertz, rel=0.02)
    assert seen.now(64).samples_per_s == 0.0


def test_power_is_of_now_or_not_at_all():
    seen = Seen()
    seen.sample(2, 10, power_mw=123_000)
    assert seen.now(12).power_mw == 123_000
    assert seen.now(13.5).power_mw is None


def test_what_is_sampled_every_two_seconds_is_not_stale_after_three():
    seen = Seen()
    t_ns = array("q", [4 * S, 6 * S, 8 * S])
    seen.sight.vitals.add([PowerBlock(CARD.id, 2 * S, t_ns, array("q", [5, 6, 7]))])
    seen.sight.history.append(CARD.id, 8 * S, 7)
    assert seen.now(13).power_mw == 7
    assert seen.now(14.1).power_mw is None


def test_gaps_add_up_a_sleep_counts_in_full_and_a_loss_until_now():
    seen = Seen()
    seen.sample(2, 10)
    seen.say(ev.DeviceGap(t_ns=10 * S, device_id=CARD.id, until_ns=13 * S, reason="stalled"))
    seen.say(ev.DeviceGap(t_ns=14 * S, device_id=CARD.id, until_ns=15 * S, reason="slept",
                          slept_ns=3600 * S))  # fmt: skip
    seen.sample(13, 20)
    assert seen.now(20).gap_s == 3603.0
    seen.say(ev.DeviceLost(t_ns=20 * S, device_id=CARD.id, code="fault.meter.gpu_lost"))
    lost = seen.now(29.9)
    assert lost.gap_s == pytest.approx(3613.0)
    assert (lost.power_mw, lost.fault.code) == (None, "fault.meter.gpu_lost")
    seen.say(ev.DeviceFound(t_ns=30 * S, device=CARD))
    seen.say(ev.DeviceGap(t_ns=20 * S, device_id=CARD.id, until_ns=30 * S, reason="gpu_lost"))
    found = seen.now(31)
    assert (found.gap_s, found.since_utc_ns, found.fault) == (3613.0, UTC + 2 * S, None)


def test_slow_fields_are_shown_while_they_are_of_late():
    seen = Seen()
    seen.slow(SlowField.TEMPERATURE_C, 5, 61)
    seen.slow(SlowField.UTILISATION_PCT, 6, 0)
    seen.slow(SlowField.POWER_LIMIT_MW, 6, 300_000)
    now = seen.now(20)
    assert (now.temperature_c, now.utilisation_pct, now.power_limit_mw) == (61, 0, 300_000)
    assert seen.now(60).temperature_c is None


def test_users_and_idle_levels_come_from_who_knows_them():
    level = IdleLevel(power_mw=Range(9.0, 8.0, 10.0), seconds=60.0, learnt_utc_ns=UTC)
    levels = IdleLevels(device_id=CARD.id, bare=level)
    seen = Seen(idle={CARD.id: levels}.get)
    assert (seen.now(3).users, seen.now(3).idle) == (None, levels)
    seen.sight.users.news(ev.DeviceUsed(t_ns=3 * S, device_id=CARD.id))
    assert seen.now(3).users == ()
