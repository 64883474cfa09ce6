"""One server over real sockets: it is found, watched, lost and found again; faults have words."""

import asyncio
import json
import time
from contextlib import asynccontextmanager, suppress

import pytest
from support.comfyui import MS, Peer, item, of, transcript
from support.fake_comfyui import FakeComfyUI

from vidgreen_gui.model.events import (
    IterationEnded,
    IterationStarted,
    SourceFound,
    SourceLost,
    SourceTroubled,
    StepDone,
)
from vidgreen_gui.model.session import Status
from vidgreen_gui.model.units import NS_PER_S
from vidgreen_gui.system.clock import SystemClock
from vidgreen_gui.system.http import Http
from vidgreen_gui.watchers.comfyui import connection as connection_module
from vidgreen_gui.watchers.comfyui.address import Address
from vidgreen_gui.watchers.comfyui.connection import Connection, clean_device_name


@asynccontextmanager
async def watching(port, **how):
    """Watch a port; yields the events as they come."""
    events = []
    address = Address("127.0.0.1", port)
    async with Http() as http:
        one = Connection(address, http, SystemClock(), events.append, is_local=True, **how)
        task = asyncio.create_task(one.run())
        try:
            yield events
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(condition, seconds=20.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the events come from several tasks
            await asyncio.sleep(0.005)


def run(scenario):
    asyncio.run(scenario())


def test_a_server_is_found_subscribed_and_asked_politely():
    async def scenario():
        async with FakeComfyUI() as server, watching(server.port) as events:
            await until(lambda: len(server.requests) >= 6)
            (found,) = of(SourceFound, events)
            assert found.device_names == ("NVIDIA GeForce RTX 4090",)
            assert found.version == "0.28.1"
            assert found.is_local
            asked = [(method, target.partition("?")[0]) for method, target, *_ in server.requests]
            assert asked[:6] == [
                ("GET", "/system_stats"),
                ("GET", "/ws"),
                ("PATCH", "/internal/logs/subscribe"),
                ("GET", "/internal/logs/raw"),
                ("GET", "/queue"),
                ("GET", "/history"),
            ]
            (client_id,) = server.sockets
            assert json.loads(server.requests[2][3]) == {"clientId": client_id, "enabled": True}
            assert not any("origin" in headers for _, _, headers, _ in server.requests)
            assert not of(SourceTroubled, events)

    run(scenario)


def test_a_played_session_gives_its_iteration():
    async def scenario():
        async with FakeComfyUI() as server:
            record = transcript("tiny_wan22_pair_20steps")
            begun_s = time.monotonic()
            async with watching(server.port) as events:
                await server.connected.wait()
                await server.replay(record, speed=10.0)
                await until(lambda: of(IterationEnded, events))
            watched_s = time.monotonic() - begun_s
            (started,) = of(IterationStarted, events)
            (ended,) = of(IterationEnded, events)
            assert started.extraction.settings.steps == 20
            assert ended.status is Status.COMPLETED
            assert ended.done.steps == 20
            assert {step.pass_index for step in of(StepDone, events)} == {0, 1}
            # The hello, a burst, one a second while the job ran and five a second otherwise.
            busy_s = (ended.t_ns - started.t_ns) / NS_PER_S
            idle_s = max(0.0, watched_s - busy_s)
            assert len(server.requests) <= 6 + 3 + 2 + busy_s + 5 * idle_s

    run(scenario)


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.full)])
def test_killed_at_any_message_a_running_job_is_never_completed(every):
    record = transcript("tiny_wan22_pair_lightx2v_4steps")
    queue = [index for index, one in enumerate(record.records) if one.path == "/queue"]
    _, started_at, finished_at = queue

    async def killed_at(index):
        server = await FakeComfyUI().start()
        async with watching(server.port) as events:
            await server.connected.wait()
            await server.replay(record, until=index)
            await until(lambda: of(IterationStarted, events))
            await server.die()
            async with FakeComfyUI(server.port):
                await until(lambda: of(IterationEnded, events))
        assert [event.status for event in of(IterationEnded, events)] == [Status.UNKNOWN], index
        assert len(of(SourceFound, events)) == 2

    async def scenario():
        await asyncio.gather(*map(killed_at, range(started_at + 1, finished_at, every)))

    run(scenario)


def test_after_a_cut_line_the_server_is_found_again_and_the_job_ends():
    async def scenario():
        peer = Peer()
        peer.running = [item("a")]
        server = await FakeComfyUI().start()
        server.bodies["/queue"] = peer.queue_body()
        async with watching(server.port) as events:
            await until(lambda: of(IterationStarted, events))
            await server.die()
            await until(lambda: of(SourceLost, events))
            now_ms = SystemClock.utc_ns() // MS
            peer.finish("a", now_ms - 2000, now_ms - 1000)
            again = FakeComfyUI(server.port)
            again.bodies["/history"] = again.bodies["/history/a"] = peer.history
            async with again:
                await until(lambda: of(IterationEnded, events))
        (ended,) = of(IterationEnded, events)
        assert ended.status is Status.COMPLETED
        assert abs(ended.end_ns - ended.start_ns - 1000 * MS) < MS

    run(scenario)


HTML = b"<!doctype html><html><title>Please log in</title></html>"


@pytest.mark.parametrize(
    ("bodies", "code"),
    [
        ({"/system_stats": 404}, "fault.source.not_comfyui"),
        ({"/system_stats": {"system": {"os": "linux"}}}, "fault.source.not_comfyui"),
        ({"/system_stats": HTML}, "fault.source.html"),
        ({"/system_stats": 403}, "fault.source.status"),
        ({"/internal/logs/subscribe": 404}, "fault.source.no_logs"),
        ({"/internal/logs/raw": HTML}, "fault.source.no_logs"),
        ({"/queue": HTML}, "fault.source.unreadable"),
        ({"/history": b"[" * 100_000}, "fault.source.unreadable"),
    ],
)
def test_what_is_wrong_is_said_once(bodies, code):
    async def scenario():
        async with FakeComfyUI() as server:
            server.bodies.update(bodies)
            async with watching(server.port) as events:
                await until(lambda: of(SourceTroubled, events))
                await asyncio.sleep(0.6)
            assert [event.code for event in of(SourceTroubled, events)] == [code]

    run(scenario)


def test_without_the_log_jobs_are_still_seen():
    async def scenario():
        async with FakeComfyUI() as server:
            server.bodies["/internal/logs/subscribe"] = 404
            async with watching(server.port) as events:
                await server.connected.wait()
                await server.replay(transcript("tiny_wan_t2v_draft.rerun_cached"), speed=1.0)
                await until(lambda: of(IterationEnded, events))
            assert [event.status for event in of(IterationEnded, events)] == [Status.COMPLETED]

    run(scenario)


def test_nothing_there_is_said_in_words():
    async def scenario():
        server = await FakeComfyUI().start()
        await server.die()
        async with watching(server.port) as events:
            await until(lambda: events)
        assert events[0].code == "fault.source.refused"
        assert dict(events[0].arguments) == {"address": server.address}

    run(scenario)


def test_hostile_frames_are_counted_and_the_watch_goes_on():
    async def scenario():
        async with FakeComfyUI() as server, watching(server.port) as events:
            await server.connected.wait()
            await server.say(b'{"type":"status","data":' + b"[" * 100_000)
            await server.say(b'{"type":"cm-queue-status","data":{}}')
            await server.say(b"x" * (2 << 20))
            await server.send_frame(0x82, b"\x00\x00\x00\x01" + bytes(1 << 20))
            await server.replay(transcript("model_free_video"), speed=10.0)
            await until(lambda: of(IterationEnded, events))
            assert [event.code for event in of(SourceTroubled, events)] == [
                "fault.source.unreadable"
            ]
            assert not of(SourceLost, events)

    run(scenario)


def test_a_frame_beyond_all_bounds_ends_the_connection_and_it_comes_back():
    async def scenario():
        async with FakeComfyUI() as server, watching(server.port) as events:
            await server.connected.wait()
            await server.send_frame(0x82, bytes((16 << 20) + 1))
            await until(lambda: len(of(SourceFound, events)) == 2)
            assert len(of(SourceLost, events)) == 1

    run(scenario)


def test_a_burst_of_messages_loses_no_start_and_no_end():
    async def scenario():
        peer = Peer()
        async with FakeComfyUI() as server, watching(server.port) as events:
            await server.connected.wait()
            await until(lambda: ("GET", "/history") in [
                (method, target.partition("?")[0]) for method, target, *_ in server.requests
            ])  # fmt: skip
            peer.running = [item("a")]
            start_ms = SystemClock.utc_ns() // MS
            server.bodies["/queue"] = peer.queue_body()
            await server.say(peer.status())
            for step in range(20_000):
                data = {"value": step, "max": 20_000, "prompt_id": "a", "node": "3"}
                await server.say({"type": "progress", "data": data})
            peer.finish("a", start_ms, SystemClock.utc_ns() // MS)
            server.bodies["/queue"] = peer.queue_body()
            server.bodies["/history"] = server.bodies["/history/a"] = peer.history
            await server.say(peer.status())
            await until(lambda: of(IterationEnded, events))
            assert len(of(IterationStarted, events)) == 1
            assert len(of(StepDone, events)) < 200

    run(scenario)


@pytest.mark.parametrize(
    ("torch", "card"),
    [
        ("cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync", "NVIDIA GeForce RTX 4090"),
        ("cuda:1 NVIDIA RTX 6000 Ada Generation : native", "NVIDIA RTX 6000 Ada Generation"),
        ("cuda:0 AMD Radeon RX 7900 XTX : native", "AMD Radeon RX 7900 XTX"),
        ("NVIDIA H100", "NVIDIA H100"),
        ("cpu", "cpu"),
        ("", ""),
    ],
)
def test_torchs_device_names_lose_their_trimmings(torch, card):
    assert clean_device_name(torch) == card


def test_the_connection_never_speaks_on_the_socket():
    source = connection_module.__loader__.get_source(connection_module.__name__)
    assert ".send(" not in source
