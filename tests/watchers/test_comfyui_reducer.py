"""The state machine tells what happened, and never more than it has evidence for."""

import json

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from support.comfyui import MS, UTC_NS, Peer, S, Watch, item

from vidgreen_gui.model.events import (
    IterationBackfilled,
    IterationEnded,
    IterationStarted,
    PrecisionSeen,
    QueueChanged,
    StepDone,
)
from vidgreen_gui.model.session import Cached, Done, Status
from vidgreen_gui.watchers.comfyui import wire
from vidgreen_gui.watchers.comfyui.answers import decode_history, decode_queue
from vidgreen_gui.watchers.comfyui.questions import AskJob, AskQueue, AskRecent
from vidgreen_gui.watchers.comfyui.times import Moment


def bar(step, steps=20):
    return f"\r {step}%|#    | {step}/{steps} [00:0{step % 9}<00:20,  1.00s/it]"


def run_one(watch, prompt_id="a", seconds=30.0, answer_after=0.1):
    """Queue, run and finish one prompt; the server answers `answer_after` its messages."""
    peer = watch.peer
    peer.running = [item(prompt_id)]
    start = watch.server_ms()
    watch.hear(peer.status()).wait(0.0002).hear(peer.status())
    watch.wait(answer_after).ask().wait(seconds - answer_after)
    peer.finish(prompt_id, start, watch.server_ms())
    watch.wait(0.001).hear(peer.status()).wait(answer_after).ask()
    return start


def test_a_job_starts_at_the_status_message_not_at_the_answer():
    watch = Watch(Peer()).connect().wait(5)
    begin = watch.now_ns
    run_one(watch, answer_after=0.4)
    (started,) = watch.of(IterationStarted)
    (ended,) = watch.of(IterationEnded)
    assert abs(started.t_ns - begin) <= MS
    assert abs(ended.t_ns - begin - 30 * S) <= 2 * MS
    assert (ended.start_ns, ended.end_ns) == (begin // MS * MS, begin // MS * MS + 30_000 * MS)
    assert ended.status is Status.COMPLETED
    assert [(event.running, event.pending) for event in watch.of(QueueChanged)] == [(1, 0), (0, 0)]


def test_a_job_shorter_than_an_answer_is_found_in_the_history():
    watch = Watch(Peer()).connect().wait(5)
    peer = watch.peer
    peer.running = [item("a")]
    start = watch.server_ms()
    watch.hear(peer.status()).hear(peer.status()).wait(0.003)
    peer.finish("a", start, start + 3, cached=["1", "2", "9", "4", "3", "8", "7", "57", "58"])
    watch.hear(peer.status()).wait(0.1).ask()
    (started,) = watch.of(IterationStarted)
    (ended,) = watch.of(IterationEnded)
    assert started.t_ns == ended.start_ns
    assert ended.t_ns == ended.end_ns == ended.start_ns + 3 * MS
    assert ended.cached is Cached.ALL
    assert ended.done == Done(0, 0)


def test_the_next_in_the_queue_starts_when_the_first_is_done():
    watch = Watch(Peer()).connect().wait(5)
    peer = watch.peer
    peer.running, peer.pending = [item("a")], []
    first = watch.server_ms()
    watch.hear(peer.status()).hear(peer.status()).wait(0.05).ask().wait(2)
    peer.pending = [item("b")]
    watch.hear(peer.status()).wait(8)
    peer.finish("a", first, watch.server_ms())
    second_ns = watch.now_ns
    watch.hear(peer.status())
    peer.running, peer.pending = [item("b")], []
    watch.hear(peer.status()).wait(0.7).ask()
    started = {event.key.external_id: event.t_ns for event in watch.of(IterationStarted)}
    (ended,) = watch.of(IterationEnded)
    assert started["b"] == ended.t_ns == second_ns


def test_an_empty_history_is_asked_again_before_a_job_is_unknown():
    watch = Watch(Peer()).connect().wait(5)
    peer = watch.peer
    peer.running = [item("a")]
    watch.hear(peer.status()).hear(peer.status()).wait(0.1).ask().wait(10)
    late, peer.running = peer.running, []
    watch.hear(peer.status()).wait(0.1).ask().wait(0.6).ask()
    assert not watch.of(IterationEnded)
    peer.running = late
    peer.finish("a", watch.server_ms() - 10_000, watch.server_ms())
    watch.wait(1.2).ask()
    assert [event.status for event in watch.of(IterationEnded)] == [Status.COMPLETED]


def test_a_restart_with_an_empty_history_makes_the_running_job_unknown():
    watch = Watch(Peer()).connect().wait(5)
    peer = watch.peer
    peer.running = [item("a")]
    watch.hear(peer.status()).hear(peer.status()).wait(0.1).ask()
    watch.log(bar(0)).wait(1).log(bar(7)).wait(1)
    watch.reducer.disconnected(watch.at())
    lost_ns = watch.now_ns
    watch.wait(4)
    watch.peer = Peer()
    watch.connect()
    for _ in range(8):
        watch.wait(1).ask()
    (ended,) = watch.of(IterationEnded)
    assert ended.status is Status.UNKNOWN
    assert (ended.t_ns, ended.start_ns, ended.end_ns) == (lost_ns, None, None)
    assert ended.done.steps == 7


def test_a_silent_server_is_given_up_and_heard_again():
    watch = Watch(Peer()).connect().wait(5)
    peer = watch.peer
    peer.running = [item("a")]
    start = watch.server_ms()
    watch.hear(peer.status()).hear(peer.status()).wait(0.1).ask().wait(3)
    watch.reducer.disconnected(watch.at())
    for _ in range(20):
        watch.wait(1).ask()
    assert [event.status for event in watch.of(IterationEnded)] == [Status.UNKNOWN]
    peer.finish("a", start, watch.server_ms())
    watch.connect()
    assert [event.status for event in watch.of(IterationEnded)][1:] == [Status.COMPLETED]
    watch.wait(6).ask()
    assert len(watch.of(IterationStarted)) == 1


def test_a_cut_line_does_not_end_a_job():
    watch = Watch(Peer()).connect().wait(5)
    peer = watch.peer
    peer.running = [item("a")]
    start = watch.server_ms()
    watch.hear(peer.status()).hear(peer.status()).wait(0.1).ask().log(bar(0)).wait(2).log(bar(3))
    watch.reducer.disconnected(watch.at())
    watch.wait(2).connect().log(bar(5)).wait(2)
    peer.finish("a", start, watch.server_ms())
    watch.hear(peer.status()).wait(0.1).ask()
    assert len(watch.of(IterationStarted)) == 1
    assert [event.status for event in watch.of(IterationEnded)] == [Status.COMPLETED]
    assert [event.step for event in watch.of(StepDone)] == [0, 3, 5]


def test_a_job_that_ran_while_the_line_was_cut_is_told_with_its_own_times():
    watch = Watch(Peer()).connect().wait(5)
    watch.reducer.disconnected(watch.at())
    begin = watch.server_ms()
    watch.wait(20)
    watch.peer.running = [item("a")]
    watch.peer.finish("a", begin, watch.server_ms())
    watch.connect()
    (started,) = watch.of(IterationStarted)
    (ended,) = watch.of(IterationEnded)
    assert started.t_ns == ended.start_ns == ended.end_ns - 20 * S
    assert not watch.of(IterationBackfilled)


def test_what_ran_before_us_is_backfilled_once_however_often_we_reconnect():
    peer = Peer()
    peer.running = [item("old")]
    peer.finish("old", UTC_NS // MS, UTC_NS // MS + 60_000)
    watch = Watch(peer).connect()
    for _ in range(3):
        watch.reducer.disconnected(watch.at())
        watch.wait(1).connect()
    (earlier,) = watch.of(IterationBackfilled)
    assert earlier.ended_utc_ns - earlier.started_utc_ns == 60 * S
    assert not watch.of(IterationStarted)


def test_a_job_deleted_while_it_waited_leaves_no_trace():
    watch = Watch(Peer()).connect().wait(5)
    peer = watch.peer
    peer.running = [item("a")]
    watch.hear(peer.status()).hear(peer.status()).wait(0.1).ask()
    peer.pending = [item("b")]
    watch.wait(2).hear(peer.status()).wait(0.1).ask()
    peer.pending = []
    watch.wait(2).hear(peer.status()).wait(0.1).ask().wait(6).ask()
    assert [event.key.external_id for event in watch.of(IterationStarted)] == ["a"]
    assert not watch.of(IterationEnded)


@pytest.mark.parametrize(
    ("verdict", "status"),
    [("execution_error", Status.FAILED), ("execution_interrupted", Status.CANCELLED)],
)
def test_an_error_is_told_from_an_interrupt(verdict, status):
    watch = Watch(Peer()).connect().wait(5)
    watch.peer.running = [item("a")]
    watch.hear(watch.peer.status()).wait(0.1).ask().log(bar(0)).wait(1).log(bar(6))
    watch.peer.finish("a", watch.server_ms() - 1000, watch.server_ms(), verdict)
    watch.hear(watch.peer.status()).ask()
    (ended,) = watch.of(IterationEnded)
    assert ended.status is status
    assert ended.done == Done(6, 12)
    assert ended.outputs == ()


@pytest.mark.parametrize("is_local", [True, False])
@pytest.mark.parametrize("skew_ms", [-7_200_000, 3_600_123])
def test_a_server_whose_clock_is_off_is_mapped_within_its_bound(is_local, skew_ms):
    watch = Watch(Peer(skew_ms), is_local=is_local, round_trip_ms=20).connect().wait(5)
    begin = watch.now_ns
    run_one(watch)
    (ended,) = watch.of(IterationEnded)
    assert ended.clock_bound_ns <= 12 * MS
    assert abs(ended.start_ns - begin) <= ended.clock_bound_ns + MS
    assert abs(ended.end_ns - begin - 30 * S) <= ended.clock_bound_ns + MS


def test_a_step_of_our_wall_clock_during_a_job_moves_neither_end():
    watch = Watch(Peer()).connect().wait(5)
    begin = watch.now_ns
    peer = watch.peer
    peer.running = [item("a")]
    start = watch.server_ms()
    watch.hear(peer.status()).hear(peer.status()).wait(0.1).ask().wait(30)
    hour = 3600 * S
    watch.at = lambda: Moment(watch.now_ns, UTC_NS + watch.now_ns + hour)
    peer.finish("a", start, watch.server_ms() + 3_600_000)
    watch.hear(peer.status()).wait(0.1).ask()
    (ended,) = watch.of(IterationEnded)
    assert abs(ended.start_ns - begin) <= MS
    assert abs(ended.end_ns - begin - 30.1 * S) <= MS


def test_times_that_make_no_sense_leave_those_we_saw():
    watch = Watch(Peer()).connect().wait(5)
    peer = watch.peer
    peer.running = [item("a")]
    watch.hear(peer.status()).hear(peer.status()).wait(0.1).ask().wait(3)
    peer.finish("a", watch.server_ms(), watch.server_ms() - 9_000)
    watch.hear(peer.status()).wait(0.1).ask()
    (ended,) = watch.of(IterationEnded)
    assert (ended.start_ns, ended.end_ns) == (None, None)
    assert ended.status is Status.COMPLETED


def test_a_graph_with_nan_is_still_a_job():
    body = json.dumps({"queue_running": [item("a")], "queue_pending": []})
    body = body.replace('"denoise": 1.0', '"denoise": 1.0, "is_changed": [NaN]')
    (one,) = decode_queue(body.encode()).running
    assert one.prompt_id == "a"


def test_a_burst_loses_no_start_and_no_end_and_thins_out_steps():
    watch = Watch(Peer()).connect().wait(5)
    peer = watch.peer
    ids = [f"p{index}" for index in range(20)]
    for prompt_id in ids:
        peer.running = [item(prompt_id)]
        start = watch.server_ms()
        watch.hear(peer.status()).hear(peer.status()).wait(0.03).ask()
        progress = {"prompt_id": prompt_id, "node": "3", "max": 2500}
        for step in range(2501):
            message = wire.Progress(step, 2500, prompt_id, "3")
            watch.now_ns += 20_000
            watch.events += watch.reducer.hear(watch.at(), message)
        assert progress
        peer.finish(prompt_id, start, watch.server_ms())
        watch.hear(peer.status()).wait(0.03).ask()
    assert [event.key.external_id for event in watch.of(IterationStarted)] == ids
    assert [event.key.external_id for event in watch.of(IterationEnded)] == ids
    steps = watch.of(StepDone)
    assert len(steps) <= 20 * 3
    assert sum(event.step == 2500 for event in steps) == 20


def test_questions_are_given_out_once_and_kept_to_the_safety_net():
    watch = Watch(Peer()).connect()
    assert watch.asked == [AskQueue(), AskRecent(64)]
    for _ in range(100):
        watch.wait(0.1).ask()
    assert watch.asked[2:] == [AskQueue(), AskQueue()]


def test_a_recent_history_that_is_too_large_is_asked_for_in_parts():
    watch = Watch(Peer())
    watch.reducer.connected(watch.at())
    questions = []
    while (question := watch.reducer.next_question(watch.at())) is not None:
        questions.append(question)
        watch.reducer.unanswered(question, watch.at())
    assert questions == [AskQueue(), *(AskRecent(n) for n in (64, 32, 16, 8, 4, 2, 1))]


class Anything(RuleBasedStateMachine):
    """A server that posts, runs, ends, restarts and stutters; lines break; messages lie."""

    def __init__(self):
        super().__init__()
        self.watch = Watch(Peer()).connect().wait(1)
        self.count = 0
        self.truth = {}
        self.started_ms = {}
        self.connected = True
        self.restarted = False
        self.old_answers = []

    @property
    def peer(self):
        return self.watch.peer

    def say_status(self):
        if self.connected:
            self.watch.hear(self.peer.status())

    @rule()
    def post(self):
        self.count += 1
        self.peer.pending = [*self.peer.pending, item(f"p{self.count}")]
        self.say_status()

    @rule(told=st.booleans())
    def take(self, told):
        if self.peer.pending and not self.peer.running:
            self.peer.running, self.peer.pending = self.peer.pending[:1], self.peer.pending[1:]
            self.started_ms[self.peer.running[0][1]] = self.watch.server_ms()
            if told:
                self.say_status()

    @rule(
        verdict=st.sampled_from(["execution_success", "execution_error", "execution_interrupted"]),
        told=st.booleans(),
    )
    def finish(self, verdict, told):
        if self.peer.running:
            prompt_id = self.peer.running[0][1]
            self.truth[prompt_id] = {
                "execution_success": Status.COMPLETED,
                "execution_error": Status.FAILED,
                "execution_interrupted": Status.CANCELLED,
            }[verdict]
            start = self.started_ms[prompt_id]
            self.peer.finish(prompt_id, start, self.watch.server_ms(), verdict)
            if told:
                self.say_status()

    @rule()
    def restart(self):
        self.watch.reducer.disconnected(self.watch.at())
        self.watch.peer = Peer()
        self.connected = False
        self.restarted = True

    @rule()
    def cut(self):
        self.watch.reducer.disconnected(self.watch.at())
        self.connected = False

    @precondition(lambda self: not self.connected)
    @rule()
    def reconnect(self):
        self.connected = True
        self.watch.connect()

    @rule(seconds=st.sampled_from([0.001, 0.3, 2.0, 20.0]))
    def wait(self, seconds):
        self.watch.wait(seconds)

    @rule()
    def ask(self):
        self.watch.ask()

    @rule(remaining=st.integers(-3, 100))
    def lie(self, remaining):
        body = {"status": {"exec_info": {"queue_remaining": remaining}}}
        self.watch.hear({"type": "status", "data": body})

    @rule(step=st.integers(0, 30), steps=st.integers(0, 30))
    def write(self, step, steps):
        self.watch.log(bar(step, steps))

    @rule(
        text=st.sampled_from(
            ["Prompt executed in 3.00 seconds\n", "Requested to load WanVAE\n", "\n", "\r", "x"]
        ),
        ago=st.integers(-5, 100),
    )
    def write_line(self, text, ago):
        self.watch.log(text, at_ns=self.watch.now_ns - ago * S)

    @rule(number=st.integers(1, 9), value=st.floats(-1e9, 1e9), node=st.sampled_from("1389x"))
    def progress(self, number, value, node):
        said = {"prompt_id": f"p{number}", "value": value, "max": 20, "node": node}
        self.watch.hear({"type": "progress", "data": said})

    @rule()
    def keep_an_answer(self):
        body = json.dumps(self.peer.queue_body()).encode()
        self.old_answers.append((self.watch.at(), decode_queue(body)))

    @precondition(lambda self: self.old_answers)
    @rule(index=st.integers(0, 9))
    def old_answer_comes_late(self, index):
        asked, queue = self.old_answers[index % len(self.old_answers)]
        self.watch.events += self.watch.reducer.answer_queue(asked, queue)

    @rule(number=st.integers(1, 9))
    def empty_answer(self, number):
        at = self.watch.at()
        self.watch.events += self.watch.reducer.answer_job(at, f"p{number}", decode_history(b"{}"))

    @invariant()
    def nothing_is_told_without_evidence(self):
        started = [event.key.external_id for event in self.watch.of(IterationStarted)]
        assert len(started) == len(set(started))
        for event in self.watch.of(IterationEnded):
            assert event.key.external_id in started
            if event.status is not Status.UNKNOWN:
                assert event.status is self.truth[event.key.external_id]

    def teardown(self):
        if not self.connected:
            self.watch.connect()
        for _ in range(12):
            self.watch.wait(3).ask()
        last = {event.key.external_id: event.status for event in self.watch.of(IterationEnded)}
        running = {one[1] for one in self.peer.running}
        for event in self.watch.of(IterationStarted):
            assert event.key.external_id in last or event.key.external_id in running
        if not self.restarted:
            assert last.keys() >= self.truth.keys()


Anything.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAnything = Anything.TestCase


def test_questions_about_a_job_name_it():
    watch = Watch(Peer()).connect().wait(5)
    run_one(watch, "a/b c")
    assert AskJob("a/b c") in watch.asked


def test_a_model_found_in_memory_keeps_the_precision_it_was_loaded_with():
    peer = Peer()
    watch = Watch(peer).connect()
    for name, steps in (("a", 20), ("b", 20)):
        start_ms = watch.server_ms()
        peer.running = [item(name, steps)]
        watch.hear(peer.status()).ask().wait(1)
        if name == "a":
            watch.log("model weight dtype torch.float32, manual cast: None\n")
        peer.finish(name, start_ms, watch.server_ms())
        watch.hear(peer.status()).ask().wait(1)
    seen = [(one.key.external_id, one.precision) for one in watch.of(PrecisionSeen)]
    assert seen == [("a", "fp32"), ("b", "fp32")]
