"""A real file system fills up: recording waits and resumes within two seconds, nothing lost."""

import os
import subprocess
import sys
import time

import pytest
from support.recorded import RUN, anchor, power

from vidgreen_gui.model.faults import StoreFaultKind
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import Store
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.writer import Writer

ALL_NS = 2**62


@pytest.fixture
def small_disk(tmp_path):
    """A file system of one mebibyte; only root may make one, and not in every container."""
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("needs root on Linux")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_recording_waits_for_space_and_resumes(small_disk):
    store = Store.open(small_disk / "data")
    store.begin_run(RUN)
    states = []
    writer = Writer(store, states.append)
    writer.start()
    seq = 0
    while not any(state.fault for state in states):
        seq += 1
        assert seq < 2000
        block = power(seq * 2000, 2000)
        writer.submit(Batch(run_id="run-1", events=(anchor(seq),), blocks=(block,)))
        writer.flush(0.5)
    assert states[-1].fault.kind is StoreFaultKind.FULL
    assert states[-1].low_space
    reader = Reader(small_disk / "data")
    assert len(reader.events()) == seq - 1, "what was acknowledged is there and can be read"
    subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)
    freed = time.monotonic()
    assert writer.flush(2)
    assert time.monotonic() - freed < 2
    assert [logged.seq for logged in reader.events()] == list(range(1, seq + 1))
    assert len(reader.power("run-1", "gpu-0", 0, ALL_NS).t_ns) == seq * 2000
    assert writer.stop()
    assert states[-1].fault is None
    assert states[-1].dropped_samples == 0
    assert reader.audit() == ()
    reader.close()
    store.close()
