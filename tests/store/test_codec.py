"""Facts to JSON and back: every kind of event, hostile texts, fields of tomorrow, never NaN."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.recorded import iteration

from vidgreen_gui.model.events import EVENT_TYPES, IterationBackfilled, IterationStarted
from vidgreen_gui.model.session import Clip, Iteration, Project, Session
from vidgreen_gui.model.user_events import NoteWritten
from vidgreen_gui.store.codec import event_from_json, event_kind, from_json, to_json
from vidgreen_gui.store.private import without_texts

FINITE = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
# ComfyUI's seeds take all 64 bits.
WHOLE = st.integers(-(2**63), 2**64 - 1)


@pytest.fixture(autouse=True, scope="module")
def plain_values():
    """Let hypothesis make facts of values that JSON can hold."""
    for kind, strategy in ((float, FINITE), (str, TEXT), (int, WHOLE)):
        st.register_type_strategy(kind, strategy)
    yield
    for kind, strategy in (
        (float, st.floats()),
        (str, st.text()),
        (int, st.integers()),
    ):
        st.register_type_strategy(kind, strategy)


@pytest.mark.parametrize("kind", EVENT_TYPES.values(), ids=EVENT_TYPES)
@given(data=st.data())
def test_every_kind_of_event_comes_back(kind, data):
    event = data.draw(st.from_type(kind))
    assert event_from_json(event_kind(event), to_json(event)) == event


@pytest.mark.parametrize("kind", [Iteration, Session, Clip, Project])
@given(data=st.data())
def test_every_kind_of_row_comes_back(kind, data):
    fact = data.draw(st.from_type(kind))
    assert from_json(kind, to_json(fact)) == fact


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(ValueError):
        to_json(iteration(1, seconds_used=bad))
    with pytest.raises(ValueError):
        from_json(Iteration, to_json(iteration()).replace(b'"number":1', b'"number":NaN'))


def test_fields_of_tomorrow_are_ignored():
    document = json.loads(to_json(iteration())) | {"mood": ["blue"]}
    assert from_json(Iteration, json.dumps(document).encode()) == iteration()


def test_fields_of_yesterday_that_miss_take_their_default():
    document = json.loads(to_json(iteration()))
    del document["note"]
    assert from_json(Iteration, json.dumps(document).encode()) == iteration()


def test_an_event_of_tomorrow_is_a_value_error():
    with pytest.raises(ValueError):
        event_from_json("MoodChanged", b"{}")


def test_half_a_surrogate_does_not_stop_the_recording():
    note = NoteWritten(t_ns=0, iteration_id="i", note="a\ud800b")
    assert event_from_json("NoteWritten", to_json(note)) == replace(note, note="a?b")


@pytest.mark.parametrize("kind", [IterationStarted, IterationBackfilled])
@given(data=st.data())
def test_prompts_never_reach_the_log(kind, data):
    event = data.draw(st.from_type(kind))
    extraction = replace(event.extraction, texts=("CANARY-1",))
    event = replace(event, extraction=extraction)
    if kind is IterationStarted:
        event = replace(event, graph_json="CANARY-2")
    bare = without_texts(event)
    assert b"CANARY" not in to_json(bare)
    assert replace(bare.extraction, texts=("CANARY-1",)) == extraction
