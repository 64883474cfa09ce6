"""Watches one ComfyUI server: its socket, its log, and short questions at every edge.

The socket is opened under a client id of our own. Another client's id would take its messages
away for good; none is ever used, and nothing is ever sent over the socket.
"""

import asyncio
import re
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from vidgreen_gui.model.events import SourceEvent, SourceFound, SourceLost, SourceTroubled
from vidgreen_gui.model.faults import SourceFault
from vidgreen_gui.model.ports import Clock, Emit
from vidgreen_gui.system.discovery import listener_pid
from vidgreen_gui.system.http import Http, connection_fault
from vidgreen_gui.watchers.comfyui import wire
from vidgreen_gui.watchers.comfyui.address import Address
from vidgreen_gui.watchers.comfyui.answers import SystemStats
from vidgreen_gui.watchers.comfyui.client import Client
from vidgreen_gui.watchers.comfyui.jobs import SOURCE_KIND
from vidgreen_gui.watchers.comfyui.pace import Allowance, Backoff
from vidgreen_gui.watchers.comfyui.questions import AskJob, AskQueue, Question
from vidgreen_gui.watchers.comfyui.reducer import Reducer
from vidgreen_gui.watchers.comfyui.times import Moment

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

# Previews come as binary frames of this size at most and are dropped unread.
_LARGEST_FRAME = 16 * 1024 * 1024
# Messages come in pairs, a fraction of a millisecond apart: one question answers both.
_SETTLE_S = 0.02
_TICK_S = 1.0
# A server that loads a model may not answer a ping for a long time.
_PING_TIMEOUT_S = 120

_DEVICE = re.compile(r"^(?:[a-z]+:\d+ )?(.*?)(?: : \w+)?$")


class Connection:
    """One server, watched until cancelled; `refused` counts the frames that were not read."""

    def __init__(
        self, address: Address, http: Http, clock: Clock, emit: Emit, *, is_local: bool
    ) -> None:
        self.address = address
        self._is_local = is_local
        self._client = Client(http, address)
        self._clock = clock
        self._emit = emit
        self._reducer = Reducer(address.source_id, is_local=is_local)
        self._allowance = Allowance(clock.steady_ns())
        self._news = asyncio.Event()
        self._backoff = Backoff()
        self._connected = False
        self._told: set[str] = set()
        self.refused = {wire.Refused.BAD: 0, wire.Refused.UNKNOWN: 0}

    async def run(self) -> None:
        """Watch, and try again whenever the server is gone, until cancelled."""
        if not self._is_local and not self.address.secure:
            self._trouble(SourceFault("fault.source.plain", address=self.address.text))
        while True:
            try:
                await self._watch()
            except SourceFault as fault:
                if not self._connected:
                    self._trouble(fault)
            if self._connected:
                self._lose()
            self._emit_all(self._reducer.tick(self._now()))
            await asyncio.sleep(self._backoff.next_s())

    async def _watch(self) -> None:
        """Watch until the server is gone; raise SourceFault where it cannot be watched."""
        # Imported here: a window is painted long before the first server is found.
        from websockets.asyncio.client import connect
        from websockets.exceptions import InvalidHandshake, WebSocketException

        stats = await self._client.stats()
        client_id = uuid.uuid4().hex
        try:
            async with connect(
                self.address.websocket(client_id),
                origin=None,
                proxy=None,
                compression=None,
                max_size=_LARGEST_FRAME,
                ping_timeout=_PING_TIMEOUT_S,
                user_agent_header="VidGreen",
            ) as socket:
                await self._listen(stats, client_id, socket)
        except InvalidHandshake as error:
            code = "fault.source.not_comfyui"
            raise SourceFault(code, address=self.address.text) from error
        except (OSError, TimeoutError, WebSocketException) as error:
            raise connection_fault(error, self.address.text) from error

    async def _listen(self, stats: SystemStats, client_id: str, socket: "ClientConnection") -> None:
        from websockets.exceptions import ConnectionClosed

        pid = await asyncio.to_thread(listener_pid, self.address.port) if self._is_local else None
        self._reducer.connected(self._now())
        self._connected = True
        self._told.clear()
        self._backoff.reset()
        self._emit(self._found(stats, pid))
        try:
            entries = await self._client.subscribe_to_log(client_id)
            self._emit_all(self._reducer.hear(self._now(), wire.Logs(entries)))
        except SourceFault:
            self._trouble(SourceFault("fault.source.no_logs"))
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(self._ask())
            with suppress(ConnectionClosed):
                async for frame in socket:
                    self._hear(frame)
            asking.cancel()

    async def free_models(self) -> None:
        """Have the server let go of its models, unless it has work: only when the user asks.

        Raise SourceFault where it is gone, refuses, or a job runs or waits.
        """
        if not self._connected:
            raise SourceFault("fault.engine.cannot_free", source=self.address.label)
        queue = await self._client.queue()
        if queue.running or queue.pending or queue.unread:
            raise SourceFault("fault.engine.free_busy", source=self.address.label)
        await self._client.free_models()

    def _hear(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            return
        message = wire.decode(frame.encode())
        if isinstance(message, wire.Refused):
            self.refused[message] += 1
            if message is wire.Refused.BAD:
                self._trouble(SourceFault("fault.source.unreadable", address=self.address.text))
            return
        self._emit_all(self._reducer.hear(self._now(), message))
        self._news.set()

    async def _ask(self) -> None:
        """Put the questions that the state machine has, no faster than allowed."""
        while True:
            self._emit_all(self._reducer.tick(self._now()))
            while (question := self._reducer.next_question(self._now())) is not None:
                await self._wait_for_allowance()
                await self._put(question)
            # Not wait_for: before Python 3.12 it may lose a cancellation.
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await self._news.wait()
                await asyncio.sleep(_SETTLE_S)
            self._news.clear()

    async def _wait_for_allowance(self) -> None:
        now_ns = self._clock.steady_ns()
        await asyncio.sleep(self._allowance.wait_s(now_ns, busy=self._reducer.busy))

    async def _put(self, question: Question) -> None:
        asked = self._now()
        try:
            events = await self._answer(asked, question)
        except SourceFault as fault:
            self._trouble(fault)
            self._reducer.unanswered(question, self._now())
            return
        self._reducer.clock.note_round_trip(self._clock.steady_ns() - asked.steady_ns)
        self._emit_all(events)

    async def _answer(self, asked: Moment, question: Question) -> list[SourceEvent]:
        match question:
            case AskQueue():
                return self._reducer.answer_queue(asked, await self._client.queue())
            case AskJob(prompt_id):
                history = await self._client.job(prompt_id)
                return self._reducer.answer_job(self._now(), prompt_id, history)
            case _:
                history = await self._client.recent(question.limit)
                return self._reducer.answer_recent(self._now(), history)

    def _found(self, stats: SystemStats, pid: int | None) -> SourceFound:
        return SourceFound(
            t_ns=self._clock.steady_ns(),
            source_id=self.address.source_id,
            source_kind=SOURCE_KIND,
            label=self.address.label,
            version=stats.system.comfyui_version,
            device_names=tuple(clean_device_name(device.name) for device in stats.devices),
            device_indexes=tuple(device.index for device in stats.devices),
            pid=pid,
            is_local=self._is_local,
        )

    def _lose(self) -> None:
        self._connected = False
        now = self._now()
        self._reducer.disconnected(now)
        self._emit(
            SourceLost(
                t_ns=now.steady_ns,
                source_id=self.address.source_id,
                code="fault.source.closed",
            )
        )

    def _trouble(self, fault: SourceFault) -> None:
        """Tell a trouble once until the server has been found anew."""
        if fault.code in self._told:
            return
        self._told.add(fault.code)
        self._emit(
            SourceTroubled(
                t_ns=self._clock.steady_ns(),
                source_id=self.address.source_id,
                code=fault.code,
                arguments=tuple(sorted(fault.arguments.items())),
            )
        )

    def _emit_all(self, events: list[SourceEvent]) -> None:
        for event in events:
            self._emit(event)

    def _now(self) -> Moment:
        return Moment(self._clock.steady_ns(), self._clock.utc_ns())


def clean_device_name(name: str) -> str:
    """Return torch's "cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync" as the card's own name."""
    found = _DEVICE.match(name.strip())
    return found[1] if found and found[1] else name
