"""Between threads: the newest wins, drops are counted, what counts is never lost."""

import threading

from support.engine import a_start, an_end, key

from vidgreen_gui.engine.inbox import Inbox
from vidgreen_gui.engine.mailbox import Mailbox, Outbox
from vidgreen_gui.model.events import IterationEnded, IterationStarted, StepDone


def test_the_newest_fact_replaces_one_that_nobody_saw():
    box = Mailbox()
    assert box.latest() is None
    box.put(1)
    box.put(2)
    assert (box.latest(), box.latest(), box.dropped) == (2, 2, 1)
    box.put(3)
    assert box.dropped == 1


def test_answers_come_all_and_once():
    box = Outbox(most=3)
    for number in range(5):
        box.put(number)
    assert box.take() == (2, 3, 4)
    assert box.take() == ()


def test_a_burst_from_two_threads_loses_no_start_and_no_end():
    woken = []
    inbox = Inbox(lambda: woken.append(1))
    mails, stop = [], threading.Event()

    def burst(name):
        for number in range(2_000):
            job = f"{name}{number}"
            inbox.put(a_start(job, 0.0))
            for step in range(5):
                inbox.put(StepDone(t_ns=step, key=key(job), pass_index=0, step=step, steps=5))
            inbox.put(an_end(job, 1.0))

    def drain():
        while not stop.is_set():
            mails.append(inbox.take())

    threads = [threading.Thread(target=burst, args=(name,)) for name in "ab"]
    drainer = threading.Thread(target=drain)
    for thread in (*threads, drainer):
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    drainer.join()
    mails.append(inbox.take())
    events = [event for mail in mails for event in mail.events]
    assert sum(isinstance(e, IterationStarted) for e in events) == 4_000
    assert sum(isinstance(e, IterationEnded) for e in events) == 4_000
    assert woken
