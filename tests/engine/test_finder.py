"""Devices that come while we run are looked for off the sampler's path."""

import threading
import time

from support.clock import ManualClock
from support.meters import ScriptedMeter, device

from vidgreen_gui.engine.finder import Finder


class Plugging(ScriptedMeter):
    """A meter whose devices come when a test says so; `looks` counts how often it was asked."""

    def __init__(self):
        super().__init__(ManualClock())
        self.coming = []
        self.looks = 0
        self.hold = None

    def found(self):
        self.looks += 1
        if self.hold is not None:
            self.hold.wait(10)
        came, self.coming = tuple(self.coming), []
        if None in came:
            raise RuntimeError("scripted")
        return came


def wait_for(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_it_looks_now_and_then_and_outlives_a_meter_that_breaks():
    meter, came = Plugging(), []
    finder = Finder(meter, came.append, every_s=0.02)
    finder.start()
    wait_for(lambda: meter.looks > 2)
    meter.coming = [None]
    wait_for(lambda: not meter.coming)
    meter.coming = [device("late")]
    wait_for(lambda: came)
    finder.stop()
    assert [one.id for one in came] == ["late"]
    looks = meter.looks
    time.sleep(0.1)
    assert meter.looks == looks


def test_it_looks_at_once_when_told_to():
    meter, came = Plugging(), []
    finder = Finder(meter, came.append)
    finder.start()
    time.sleep(0.05)
    assert meter.looks == 0
    meter.coming = [device("late")]
    finder.soon()
    wait_for(lambda: came)
    finder.stop()


def test_a_meter_whose_devices_never_change_is_not_asked():
    finder = Finder(ScriptedMeter(ManualClock()), print)
    finder.start()
    assert not finder._thread.is_alive()
    finder.stop()


def test_it_does_not_wait_for_a_call_that_hangs():
    meter = Plugging()
    meter.hold = threading.Event()
    finder = Finder(meter, print)
    finder.start()
    finder.soon()
    wait_for(lambda: meter.looks)
    began = time.monotonic()
    finder.stop(timeout_s=0.1)
    assert time.monotonic() - began < 2
    meter.hold.set()
