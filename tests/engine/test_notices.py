"""What is held to be said: one per matter, the store's by how it stands now, a counter's once."""

from dataclasses import replace

import pytest
from support.engine import CARD

from vidgreen_gui.engine.notices import Notices, counter_notice, store_notices
from vidgreen_gui.meters.plug import SENSOR
from vidgreen_gui.model.faults import Notice, StoreFault, StoreFaultKind
from vidgreen_gui.store.writer import WriterState
from vidgreen_gui.system.resources import load_texts

FULL = StoreFault(StoreFaultKind.FULL, "/data")


def codes(notices):
    return [notice.code for notice in notices.all()]


def test_the_store_s_notices_come_and_go_with_its_state():
    notices = Notices((Notice("store.interrupted"),))
    for state, expected in (
        (WriterState(low_space=True), ["fault.store.low_space"]),
        (WriterState(fault=FULL, low_space=True), ["fault.store.full"]),
        (WriterState(dropped_samples=9), ["engine.samples_dropped"]),
        (WriterState(), []),
    ):
        notices.put_store(store_notices(state, 0))
        kept = ["engine.samples_dropped"] if state == WriterState() else []
        assert codes(notices) == ["store.interrupted", *(kept or expected)]


def test_a_counter_is_told_once_for_each_card():
    notices = Notices(())
    cards = {"a": CARD, "b": CARD}
    notices.put_disagreements({"a": 1.07}, cards, 5)
    notices.put_disagreements({"a": 1.50, "b": 0.5}, cards, 9)
    told = [(dict(notice.arguments)["percent"], notice.t_utc_ns) for notice in notices.all()]
    assert told == [(7, 5), (50, 9)]


SAID = [("en", "power readings are used"), ("fr", "mesures de puissance font foi")]


@pytest.mark.parametrize(("language", "used"), SAID)
def test_of_a_counter_that_moves_once_a_minute_it_is_said_that_the_power_is_used(language, used):
    texts = load_texts(language)
    plug = replace(CARD, sensor=SENSOR)
    assert used in texts.fault(counter_notice(plug, 0.8))
    assert used not in texts.fault(counter_notice(CARD, 0.8))
