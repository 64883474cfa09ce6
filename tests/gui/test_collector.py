"""Garbage of any thread is collected on the Qt thread, and only there."""

import gc
import threading
import weakref

import pytest

from vidgreen_gui.gui.collector import Collector


class Knot:
    """Refers to itself, so that only a collection lets it go."""

    def __init__(self):
        self.me = self


@pytest.fixture
def collector(qapp):
    gc.collect()
    made = Collector(qapp)
    yield made
    made.deleteLater()
    gc.enable()


def test_what_another_thread_leaves_is_taken_apart_on_this_one(collector):
    went = []

    def work():
        knot = Knot()
        weakref.finalize(knot, lambda: went.append(threading.get_ident()))
        del knot
        kept = [[] for _ in range(5 * gc.get_threshold()[0])]
        del kept[0]
        held.append(kept)

    held = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert went == []
    collector.look()
    assert went == [threading.get_ident()]


def test_without_garbage_it_does_nothing(collector):
    gc.collect()
    before = [stat["collections"] for stat in gc.get_stats()]
    collector.look()
    assert [stat["collections"] for stat in gc.get_stats()] == before
