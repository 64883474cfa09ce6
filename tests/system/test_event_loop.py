"""The event loop's look-ups of names, and a loop's thread that is closed while it is asked."""

import asyncio
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError

import pytest

from vidgreen_gui.system.event_loop import EventLoop
from vidgreen_gui.system.loop_thread import LoopThread

MUTE_NAME_SERVER = """
import asyncio, socket, time
from vidgreen_gui.system.loop_thread import LoopThread

socket.getaddrinfo = lambda *_: time.sleep(60)

async def look_up():
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(0.1):
            await loop.getaddrinfo("plug.test", 80)
    except TimeoutError:
        print("gave up", flush=True)

async def nothing():
    pass

thread = LoopThread("mute")
thread.run(look_up())
thread.close(nothing())
"""


def test_names_are_looked_up():
    async def look_up(name):
        loop = asyncio.get_running_loop()
        return await loop.getaddrinfo(name, 80, type=socket.SOCK_STREAM)

    with asyncio.Runner(loop_factory=EventLoop) as runner:
        found = runner.run(look_up("localhost"))
        assert {target[:2] for *_, target in found} & {("127.0.0.1", 80), ("::1", 80)}
        with pytest.raises(OSError, match=r"."):
            runner.run(look_up("no-such-host.invalid"))
        with pytest.raises(UnicodeError):
            runner.run(look_up("a" * 64 + ".test"))


def test_a_mute_name_server_does_not_hold_up_the_end_of_the_process():
    began_s = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", MUTE_NAME_SERVER],
        check=False, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert (done.stdout, done.stderr, done.returncode) == ("gave up\n", "", 0)
    assert time.monotonic() - began_s < 10.0


@pytest.mark.parametrize("wait_s", [0.0, 0.001, 0.003])
def test_whoever_asks_while_the_thread_is_closed_is_told(wait_s):
    async def nothing():
        await asyncio.sleep(0)

    def ask_on():
        try:
            while True:
                thread.run(nothing())
        except CancelledError:
            told.append(True)

    for _ in range(10):
        told = []
        thread = LoopThread("asked")
        asking = [threading.Thread(target=ask_on, daemon=True) for _ in range(3)]
        for one in asking:
            one.start()
        time.sleep(wait_s)
        thread.close(nothing())
        for one in asking:
            one.join(2.0)
        assert told == [True, True, True]
