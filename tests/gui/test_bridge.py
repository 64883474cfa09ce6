from dataclasses import replace

import pytest
from support.facts import snapshot, spring_campaign
from support.recording import FakeRecording

from vidgreen_gui.gui.bridge import LIVE_MS, TOUCHED_MS, Bridge
from vidgreen_gui.model.commands import Answer, ShowWindow, Undo
from vidgreen_gui.model.faults import Notice


@pytest.fixture
def bridge(qapp):
    recording = FakeRecording(snapshot(spring_campaign()))
    bridge = Bridge(recording)
    bridge.recording = recording
    yield bridge
    bridge.set_visible(visible=False)


def test_power_moves_with_every_tick_and_facts_only_when_the_revision_does(bridge, qtbot):
    powers, facts = [], []
    bridge.power_moved.connect(powers.append)
    bridge.facts_changed.connect(facts.append)
    for _ in range(5):
        bridge.drain()
    assert len(powers) == 5
    assert len(facts) == 1


def test_facts_come_at_most_once_a_second(bridge, qtbot):
    facts = []
    bridge.facts_changed.connect(facts.append)
    for _ in range(4):
        bridge.recording.show(bridge.recording.snapshot)
        bridge.drain()
    assert len(facts) == 1
    bridge.set_visible(visible=True)
    qtbot.waitUntil(lambda: len(facts) == 2, timeout=1_700)
    assert facts[-1].revision == bridge.recording.snapshot.revision


def test_an_answered_command_shows_at_once(bridge):
    facts, answers = [], []
    bridge.facts_changed.connect(facts.append)
    bridge.answered.connect(answers.append)
    bridge.drain()
    bridge.recording.show(bridge.recording.snapshot)
    bridge.recording.answer(Answer(Undo(), Notice("fault.store.full")))
    bridge.drain()
    assert len(facts) == 2
    assert answers == [Answer(Undo(), Notice("fault.store.full"))]


def test_hidden_means_not_one_tick(bridge, qtbot):
    bridge.set_visible(visible=True)
    assert bridge.is_live
    bridge.set_visible(visible=False)
    assert not bridge.is_live
    before = bridge.recording.drained
    qtbot.wait(3 * LIVE_MS)
    assert bridge.recording.drained == before
    assert bridge.recording.sent == [ShowWindow(True), ShowWindow(False)]


def test_faster_while_touched_then_calm_again(bridge, qtbot):
    bridge.set_visible(visible=True)
    bridge.touch()
    assert bridge.interval_ms == TOUCHED_MS
    qtbot.waitUntil(lambda: bridge.interval_ms == LIVE_MS, timeout=3_500)


def test_nothing_recorded_yet_is_no_moment(qapp):
    bridge = Bridge(FakeRecording())
    seen = []
    bridge.power_moved.connect(seen.append)
    bridge.drain()
    assert seen == []


def test_a_slot_that_raises_stops_nothing(bridge, qtbot):
    seen = []

    def broken(_snapshot):
        raise ZeroDivisionError

    bridge.power_moved.connect(broken)
    bridge.power_moved.connect(seen.append)
    with qtbot.captureExceptions() as raised:
        bridge.drain()
        bridge.recording.show(replace(bridge.recording.snapshot, self_w=0.2))
        bridge.drain()
    assert [kind for kind, _value, _trace in raised] == [ZeroDivisionError, ZeroDivisionError]
    assert len(seen) == 2
