"""A recorder whose disk fills up, forbids or vanishes: it says so, goes on, and loses nothing."""

import os
import shutil
import subprocess
import sys
import time

import pytest
from support.engine import a_source, a_start, key
from support.watchers import ScriptedWatcher

from vidgreen_gui.model import commands as do
from vidgreen_gui.model import events as ev
from vidgreen_gui.model import user_events as said
from vidgreen_gui.model.faults import Fault
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.resources import load_texts
from vidgreen_gui.verbs.assembly import RecorderRequest, assemble

pytestmark = pytest.mark.timeout(90)
ALL_NS = 2**62
JOB = (
    (0.0, a_source()),
    (0.0, a_start("a", 0.0)),
    (0.0, ev.PhaseStarted(t_ns=0, key=key("a"), phase="sample")),
)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of a few mebibytes; only root may make one, and not in every container."""
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("needs root on Linux")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


class Recording:
    """A recorder on simulated watts with a job that runs."""

    def __init__(self, data, config):
        self.paths = Paths(data, config)
        request = RecorderRequest(paths=self.paths, holder="record", meter="simulated")
        self.watcher = None
        self.assembled = assemble(request, self._watchers)
        self.recorder = self.assembled.recorder
        self.recorder.start()

    def _watchers(self, clock, *_):
        self.watcher = ScriptedWatcher(clock, JOB)
        return (self.watcher,)

    def wait_for(self, condition, timeout_s=20.0):
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            snapshot = self.recorder.latest()
            if snapshot is not None and condition(snapshot):
                return snapshot
            time.sleep(0.05)
        raise AssertionError("it did not happen in time")

    def say(self, event):
        self.recorder.send(do.Say(event))


def codes(snapshot):
    return {notice.code for notice in snapshot.notices}


def test_a_full_disk_is_said_and_what_waited_is_stored_once_there_is_room(small_disk, tmp_path):
    recording = Recording(small_disk / "data", tmp_path / "config")
    try:
        recording.wait_for(lambda s: s.running_ids)
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as stream:
            try:
                while True:
                    stream.write(bytes(4096))
            except OSError:
                pass
        note = 0
        while "fault.store.full" not in codes(recording.recorder.latest()):
            note += 1
            assert note < 200
            recording.say(said.AdviceDismissed(t_ns=0, rule=f"rule {note} " + "x" * 2000))
            time.sleep(0.05)
        recording.say(said.AdviceDismissed(t_ns=0, rule="while full"))
        recording.wait_for(lambda s: s.can_undo)
        ballast.unlink()
        recording.wait_for(lambda s: "fault.store.full" not in codes(s))
    finally:
        recording.assembled.close()
    reader = Reader(small_disk / "data")
    events = [logged.event for logged in reader.events()]
    rules = [event.rule for event in events if isinstance(event, said.AdviceDismissed)]
    assert len(rules) == note + 1
    assert rules[-1] == "while full"
    (run,) = reader.runs()
    (device,) = reader.devices(run.id)
    t_ns = reader.power(run.id, device, 0, ALL_NS).t_ns
    assert (t_ns[1:] - t_ns[:-1]).max() < 1_500_000_000
    assert reader.audit() == ()
    reader.close()


def test_a_data_folder_that_vanishes_is_said_and_what_waited_is_stored_when_it_is_back(tmp_path):
    recording = Recording(tmp_path / "data", tmp_path / "config")
    try:
        recording.wait_for(lambda s: s.running_ids)
        (tmp_path / "data").rename(tmp_path / "away")
        recording.wait_for(lambda s: "fault.store.vanished" in codes(s))
        recording.say(said.AdviceDismissed(t_ns=0, rule="while away"))
        recording.wait_for(lambda s: s.can_undo)
        assert not (tmp_path / "data").exists()
        (tmp_path / "away").rename(tmp_path / "data")
        recording.wait_for(lambda s: "fault.store.vanished" not in codes(s))
    finally:
        recording.assembled.close()
    reader = Reader(tmp_path / "data")
    events = [logged.event for logged in reader.events()]
    assert [e.rule for e in events if isinstance(e, said.AdviceDismissed)] == ["while away"]
    assert isinstance(events[-1], ev.SessionEnded)
    assert reader.audit() == ()
    reader.close()


@pytest.mark.full
def test_a_data_folder_that_is_deleted_for_good_breaks_nothing(tmp_path):
    recording = Recording(tmp_path / "data", tmp_path / "config")
    recording.wait_for(lambda s: s.running_ids)
    shutil.rmtree(tmp_path / "data")
    # Somebody else's new recording in its place is not written into.
    other = assemble(
        RecorderRequest(paths=Paths(tmp_path / "data", tmp_path / "c"), holder="window",
                        meter="simulated"),
        lambda *_: (),
    )  # fmt: skip
    snapshot = recording.wait_for(lambda s: "fault.store.vanished" in codes(s))
    recording.assembled.close()
    other.close()
    assert snapshot.running_ids
    assert not recording.paths.crashes.exists() or not list(recording.paths.crashes.iterdir())
    reader = Reader(tmp_path / "data")
    assert len(reader.runs()) == 1
    reader.close()


def test_a_folder_that_cannot_be_written_is_refused_in_words(small_disk, tmp_path):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(Fault) as refused:
        Recording(small_disk / "data", tmp_path / "config")
    assert refused.value.code.startswith(("fault.store.", "fault.lock."))
    assert load_texts("en").fault(refused.value)
