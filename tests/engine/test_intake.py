"""Jobs become iterations of clips and sessions; edits can be taken back; nothing comes twice."""

from dataclasses import replace

import pytest
from support.engine import UTC, Earlier, S, a_ledger, a_source, a_start, an_end, key

from vidgreen_gui.engine.forecast import Forecast
from vidgreen_gui.engine.intake import Intake
from vidgreen_gui.model import commands as do
from vidgreen_gui.model import events as ev
from vidgreen_gui.model import user_events as said
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.session import EndedBy, SessionKind, Status, Where
from vidgreen_gui.model.settings import ClipHints, Extraction


@pytest.fixture
def intake():
    intake = Intake(a_ledger(), Forecast(), Earlier())
    intake.event(a_source(), UTC)
    intake.take()
    return intake


def iteration(intake, name):
    return intake.ledger.iterations[intake.ledger.by_key[key(name)]]


def clip_name(intake, name):
    return intake.ledger.clip_of(iteration(intake, name).clip_id).name


def test_the_first_job_begins_a_session_and_a_clip(intake):
    intake.event(a_start("a", 1.0), UTC + S)
    kinds = [type(event).__name__ for _, event in intake.take().events]
    assert kinds == ["SessionStarted", "DeviceFound", "ClipCreated", "IterationStarted"]
    found = iteration(intake, "a")
    assert (found.status, found.number, found.device_ids) == (Status.RUNNING, 1, ("gpu0",))
    assert found.started_utc_ns == UTC + S
    assert clip_name(intake, "a") == "shot_01"


def test_the_log_holds_no_prompt(intake):
    intake.event(a_start("a", 1.0, prompt_words=frozenset({"secret"})), UTC)
    taken = intake.take()
    logged = repr([event for _, event in taken.events])
    assert "secret" not in logged
    assert taken.private[0].texts == ("a secret prompt",)
    assert taken.private[0].graph_json == '{"1": {}}'


def test_prompts_are_not_kept_when_the_user_says_so():
    intake = Intake(a_ledger(), Forecast(), Earlier(), keep_prompts=False)
    intake.event(a_start("a", 1.0), UTC)
    assert intake.take().private == []


def test_a_start_told_twice_is_one_iteration(intake):
    intake.event(a_start("a", 1.0), UTC)
    intake.event(a_start("a", 2.0), UTC)
    assert len(intake.ledger.iterations) == 1


def test_same_prefix_is_the_same_clip_numbered_on(intake):
    for name, t_s in (("a", 1.0), ("b", 5.0)):
        intake.event(a_start(name, t_s), UTC)
        intake.event(an_end(name, t_s + 2), UTC)
    assert iteration(intake, "a").clip_id == iteration(intake, "b").clip_id
    assert iteration(intake, "b").number == 2


def test_two_start_images_under_a_default_prefix_are_two_clips(intake):
    intake.event(a_start("a", 1.0, prefix=None, start_image="dog.png"), UTC)
    intake.event(a_start("b", 2.0, prefix=None, start_image="cat.png"), UTC)
    assert clip_name(intake, "a") == "dog"
    assert clip_name(intake, "b") == "cat"


def test_different_prompts_of_a_script_under_a_default_prefix_are_never_merged(intake):
    for name, sha in (("a", "1"), ("b", "2"), ("c", "1")):
        intake.event(a_start(name, 1.0, prefix=None, prompt_sha256=sha), UTC)
    assert iteration(intake, "a").clip_id != iteration(intake, "b").clip_id
    assert iteration(intake, "a").clip_id == iteration(intake, "c").clip_id


def test_working_on_takes_the_next_iterations(intake):
    intake.command(do.NewClip("Rooftop"), S, UTC)
    intake.event(a_start("a", 2.0), UTC)
    assert clip_name(intake, "a") == "Rooftop"


def test_the_source_s_own_times_replace_ours_and_phases_fit(intake):
    intake.event(a_start("a", 1.0), UTC)
    intake.event(ev.PhaseStarted(t_ns=S, key=key("a"), phase="load"), UTC)
    intake.event(ev.PhaseStarted(t_ns=3 * S, key=key("a"), phase="sample"), UTC)
    intake.event(an_end("a", 9.0, start_ns=2 * S, end_ns=8 * S), UTC)
    found = iteration(intake, "a")
    assert (found.start_ns, found.end_ns, found.recut) == (2 * S, 8 * S, True)
    assert [(p.name, p.start_ns, p.end_ns) for p in found.phases] == [
        ("load", 2 * S, 3 * S), ("sample", 3 * S, 8 * S),
    ]  # fmt: skip


def test_steps_seen_are_what_was_done(intake):
    intake.event(a_start("a", 1.0), UTC)
    for step in (1, 2, 3):
        intake.event(
            ev.StepDone(t_ns=step * S, key=key("a"), pass_index=0, step=step, steps=4), UTC
        )
    assert not [e for _, e in intake.take().events if isinstance(e, ev.StepDone)]
    intake.event(an_end("a", 5.0, "cancelled"), UTC)
    assert iteration(intake, "a").done.steps == 3


def test_a_lost_source_takes_its_running_jobs_as_unknown(intake):
    intake.event(a_start("a", 1.0), UTC)
    intake.event(ev.SourceLost(t_ns=4 * S, source_id="comfyui:8188"), UTC)
    intake.lose_source("comfyui:8188", 4 * S)
    assert (iteration(intake, "a").status, iteration(intake, "a").end_ns) == ("unknown", 4 * S)


def test_quitting_ends_what_runs_as_unknown_never_completed(intake):
    intake.event(a_start("a", 1.0), UTC)
    intake.end_session(6 * S, UTC + 6 * S, EndedBy.QUIT)
    assert iteration(intake, "a").status is Status.UNKNOWN
    assert intake.ledger.session is None


def test_backfill_goes_to_an_imported_session_once():
    intake = Intake(a_ledger(), Forecast(), Earlier())
    job = ev.IterationBackfilled(
        t_ns=S, key=key("old"), source_id="comfyui:8188",
        extraction=Extraction(settings=a_start("x", 0).extraction.settings, hints=ClipHints()),
        status=Status.COMPLETED, started_utc_ns=UTC - 60 * S, ended_utc_ns=UTC - 30 * S,
    )  # fmt: skip
    intake.event(job, UTC)
    intake.event(job, UTC)
    (session,) = intake.ledger.sessions.values()
    assert session.kind is SessionKind.IMPORTED
    found = iteration(intake, "old")
    assert (found.start_ns, found.started_utc_ns) == (None, UTC - 60 * S)
    again = Intake(a_ledger(), Forecast(), Earlier(found))
    again.event(job, UTC)
    assert again.take().events == []


EDITS = {
    "rename": lambda i: said.ClipRenamed(t_ns=0, clip_id=i.clip_id, name="Other"),
    "mark": lambda i: said.IterationMarked(t_ns=0, iteration_id=i.id, kept=True),
    "note": lambda i: said.NoteWritten(t_ns=0, iteration_id=i.id, note="nice"),
    "title": lambda i: said.SessionRenamed(t_ns=0, session_id=i.session_id, title="T"),
    "dismiss": lambda _: said.AdviceDismissed(t_ns=0, rule="frames"),
}


def state(intake):
    ledger = intake.ledger
    return (
        dict(ledger.iterations), dict(ledger.clips), dict(ledger.sessions), ledger.working_on,
        set(ledger.dismissed), ledger.tariff,
    )  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_can_be_undone_and_redone(intake, name):
    intake.event(a_start("a", 1.0), UTC)
    before = state(intake)
    intake.command(do.Say(EDITS[name](iteration(intake, "a"))), S, UTC)
    after = state(intake)
    assert after != before
    intake.command(do.Undo(), 2 * S, UTC)
    assert state(intake) == before
    intake.command(do.Redo(), 3 * S, UTC)
    assert state(intake) == after


def test_move_merge_and_split_come_back_with_their_numbers(intake):
    for name, prefix in (("a", "one"), ("b", "two"), ("c", "two")):
        intake.event(a_start(name, 1.0, prefix=prefix), UTC)
    a, c = iteration(intake, "a"), iteration(intake, "c")
    before = state(intake)
    move = said.IterationMoved(t_ns=0, iteration_id=a.id, clip_id=c.clip_id)
    intake.command(do.Say(move), S, UTC)
    assert (iteration(intake, "a").clip_id, iteration(intake, "a").number) == (c.clip_id, 3)
    intake.command(do.Undo(), S, UTC)
    assert state(intake) == before
    intake.command(
        do.Say(said.ClipsMerged(t_ns=0, clip_id=a.clip_id, into_clip_id=c.clip_id)), S, UTC
    )
    assert clip_name(intake, "a") == "two"
    intake.command(do.Undo(), S, UTC)
    assert state(intake) == before
    intake.command(do.SplitClip((c.id,), "three"), S, UTC)
    assert clip_name(intake, "c") == "three"
    intake.command(do.Undo(), S, UTC)
    assert state(intake)[0] == before[0]


def test_undo_with_nothing_to_undo_says_so(intake):
    with pytest.raises(InputFault, match="nothing_to_undo"):
        intake.command(do.Undo(), S, UTC)
    with pytest.raises(InputFault, match="clip_without_name"):
        intake.command(do.NewClip("  "), S, UTC)


def test_an_end_from_another_run_tells_the_status_but_no_time(intake):
    intake.event(a_start("a", 1.0), UTC)
    intake.end_session(6 * S, UTC + 6 * S, EndedBy.QUIT)
    stored = iteration(intake, "a")
    later = Intake(a_ledger(), Forecast(), Earlier(stored))
    later.ledger.run_id = "run2"
    later.event(an_end("a", 2.0, start_ns=S, end_ns=2 * S), UTC)
    found = iteration(later, "a")
    assert (found.status, found.start_ns, found.end_ns) == ("completed", S, 6 * S)


def test_what_ran_on_after_we_quit_has_a_gap_for_the_rest(intake):
    intake.event(a_start("a", 1.0), UTC)
    intake.end_session(6 * S, UTC + 6 * S, EndedBy.QUIT)
    stored = iteration(intake, "a")
    later = Intake(a_ledger(), Forecast(), Earlier(stored))
    later.ledger.run_id = "run2"
    later.event(an_end("a", 2.0, start_ns=-18 * S, end_ns=2 * S), UTC)
    found = iteration(later, "a")
    assert (found.start_ns, found.end_ns) == (S, 21 * S)
    assert found.ended_utc_ns - found.started_utc_ns == 20 * S


def test_an_iteration_of_an_earlier_run_can_be_edited_and_the_edit_taken_back(intake):
    intake.event(a_start("a", 1.0), UTC)
    intake.event(an_end("a", 2.0), UTC)
    intake.end_session(6 * S, UTC + 6 * S, EndedBy.QUIT)
    stored = iteration(intake, "a")
    (old,) = intake.ledger.sessions.values()
    later = Intake(a_ledger(), Forecast(), Earlier(stored, sessions=(old,)))
    later.ledger.run_id = "run2"
    later.command(do.Say(said.IterationMarked(t_ns=0, iteration_id=stored.id, kept=True)), S, UTC)
    later.command(do.Say(said.SessionRenamed(t_ns=0, session_id=old.id, title="Pilot")), S, UTC)
    assert later.ledger.iterations[stored.id].kept is True
    assert {session_id for session_id, _ in later.take().events} == {old.id}
    assert later.ledger.changed.iterations == {stored.id}
    assert later.ledger.session is None
    later.command(do.Undo(), S, UTC)
    later.command(do.Undo(), S, UTC)
    assert later.ledger.iterations[stored.id].kept is None
    assert later.ledger.sessions[old.id].title == ""


@pytest.mark.parametrize(
    "event",
    [
        said.IterationMarked(t_ns=0, iteration_id="?", kept=True),
        said.SessionRenamed(t_ns=0, session_id="?", title="x"),
        said.ClipRenamed(t_ns=0, clip_id="?", name="x"),
    ],
)
def test_an_edit_of_what_nobody_knows_is_refused_and_not_logged(intake, event):
    with pytest.raises(InputFault, match="no_such"):
        intake.command(do.Say(event), S, UTC)
    assert intake.take().events == []


@pytest.mark.parametrize("command", [do.EndSession(), do.StartSession("new")])
def test_no_sitting_is_split_under_a_job(intake, command):
    intake.event(a_start("a", 1.0), UTC)
    with pytest.raises(InputFault, match="job_runs"):
        intake.command(command, 2 * S, UTC)
    assert iteration(intake, "a").status is Status.RUNNING
    intake.event(an_end("a", 3.0), UTC)
    intake.command(command, 4 * S, UTC)
    assert iteration(intake, "a").status is Status.COMPLETED


def test_an_undone_choice_is_answered_so_that_it_can_be_remembered(intake):
    dismissed = said.AdviceDismissed(t_ns=0, rule="frames")
    intake.command(do.Say(dismissed), S, UTC)
    (event,) = intake.command(do.Undo(), 2 * S, UTC)
    assert event == said.AdviceDismissed(t_ns=2 * S, rule="frames", dismissed=False)


def test_a_cloud_s_job_computes_on_no_card_of_ours(intake):
    intake.event(replace(a_start("a", 1.0), where=Where.CLOUD), UTC)
    intake.event(replace(a_start("b", 1.0), where=Where.MIXED), UTC)
    assert iteration(intake, "a").device_ids == ()
    assert iteration(intake, "b").device_ids == ("gpu0",)


def test_a_source_that_tells_no_times_ends_later_by_the_wall_clock(intake):
    intake.event(a_start("a", 1.0), UTC)
    intake.end_session(6 * S, UTC + 6 * S, EndedBy.QUIT)
    stored = iteration(intake, "a")
    later = Intake(a_ledger(), Forecast(), Earlier(stored))
    later.ledger.run_id = "run2"
    later.event(an_end("a", 60.0), UTC)
    found = iteration(later, "a")
    assert (found.start_ns, found.end_ns, found.ended_utc_ns) == (S, 60 * S, UTC + 60 * S)


def test_a_sitting_begins_when_its_first_job_did_not_when_that_was_heard(intake):
    intake.event(a_start("a", -20.0), UTC + 5 * S)
    session = intake.ledger.session
    assert session.started_utc_ns == iteration(intake, "a").started_utc_ns == UTC - 20 * S


@pytest.mark.parametrize(
    "word",
    [
        ev.StepDone(t_ns=90 * S, key=key("a"), pass_index=0, step=3, steps=4),
        ev.PhaseStarted(t_ns=90 * S, key=key("a"), phase="decode"),
    ],
)
def test_a_job_that_was_given_up_runs_on_when_its_source_is_back(intake, word):
    intake.event(a_start("a", 1.0), UTC)
    intake.event(ev.PhaseStarted(t_ns=S, key=key("a"), phase="sample"), UTC)
    intake.lose_source("comfyui:8188", 4 * S)
    assert iteration(intake, "a").status is Status.UNKNOWN
    intake.take()
    intake.event(a_source(), UTC)
    intake.event(word, UTC)
    found = iteration(intake, "a")
    assert (found.status, found.start_ns, found.end_ns) == (Status.RUNNING, S, None)
    kinds = [type(event).__name__ for _, event in intake.take().events]
    assert kinds[:2] == ["SourceFound", "IterationStarted"]
    intake.event(an_end("a", 120.0, start_ns=S, end_ns=119 * S), UTC)
    assert (iteration(intake, "a").status, iteration(intake, "a").end_ns) == ("completed", 119 * S)


def test_a_late_word_of_a_job_that_is_over_or_of_an_earlier_sitting_resumes_nothing(intake):
    intake.event(a_start("a", 1.0), UTC)
    intake.lose_source("comfyui:8188", 9 * S)
    step = ev.StepDone(t_ns=8 * S, key=key("a"), pass_index=0, step=3, steps=4)
    intake.event(step, UTC)
    assert iteration(intake, "a").status is Status.UNKNOWN
    intake.end_session(20 * S, UTC, EndedBy.USER)
    intake.event(replace(step, t_ns=30 * S), UTC)
    assert iteration(intake, "a").status is Status.UNKNOWN
    intake.event(a_start("b", 31.0), UTC)
    intake.event(an_end("b", 32.0), UTC)
    intake.event(replace(step, key=key("b"), t_ns=33 * S), UTC)
    assert iteration(intake, "b").status is Status.COMPLETED


def test_a_session_can_be_read_alone_with_who_used_its_devices(intake):
    user = ev.DeviceUser(7, "game", "", 60)
    for t_s, users in ((1, (user,)), (2, ())):
        intake.event(ev.DeviceUsed(t_ns=t_s * S, device_id="gpu0", users=users), UTC + t_s * S)
    intake.event(ev.DeviceUsed(t_ns=3 * S, device_id="gpu0", users=(user,)), UTC + 3 * S)
    intake.take()
    intake.event(a_start("a", 5.0), UTC + 5 * S)
    told = [event for _, event in intake.take().events if isinstance(event, ev.DeviceUsed)]
    assert [(event.t_ns, event.users) for event in told] == [(5 * S, (user,))]
    assert len(intake.ledger.uses["gpu0"]) == 4
