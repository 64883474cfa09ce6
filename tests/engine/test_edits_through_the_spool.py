"""A window beside a recorder edits what an earlier run recorded; nested work of a script."""

import time

import pytest

from vidgreen_gui.engine.live_account import LiveAccount
from vidgreen_gui.engine.report import find_session, session_report
from vidgreen_gui.model import commands as do
from vidgreen_gui.model import user_events as said
from vidgreen_gui.model.learnt import IdleLevels
from vidgreen_gui.model.session import Status
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.spool import (
    SpooledCommand,
    SpooledEnd,
    SpooledStart,
    SpoolWriter,
    Stamp,
)
from vidgreen_gui.verbs.assembly import RecorderRequest, assemble
from vidgreen_gui.verbs.watching import spool_only

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def paths(tmp_path):
    return Paths(tmp_path / "data", tmp_path / "config")


@pytest.fixture
def spool(paths):
    writer = SpoolWriter(paths.data)
    yield writer
    writer.close()


def record(paths, *stages):
    """Record while each stage runs for a moment."""
    request = RecorderRequest(paths=paths, holder="record", meter="simulated")
    assembled = assemble(request, spool_only)
    assembled.recorder.start()
    for stage in stages:
        stage()
        time.sleep(0.9)
    assembled.close()
    return assembled.recorder.latest()


def test_an_edit_of_an_earlier_session_reaches_the_store(paths, spool):
    def job():
        spool.append(SpooledStart(at=Stamp.now(), id="a", clip="roof"))
        time.sleep(0.6)
        spool.append(SpooledEnd(at=Stamp.now(), id="a", status=Status.COMPLETED))

    record(paths, job)
    reader = Reader(paths.data)
    session = find_session(reader, "last")
    before = session_report(reader, session)
    (old,) = before.clips[0].iterations

    def edits():
        mark = said.IterationMarked(t_ns=0, iteration_id=old.iteration.id, kept=True)
        title = said.SessionRenamed(t_ns=0, session_id=session.id, title="Pilot")
        for command in (do.Say(mark), do.Say(title), do.NewClip("Street")):
            spool.append(SpooledCommand(at=Stamp.now(), command=command))

    record(paths, edits)
    session = reader.session(session.id)
    after = session_report(reader, session)
    (found,) = after.clips[0].iterations
    assert (found.iteration.kept, session.title) == (True, "Pilot")
    assert after.totals.kept_energy_wh.best == found.energy_wh.best
    assert found.energy_wh == old.energy_wh
    assert after.digest != before.digest
    assert "Street" in [clip.name for clip in reader.clips(session.project_id)]
    assert reader.projects()
    assert reader.audit() == ()


@pytest.mark.full
def test_nested_work_owns_its_energy_and_the_parent_what_is_left(paths, spool):
    def outer():
        spool.append(SpooledStart(at=Stamp.now(), id="outer", clip="roof"))

    def inner():
        spool.append(SpooledStart(at=Stamp.now(), id="inner", parent="outer"))

    def end(name):
        return lambda: spool.append(SpooledEnd(at=Stamp.now(), id=name, status=Status.COMPLETED))

    record(paths, outer, inner, end("inner"), end("outer"))
    reader = Reader(paths.data)
    facts = session_report(reader, find_session(reader, "last"))
    (clip,) = facts.clips
    found = {i.iteration.external_id: i for i in clip.iterations}
    assert found["inner"].iteration.parent_id == found["outer"].iteration.id
    alone = found["outer"].duration_s - found["inner"].duration_s
    share = found["inner"].energy_wh.best / found["inner"].duration_s
    assert found["outer"].energy_wh.best == pytest.approx(share * alone, rel=0.4)
    parts = [i.energy_wh.best for i in found.values()] + [facts.idle_wh.best]
    assert facts.totals.energy_wh.best == pytest.approx(sum(parts), rel=1e-6)


def test_jobs_that_came_and_went_while_nobody_recorded_are_known_once(paths, spool):
    spool.append(SpooledStart(at=Stamp.now(), id="a", clip="roof"))
    spool.append(SpooledEnd(at=Stamp.now(), id="a", status=Status.COMPLETED))
    record(paths, lambda: None)
    record(paths, lambda: None)
    reader = Reader(paths.data)
    (row,) = reader.sessions()
    assert (row.session.kind, row.iterations) == ("imported", 1)
    facts = session_report(reader, row.session)
    (found,) = facts.clips[0].iterations
    assert (found.energy_wh.range, found.iteration.status) == (None, "completed")


def test_a_session_is_listed_with_what_its_report_says(paths, spool, monkeypatch):
    # As if the samples had been let go before a source said when its job ended.
    monkeypatch.setattr(LiveAccount, "rows", lambda *_: ())

    def job():
        spool.append(SpooledStart(at=Stamp.now(), id="a", clip="roof"))
        time.sleep(0.6)
        spool.append(SpooledEnd(at=Stamp.now(), id="a", status=Status.COMPLETED))

    record(paths, job)
    reader = Reader(paths.data)
    (row,) = reader.sessions()
    facts = session_report(reader, row.session)
    assert facts.totals.energy_wh.best > 0
    assert row.energy_wh.best == pytest.approx(facts.totals.energy_wh.best, rel=1e-9)


def test_what_is_learnt_beside_a_recorder_reaches_the_store(paths, spool):
    learnt = IdleLevels(device_id="gpu-9")
    record(
        paths, lambda: spool.append(SpooledCommand(at=Stamp.now(), command=do.KeepLearnt(learnt)))
    )
    reader = Reader(paths.data)
    assert learnt in reader.learnt(IdleLevels)
    reader.close()
