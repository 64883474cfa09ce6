"""A card is watched at rest: levels and drops are kept, freeing is offered only when it pays."""

import asyncio
from array import array
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.clock import ManualClock
from support.engine import CARD, S, a_ledger, a_source, a_start, an_end
from support.loading import loaded, sitting

from vidgreen_gui.engine.learning import (
    MEASURED,
    MEASURING,
    NOT_MEASURED,
    NOTHING_HELD,
    Learning,
)
from vidgreen_gui.engine.notices import Notices
from vidgreen_gui.engine.release import LEAST_DROP_MW, OFFER, OFFER_AFTER_NS, break_even_min
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.commands import FreeModels
from vidgreen_gui.model.faults import InputFault, SourceFault
from vidgreen_gui.model.footprint import Grade, Range
from vidgreen_gui.model.learnt import FreedDrop, IdleLevels
from vidgreen_gui.model.power import PowerBlock, SlowBlock, SlowField
from vidgreen_gui.system.resources import load_texts

SOURCE = "comfyui:8188"
GB = 10**9
OFFER_AFTER_S = OFFER_AFTER_NS // S
DROP = FreedDrop(
    device_id=CARD.id, drop_mw=Range(30e3, 25e3, 35e3), measured_utc_ns=1,
    reload_j=Range(3000.0, 2000.0, 4500.0), reload_s=31.4,
)  # fmt: skip


TEXTS = [load_texts(language) for language in ("en", "fr")]


def said(notice):
    """Return a notice's code, once it has its sentence in both languages."""
    for texts in TEXTS:
        assert "{" not in texts.fault(notice)
    return notice.code


class Server:
    """A watcher with one ComfyUI that frees its models when it is asked."""

    def __init__(self, stage, fault=None):
        self.stage, self.fault = stage, fault

    async def free_models(self, source_id):
        if self.fault is not None:
            raise self.fault
        if source_id != SOURCE:
            return False
        self.stage.free()
        return True


class Stage:
    """A card that draws 20 W, 55 W with models, 400 W at work; a second at a time."""

    def __init__(self, *known, device=CARD):
        self.clock = ManualClock(steady_ns=0)
        self.ledger = a_ledger()
        self.ledger.apply(ev.DeviceFound(t_ns=0, device=device))
        self.ledger.apply(
            ev.SessionStarted(
                t_ns=0, session_id="s1", project_id="p1", kind=ev.SessionKind.LIVE, utc_ns=0
            )
        )
        self.device = device
        self.notices = Notices(())
        self.kept = []
        self.server = Server(self)
        equipment = SimpleNamespace(learnt=known, clock=self.clock, watchers=(self.server,))
        self.learning = Learning(self.ledger, equipment, self.notices, self.kept.append)
        self.holds = self.works = False
        self.jobs = 0

    def go(self, seconds):
        for _ in range(seconds):
            now_ns = self.clock.steady_ns()
            power_mw = 400_000 if self.works else 55_000 if self.holds else 20_000
            t_ns = array("q", [now_ns + i * S // 10 for i in range(9)])
            memory = array("q", [20 * GB if self.holds else 1 * GB])
            self.clock.advance(1)
            self.learning.add(
                (
                    PowerBlock(self.device.id, S // 10, t_ns, array("q", [power_mw] * 9)),
                    SlowBlock(self.device.id, SlowField.MEMORY_USED_BYTES, S, t_ns[:1], memory),
                )
            )
            self.learning.tick(None)
            assert not (self.works and offered(self))

    def found(self):
        self.ledger.apply(a_source())

    def work(self, seconds):
        self.jobs += 1
        name, number = f"job{self.jobs}", self.jobs
        now_s = self.clock.steady_ns() / S
        self.ledger.apply(
            replace(a_start(name, now_s), iteration_id=name, clip_id="c1", number=number,
                    device_ids=(self.device.id,))
        )  # fmt: skip
        self.holds = self.works = True
        self.go(seconds)
        self.ledger.apply(an_end(name, self.clock.steady_ns() / S))
        self.works = False

    def free(self):
        self.holds = False

    def ask(self, source_id=SOURCE):
        """Send the command and return the answer's sentence, None when it was done."""

        async def sent():
            answered = asyncio.get_running_loop().create_future()
            self.learning.free(FreeModels(source_id), answered.set_result)
            return await answered

        answer = asyncio.run(sent())
        assert answer.command == FreeModels(source_id)
        return said(answer.notice) if answer.notice else None

    def codes(self):
        return {said(notice) for notice in self.notices.all()}


def test_levels_are_learnt_shown_and_kept():
    stage = Stage()
    stage.go(45)
    stage.found()
    stage.work(30)
    stage.go(60)
    levels = stage.learning.idle(CARD.id)
    assert levels.untouched.power_mw.best == 20_000
    assert levels.context.power_mw.best == 55_000
    assert levels.bare is None
    assert all(isinstance(one, IdleLevels) for one in stage.kept)
    stage.learning.finish()
    assert stage.kept[-1] == levels


def test_a_simulated_card_teaches_nothing():
    stage = Stage(device=replace(CARD, grade=Grade.SIMULATED))
    stage.go(200)
    stage.learning.finish()
    assert stage.learning.idle(CARD.id) is None
    assert stage.kept == []


def test_freeing_by_hand_is_measured_and_told():
    stage = Stage()
    stage.found()
    stage.work(20)
    stage.go(120)
    assert stage.ask() is None
    assert stage.codes() == {MEASURING}
    stage.go(90)
    assert stage.codes() == {MEASURED}
    (drop,) = [one for one in stage.kept if isinstance(one, FreedDrop)]
    assert drop.drop_mw.best == 35_000
    assert drop.reload_j is None
    stage.go(OFFER_AFTER_S)
    assert OFFER not in stage.codes()  # what loading again costs is not known


@pytest.mark.parametrize(("rested_s", "then", "told"), [
    (30, lambda stage: stage.go(90), NOT_MEASURED),
    (120, lambda stage: (stage.go(40), stage.work(5)), NOT_MEASURED),
    (120, lambda stage: (stage.go(40),
                         stage.ledger.apply(ev.SourceLost(t_ns=0, source_id=SOURCE)),
                         stage.go(2)), NOT_MEASURED),
])  # fmt: skip
def test_what_could_not_be_measured_is_said(rested_s, then, told):
    stage = Stage()
    stage.found()
    stage.work(20)
    stage.go(rested_s)
    assert stage.ask() is None
    then(stage)
    assert stage.codes() == {told}
    assert not [one for one in stage.kept if isinstance(one, FreedDrop)]


def used(stage, comfy_bytes, other_bytes):
    stage.ledger.apply(
        ev.DeviceUsed(
            t_ns=stage.clock.steady_ns(),
            device_id=CARD.id,
            users=(
                ev.DeviceUser(7, "python", SOURCE, 0, comfy_bytes),
                ev.DeviceUser(9, "llm", "", 0, other_bytes),
            ),
        )
    )


@pytest.mark.parametrize(("comfy_left", "other_left", "measured"), [
    (1 * GB, 1 * GB, True), (18 * GB, 0, False), (None, 1 * GB, False),
])  # fmt: skip
def test_what_another_program_let_go_is_no_freeing_of_ours(comfy_left, other_left, measured):
    stage = Stage(device=replace(CARD, sees_processes=True))
    stage.found()
    stage.work(20)
    used(stage, 18 * GB, 1 * GB)
    stage.go(120)
    stage.free()
    stage.go(5)
    used(stage, comfy_left, other_left)
    stage.go(90)
    assert bool([one for one in stage.kept if isinstance(one, FreedDrop)]) == measured
    assert stage.codes() == set()


def test_a_card_that_held_nothing_is_said():
    stage = Stage()
    stage.found()
    stage.go(120)
    assert stage.ask() is None
    stage.go(40)
    assert stage.codes() == {NOTHING_HELD}


def test_nothing_is_asked_of_a_source_that_works_or_waits():
    stage = Stage()
    stage.found()
    stage.ledger.apply(ev.QueueChanged(t_ns=0, source_id=SOURCE, running=0, pending=1))
    with pytest.raises(InputFault) as refused:
        stage.learning.free(FreeModels(SOURCE), lambda _: None)
    assert refused.value.code == "fault.engine.free_busy"
    assert refused.value.arguments["source"] == ":8188"


def test_what_cannot_be_asked_is_answered():
    stage = Stage()
    assert stage.ask("script:x") == "fault.engine.cannot_free"
    stage.server.fault = SourceFault("fault.source.status", address="x", status=403)
    assert stage.ask() == "fault.source.status"
    stage.server.fault = ZeroDivisionError()
    assert stage.ask() == "fault.engine.not_done"
    assert stage.codes() == set()


def offered(stage):
    return [notice for notice in stage.notices.all() if said(notice) == OFFER]


def test_freeing_is_offered_after_a_while_of_rest():
    stage = Stage(DROP)
    stage.found()
    stage.work(20)
    stage.go(OFFER_AFTER_S - 5)
    assert offered(stage) == []
    stage.go(10)
    (offer,) = offered(stage)
    assert dict(offer.arguments) == {
        "device": CARD.name, "minutes": 3, "mwh": 833, "seconds": 31, "source": SOURCE,
        "watts": 30,
    }  # fmt: skip
    assert offer.severity == "info"
    stage.go(60)
    assert offered(stage) == [offer]
    stage.work(2)
    assert offered(stage) == []


NO_GOOD_REASON = {
    "never measured": (),
    "too small": (replace(DROP, drop_mw=Range(5e3, LEAST_DROP_MW, 9e3)),),
    "reload unknown": (replace(DROP, reload_j=None, reload_s=None),),
    "another card": (replace(DROP, device_id="another card"),),
    "pays off too late": (replace(DROP, reload_j=Range(1e6, 1e6, 1e6)),),
}


@pytest.mark.parametrize("known", NO_GOOD_REASON.values(), ids=NO_GOOD_REASON)
def test_freeing_is_not_offered_without_good_reason(known):
    stage = Stage(*known)
    stage.found()
    stage.work(20)
    stage.go(OFFER_AFTER_S + 60)
    assert offered(stage) == []


def job_waits(stage):
    stage.ledger.apply(ev.QueueChanged(t_ns=0, source_id=SOURCE, running=0, pending=1))


def other_server_works(stage):
    stage.ledger.apply(a_source("comfyui:8189"))
    stage.ledger.apply(ev.QueueChanged(t_ns=0, source_id="comfyui:8189", running=1, pending=0))


def game_starts(stage):
    player = ev.DeviceUser(9, "game", "", 60, 10**9)
    stage.ledger.apply(ev.DeviceUsed(t_ns=0, device_id=CARD.id, users=(player,)))


def server_goes(stage):
    stage.ledger.apply(ev.SourceLost(t_ns=0, source_id=SOURCE))


def server_starts_anew(stage):
    server_goes(stage)
    stage.go(2)
    stage.found()


@pytest.mark.parametrize(
    "change",
    [Stage.free, job_waits, other_server_works, game_starts, server_goes, server_starts_anew],
)
def test_the_offer_is_taken_back(change):
    stage = Stage(DROP)
    stage.found()
    stage.work(20)
    stage.go(OFFER_AFTER_S + 10)
    assert offered(stage)
    change(stage)
    stage.go(2)
    assert offered(stage) == []


def test_once_loading_again_is_known_it_is_offered():
    stage = Stage()
    stage.found()
    stage.work(20)
    stage.go(120)
    stage.ask()
    stage.go(100)
    stage.work(40)  # the first after freeing
    stage.go(5)
    first = loaded("job2", 31.0, 1.02)
    stage.learning.tick(sitting(first))
    assert stage.kept[-1].reload_j is None
    stage.work(10)
    stage.learning.tick(sitting(loaded("job1", 31.0, 1.0), first, loaded("job3", 1.0, 0.02)))
    known = stage.kept[-1]
    assert known.drop_mw.best == 35_000
    assert known.reload_j.best == pytest.approx(3600.0)
    assert known.reload_s == pytest.approx(30.0)
    stage.go(OFFER_AFTER_S + 10)
    assert offered(stage)


def test_before_any_job_nothing_is_offered():
    stage = Stage(DROP)
    stage.found()
    stage.go(OFFER_AFTER_S + 60)
    assert offered(stage) == []


@pytest.mark.parametrize(("reload_j", "low_mw", "minutes"), [
    (4500.0, 25e3, 3), (1.0, 25e3, 1), (0.0, 25e3, 1), (None, 25e3, None), (4500.0, -1.0, None),
])  # fmt: skip
def test_the_pause_that_pays_off(reload_j, low_mw, minutes):
    reload = None if reload_j is None else Range(reload_j, 0.0, reload_j)
    drop = replace(DROP, drop_mw=Range(30e3, low_mw, 35e3), reload_j=reload)
    assert break_even_min(drop) == minutes


STEPS = {
    "rest": lambda stage: stage.go(70),
    "long rest": lambda stage: stage.go(OFFER_AFTER_S),
    "moment": lambda stage: stage.go(1),
    "job": lambda stage: stage.work(12),
    "quick job": lambda stage: stage.work(1),
    "queue": job_waits,
    "empty queue": lambda stage: stage.ledger.apply(
        ev.QueueChanged(t_ns=0, source_id=SOURCE, running=0, pending=0)
    ),
    "lost": server_goes,
    "found": Stage.found,
    # Right after a job nobody has seen yet what is held.
    "freed": lambda stage: (stage.go(3), stage.free()),
    "game": game_starts,
    "game over": lambda stage: stage.ledger.apply(ev.DeviceUsed(t_ns=0, device_id=CARD.id)),
}


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=14), st.booleans(), st.booleans())
def test_whatever_happens_it_is_true_and_in_no_ones_way(steps, sees, knows):
    """Never offered while anything works, waits or plays; never a level of anything but rest."""
    stage = Stage(*((DROP,) if knows else ()), device=replace(CARD, sees_processes=sees))
    stage.found()
    for step in steps:
        STEPS[step](stage)
        stage.go(1)
        source = stage.ledger.sources[SOURCE]
        game = any(user.name == "game" for used in stage.ledger.uses.get(CARD.id, [])[-1:]
                   for user in used.users)  # fmt: skip
        if offered(stage):
            assert knows or stage.kept[-1].reload_j is not None
            assert source.state == "found"
            assert not source.pending
            assert not game
            assert stage.holds
        levels = stage.learning.idle(CARD.id) or IdleLevels(device_id=CARD.id)
        for level in (levels.untouched, levels.bare, levels.context):
            if level is not None:
                assert 20_000 <= level.power_mw.low <= level.power_mw.high <= 55_000
    for drop in stage.kept:
        if isinstance(drop, FreedDrop):
            assert drop.drop_mw.best in {0, 35_000}
