"""Requests a second that a server hears from us while a job runs on it."""

import asyncio
import threading
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from run import Row
from support.comfyui import item
from support.fake_comfyui import FakeComfyUI

from vidgreen_gui.system.paths import Paths
from vidgreen_gui.verbs.record import RecordRequest, record

# The first seconds find, subscribe and back-fill; what counts is how it goes on.
SETTLE_S, MEASURED_S = 5, 30
STEPS, STEP_S = 1_000, 0.5
GOAL = 1.0
# Other programs on this machine may knock at every port: only what comes here is ours.
PREFIX = "/bench"


class Counting(FakeComfyUI):
    """Answers under a prefix alone, and notes when it was asked."""

    def __init__(self):
        super().__init__()
        self.asked_s = []

    def _answer(self, writer, target):
        ours = target.startswith(PREFIX)
        if ours:
            self.asked_s.append(time.monotonic())
        super()._answer(writer, target.removeprefix(PREFIX) if ours else "/nothing")


def main() -> list[Row]:
    asked_s, said, iterations = asyncio.run(_watched())
    name = f"requests a second to a ComfyUI whose job runs, {said} messages in {MEASURED_S} s"
    if not iterations:
        return [Row(name, "the job was not seen", "", None, GOAL)]
    shortest_s = min(b - a for a, b in pairwise(asked_s))
    rate = (len(asked_s) - 1) / (asked_s[-1] - asked_s[0])
    value = f"{len(asked_s)} requests, {shortest_s:.2f} s apart or more"
    return [Row(name, value, "", round(rate, 2), GOAL)]


async def _watched() -> tuple[list[float], int, int]:
    stop = threading.Event()
    with TemporaryDirectory(prefix="vidgreen-bench-") as folder:
        paths = Paths(Path(folder) / "data", Path(folder) / "config")
        async with Counting() as server:
            server.bodies["/queue"] = {"queue_running": [item("job")], "queue_pending": []}
            address = f"http://{server.address}{PREFIX}"
            request = RecordRequest(paths=paths, comfyui=(address,), meter="simulated")
            recording = asyncio.create_task(asyncio.to_thread(record, request, stop, _quiet))
            await server.connected.wait()
            await _progress(server, SETTLE_S)
            before = len(server.asked_s)
            said = await _progress(server, MEASURED_S)
            asked_s = server.asked_s[before:]
            stop.set()
            answer = await recording
    return asked_s, said, answer.iterations


async def _progress(server: FakeComfyUI, seconds: float) -> int:
    """Let the job make steps as a sampler does; return how many messages that were."""
    messages = 0
    for step in range(round(seconds / STEP_S)):
        progress = {"value": step, "max": STEPS, "prompt_id": "job", "node": "3"}
        status = {"status": {"exec_info": {"queue_remaining": 1}}}
        await server.say({"type": "progress", "data": progress})
        await server.say({"type": "status", "data": status})
        messages += 2
        await asyncio.sleep(STEP_S)
    return messages


def _quiet(_facts):
    """Say nothing of what ended."""
