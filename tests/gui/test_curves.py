import pytest
from support.facts import snapshot, spring_campaign
from support.recording import FakeRecording
from support.window import STATES

from vidgreen_gui.gui.curves import curves_of, window_seconds
from vidgreen_gui.gui.shown import NOTHING_YET, Quantity, past_snapshot, shown_of
from vidgreen_gui.model.units import NS_PER_S


def _shown(state, **more):
    return shown_of(STATES[state](), None, Quantity.ENERGY, **more)


def test_the_window_is_twelve_minutes_or_this_iteration_and_a_tenth():
    assert window_seconds("auto", _shown("running")) == 720
    start_ns = spring_campaign().clips[-1].iterations[-1].iteration.started_utc_ns
    long = snapshot(spring_campaign(), utc_ns=start_ns + 3_600 * NS_PER_S)
    shown = shown_of(long, None, Quantity.ENERGY)
    assert window_seconds("auto", shown) == pytest.approx(3_960)


def test_a_young_session_gets_a_shorter_window():
    session = spring_campaign()
    for age_s, length_s in ((10, 120), (130, 240), (300, 480), (600, 720)):
        young = snapshot(None, session=session, running_ids=(),
                         utc_ns=session.session.started_utc_ns + age_s * NS_PER_S)  # fmt: skip
        shown = shown_of(young, None, Quantity.ENERGY)
        assert window_seconds("auto", shown) >= length_s
    assert window_seconds("auto", _shown("found")) == 120


def test_the_user_s_choice_wins():
    assert window_seconds("1h", _shown("running")) == 3_600


def test_a_past_session_is_shown_whole_from_its_own_curves():
    session = spring_campaign(finished=True)
    past = past_snapshot(session, NOTHING_YET)
    shown = shown_of(past, None, Quantity.ENERGY, past=True)
    assert window_seconds("auto", shown) == pytest.approx(111.6 * 60 + 433)
    recording = FakeRecording(past)
    assert curves_of(recording, shown, 60.0, 800) == {"GPU-4090": session.curves[0]}
    assert recording.asked_curves == 0


def test_live_curves_come_from_memory_one_per_device():
    shown = _shown("several_gpus")
    recording = FakeRecording(shown.snapshot)
    assert len(curves_of(recording, shown, 720.0, 800)) == 3
    assert recording.asked_curves == 3
