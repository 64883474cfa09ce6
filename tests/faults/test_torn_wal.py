"""Power lost in the middle of a write: what opens again is a whole number of commits."""

import random
import shutil

import pytest
from support.recorded import RUN, anchor, power

from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import FILE_NAME, Store
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.recovery import recover

ALL_NS = 2**62
COMMITS = 60
FIRST_SAMPLES = 3800


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A folder as it lies on the disk while a recorder works, its log not yet written back."""
    folder = tmp_path_factory.mktemp("running")
    store = Store.open(folder)
    store.begin_run(RUN)
    store.write(Batch(run_id="run-1", blocks=(power(0, FIRST_SAMPLES),)))
    store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store._connection.execute("PRAGMA wal_autocheckpoint = 0")
    for number in range(1, COMMITS + 1):
        block = power(FIRST_SAMPLES - 10 + number * 10, 10)
        store.write(Batch(run_id="run-1", events=(anchor(number),), blocks=(block,)))
    yield folder
    store.close()


def torn(log, chance):
    """Return the log cut off, or with a stretch of garbage or zeros from some offset on."""
    offset = chance.randrange(len(log))
    length = chance.choice([1, 100, 512, 4096, 8192, len(log)])
    kind = chance.choice(["cut", "garbage", "zeros"])
    if kind == "cut":
        return log[:offset]
    filling = chance.randbytes(length) if kind == "garbage" else bytes(length)
    return (log[:offset] + filling + log[offset + length :])[: len(log)]


def check_torn(running, folder, chance):
    shutil.copy(running / FILE_NAME, folder / FILE_NAME)
    log = (running / f"{FILE_NAME}-wal").read_bytes()
    (folder / f"{FILE_NAME}-wal").write_bytes(torn(log, chance))
    assert recover(folder).quarantined is None
    reader = Reader(folder)
    assert reader.audit() == ()
    seqs = [logged.seq for logged in reader.events()]
    commits = len(seqs)
    assert seqs == list(range(1, commits + 1))
    samples = reader.power("run-1", "gpu-0", 0, ALL_NS)
    expected = power(0, FIRST_SAMPLES + commits * 10)
    assert samples.t_ns.tolist() == expected.t_ns.tolist()
    assert samples.value.tolist() == expected.power_mw.tolist()
    reader.close()
    return commits


def test_torn_logs_give_whole_commits(running, tmp_path_factory):
    chance = random.Random(1)
    found = {check_torn(running, tmp_path_factory.mktemp("torn"), chance) for _ in range(20)}
    assert len(found) > 5, "the cuts fell in different places"


@pytest.mark.full
def test_three_hundred_torn_logs(running, tmp_path_factory):
    chance = random.Random(2)
    for _ in range(300):
        check_torn(running, tmp_path_factory.mktemp("torn"), chance)


def test_an_untouched_log_gives_all_commits(running, tmp_path):
    for suffix in ("", "-wal"):
        shutil.copy(running / f"{FILE_NAME}{suffix}", tmp_path / f"{FILE_NAME}{suffix}")
    recover(tmp_path)
    reader = Reader(tmp_path)
    assert len(reader.events()) == COMMITS
    reader.close()
