"""A whole recording: sampler, watcher, ledger, account and store, then the same from the store."""

import time

import pytest
from support.engine import a_source, a_start, an_end, key
from support.watchers import ScriptedWatcher

from vidgreen_gui.engine.report import find_session, session_report
from vidgreen_gui.model import commands as do
from vidgreen_gui.model import events as ev
from vidgreen_gui.model import user_events as said
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.lock import RecorderBusy
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.verbs.assembly import RecorderRequest, assemble

SCRIPT = (
    (0.2, a_source()),
    (0.3, a_start("a", 0.0)),
    (0.2, ev.PhaseStarted(t_ns=0, key=key("a"), phase="load")),
    (0.3, ev.PhaseStarted(t_ns=0, key=key("a"), phase="sample")),
    *((0.1, ev.StepDone(t_ns=0, key=key("a"), pass_index=0, step=n, steps=4)) for n in range(1, 4)),
    (0.4, an_end("a", 0.0)),
    (0.3, a_start("b", 0.0, seed=2)),
    (0.5, an_end("b", 0.0, "failed")),
    (0.2, a_source()),
)


@pytest.fixture
def paths(tmp_path):
    return Paths(tmp_path / "data", tmp_path / "config")


def recorded(paths, script=SCRIPT, meter="simulated", commands=()):
    """Record the script and return what the recorder last showed."""
    made = []

    def watchers(clock, *_):
        made.append(ScriptedWatcher(clock, script))
        return tuple(made)

    request = RecorderRequest(paths=paths, holder="record", meter=meter)
    assembled = assemble(request, watchers)
    try:
        assembled.recorder.start()
        deadline = time.monotonic() + 20
        while not made[0].done and time.monotonic() < deadline:
            time.sleep(0.05)
        for command in commands:
            assembled.recorder.send(command)
        time.sleep(1.1)
        curve = assembled.recorder.curve(assembled.recorder.latest().devices[0].device.id, 10, 50)
        answers = assembled.recorder.answers()
    finally:
        assembled.close()
    return assembled.recorder.latest(), curve, answers


def energies(facts):
    return {i.iteration.external_id: i.energy_wh for c in facts.clips for i in c.iterations}


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """One recording for all tests that only read it."""
    folder = tmp_path_factory.mktemp("once")
    paths = Paths(folder / "data", folder / "config")
    return paths, *recorded(paths)


@pytest.mark.timeout(60)
def test_what_was_shown_is_what_is_stored(once):
    paths, snapshot, curve, _ = once
    assert max(curve.max_mw) > 100_000
    shown = snapshot.session
    reader = Reader(paths.data)
    stored = session_report(reader, find_session(reader, "last"))
    assert stored.session == shown.session
    assert stored.session.ended_by == "quit"
    for name, figure in energies(stored).items():
        assert figure.grade is Grade.SIMULATED
        assert figure.best == pytest.approx(energies(shown)[name].best, rel=1e-6)
    assert [i.iteration.status for c in stored.clips for i in c.iterations] == [
        "completed", "failed",
    ]  # fmt: skip
    first = stored.clips[0].iterations[0]
    assert first.iteration.done.steps == 3
    assert sum(p.energy.best for p in first.phases) <= first.energy_wh.best
    assert stored.self_wh == shown.self_wh
    assert stored.self_wh.range.low > 0.0
    assert len(stored.digest) == 64
    assert reader.audit() == ()


@pytest.mark.timeout(60)
def test_the_law_holds_and_totals_add_up(once):
    paths, *_ = once
    reader = Reader(paths.data)
    facts = session_report(reader, find_session(reader, "last"))
    parts = [f.best for f in energies(facts).values()] + [facts.idle_wh.best]
    assert facts.totals.energy_wh.best == pytest.approx(sum(parts), rel=1e-6)
    assert facts.totals.simulated_energy_wh.best == facts.totals.energy_wh.best
    assert facts.totals.measured_share == 0.0
    row = facts.cumulative
    assert sum(c[-1] for c in row.energy_wh) == pytest.approx(facts.totals.energy_wh.best, rel=1e-6)
    listed = reader.sessions()[0]
    assert listed.energy_wh.best == pytest.approx(facts.totals.energy_wh.best, rel=1e-6)


@pytest.mark.timeout(60)
def test_commands_are_answered_and_kept(paths):
    wrong = do.NewClip(" ")
    price = do.Say(said.AdviceDismissed(t_ns=0, rule="frames"))
    snapshot, _, answers = recorded(paths, SCRIPT[:1], commands=(price, wrong))
    assert [a.notice and a.notice.code for a in answers] == [
        None, "fault.engine.clip_without_name",
    ]  # fmt: skip
    assert snapshot.can_undo
    assert "frames" in paths.settings.read_text()
    kinds = [type(e.event).__name__ for e in Reader(paths.data).events()]
    assert "AdviceDismissed" in kinds
    assert "StepDone" not in kinds


@pytest.mark.timeout(60)
def test_a_second_recorder_is_refused_and_names_the_first(paths):
    request = RecorderRequest(paths=paths, holder="window", meter="simulated")
    first = assemble(request, lambda *_: ())
    try:
        with pytest.raises(RecorderBusy) as refused:
            assemble(request, lambda *_: ())
        assert refused.value.holder.kind == "window"
    finally:
        first.close()
    assemble(request, lambda *_: ()).close()


@pytest.mark.timeout(60)
def test_the_second_start_numbers_on_and_knows_what_it_recorded(paths):
    recorded(paths, (SCRIPT[0], (0.05, a_start("a", 0.0)), (0.2, an_end("a", 0.0)),
                     (0.0, a_start("b", 0.0)), (0.2, an_end("b", 0.0))))  # fmt: skip
    again = (*SCRIPT[:1], (0.1, a_start("a", 0.0)), (0.1, a_start("c", 0.0)),
             (0.4, an_end("c", 0.0)))  # fmt: skip
    snapshot, _, _ = recorded(paths, again)
    (clip,) = snapshot.session.clips
    assert [(i.iteration.external_id, i.iteration.number) for i in clip.iterations] == [("c", 3)]
