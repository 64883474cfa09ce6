"""kill -9 of a real `vidgreen-gui record` while a job runs: a second of samples, no event."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.program import Program

from vidgreen_gui.engine.earlier import StoredEarlier
from vidgreen_gui.model.events import IterationStarted, JobKey
from vidgreen_gui.model.session import PhaseName, SessionKind, Status
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.spool import (
    SpooledEnd,
    SpooledPhase,
    SpooledStart,
    SpooledStep,
    SpoolWriter,
    Stamp,
)
from vidgreen_gui.verbs.assembly import RecorderRequest, assemble
from vidgreen_gui.verbs.watching import spool_only

ALL_NS = 2**62


class Kill:
    """One recorder with a job of a script's, from its start to its recovery."""

    def __init__(self, folder, chance):
        self.program = Program(folder)
        self.data = self.program.data
        self.chance = chance
        self.spool = SpoolWriter(self.data)

    def begin(self):
        self.process = self.program.start("record", "--meter", "simulated")

    def work_until_killed(self):
        """Let a job take steps and kill the recorder at some moment of it."""
        self.program.wait_until_recording()
        self.spool.append(SpooledStart(at=Stamp.now(), id="job", settings={"steps": 99}))
        self.spool.append(SpooledPhase(at=Stamp.now(), id="job", phase=PhaseName.SAMPLE))
        self.began_ns = time.monotonic_ns()
        until_ns = self.began_ns + self.chance.randrange(100, 3500) * NS_PER_MS
        step = 0
        while time.monotonic_ns() < until_ns:
            step += 1
            self.spool.append(SpooledStep(at=Stamp.now(), id="job", step=step, steps=99))
            time.sleep(0.02)
        self.process.kill()
        self.killed_ns = time.monotonic_ns()
        self.process.wait()

    def go_on(self):
        """End the job, and record again for a moment."""
        self.spool.append(SpooledEnd(at=Stamp.now(), id="job", status=Status.COMPLETED))
        self.spool.close()
        request = RecorderRequest(
            paths=Paths(self.data, self.data.parent / "config"), holder="record", meter="simulated"
        )
        assembled = assemble(request, spool_only)
        assembled.recorder.start()
        time.sleep(0.7)
        assembled.close()

    def check(self):
        """Return how many seconds of samples were lost, None where the job was not seen yet."""
        reader = Reader(self.data)
        assert reader.audit() == ()
        seqs = [logged.seq for logged in reader.events()]
        assert seqs == list(range(1, len(seqs) + 1))
        iteration = StoredEarlier(reader).by_key(JobKey("script", "job"))
        assert iteration is not None, "no event is lost, whenever the kill comes"
        assert iteration.status is Status.COMPLETED
        first = reader.runs()[0]
        if iteration.run_id != first.id:
            return None
        session = reader.session(iteration.session_id)
        assert (session.kind, session.ended_by) == (SessionKind.LIVE, "interrupted")
        starts = [e for e in reader.events(session.id) if isinstance(e.event, IterationStarted)]
        assert len(starts) == 1
        (device,) = reader.devices(first.id)
        last_ns = int(reader.power(first.id, device, -ALL_NS, ALL_NS).t_ns[-1]) + first.steady_ns
        assert session.ended_utc_ns <= first.utc_ns + self.killed_ns - first.steady_ns
        reader.close()
        return (self.killed_ns - last_ns) / NS_PER_S


def killed(folder, seeds):
    """Kill as many recorders side by side; return the seconds each lost."""
    kills = []
    for seed in seeds:
        (folder / str(seed)).mkdir()
        kills.append(Kill(folder / str(seed), random.Random(seed)))
    with ThreadPoolExecutor(len(kills)) as together:
        try:
            for stage in (Kill.begin, Kill.work_until_killed, Kill.go_on):
                list(together.map(stage, kills))
        finally:
            for kill in kills:
                kill.program.stop_all()
    return [lost_s for kill in kills if (lost_s := kill.check()) is not None]


@pytest.mark.timeout(60)
def test_a_killed_recorder_loses_at_most_a_second_of_samples_and_no_event(tmp_path):
    lost_s = killed(tmp_path, (3, 5))
    print(lost_s)
    assert max(lost_s) <= 1.0


@pytest.mark.full
@pytest.mark.timeout(600)
def test_a_hundred_kills_of_the_recorder(tmp_path):
    lost_s = []
    for batch in range(25):
        lost_s += killed(tmp_path, range(1000 + batch * 4, 1004 + batch * 4))
    print(len(lost_s), sorted(lost_s))
    assert len(lost_s) > 60
    assert max(lost_s) <= 1.0
