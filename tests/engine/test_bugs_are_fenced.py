"""A bug anywhere on the recorder's thread is written down and said; the recording goes on."""

import time

import pytest
from support.engine import a_source, a_start, an_end, key
from support.watchers import ScriptedWatcher

from vidgreen_gui.engine import recorder as engine
from vidgreen_gui.engine.report import find_session, session_report
from vidgreen_gui.meters.simulated import SimulatedMeter
from vidgreen_gui.model import commands as do
from vidgreen_gui.model import events as ev
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.verbs.assembly import RecorderRequest, assemble

pytestmark = pytest.mark.timeout(60)
SCRIPT = (
    (0.1, a_source()),
    (0.1, a_start("a", 0.0)),
    (0.2, ev.PrecisionSeen(t_ns=0, key=key("a"), precision="fp8")),
    (0.3, an_end("a", 0.0)),
    (0.1, a_start("b", 0.0)),
    (0.3, an_end("b", 0.0)),
)


def broken(*_args, **_more):
    raise ZeroDivisionError("a bug")


def record(tmp_path, while_running=lambda recorder: None):
    paths = Paths(tmp_path / "data", tmp_path / "config")
    made = []

    def watchers(clock, *_):
        made.append(ScriptedWatcher(clock, SCRIPT))
        return tuple(made)

    request = RecorderRequest(paths=paths, holder="record", meter="simulated")
    assembled = assemble(request, watchers)
    try:
        assembled.recorder.start()
        while_running(assembled.recorder)
        while not made[0].done:
            time.sleep(0.05)
        time.sleep(1.1)
    finally:
        assembled.close()
    return paths, assembled.recorder


def stored(paths):
    reader = Reader(paths.data)
    facts = session_report(reader, find_session(reader, "last"))
    return {i.iteration.external_id: i for clip in facts.clips for i in clip.iterations}


def test_what_breaks_each_second_ends_no_recording(tmp_path, monkeypatch):
    monkeypatch.setattr(engine.SessionView, "facts", broken)
    monkeypatch.setattr(engine, "gone_for_good", broken)
    monkeypatch.setattr(engine.OwnDraw, "update", broken)
    paths, recorder = record(tmp_path)
    found = stored(paths)
    assert {name: i.iteration.status for name, i in found.items()} == {
        "a": "completed", "b": "completed",
    }  # fmt: skip
    assert all(i.energy_wh.best > 0 for i in found.values())
    assert "fault.engine.broke" in {notice.code for notice in recorder.latest().notices}
    record_of_it = next(paths.crashes.glob("crash-*.txt"))
    assert "ZeroDivisionError: a bug" in record_of_it.read_text()


def test_an_event_that_breaks_takes_no_other_with_it(tmp_path, monkeypatch):
    taken = engine.Intake.event

    def event(self, event, utc_ns):
        if isinstance(event, ev.PrecisionSeen):
            broken()
        taken(self, event, utc_ns)

    monkeypatch.setattr(engine.Intake, "event", event)
    paths, _ = record(tmp_path)
    assert {name: i.iteration.status for name, i in stored(paths).items()} == {
        "a": "completed", "b": "completed",
    }  # fmt: skip


@pytest.mark.full
def test_a_command_that_breaks_is_answered(tmp_path, monkeypatch):
    monkeypatch.setattr(engine.Intake, "command", broken)
    answers = []

    def send(recorder):
        recorder.send(do.NewClip("Roof"))
        time.sleep(0.3)
        answers.extend(recorder.answers())

    record(tmp_path, send)
    assert [answer.notice.code for answer in answers] == ["fault.engine.not_done"]


@pytest.mark.full
def test_a_meter_that_breaks_is_lost_and_tried_again(tmp_path, monkeypatch):
    read, calls = SimulatedMeter.read, []

    def odd(self, device_id, wants):
        calls.append(device_id)
        if len(calls) == 3:
            broken()
        return read(self, device_id, wants)

    monkeypatch.setattr(SimulatedMeter, "read", odd)
    paths, _ = record(tmp_path)
    events = [logged.event for logged in Reader(paths.data).events()]
    (lost,) = [event for event in events if isinstance(event, ev.DeviceLost)]
    assert (lost.code, lost.detail) == ("fault.meter.unknown", "ZeroDivisionError: a bug")
    assert any(isinstance(event, ev.DeviceFound) and event.t_ns > lost.t_ns for event in events)
