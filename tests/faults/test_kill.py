"""kill -9 while a job is recorded: what was acknowledged is stored, at most a second is lost."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.recorded import power

from vidgreen_gui.model.session import EndedBy, Status
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.recovery import recover
from vidgreen_gui.system.lock import acquire, holder

TESTS = Path(__file__).resolve().parents[1]
ALL_NS = 2**62

# Each batch is a second of samples and an event; "made" is said before it is submitted, "stored"
# after it was acknowledged. The first batch nearly fills a chunk, so that seals are cut off too.
CHILD = r"""
import os
import sys
from pathlib import Path
from support.recorded import CLIP, PROJECT, RUN, SECOND_NS, SESSION, anchor, iteration, power
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import Store
from vidgreen_gui.store.writer import Writer
from vidgreen_gui.system.lock import acquire


def say(word, number):
    # In one piece or not at all, whenever the kill comes.
    os.write(1, f"{word} {number}\n".encode())


folder = Path(sys.argv[1])
lock = acquire(folder, "record")
store = Store.open(folder)
store.begin_run(RUN)
writer = Writer(store, lambda state: None)
writer.start()
first = Batch(
    run_id="run-1", projects=(PROJECT,), sessions=(SESSION,), clips=(CLIP,),
    iterations=(iteration(1, start_ns=SECOND_NS),), blocks=(power(0, 4000),),
)
writer.submit(first)
for number in range(1, 100_000):
    batch = Batch(
        run_id="run-1",
        events=(anchor(number, (400 + number) * SECOND_NS, "session-1"),),
        blocks=(power(3990 + number * 10, 10),),
    )
    say("made", number)
    writer.submit(batch)
    assert writer.flush(10)
    say("stored", number)
"""


def killed_while_recording(folder, chance):
    """Kill a recorder at a random moment; return the last batch made and the last acknowledged."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
    )  # fmt: skip
    last = {"made": 0, "stored": 0}
    lines = chance.randrange(1, 120)
    for count, line in enumerate(child.stdout, start=1):
        if count == lines:
            time.sleep(chance.random() * 0.003)
            child.kill()
        word, number = line.split()
        last[word] = int(number)
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    return last["made"], last["stored"]


def check_kill(folder, chance):
    made, acknowledged = killed_while_recording(folder, chance)
    assert holder(folder) is None
    with acquire(folder, "window"):
        report = recover(folder)
    assert (report.sessions, report.iterations) == (("session-1",), ("iteration-1",))
    assert report.quarantined is None
    reader = Reader(folder)
    assert reader.audit() == ()
    seqs = [logged.seq for logged in reader.events()]
    stored = len(seqs) - 2  # recovery says that the iteration and the session ended
    assert seqs == list(range(1, stored + 3))
    assert acknowledged <= stored <= made
    assert made - stored <= 1
    samples = reader.power("run-1", "gpu-0", 0, ALL_NS)
    expected = power(0, 4000 + stored * 10)
    assert samples.t_ns.tolist() == expected.t_ns.tolist()
    assert samples.value.tolist() == expected.power_mw.tolist()
    (iteration,) = reader.iterations("session-1")
    assert (iteration.status, iteration.end_ns) == (Status.UNKNOWN, expected.t_ns[-1])
    assert reader.session("session-1").ended_by is EndedBy.INTERRUPTED
    assert reader.envelope("run-1", "gpu-0", 0, expected.t_ns[-1] + 1, 20).count.sum() == len(
        expected.t_ns
    )
    reader.close()


@pytest.mark.parametrize("seed", range(5))
def test_a_kill_loses_at_most_a_second(tmp_path, seed):
    check_kill(tmp_path, random.Random(seed))


@pytest.mark.full
@pytest.mark.parametrize("seed", range(100, 200))
def test_a_hundred_kills(tmp_path, seed):
    check_kill(tmp_path, random.Random(seed))
