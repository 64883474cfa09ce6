"""The writer thread: everything in order, nothing lost while the disk refuses, no bug ends it."""

import threading
import time

import pytest
from support.recorded import RUN, anchor, iteration, power

from vidgreen_gui.model.faults import StoreFault, StoreFaultKind
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import Store
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.writer import Writer

ALL_NS = 2**62


class Heard:
    """Collects the states a writer reports and waits for one."""

    def __init__(self):
        self.states = []
        self._changed = threading.Condition()

    def __call__(self, state):
        with self._changed:
            self.states.append(state)
            self._changed.notify_all()

    def wait_for(self, wanted):
        with self._changed:
            assert self._changed.wait_for(lambda: self.states and wanted(self.states[-1]), 5)


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path)
    store.begin_run(RUN)
    yield store
    store.close()


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def writer(store, heard):
    writer = Writer(store, heard, retry_s=0.05, keep_free_bytes=0)
    writer.start()
    yield writer
    writer.stop(0.5)


def stored(folder):
    reader = Reader(folder)
    try:
        seqs = [logged.seq for logged in reader.events()]
        return seqs, len(reader.power("run-1", "gpu-0", 0, ALL_NS).t_ns)
    finally:
        reader.close()


def test_all_that_flush_confirms_is_stored_in_order(writer, store, heard):
    for seq in range(1, 51):
        writer.submit(Batch(run_id="run-1", events=(anchor(seq),), blocks=(power(seq * 10, 10),)))
    assert writer.flush(5)
    assert stored(store.folder) == (list(range(1, 51)), 500)
    assert not heard.states


def test_a_full_disk_pauses_and_what_waited_follows(writer, store, heard):
    store._connection.execute("PRAGMA max_page_count = 1")
    for seq in range(1, 31):
        writer.submit(
            Batch(
                run_id="run-1",
                events=(anchor(seq),),
                blocks=(power(seq * 600, 600, period_ns=10**7),),
            )
        )
    heard.wait_for(lambda state: state.fault and state.fault.kind is StoreFaultKind.FULL)
    acknowledged = stored(store.folder)[0]
    assert acknowledged == list(range(1, len(acknowledged) + 1))
    assert not writer.flush(0.1)
    store._connection.execute("PRAGMA max_page_count = 1000000")
    freed = time.monotonic()
    assert writer.flush(2)
    assert time.monotonic() - freed < 2
    assert stored(store.folder) == (list(range(1, 31)), 18_000)
    heard.wait_for(lambda state: state.fault is None)


def test_old_samples_give_way_events_never(store, heard):
    writer = Writer(store, heard, retry_s=0.05, backlog_s=0.3)
    store._connection.execute("PRAGMA max_page_count = 1")
    writer.start()
    for seq in range(1, 21):
        writer.submit(Batch(run_id="run-1", events=(anchor(seq),), blocks=(power(seq * 999, 999),)))
    heard.wait_for(lambda state: state.fault)
    stored_before = stored(store.folder)[1]
    time.sleep(0.4)
    for seq in range(21, 31):
        writer.submit(Batch(run_id="run-1", events=(anchor(seq),), blocks=(power(seq * 999, 999),)))
    store._connection.execute("PRAGMA max_page_count = 1000000")
    assert writer.flush(5)
    seqs, samples = stored(store.folder)
    assert seqs == list(range(1, 31))
    # One batch may be on its way to the disk while the others are let go.
    assert samples - stored_before in {10 * 999, 11 * 999}
    assert writer.stop()
    assert writer.state.dropped_samples == 30 * 999 - samples


def test_a_leap_of_the_trace_drops_nothing(store, heard):
    writer = Writer(store, heard)
    for seq in range(1, 4):
        block = power(seq * 100_000, 10)
        writer.submit(Batch(run_id="run-1", events=(anchor(seq),), blocks=(block,)))
    writer.start()
    assert writer.stop()
    assert stored(store.folder) == ([1, 2, 3], 30)


def test_a_writer_that_never_began_can_be_stopped(store, heard):
    assert Writer(store, heard).stop()


def test_a_locked_database_is_waited_for(writer, store, heard):
    store._connection.execute("PRAGMA busy_timeout = 10")
    other = Store.open(store.folder)
    other._connection.execute("BEGIN IMMEDIATE")
    writer.submit(Batch(run_id="run-1", events=(anchor(1),)))
    heard.wait_for(lambda state: state.fault and state.fault.kind is StoreFaultKind.LOCKED)
    other._connection.execute("ROLLBACK")
    other.close()
    assert writer.flush(2)
    assert stored(store.folder)[0] == [1]


def test_a_batch_that_is_a_bug_is_left_out_and_said(writer, store, heard, caplog):
    writer.submit(Batch(run_id="run-1", iterations=(iteration(1, seconds_used=float("nan")),)))
    writer.submit(Batch(run_id="run-1", events=(anchor(1),)))
    assert writer.flush(2)
    assert stored(store.folder)[0] == [1]
    heard.wait_for(lambda state: state.refused == 1)
    assert "left out" in caplog.text


def test_little_space_is_said_and_recording_goes_on(store, heard):
    writer = Writer(store, heard, keep_free_bytes=2**62)
    writer.start()
    writer.submit(Batch(run_id="run-1", events=(anchor(1),)))
    assert writer.stop()
    assert heard.states[-1].low_space
    assert stored(store.folder)[0] == [1]


def test_stop_commits_what_waits(store, heard):
    writer = Writer(store, heard)
    for seq in range(1, 21):
        writer.submit(Batch(run_id="run-1", events=(anchor(seq),)))
    writer.start()
    assert writer.stop()
    assert stored(store.folder)[0] == list(range(1, 21))


def test_stop_on_a_full_disk_gives_up_and_says_so(store, heard):
    store._connection.execute("PRAGMA max_page_count = 1")
    writer = Writer(store, heard, retry_s=0.05)
    writer.start()
    for seq in range(1, 21):
        writer.submit(
            Batch(
                run_id="run-1",
                events=(anchor(seq),),
                blocks=(power(seq * 600, 600, period_ns=10**7),),
            )
        )
    heard.wait_for(lambda state: state.fault)
    assert not writer.stop()


def failing(store, monkeypatch, name, times):
    """Let a method of the store fail with an error of the disk so often, then work."""
    real, failures = getattr(store, name), [StoreFault(StoreFaultKind.IO, "disk")] * times

    def fail_first(*arguments):
        if failures:
            raise failures.pop()
        return real(*arguments)

    monkeypatch.setattr(store, name, fail_first)


@pytest.mark.parametrize("reopen_fails", [0, 2])
def test_a_disk_error_reopens_the_file(writer, store, heard, monkeypatch, reopen_fails):
    before = store._connection
    failing(store, monkeypatch, "write", 4)
    failing(store, monkeypatch, "reopen", reopen_fails)
    writer.submit(Batch(run_id="run-1", events=(anchor(1),)))
    assert writer.flush(3)
    assert store._connection is not before
    assert stored(store.folder)[0] == [1]
    heard.wait_for(lambda state: state.fault is None)
    assert [state.fault.kind for state in heard.states[:1]] == [StoreFaultKind.IO]
