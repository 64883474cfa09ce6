"""Commits are whole, come back as they went in, and every refusal is a typed fault."""

import os
import sqlite3
import stat

import pytest
from support.recorded import CLIP, PROJECT, RUN, SESSION, anchor, counter, iteration, power

from vidgreen_gui.model.events import JobKey, Logged, StepDone
from vidgreen_gui.model.faults import StoreFault, StoreFaultKind
from vidgreen_gui.store import samples
from vidgreen_gui.store.batch import Batch, EnergyRow, PrivateText
from vidgreen_gui.store.database import FILE_NAME, Store
from vidgreen_gui.store.migrations import VERSION
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.recovery import recover

ALL_NS = 2**62


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def store(folder):
    store = Store.open(folder)
    store.begin_run(RUN)
    yield store
    store.close()


@pytest.fixture
def reader(store, folder):
    reader = Reader(folder)
    yield reader
    reader.close()


def energy(owner, energy_j, half_hour=0, grade="measured"):
    return EnergyRow(
        session_id="session-1", owner=owner, device_id="gpu-0", half_hour_utc_ns=half_hour,
        energy_j=energy_j, low_j=energy_j * 0.9, high_j=energy_j * 1.1, grade=grade, gap_s=0.0,
        method_version=1,
    )  # fmt: skip


def test_a_batch_comes_back_as_it_went_in(store, reader):
    batch = Batch(
        run_id="run-1",
        events=(anchor(1), anchor(2, 5, "session-1")),
        blocks=(power(0, 10), counter(0, 1)),
        projects=(PROJECT,),
        sessions=(SESSION,),
        clips=(CLIP,),
        iterations=(iteration(1), iteration(2)),
        energies=(energy("iteration-1", 100.0),),
        private=(PrivateText(iteration_id="iteration-1", texts=("a cat",), graph_json="{}"),),
    )
    store.write(batch)
    assert reader.runs() == (RUN,)
    assert reader.events() == batch.events
    assert reader.events("session-1") == batch.events[1:]
    assert reader.last_seq() == store.last_seq() == 2
    assert reader.projects() == (PROJECT,)
    assert reader.session("session-1") == SESSION
    assert reader.clips("project-1") == (CLIP,)
    assert reader.iterations("session-1") == batch.iterations
    assert reader.iteration_by_key("comfyui", "prompt-2") == batch.iterations[1]
    assert reader.energies("session-1") == batch.energies
    assert reader.private("iteration-1") == batch.private[0]
    assert reader.devices("run-1") == ("gpu-0",)
    t_ns, power_mw, period_ns = reader.power("run-1", "gpu-0", 0, ALL_NS)
    assert t_ns.tolist() == batch.blocks[0].t_ns.tolist()
    assert power_mw.tolist() == batch.blocks[0].power_mw.tolist()
    assert set(period_ns.tolist()) == {100_000_000}
    assert reader.counter("run-1", "gpu-0", 0, ALL_NS).value.tolist() == [0]
    assert reader.damaged() == reader.audit() == ()


def test_rows_of_the_same_identity_are_replaced(store, reader):
    store.write(Batch(run_id="run-1", iterations=(iteration(1),), energies=(energy("idle", 1.0),)))
    noted = iteration(1, note="better")
    store.write(Batch(run_id="run-1", iterations=(noted,), energies=(energy("idle", 2.0),)))
    assert reader.iterations("session-1") == (noted,)
    assert [row.energy_j for row in reader.energies("session-1")] == [2.0]


def test_energy_of_an_owner_is_replaced_as_a_whole(store, reader):
    store.write(Batch(run_id="run-1", energies=(energy("a", 1.0), energy("a", 2.0, 1800))))
    store.write(
        Batch(
            run_id="run-1",
            replaces_energy_of=(("session-1", "a"),),
            energies=(energy("a", 5.0),),
        )
    )
    assert [row.energy_j for row in reader.energies("session-1")] == [5.0]


def test_what_is_only_shown_is_not_stored(store, reader):
    step = StepDone(t_ns=1, key=JobKey("comfyui", "x"), pass_index=0, step=1, steps=20)
    store.write(Batch(run_id="run-1", events=(Logged(1, "run-1", None, step), anchor(2))))
    assert [logged.seq for logged in reader.events()] == [2]


def test_a_batch_with_one_bad_row_leaves_nothing(store, reader):
    store.write(Batch(run_id="run-1", events=(anchor(1),)))
    with pytest.raises(sqlite3.IntegrityError):
        store.write(Batch(run_id="run-1", blocks=(power(0, 5),), events=(anchor(2), anchor(1))))
    with pytest.raises(ValueError):
        store.write(
            Batch(
                run_id="run-1",
                events=(anchor(2),),
                iterations=(iteration(1, seconds_used=float("nan")),),
            )
        )
    with pytest.raises(sqlite3.IntegrityError):
        store.write(
            Batch(run_id="run-1", events=(anchor(2),), energies=(energy("a", float("nan")),))
        )
    assert reader.last_seq() == 1
    assert not len(reader.power("run-1", "gpu-0", 0, ALL_NS).t_ns)
    store.write(Batch(run_id="run-1", events=(anchor(2),), blocks=(power(0, 5),)))
    assert len(reader.power("run-1", "gpu-0", 0, ALL_NS).t_ns) == 5


def test_folder_and_file_are_private(store, folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_full_and_durable_settings(store, folder):
    with sqlite3.connect(folder / FILE_NAME) as other:
        assert other.execute("PRAGMA page_size").fetchone() == (8192,)
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_samples_survive_sealing_in_order(store, reader):
    for start in range(0, 10_000, 100):
        store.write(Batch(run_id="run-1", blocks=(power(start, 100),)))
    before = reader.power("run-1", "gpu-0", 0, ALL_NS)
    store.seal()
    after = reader.power("run-1", "gpu-0", 0, ALL_NS)
    expected = power(0, 10_000)
    for found in (before, after):
        assert found.t_ns.tolist() == expected.t_ns.tolist()
        assert found.value.tolist() == expected.power_mw.tolist()
    chunks = store._connection.execute("SELECT n FROM chunk ORDER BY id").fetchall()
    assert chunks == [(4096,), (4096,), (1808,)]
    assert store._connection.execute("SELECT count(*) FROM tail").fetchone() == (0,)


def test_a_slow_series_leaves_the_tail_in_time(store, reader, monkeypatch):
    monkeypatch.setattr(samples, "TAIL_ROWS", 50)
    for number in range(110):
        store.write(Batch(run_id="run-1", blocks=(counter(number, 1),)))
    chunks = store._connection.execute("SELECT n FROM chunk ORDER BY id").fetchall()
    assert chunks == [(51,), (51,)]
    expected = counter(0, 110)
    found = reader.counter("run-1", "gpu-0", 0, ALL_NS)
    assert found.t_ns.tolist() == expected.t_ns.tolist()
    assert found.value.tolist() == expected.energy_mj.tolist()


def test_a_closed_run_is_sealed_and_says_so(store, reader):
    store.write(Batch(run_id="run-1", blocks=(power(0, 10),)))
    store.close_run("run-1")
    assert reader.runs()[0].closed
    assert len(reader.power("run-1", "gpu-0", 0, ALL_NS).t_ns) == 10


def test_two_writers_one_waits_then_says_locked(store, folder):
    other = Store.open(folder)
    other._connection.execute("PRAGMA busy_timeout = 10")
    store._connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreFault) as caught:
        other.write(Batch(run_id="run-1", events=(anchor(1),)))
    assert caught.value.kind is StoreFaultKind.LOCKED
    store._connection.execute("ROLLBACK")
    other.write(Batch(run_id="run-1", events=(anchor(1),)))
    other.close()


def test_a_newer_schema_opens_to_read_and_stays_as_it_is(store, folder):
    store.write(Batch(run_id="run-1", projects=(PROJECT,)))
    store._connection.execute("ALTER TABLE project ADD COLUMN colour TEXT")
    store._connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    newer = Store.open(folder)
    assert newer.read_only
    assert newer.why.kind is StoreFaultKind.NEWER_SCHEMA
    with pytest.raises(StoreFault) as caught:
        newer.write(Batch(run_id="run-1", events=(anchor(1),)))
    assert caught.value.kind is StoreFaultKind.NEWER_SCHEMA
    newer.close()
    reader = Reader(folder)
    assert reader.projects() == (PROJECT,)
    reader.close()
    assert store._connection.execute("PRAGMA user_version").fetchone() == (VERSION + 1,)


def test_read_only_when_asked(store, folder):
    store.write(Batch(run_id="run-1", events=(anchor(1),)))
    viewer = Store.open(folder, read_only=True)
    assert viewer.last_seq() == 1
    with pytest.raises(StoreFault) as caught:
        viewer.begin_run(RUN)
    assert caught.value.kind is StoreFaultKind.READ_ONLY
    viewer.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database(folder, content):
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(content)
    for opened in (Store.open, Reader):
        with pytest.raises(StoreFault) as caught:
            opened(folder)
        assert caught.value.kind is StoreFaultKind.CORRUPT
    assert (folder / FILE_NAME).read_bytes() == content


def test_somebody_elses_database(folder):
    folder.mkdir()
    other = sqlite3.connect(folder / FILE_NAME)
    other.execute("CREATE TABLE cats (name TEXT)")
    other.close()
    for opened in (Store.open, Reader, recover):
        with pytest.raises(StoreFault) as caught:
            opened(folder)
        assert caught.value.kind is StoreFaultKind.NOT_A_STORE
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


def test_nothing_there_to_read(folder):
    with pytest.raises(StoreFault) as caught:
        Reader(folder)
    assert caught.value.kind is StoreFaultKind.MISSING


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "data").write_text("x")
    with pytest.raises(StoreFault) as caught:
        Store.open(tmp_path / "data")
    assert caught.value.kind is StoreFaultKind.NO_FOLDER


def test_prompts_are_in_one_table_and_can_be_emptied(store, reader, folder):
    secret = "a violet canary on a wire"
    private = PrivateText(iteration_id="iteration-1", texts=(secret,), graph_json=secret)
    store.write(Batch(run_id="run-1", private=(private,)))
    store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert secret.encode() in (folder / FILE_NAME).read_bytes()
    reader.close()
    store.empty_private()
    for path in folder.iterdir():
        assert secret.encode() not in path.read_bytes(), path


def test_an_empty_file_becomes_a_store(folder):
    folder.mkdir()
    os.close(os.open(folder / FILE_NAME, os.O_CREAT))
    store = Store.open(folder)
    assert store.last_seq() == 0
    store.close()
