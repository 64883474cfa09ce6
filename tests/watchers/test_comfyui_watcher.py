"""Servers are found without a setting, watched side by side, and added by hand."""

import asyncio
import os
import threading
from contextlib import asynccontextmanager, suppress

import pytest
from support.comfyui import of
from support.fake_comfyui import FakeComfyUI

from vidgreen_gui.model.events import SourceFound, SourceTroubled
from vidgreen_gui.model.faults import SourceFault
from vidgreen_gui.model.ports import Watcher
from vidgreen_gui.system import discovery
from vidgreen_gui.system.clock import SystemClock
from vidgreen_gui.watchers.comfyui import watcher as watcher_module
from vidgreen_gui.watchers.comfyui.pace import Allowance, Backoff
from vidgreen_gui.watchers.comfyui.watcher import ComfyUIWatcher


@pytest.fixture
def only_ours(monkeypatch):
    """Other Python programs of this machine are none of a test's business."""

    def ours():
        return tuple(one for one in discovery.python_listeners() if one.pid == os.getpid())

    monkeypatch.setattr(watcher_module, "python_listeners", ours)
    monkeypatch.setattr(watcher_module, "_SEARCH_S", 0.1)
    monkeypatch.setattr(watcher_module, "_SEARCH_AGAIN_S", 0.1)


@asynccontextmanager
async def running(**how):
    events = []
    one = ComfyUIWatcher(SystemClock(), usual_ports=(), **how)
    task = asyncio.create_task(one.run(events.append))
    try:
        yield one, events
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition, seconds=10.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the events come from several tasks
            await asyncio.sleep(0.005)


def test_servers_are_found_by_themselves_one_after_the_other(only_ours):
    async def scenario():
        async with FakeComfyUI() as first, running() as (_, events):
            await until(lambda: of(SourceFound, events))
            async with FakeComfyUI() as second:
                await until(lambda: len(of(SourceFound, events)) == 2)
                found = {event.source_id: event.pid for event in of(SourceFound, events)}
        assert found == {
            f"comfyui:{first.address}": os.getpid(),
            f"comfyui:{second.address}": os.getpid(),
        }
        assert not of(SourceTroubled, events)

    asyncio.run(scenario())


def test_a_program_that_is_something_else_is_asked_once_and_left_alone(only_ours):
    async def scenario():
        async with FakeComfyUI() as other:
            other.bodies["/system_stats"] = 404
            async with running() as (_, events):
                await until(lambda: other.requests)
                await asyncio.sleep(0.5)
            assert [target for _, target, *_ in other.requests] == ["/system_stats"]
            assert not events

    asyncio.run(scenario())


def test_an_address_is_added_from_another_thread_and_watched_once():
    async def scenario():
        async with FakeComfyUI() as server, running(discover=False) as (one, events):
            await asyncio.sleep(0.05)
            for text in (server.address, f"http://localhost:{server.port}/"):
                thread = threading.Thread(target=one.add_address, args=(text,))
                thread.start()
                await asyncio.to_thread(thread.join)
            await until(lambda: of(SourceFound, events))
            await asyncio.sleep(0.2)
            assert len(of(SourceFound, events)) == 1
            assert len(server.sockets) == 1

    asyncio.run(scenario())


def test_a_wrong_address_is_refused_at_once_and_in_settings_told():
    async def scenario():
        async with running(addresses=("file:///etc/passwd",), discover=False) as (one, events):
            await until(lambda: events)
            with pytest.raises(SourceFault):
                one.add_address("169.254.169.254")
        (trouble,) = events
        assert trouble.code == "fault.source.scheme"

    asyncio.run(scenario())


def test_a_plain_connection_over_the_network_is_warned_of(monkeypatch):
    async def scenario():
        async with running(addresses=("http://192.0.2.1:8188",), discover=False) as (_, events):
            await until(lambda: events)
        assert events[0].code == "fault.source.plain"

    asyncio.run(scenario())


def test_it_is_a_watcher():
    one: Watcher = ComfyUIWatcher(SystemClock())
    assert one.kind == "comfyui"


def test_requests_are_spent_slowly_while_a_job_runs():
    second = 1_000_000_000
    allowance = Allowance(0)
    now = 0
    times = []
    for _ in range(60):
        now += round(allowance.wait_s(now, busy=True) * second)
        times.append(now)
    assert times[2] == 0
    assert times[-1] == pytest.approx(57 * second, abs=second / 100)
    assert allowance.wait_s(now + 10 * second, busy=True) == 0


def test_tries_come_ever_more_slowly_and_start_over():
    backoff = Backoff(chance=lambda: 1.0)
    waits = [backoff.next_s() for _ in range(9)]
    assert waits[:3] == pytest.approx([0.45, 0.9, 1.8])
    assert max(waits) == pytest.approx(27.0)
    assert Backoff(chance=lambda: 0.0).next_s() == pytest.approx(0.25)
    backoff.reset()
    assert backoff.next_s() == pytest.approx(0.45)
