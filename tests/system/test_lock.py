"""The recorder lock: one holder, by name, gone with its process."""

import os
import subprocess
import sys

import pytest

from vidgreen_gui.model.faults import StoreFault
from vidgreen_gui.system.lock import LOCK_NAME, RecorderBusy, acquire, holder
from vidgreen_gui.system.resources import load_texts

HOLD = """
import sys
from pathlib import Path
from vidgreen_gui.system.lock import acquire
lock = acquire(Path(sys.argv[1]), sys.argv[2])
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def child(tmp_path):
    """A process that holds the lock until its input ends or it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), "record"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_nobody_holds_a_folder_that_is_not_there(tmp_path):
    assert holder(tmp_path / "nowhere") is None


def test_a_second_recorder_is_told_who_the_first_is(tmp_path, child):
    named = holder(tmp_path)
    assert (named.pid, named.kind) == (child.pid, "record")
    with pytest.raises(RecorderBusy) as caught:
        acquire(tmp_path, "window")
    assert caught.value.holder == named
    for language in ("en", "fr"):
        assert str(child.pid) in load_texts(language).fault(caught.value)


def test_a_killed_holder_holds_nothing(tmp_path, child):
    child.kill()
    child.wait()
    assert (tmp_path / LOCK_NAME).read_text()
    assert holder(tmp_path) is None
    with acquire(tmp_path, "window") as lock:
        assert lock.holder.pid == os.getpid()
        assert holder(tmp_path) == lock.holder


def test_released_is_free(tmp_path):
    lock = acquire(tmp_path, "run")
    with pytest.raises(RecorderBusy):
        acquire(tmp_path, "run")
    lock.release()
    lock.release()
    assert holder(tmp_path) is None
    acquire(tmp_path, "run").release()


def test_asking_neither_takes_nor_breaks_the_lock(tmp_path):
    with acquire(tmp_path, "window") as lock:
        for _ in range(100):
            assert holder(tmp_path) == lock.holder
    assert (tmp_path / LOCK_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"\xff", b"[1]", b'{"pid": "x"}'])
def test_a_lock_without_a_readable_name_is_still_held(tmp_path, content):
    with acquire(tmp_path, "window"):
        (tmp_path / LOCK_NAME).write_bytes(content)
        assert holder(tmp_path).pid == 0
        with pytest.raises(RecorderBusy):
            acquire(tmp_path, "record")


def test_a_folder_that_cannot_be_is_a_fault(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFault):
        acquire(tmp_path / "file", "window")
