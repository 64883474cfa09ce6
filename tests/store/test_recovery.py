"""After a kill: interrupted at the last sample, no guess; after damage: set aside and salvaged."""

from dataclasses import replace

import pytest
from support.recorded import CLIP, PROJECT, RUN, SECOND_NS, SESSION, anchor, iteration, power

from vidgreen_gui.model.events import IterationEnded, SessionEnded
from vidgreen_gui.model.session import EndedBy, Phase, PhaseName, Status
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import FILE_NAME, PAGE_BYTES, Store
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.recovery import RecoveryReport, recover

ALL_NS = 2**62


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def interrupted(folder):
    """A folder as a kill leaves it: an open run with a session and a running iteration."""
    store = Store.open(folder)
    store.begin_run(RUN)
    running = iteration(
        2, start_ns=SECOND_NS, started_utc_ns=RUN.utc_ns + SECOND_NS,
        phases=(
            Phase(PhaseName.LOAD, SECOND_NS, 2 * SECOND_NS),
            Phase(PhaseName.SAMPLE, 2 * SECOND_NS),
        ),
    )  # fmt: skip
    store.write(
        Batch(
            run_id="run-1",
            events=(anchor(1, SECOND_NS),),
            projects=(PROJECT,),
            sessions=(SESSION,),
            clips=(CLIP,),
            iterations=(iteration(1, status=Status.COMPLETED), running),
            blocks=(power(0, 5000), power(0, 5100, "gpu-1")),
        )
    )
    store.close()
    return folder


@pytest.fixture
def read(folder):
    opened = []

    def open_reader():
        opened.append(Reader(folder))
        return opened[-1]

    yield open_reader
    for reader in opened:
        reader.close()


def test_nothing_there_nothing_to_do(folder):
    assert recover(folder) == RecoveryReport()
    Store.open(folder).close()
    assert recover(folder) == RecoveryReport()


def test_open_work_ends_at_its_last_sample(interrupted, folder, read):
    report = recover(folder)
    assert report == RecoveryReport(
        runs=("run-1",), sessions=("session-1",), iterations=("iteration-2",)
    )
    reader = read()
    last_ns, last_of_run_ns = power(4999, 1).t_ns[0], power(5099, 1).t_ns[0]
    done, cut = reader.iterations("session-1")
    assert done.status is Status.COMPLETED
    assert (cut.status, cut.end_ns) == (Status.UNKNOWN, last_ns)
    assert cut.ended_utc_ns == RUN.utc_ns + last_ns
    assert cut.phases[-1] == Phase(PhaseName.SAMPLE, 2 * SECOND_NS, last_ns)
    session = reader.session("session-1")
    assert session.ended_by is EndedBy.INTERRUPTED
    assert session.ended_utc_ns == RUN.utc_ns + last_of_run_ns
    ended = [logged.event for logged in reader.events("session-1")]
    assert [type(event) for event in ended] == [IterationEnded, SessionEnded]
    assert ended[0].status is Status.UNKNOWN
    assert reader.runs() == (replace(RUN, closed=True),)


def test_a_second_recovery_finds_nothing(interrupted, folder, read):
    recover(folder)
    before = read().events()
    assert recover(folder) == RecoveryReport()
    assert read().events() == before


def test_labels_follow_the_last_anchor(interrupted, folder, read):
    store = Store.open(folder)
    moved = replace(anchor(2).event, t_ns=10 * SECOND_NS, utc_ns=RUN.utc_ns + 3610 * SECOND_NS)
    store.write(Batch(run_id="run-1", events=(replace(anchor(2), event=moved),)))
    store.close()
    recover(folder)
    assert read().session("session-1").ended_utc_ns == (
        RUN.utc_ns + 3600 * SECOND_NS + power(5099, 1).t_ns[0]
    )


def test_a_closed_run_is_left_alone(interrupted, folder):
    store = Store.open(folder)
    store.close_run("run-1")
    store.close()
    assert recover(folder) == RecoveryReport()


def test_a_broken_page_is_set_aside_and_the_rest_is_salvaged(interrupted, folder, read):
    store = Store.open(folder)
    more = tuple(anchor(seq, seq * 1000, "session-1") for seq in range(2, 1500))
    store.write(Batch(run_id="run-1", events=more))
    store.close()
    content = bytearray((folder / FILE_NAME).read_bytes())
    page = content.index(b'"t_ns":700000,') // PAGE_BYTES
    content[page * PAGE_BYTES : (page + 1) * PAGE_BYTES] = b"\xaa" * PAGE_BYTES
    (folder / FILE_NAME).write_bytes(content)

    report = recover(folder)

    assert report.quarantined.exists()
    assert report.quarantined.name.startswith(f"{FILE_NAME}.corrupt-")
    assert report.quarantined.read_bytes() == bytes(content)
    assert report.sessions == ("session-1",)
    reader = read()
    assert reader.audit() == ()
    assert len(reader.power("run-1", "gpu-0", 0, ALL_NS).t_ns) == 5000
    assert reader.envelope("run-1", "gpu-0", 0, 5000 * SECOND_NS, 100).count.sum() == 5000
    assert len(reader.iterations("session-1")) == 2
    seqs = [logged.seq for logged in reader.events()]
    assert 1200 < len(seqs) < 1499
    assert seqs[0] == 1
    assert seqs[-1] > 1499


def test_a_file_of_garbage_is_set_aside_and_a_new_one_begun(folder, read):
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(b"garbage" * 10_000)
    report = recover(folder)
    assert (report.salvaged, report.lost) == (0, 0)
    assert report.quarantined.read_bytes() == b"garbage" * 10_000
    assert read().runs() == ()
