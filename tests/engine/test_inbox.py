"""The inbox: steps coalesce, the last of them stand before their job's end, nothing else moves."""

from dataclasses import replace

from support.engine import a_start, an_end, key

from vidgreen_gui.engine.inbox import Inbox
from vidgreen_gui.model.events import StepDone


def step(name, number, pass_index=0):
    return StepDone(t_ns=0, key=key(name), pass_index=pass_index, step=number, steps=20)


def test_of_many_steps_the_newest_of_each_pass_comes():
    woken = []
    inbox = Inbox(lambda: woken.append(1))
    for number in range(1, 10):
        inbox.put(step("a", number))
        inbox.put(step("a", number, pass_index=1))
        inbox.put(step("b", number))
    mail = inbox.take()
    assert mail.steps == [step("a", 9), step("a", 9, pass_index=1), step("b", 9)]
    assert not mail.events
    assert len(woken) == 1


def test_the_last_steps_of_a_job_come_before_its_end():
    inbox = Inbox(lambda: None)
    start = a_start("a", 0.0)
    end = replace(an_end("a", 1.0), outputs=())
    for item in (start, step("a", 1), step("b", 1), step("a", 2), end, step("b", 2)):
        inbox.put(item)
    mail = inbox.take()
    assert mail.events == [start, step("a", 2), end]
    assert mail.steps == [step("b", 2)]
