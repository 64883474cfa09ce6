"""Freeing the models: asked once, only of an idle server that is watched; else a sentence."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress

import pytest
from support.fake_comfyui import FakeComfyUI

from vidgreen_gui.model.events import SourceFound
from vidgreen_gui.model.faults import SourceFault
from vidgreen_gui.model.ports import FreesModels
from vidgreen_gui.system.clock import SystemClock
from vidgreen_gui.watchers.comfyui.watcher import ComfyUIWatcher

JOB = [1, "prompt-1", {"3": {"class_type": "KSampler", "inputs": {}}}, {}, ["9"]]


@asynccontextmanager
async def watched(server):
    found = asyncio.Event()

    def emit(event):
        if isinstance(event, SourceFound):
            found.set()

    watcher = ComfyUIWatcher(SystemClock(), [server.address], discover=False)
    task = asyncio.create_task(watcher.run(emit))
    try:
        async with asyncio.timeout(20):
            await found.wait()
        yield watcher
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def asked_to_free(server):
    return [json.loads(body) for method, path, _, body in server.requests
            if (method, path) == ("POST", "/free")]  # fmt: skip


def run(scenario):
    asyncio.run(scenario())


def test_an_idle_server_is_asked_once():
    async def scenario():
        async with FakeComfyUI() as server, watched(server) as watcher:
            assert isinstance(watcher, FreesModels)
            (source_id,) = watcher._connections
            assert asked_to_free(server) == []
            assert await watcher.free_models(source_id)
            assert asked_to_free(server) == [{"unload_models": True, "free_memory": True}]

    run(scenario)


@pytest.mark.parametrize("place", ["queue_running", "queue_pending"])
def test_a_server_with_work_is_left_alone(place):
    async def scenario():
        async with FakeComfyUI() as server, watched(server) as watcher:
            (source_id,) = watcher._connections
            # Its queue is asked at that moment: what was seen of it may be a second old.
            server.bodies["/queue"] = {"queue_running": [], "queue_pending": [], place: [JOB]}
            with pytest.raises(SourceFault) as refused:
                await watcher.free_models(source_id)
            assert refused.value.code == "fault.engine.free_busy"
            assert asked_to_free(server) == []

    run(scenario)


def test_a_server_that_refuses_or_is_gone_is_said():
    async def scenario():
        async with FakeComfyUI() as server, watched(server) as watcher:
            (source_id,) = watcher._connections
            server.bodies["/free"] = 403
            with pytest.raises(SourceFault) as refused:
                await watcher.free_models(source_id)
            assert refused.value.code == "fault.source.status"
            await server.die()
            async with asyncio.timeout(10):
                while watcher._connections[source_id]._connected:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            with pytest.raises(SourceFault) as gone:
                await watcher.free_models(source_id)
            assert gone.value.code == "fault.engine.cannot_free"

    run(scenario)


def test_what_is_not_watched_here_is_not_asked():
    async def scenario():
        async with FakeComfyUI() as server, watched(server) as watcher:
            assert not await watcher.free_models("comfyui:somebody-else")
            assert asked_to_free(server) == []

    run(scenario)
