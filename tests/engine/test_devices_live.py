"""A recording on two cards: other programs, a card that comes late, one that is lost."""

import subprocess
import sys
import time
from dataclasses import replace

import pytest
from support.engine import a_source, a_start, an_end
from support.meters import ScriptedMeter, device
from support.watchers import ScriptedWatcher

from vidgreen_gui.engine.report import find_session, session_report
from vidgreen_gui.model.events import DeviceFound, DeviceUsed
from vidgreen_gui.model.faults import MeterFaultKind
from vidgreen_gui.model.power import ProcessUse
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.verbs import assembly

pytestmark = [pytest.mark.full, pytest.mark.timeout(60)]


class Rack(ScriptedMeter):
    """A meter whose cards come when a test says so; `looks` counts how often it was asked."""

    def __init__(self, clock, *devices):
        super().__init__(clock, *devices)
        self.coming = ()
        self.looks = 0

    def found(self):
        self.looks += 1
        came, self.coming = self.coming, ()
        return came


@pytest.fixture
def programs():
    """The process ids of two programs: the server's and another's."""
    command = [sys.executable, "-c", "input()"]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE) as server,
        subprocess.Popen(command, stdin=subprocess.PIPE) as other,
    ):
        yield server.pid, other.pid
        server.communicate(b"\n")
        other.communicate(b"\n")


def test_who_uses_what_and_what_comes_and_goes(tmp_path, monkeypatch, programs):
    server, stranger = programs
    racks = []

    def rack(_spec, clock, **_):
        racks.append(Rack(clock, device("left", name="Test card"), device("right")))
        racks[0].processes = (ProcessUse(server, 60), ProcessUse(stranger, 30))
        return racks[0]

    monkeypatch.setattr(assembly, "open_meter", rack)
    script = (
        (0.1, replace(a_source(), pid=server, device_names=("cuda:0 Test card", "cuda:1 RIGHT"))),
        (0.1, a_start("a", 0.0)),
        (6.5, an_end("a", 0.0)),
    )
    made = []

    def watchers(clock, *_):
        made.append(ScriptedWatcher(clock, script))
        return tuple(made)

    paths = Paths(tmp_path / "data", tmp_path / "config")
    assembled = assembly.assemble(assembly.RecorderRequest(paths=paths, holder="record"), watchers)
    recorder = assembled.recorder
    try:
        recorder.start()
        time.sleep(2.5)
        racks[0].coming = (device("late"),)
        racks[0].fail("right", MeterFaultKind.GPU_LOST)
        time.sleep(4.0)
        seen = {now.device.id: now for now in recorder.latest().devices}
    finally:
        assembled.close()
    # The loss made it look at once, and what had come was found.
    assert racks[0].looks == 1
    assert seen["late"].power_mw == 100_000
    assert seen["right"].fault.code == "fault.meter.gpu_lost"
    owners = {user.pid: user.source_id for user in seen["left"].users}
    assert owners == {server: "comfyui:8188", stranger: ""}
    assert seen["left"].samples_per_s == pytest.approx(10, rel=0.1)
    reader = Reader(paths.data)
    events = [logged.event for logged in reader.events()]
    told = [event for event in events if isinstance(event, DeviceUsed)]
    # Said once of each card, in spite of all the times that it was asked.
    assert sorted(event.device_id for event in told) == ["late", "left", "right"]
    assert "late" in {event.device.id for event in events if isinstance(event, DeviceFound)}
    facts = session_report(reader, find_session(reader, "last"))
    # What was not there yet or ran no job has no gap; what was lost has one.
    assert 3.5 < facts.totals.gap_s < 5.0
