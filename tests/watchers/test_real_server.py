"""Against a real ComfyUI: what the watcher tells, and that the queuing client misses nothing.

VIDGREEN_PEER names a script that knows `start`, `stop`, `queue NAME --client-id ID --seed N` and
`interrupt` for a ComfyUI with tiny models on the port in PEER_PORT, and keeps run/comfy.pid beside
itself. Without it these tests are skipped.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import uuid
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from support.comfyui import MS, of
from websockets.asyncio.client import connect

from vidgreen_gui.model.events import (
    IterationEnded,
    IterationStarted,
    SourceFound,
    SourceLost,
    StepDone,
)
from vidgreen_gui.model.session import Cached, Status
from vidgreen_gui.system.clock import SystemClock
from vidgreen_gui.watchers.comfyui.watcher import ComfyUIWatcher

PEER = os.environ.get("VIDGREEN_PEER")

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(PEER is None, reason="VIDGREEN_PEER names no ComfyUI to run"),
    pytest.mark.timeout(900),
]


class RealServer:
    def __init__(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"

    def peer(self, *words):
        done = subprocess.run(
            [PEER, *words],
            env={**os.environ, "PEER_PORT": str(self.port)},
            capture_output=True, text=True, timeout=300, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    async def ask(self, *words):
        return await asyncio.to_thread(self.peer, *words)

    def kill(self):
        noted = Path(PEER).parent / "run" / "comfy.pid"
        os.kill(int(noted.read_text()), signal.SIGKILL)
        # Nobody may have buried it yet, and `start` must not take the dead for living.
        noted.unlink()


@pytest.fixture
def server():
    one = RealServer()
    one.peer("start")
    yield one
    one.peer("stop")


@asynccontextmanager
async def watching(server):
    events = []
    watcher = ComfyUIWatcher(SystemClock(), addresses=(server.address,), discover=False)
    task = asyncio.create_task(watcher.run(events.append))
    try:
        await until(lambda: of(SourceFound, events))
        await asyncio.sleep(1)
        yield events
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition, seconds=300.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the events come from several tasks
            await asyncio.sleep(0.02)


@asynccontextmanager
async def queuing_client(server):
    """Collect all that the client that queues is sent."""
    client_id = uuid.uuid4().hex
    heard = []

    async def listen(messages):
        async for frame in messages:
            heard.extend([json.loads(frame)] if isinstance(frame, str) else [])

    async with connect(f"ws://{server.address}/ws?clientId={client_id}", max_size=None) as messages:
        task = asyncio.create_task(listen(messages))
        yield client_id, heard
        task.cancel()


def test_five_runs_are_five_iterations_and_the_client_misses_nothing(server):
    told = {}

    async def scenario():
        async with watching(server) as events, queuing_client(server) as (client_id, heard):

            async def queue(name, seed):
                prompt_id = await server.ask(
                    "queue", name, "--client-id", client_id, "--seed", str(seed)
                )
                told[prompt_id] = name
                return prompt_id

            def ended(prompt_id):
                return [e for e in of(IterationEnded, events) if e.key.external_id == prompt_id]

            draft = await queue("tiny_wan_t2v_draft", 71)
            await until(lambda: ended(draft))
            pair = await queue("tiny_wan22_pair_lightx2v_4steps", 72)
            failing = await queue("failing", 73)
            await until(lambda: ended(pair) and ended(failing))
            cut = await queue("tiny_wan_t2v_draft", 74)
            await until(
                lambda: [
                    e for e in of(StepDone, events) if e.key.external_id == cut and e.step >= 2
                ]
            )
            await server.ask("interrupt")
            await until(lambda: ended(cut))
            again = await queue("tiny_wan_t2v_draft", 71)
            await until(lambda: ended(again))
            await asyncio.sleep(1)
            check_events(events, draft, pair, failing, cut, again)
            check_client(heard, draft, pair, failing, cut, again)

    asyncio.run(scenario())


def check_events(events, draft, pair, failing, cut, again):
    starts = {event.key.external_id: event for event in of(IterationStarted, events)}
    ends = {event.key.external_id: event for event in of(IterationEnded, events)}
    assert list(starts) == [draft, pair, failing, cut, again]
    assert len(of(IterationEnded, events)) == 5
    assert {key: end.status for key, end in ends.items()} == {
        draft: Status.COMPLETED,
        pair: Status.COMPLETED,
        failing: Status.FAILED,
        cut: Status.CANCELLED,
        again: Status.COMPLETED,
    }
    asked = starts[draft].extraction.settings
    assert (asked.steps, asked.evaluations, asked.width, asked.frames) == (20, 40, 256, 33)
    asked = starts[pair].extraction.settings
    assert (asked.steps, [one.steps for one in asked.samplers]) == (4, [2, 2])
    assert [lora.name for lora in asked.loras] == [
        "tiny_wan2.2_t2v_lightx2v_4steps_lora_v1.safetensors"
    ]
    assert ends[draft].done.steps == 20
    assert ends[pair].done.steps == 4
    assert 2 <= ends[cut].done.steps < 20
    assert ends[again].cached in {Cached.ALL, Cached.PART}
    assert ends[again].outputs
    for key, end in ends.items():
        assert abs(starts[key].t_ns - end.start_ns) < 300 * MS, told_distance(starts[key], end)
        assert abs(end.t_ns - end.end_ns) < 300 * MS, told_distance(starts[key], end)


def told_distance(start, end):
    return f"start {(start.t_ns - end.start_ns) / MS} ms, end {(end.t_ns - end.end_ns) / MS} ms"


def check_client(heard, draft, pair, failing, cut, again):
    def of_prompt(kind, prompt_id):
        return [
            one["data"]
            for one in heard
            if one["type"] == kind and one["data"].get("prompt_id") == prompt_id
        ]

    for prompt_id in (draft, pair, failing, cut, again):
        assert len(of_prompt("execution_start", prompt_id)) == 1
        assert of_prompt("executing", prompt_id)[-1]["node"] is None
    assert [one["value"] for one in of_prompt("progress", draft)] == list(range(1, 21))
    assert [one["value"] for one in of_prompt("progress", pair)] == [1, 2, 1, 2]
    assert len(of_prompt("execution_error", failing)) == 1
    assert len(of_prompt("execution_interrupted", cut)) == 1
    for prompt_id in (draft, pair, again):
        assert len(of_prompt("execution_success", prompt_id)) == 1


def test_a_server_killed_in_the_middle_leaves_an_unknown_and_is_found_again(server):
    async def scenario():
        async with watching(server) as events:
            prompt_id = await server.ask("queue", "tiny_wan_t2v_draft", "--seed", "81")
            await until(lambda: [event for event in of(StepDone, events) if event.step >= 1])
            server.kill()
            await until(lambda: of(SourceLost, events), 5)
            await server.ask("start")
            back_ns = SystemClock.steady_ns()
            await until(lambda: len(of(SourceFound, events)) == 2, 40)
            assert SystemClock.steady_ns() - back_ns < 30_000 * MS
            await until(lambda: of(IterationEnded, events), 40)
            (ended,) = of(IterationEnded, events)
            assert ended.key.external_id == prompt_id
            assert ended.status is Status.UNKNOWN
            assert (ended.start_ns, ended.end_ns) == (None, None)

    asyncio.run(scenario())
