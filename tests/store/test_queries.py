"""What the reader adds to rows: sums, order, digests, damage left out, threads."""

import hashlib
import threading
from array import array
from dataclasses import replace

import pytest
from support.recorded import (
    CLIP,
    PROJECT,
    RUN,
    SECOND_NS,
    SESSION,
    anchor,
    counter,
    iteration,
    power,
)

from vidgreen_gui.model.events import DeviceFound, Logged, SessionEnded, SessionStarted
from vidgreen_gui.model.footprint import MISSING, Grade
from vidgreen_gui.model.power import Device, SlowBlock, SlowField
from vidgreen_gui.model.session import EndedBy, SessionKind
from vidgreen_gui.store.batch import Batch, EnergyRow
from vidgreen_gui.store.codec import to_json
from vidgreen_gui.store.damage import Damage
from vidgreen_gui.store.database import Store
from vidgreen_gui.store.queries import Reader

ALL_NS = 2**62


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path)
    store.begin_run(RUN)
    yield store
    store.close()


@pytest.fixture
def reader(store):
    reader = Reader(store.folder)
    yield reader
    reader.close()


def energy(owner, energy_j, grade="measured", session_id="session-1"):
    return EnergyRow(
        session_id=session_id, owner=owner, device_id="gpu-0", half_hour_utc_ns=0,
        energy_j=energy_j, low_j=energy_j - 1, high_j=energy_j + 2, grade=grade, gap_s=0.0,
        method_version=1,
    )  # fmt: skip


def rows_of(store, reader, *energies):
    store.write(Batch(run_id="run-1", sessions=(SESSION,), projects=(PROJECT,), energies=energies))
    return reader.sessions()[0]


def test_sessions_are_listed_newest_first_with_their_sums(store, reader):
    later = replace(SESSION, id="session-2", started_utc_ns=SESSION.started_utc_ns + 1)
    store.write(
        Batch(
            run_id="run-1", projects=(PROJECT,), sessions=(SESSION, later), clips=(CLIP,),
            iterations=(iteration(1), iteration(2)),
            energies=(energy("iteration-1", 3600.0), energy("idle", 7200.0)),
        )
    )  # fmt: skip
    newest, oldest = reader.sessions()
    assert (newest.session, newest.iterations, newest.energy_wh) == (later, 0, MISSING)
    assert newest.measured_share is None
    assert (oldest.session, oldest.project, oldest.iterations) == (SESSION, PROJECT, 2)
    # Narrower than the gain of their board, they have their 1 J below in common.
    assert oldest.energy_wh.range.low == pytest.approx((3599 + 7199) / 3600)
    assert (oldest.energy_wh.best, oldest.energy_wh.grade) == (3.0, Grade.MEASURED)
    assert oldest.measured_share == 1.0


def test_what_the_processor_and_the_socket_used_is_in_no_energy_of_a_list(store, reader):
    devices = (
        Device(id=name, name=name, uuid="", meter="m", grade=Grade.MEASURED, has_counter=False,
               kind=kind)
        for name, kind in (("gpu-0", "gpu"), ("cpu-0", "cpu"), ("plug", "wall"))
    )  # fmt: skip
    found = (
        Logged(seq, "run-1", "session-1", DeviceFound(t_ns=0, device=device))
        for seq, device in enumerate(devices, 1)
    )
    gpu = energy("idle", 3600.0)
    store.write(Batch(run_id="run-1", events=tuple(found)))
    beside = (replace(gpu, device_id="cpu-0"), replace(gpu, device_id="plug"))
    assert rows_of(store, reader, gpu, *beside).energy_wh.best == 1.0


def test_the_grade_of_a_sum_is_its_worst(store, reader):
    row = rows_of(store, reader, energy("a", 300.0), energy("b", 100.0, "model"))
    assert row.energy_wh.grade is Grade.MODEL
    assert row.measured_share == 0.75


def test_simulated_energy_is_never_added_to_real(store, reader):
    row = rows_of(store, reader, energy("a", 3600.0), energy("b", 3600.0, "simulated"))
    assert row.energy_wh.best == 1.0
    assert row.energy_wh.grade is Grade.MEASURED


def test_a_wholly_simulated_session_says_so(store, reader):
    row = rows_of(store, reader, energy("b", 3600.0, "simulated"))
    assert row.energy_wh.best == 1.0
    assert row.energy_wh.grade is Grade.SIMULATED
    assert row.measured_share == 0.0


def test_slow_fields_are_kept_apart(store, reader):
    for quantity, value in ((SlowField.TEMPERATURE_C, 61), (SlowField.UTILISATION_PCT, 99)):
        block = SlowBlock("gpu-0", quantity, SECOND_NS, array("q", [5]), array("q", [value]))
        store.write(Batch(run_id="run-1", blocks=(block,)))
    found = reader.slow("run-1", "gpu-0", SlowField.TEMPERATURE_C, 0, ALL_NS)
    assert [column.tolist() for column in found] == [[5], [61], [SECOND_NS]]
    empty = reader.slow("run-1", "gpu-0", SlowField.POWER_LIMIT_MW, 0, ALL_NS)
    assert [len(column) for column in empty] == [0, 0, 0]


def test_a_span_holds_its_start_and_not_its_end(store, reader):
    store.write(Batch(run_id="run-1", blocks=(counter(0, 5000),)))
    found = reader.counter("run-1", "gpu-0", 4000 * SECOND_NS, 4100 * SECOND_NS)
    assert found.t_ns.tolist() == [second * SECOND_NS for second in range(4000, 4100)]


def session_of(seq, t_ns, kind):
    if kind is SessionStarted:
        event = SessionStarted(
            t_ns=t_ns, session_id="session-1", project_id="project-1", kind=SessionKind.LIVE,
            utc_ns=0,
        )  # fmt: skip
    else:
        event = SessionEnded(t_ns=t_ns, session_id="session-1", ended_by=EndedBy.USER, utc_ns=0)
    return Logged(seq, "run-1", "session-1", event)


def test_the_digest_is_as_documented_and_survives_sealing(store, reader):
    events = (
        session_of(1, 0, SessionStarted),
        anchor(2, 5, "session-1"),
        anchor(3, 5),
        session_of(4, 30 * SECOND_NS, SessionEnded),
    )
    blocks = (power(0, 500), counter(0, 50), power(0, 500, "gpu-1"))
    store.write(Batch(run_id="run-1", events=events, blocks=blocks))
    expected = hashlib.sha256()
    for logged in (events[0], events[1], events[3]):
        expected.update(type(logged.event).__name__.encode() + b"\n")
        expected.update(to_json(logged.event) + b"\n")
    for block in (blocks[1], blocks[0], blocks[2]):
        values = block.power_mw if hasattr(block, "power_mw") else block.energy_mj
        n = sum(t_ns < 30 * SECOND_NS for t_ns in block.t_ns)
        for column in (block.t_ns[:n], values[:n], array("q", [block.period_ns] * n)):
            expected.update(column.tobytes())
    assert reader.digest("session-1") == expected.hexdigest()
    store.seal()
    assert reader.digest("session-1") == expected.hexdigest()


def test_damage_is_left_out_and_listed(store, reader):
    store.write(
        Batch(
            run_id="run-1", events=(anchor(1), anchor(2)), iterations=(iteration(1), iteration(2)),
            blocks=(power(0, 4096), power(4096, 10)),
        )
    )  # fmt: skip
    change = store._connection.execute
    change("UPDATE event SET t_ns = 9 WHERE seq = 1")
    change("UPDATE iteration SET clip_id = 'x' WHERE id = 'iteration-2'")
    change("UPDATE chunk SET t1_ns = t1_ns + 1")
    assert [logged.seq for logged in reader.events()] == [2]
    assert reader.iterations("session-1") == (iteration(1),)
    assert len(reader.power("run-1", "gpu-0", 0, ALL_NS).t_ns) == 10
    assert reader.damaged() == (
        Damage("chunk", "1"), Damage("event", "1"), Damage("iteration", "iteration-2"),
    )  # fmt: skip


def test_an_event_of_a_newer_version_is_left_out_and_listed(store, reader):
    store.write(Batch(run_id="run-1", events=(anchor(1),)))
    from vidgreen_gui.store.rows import EVENT

    newer = (2, "run-1", None, 5, "MoodChanged", 7, b"{}")
    store._connection.execute(EVENT.insert, EVENT.sealed(newer))
    assert [logged.seq for logged in reader.events()] == [1]
    assert reader.damaged()[0].reason.endswith("MoodChanged")


def test_readers_in_many_threads_see_whole_commits(store):
    reader = Reader(store.folder)
    wrong, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            seqs = len(reader.events())
            samples = len(reader.power("run-1", "gpu-0", 0, ALL_NS).t_ns)
            if not seqs * 500 <= samples or samples % 500:
                wrong.append((seqs, samples))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(30):
        block = power(number * 500, 500)
        store.write(Batch(run_id="run-1", events=(anchor(number + 1),), blocks=(block,)))
    stop.set()
    for thread in threads:
        thread.join()
    reader.close()
    assert not wrong
