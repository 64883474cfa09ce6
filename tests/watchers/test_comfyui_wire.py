"""What a stranger sends is read by type, or refused; it never raises."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.comfyui import DATA, item

from vidgreen_gui.watchers.comfyui import wire
from vidgreen_gui.watchers.comfyui.answers import (
    decode_history,
    decode_queue,
    decode_system_stats,
)

DEEP = b"[" * 100_000 + b"]" * 100_000
HOSTILE = [
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe",
    b"<!doctype html><title>login</title>",
    DEEP,
    b'{"type":"status"}',
    b'{"type":"status","data":' + DEEP + b"}",
    b'{"type":"status","data":{"status":{"exec_info":{"queue_remaining":"1"}}}}',
    b'{"type":"progress","data":{"value":NaN,"max":1,"prompt_id":"a"}}',
    b'{"type":"progress","data":{"value":1e999,"max":1,"prompt_id":"a"}}',
    b'{"type":"progress","data":{"value":1,"max":1,"prompt_id":""}}',
    b'{"type":"progress","data":{"value":1,"max":1,"prompt_id":"' + b"x" * 65_536 + b'"}}',
    b'{"type":"logs","data":{"entries":[{"t":"","m":"\\ud800"}]}}',
    b'{"type":"logs","data":{"entries":{}}}',
    b'{"type":"' + b"x" * 65_536 + b'","data":{}}',
    b'{"type":"status","data":{}}' + b" " * wire.MAX_TEXT_BYTES,
]


@pytest.mark.parametrize("frame", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_frames_are_bad(frame):
    assert wire.decode(frame) is wire.Refused.BAD
    assert decode_queue(frame) is None
    assert decode_system_stats(frame) is None


def test_what_other_extensions_send_is_unknown_and_no_error():
    assert wire.decode(b'{"type":"crystools.monitor","data":{"gpus":[]}}') is wire.Refused.UNKNOWN
    assert wire.decode(b'{"type":"executing","data":{"node":null}}') is wire.Refused.UNKNOWN


def test_control_characters_and_directions_pass_as_text():
    frame = json.dumps({"type": "execution_error", "data": {"prompt_id": "\u202egnp.exe\x00"}})
    assert wire.decode(frame.encode()) == wire.JobEdge("\u202egnp.exe\x00")


def test_every_recorded_message_is_read():
    refused = []
    for path in DATA.glob("*.ndjson"):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            message = json.loads(line).get("ws")
            if message and wire.decode(json.dumps(message).encode()) is wire.Refused.BAD:
                refused.append(message)
    assert not refused


@given(st.binary(max_size=200))
def test_any_bytes(frame):
    wire.decode(frame)
    decode_queue(frame)
    decode_history(frame)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
KEYS = ["value", "max", "prompt_id", "nodes", "status", "exec_info", "entries", "t", "m", "node"]
bodies = st.dictionaries(st.sampled_from(KEYS), json_values, max_size=6) | json_values


@given(st.sampled_from(["status", "logs", "progress", "progress_state", "execution_start"]), bodies)
def test_any_body(kind, body):
    wire.decode(json.dumps({"type": kind, "data": body}).encode())


@given(st.lists(json_values, max_size=6), json_values, json_values)
def test_any_answer(queue_item, outputs, messages):
    body = {"queue_running": [queue_item], "queue_pending": [queue_item]}
    decode_queue(json.dumps(body).encode())
    entry = {"prompt": queue_item, "outputs": outputs, "status": {"messages": messages}}
    decode_history(json.dumps({"a": entry}).encode())


def test_one_bad_item_spoils_only_itself():
    body = {"queue_running": [item("a"), ["x"], item("")], "queue_pending": [[1, "b"], 5]}
    queue = decode_queue(json.dumps(body).encode())
    assert [one.prompt_id for one in queue.running] == ["a"]
    assert queue.pending == ("b",)
    assert queue.unread == 3


def test_files_are_found_wherever_they_stand():
    outputs = {
        "1": {"images": [{"filename": "a.mp4", "subfolder": "video", "type": "output"}],
              "animated": [True]},
        "2": {"gifs": [{"filename": "b.webm", "format": "video/webm"}]},
        "3": {"audio": [{"filename": "c.flac"}], "text": ["not a file"]},
        "4": {"images": [{"filename": "d.png", "type": "temp"}]},
    }  # fmt: skip
    entry = {"prompt": item("a"), "outputs": outputs, "status": None}
    found = decode_history(json.dumps({"a": entry}).encode())["a"].outputs
    assert [(file.filename, file.media, file.kind, file.node) for file in found] == [
        ("a.mp4", "video", "output", "1"),
        ("b.webm", "video", "output", "2"),
        ("c.flac", "audio", "output", "3"),
        ("d.png", "image", "temp", "4"),
    ]


def test_nan_is_read_in_what_a_python_server_writes():
    entry = {"prompt": item("a"), "outputs": {}, "status": None}
    entry["prompt"][2]["3"]["is_changed"] = float("nan")
    assert list(decode_history(json.dumps({"a": entry}).encode())) == ["a"]
