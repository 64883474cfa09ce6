"""A window beside a recorder: what is stored so far, live, and edits that reach the recorder."""

import time
from pathlib import Path

import pytest
from support.engine import a_source, a_start
from support.watchers import ScriptedWatcher

from vidgreen_gui.engine.run_clock import RunClock
from vidgreen_gui.engine.viewer import Viewer
from vidgreen_gui.model import commands as do
from vidgreen_gui.model import user_events as said
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.clock import SystemClock
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.spool import SpoolFault
from vidgreen_gui.verbs.assembly import RecorderRequest, assemble


@pytest.fixture
def recording(tmp_path):
    paths = Paths(tmp_path / "data", tmp_path / "config")
    request = RecorderRequest(paths=paths, holder="record", meter="simulated")
    script = ((0.1, a_source()), (0.1, a_start("a", 0.0)))
    assembled = assemble(request, lambda clock, *_: (ScriptedWatcher(clock, script),))
    assembled.recorder.start()
    yield paths
    assembled.close()


@pytest.fixture
def viewer(recording):
    reader = Reader(recording.data)
    passed = []
    viewer = Viewer(reader, RunClock(SystemClock()), passed.append)
    viewer.passed = passed
    viewer.start()
    viewer.send(do.ShowWindow(visible=True))
    yield viewer
    viewer.stop()
    reader.close()


def wait_for(condition, timeout_s=15.0):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def energy_wh(viewer):
    snapshot = viewer.latest()
    if snapshot is None or snapshot.session is None or not snapshot.session.clips:
        return None
    return snapshot.session.clips[0].iterations[0].energy_wh.best


@pytest.mark.timeout(60)
def test_a_running_iteration_grows_from_look_to_look(viewer):
    first = wait_for(lambda: energy_wh(viewer))
    wait_for(lambda: energy_wh(viewer) > 2 * first)
    snapshot = viewer.latest()
    assert (snapshot.role, snapshot.recording) == ("viewer", False)
    assert len(snapshot.running_ids) == 1
    assert snapshot.devices[0].power_mw > 0
    assert max(viewer.curve(snapshot.devices[0].device.id, 60, 100).max_mw) > 0


def test_an_edit_is_passed_on_and_the_rest_is_refused_in_words(viewer):
    edit = said.SessionRenamed(t_ns=0, session_id="x", title="T")
    commands = [do.Say(edit), do.NewClip("Roof"), do.Undo(), do.EndSession()]
    for command in (*commands, do.WatchAddress("localhost:1")):
        viewer.send(command)
    assert viewer.passed == commands
    codes = [answer.notice and answer.notice.code for answer in viewer.answers()]
    assert codes == [None] * 4 + ["fault.engine.viewer_only"]


def test_an_edit_that_cannot_be_passed_on_is_refused_in_words(viewer, monkeypatch):
    def full(_command):
        raise SpoolFault(Path("/data/spool"), "disk full")

    monkeypatch.setattr(viewer, "_pass_on", full)
    viewer.send(do.Undo())
    (answer,) = viewer.answers()
    assert answer.notice.code == "fault.spool.write"


@pytest.mark.timeout(60)
def test_a_bug_while_looking_is_said_and_looking_goes_on(viewer, monkeypatch):
    wait_for(lambda: energy_wh(viewer))

    def broken(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("vidgreen_gui.engine.viewer.session_report", broken)
        wait_for(lambda: "fault.engine.broke" in {n.code for n in viewer.latest().notices})
    wait_for(lambda: not viewer.latest().notices)
