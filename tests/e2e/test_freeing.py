"""Freeing the models, from the window's command to the server's route and back."""

import asyncio
import threading
import time

import pytest
from support.fake_comfyui import FakeComfyUI

from vidgreen_gui.model.commands import FreeModels
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.verbs.assembly import RecorderRequest, assemble
from vidgreen_gui.watchers.comfyui.watcher import ComfyUIWatcher

JOB = [1, "prompt-1", {"3": {"class_type": "KSampler", "inputs": {}}}, {}, ["9"]]


@pytest.fixture
def server():
    """A ComfyUI on a thread of its own."""
    loop, server = asyncio.new_event_loop(), FakeComfyUI()
    loop.run_until_complete(server.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server
    asyncio.run_coroutine_threadsafe(server.die(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def recorder(tmp_path, server):
    paths = Paths(tmp_path / "data", tmp_path / "config")
    request = RecorderRequest(paths=paths, holder="record", meter="simulated")
    assembled = assemble(
        request, lambda clock, *_: (ComfyUIWatcher(clock, [server.address], discover=False),)
    )
    assembled.recorder.start()
    yield assembled.recorder
    assembled.close()


def wait_for(what, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def source_of(recorder):
    def found():
        snapshot = recorder.latest()
        sources = snapshot.sources if snapshot is not None else ()
        return next((one.id for one in sources if one.state == "found"), None)

    return wait_for(found)


def answer(recorder, command):
    recorder.send(command)
    (answered,) = wait_for(recorder.answers)
    assert answered.command == command
    return answered.notice and answered.notice.code


def frees(server):
    return [body for method, path, _, body in server.requests if path == "/free"]


@pytest.mark.timeout(60)
def test_the_users_word_reaches_the_server_and_nothing_else_does(recorder, server):
    source_id = source_of(recorder)
    assert frees(server) == []
    assert answer(recorder, FreeModels(source_id)) is None
    assert len(frees(server)) == 1
    server.bodies["/queue"] = {"queue_running": [], "queue_pending": [JOB]}
    assert answer(recorder, FreeModels(source_id)) == "fault.engine.free_busy"
    assert answer(recorder, FreeModels("comfyui:nobody")) == "fault.engine.cannot_free"
    assert len(frees(server)) == 1
