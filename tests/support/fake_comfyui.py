"""A scripted ComfyUI on loopback: real sockets, real HTTP; plays transcripts, dies on command."""

import asyncio
import base64
import hashlib
import json
import re
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

SYSTEM_STATS = {
    "system": {"comfyui_version": "0.28.1", "argv": ["main.py"]},
    "devices": [{"name": "cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync", "type": "cuda",
                 "index": 0}],
}  # fmt: skip
_CLOSE = 8
_ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


_STAMP_MS = re.compile(rb"\b179\d{10}\b")
_LOG_TIME = re.compile(rb'(?<="t":")[-0-9T:.]+(?=")')
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _moved(body, moved_ns):
    """Return a body with its stamps and log times moved by a function of nanoseconds of UTC."""

    def stamp(found):
        return b"%d" % (moved_ns(int(found[0]) * 1_000_000) // 1_000_000)

    def log_time(found):
        told = datetime.fromisoformat(found[0].decode()).replace(tzinfo=UTC)
        at_ns = moved_ns((told - _EPOCH) // timedelta(microseconds=1) * 1000)
        at = _EPOCH + timedelta(microseconds=at_ns // 1000)
        return at.replace(tzinfo=None).isoformat().encode()

    return _LOG_TIME.sub(log_time, _STAMP_MS.sub(stamp, body))


class FakeComfyUI:
    """Answers from `bodies` (path to JSON value, bytes or status), sends what it is told to say.

    `requests` are all requests as (method, path, headers, body); `sockets` the clients' ids;
    `connected` is set once a client with a socket asks what ran before: then it listens.
    """

    def __init__(self, port=0):
        self.bodies = {
            "/system_stats": SYSTEM_STATS,
            "/queue": {"queue_running": [], "queue_pending": []},
            "/history": {},
            "/internal/logs/subscribe": {},
            "/internal/logs/raw": {"entries": [], "size": None},
            "/free": b"",
        }
        self.requests = []
        self.sockets = {}
        self.port = port
        self.connected = asyncio.Event()
        self._server = None
        self._writers = set()
        self._tasks = set()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    async def start(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def die(self):
        """End like a killed process: every connection is reset, nothing is said."""
        self._server.close()
        # Those accepted but not yet served come up one round later.
        for _ in range(3):
            for writer in list(self._writers):
                writer.transport.abort()
            await asyncio.sleep(0)
        self.sockets.clear()
        self.connected.clear()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aenter__(self):
        return await self.start()

    async def __aexit__(self, *_):
        await self.die()

    async def say(self, message):
        """Send a message (a dict, or raw bytes) to every client."""
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        await self.send_frame(0x81, payload)

    async def send_frame(self, opcode, payload):
        size = len(payload)
        if size < 126:
            head = bytes([opcode, size])
        elif size < 1 << 16:
            head = bytes([opcode, 126]) + size.to_bytes(2, "big")
        else:
            head = bytes([opcode, 127]) + size.to_bytes(8, "big")
        for writer in list(self.sockets.values()):
            writer.write(head + payload)
            with suppress(ConnectionError):
                await writer.drain()

    async def replay(self, transcript, *, speed=1000.0, until=None, begin_utc_ns=None):
        """Play a transcript's first `until` records as if they happened now, stamps included."""
        begin_utc_ns = begin_utc_ns or time.time_ns()
        begin_s = time.monotonic()

        def moved_ns(utc_ns):
            return begin_utc_ns + round((utc_ns - transcript.header.utc_ns) / speed)

        for index, record in enumerate(transcript.records):
            if index == until:
                return
            # To the moment, not from the last one: no delay adds up.
            await asyncio.sleep(max(0.0, begin_s + record.t / speed - time.monotonic()))
            if record.path:
                self.bodies[record.path] = json.loads(_moved(bytes(record.body), moved_ns))
            else:
                await self.say(_moved(bytes(record.ws), moved_ns))

    async def _serve(self, reader, writer):
        self._writers.add(writer)
        self._tasks.add(asyncio.current_task())
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, target, _ = head[0].split(" ")
                headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:])}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.requests.append((method, target, headers, body))
                if self.sockets and "/history?" in target:
                    self.connected.set()
                if headers.get("upgrade", "").lower() == "websocket":
                    await self._socket(reader, writer, target, headers)
                    return
                self._answer(writer, target)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answer(self, writer, target):
        path = target.partition("?")[0]
        body = self.bodies.get(target, self.bodies.get(path))
        if body is None and path.startswith("/history/"):
            body = {}
        status = 200
        if body is None or isinstance(body, int):
            status, body = body or 404, b"404: Not Found"
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/html" if payload.startswith(b"<") else "application/json"
        writer.write(
            f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(payload)}\r\n\r\n"
            .encode() + payload
        )  # fmt: skip

    async def _socket(self, reader, writer, target, headers):
        key = headers["sec-websocket-key"] + _ACCEPT
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        writer.write(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            f"sec-websocket-accept: {accept}\r\n\r\n".encode()
        )
        client_id = re.search(r"clientId=(\w+)", target)[1]
        self.sockets[client_id] = writer
        queue = self.bodies["/queue"]
        running = len(queue["queue_running"]) if isinstance(queue, dict) else 0
        info = {"exec_info": {"queue_remaining": running}}
        await self.say({"type": "status", "data": {"status": info, "sid": client_id}})
        try:
            while heard := await reader.read(4096):
                if heard[0] & 0x0F == _CLOSE:
                    return
        finally:
            self.sockets.pop(client_id, None)
