"""Four hours without a job end a sitting, those asleep included; a lost source is waited for."""

from support.clock import ManualClock
from support.engine import S, a_ledger, a_source, a_start, an_end

from vidgreen_gui.engine.patience import Patience, gone_for_good
from vidgreen_gui.engine.run_clock import RunClock
from vidgreen_gui.model import events as ev

HOURS = 3600


class Bench:
    """A sitting on a clock that moves by hand; the recorder looks once in a while."""

    def __init__(self):
        self.hand = ManualClock()
        self.clock = RunClock(self.hand)
        self.ledger = a_ledger()
        self.patience = Patience(self.clock)

    def begin(self):
        self.ledger.apply(
            ev.SessionStarted(
                t_ns=self.clock.steady_ns(), session_id="s", project_id="p1", kind="live", utc_ns=0
            )
        )

    def job(self, name, seconds):
        more = {"iteration_id": name, "clip_id": "c", "number": 1}
        event = a_start(name, self.clock.steady_ns() / S)
        fields = {field: getattr(event, field) for field in event.__slots__}
        self.ledger.apply(ev.IterationStarted(**fields | more))
        assert not self.over()
        self.hand.advance(seconds)
        if name != "endless":
            self.ledger.apply(an_end(name, self.clock.steady_ns() / S))

    def over(self):
        return self.patience.is_over(self.ledger)


def test_four_hours_after_the_last_job_the_sitting_is_over():
    bench = Bench()
    bench.begin()
    bench.job("a", 60)
    bench.hand.advance(4 * HOURS)
    assert not bench.over()
    bench.hand.advance(1)
    assert bench.over()


def test_a_sitting_begun_by_hand_long_after_the_last_job_goes_on():
    bench = Bench()
    bench.begin()
    bench.job("a", 60)
    bench.ledger.apply(ev.SessionEnded(t_ns=0, session_id="s", ended_by="idle", utc_ns=0))
    bench.hand.advance(10 * HOURS)
    assert not bench.over()
    bench.begin()
    assert not bench.over()
    bench.hand.advance(4 * HOURS + 1)
    assert bench.over()


def test_a_night_asleep_ends_it_and_a_wall_clock_that_steps_does_not():
    bench = Bench()
    bench.begin()
    bench.job("a", 60)
    assert not bench.over()
    bench.hand.step_wall(8 * HOURS)
    assert not bench.over()
    bench.hand.sleep(8 * HOURS)
    assert bench.over()


def test_no_sitting_ends_under_a_job_however_long_it_runs():
    bench = Bench()
    bench.begin()
    bench.job("endless", 9 * HOURS)
    bench.hand.sleep(9 * HOURS)
    assert not bench.over()


def test_a_source_is_gone_for_good_after_a_minute_and_only_once():
    ledger = a_ledger()
    ledger.apply(a_source())
    ledger.apply(ev.SourceLost(t_ns=10 * S, source_id="comfyui:8188"))
    sources = ledger.sources.values()
    assert gone_for_good(sources, 70 * S) == ()
    (gone,) = gone_for_good(sources, 71 * S)
    assert gone.found.source_id == "comfyui:8188"
    gone.lost_at_ns = None
    assert gone_for_good(sources, 200 * S) == ()
    ledger.apply(ev.SourceLost(t_ns=300 * S, source_id="comfyui:8188"))
    ledger.apply(a_source())
    assert gone_for_good(ledger.sources.values(), 900 * S) == ()
