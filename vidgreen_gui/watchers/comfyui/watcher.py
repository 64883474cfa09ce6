"""Finds ComfyUI servers by itself and watches them all, side by side."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

from vidgreen_gui.model.events import SourceTroubled
from vidgreen_gui.model.faults import SourceFault
from vidgreen_gui.model.ports import Clock, Emit
from vidgreen_gui.system.discovery import Listener, own_addresses, python_listeners
from vidgreen_gui.system.http import Http
from vidgreen_gui.watchers.comfyui.address import LOOPBACK, Address, local, parse_address
from vidgreen_gui.watchers.comfyui.client import Client
from vidgreen_gui.watchers.comfyui.connection import Connection
from vidgreen_gui.watchers.comfyui.jobs import SOURCE_KIND

# By hand and portable, the desktop application, SwarmUI's own, a second and third server.
USUAL_PORTS = (8188, 8000, *range(7820, 7831), *range(8189, 8196))

_SEARCH_S = 5.0
_SEARCH_AGAIN_S = 30.0
_KNOCK_S = 1.0
_STRANGE = {"fault.source.html", "fault.source.not_comfyui"}


class ComfyUIWatcher:
    """Watches the servers at `addresses`, and with `discover` those found on this host."""

    kind = SOURCE_KIND

    def __init__(
        self,
        clock: Clock,
        addresses: Iterable[str] = (),
        *,
        discover: bool = True,
        usual_ports: tuple[int, ...] = USUAL_PORTS,
    ) -> None:
        self._clock = clock
        self._wanted = list(addresses)
        self._discover = discover
        self._usual_ports = usual_ports
        self._loop: asyncio.AbstractEventLoop | None = None
        self._added = asyncio.Event()
        self._connections: dict[str, Connection] = {}
        # Ports whose program answered as something else: it is not asked again.
        self._strangers: set[Listener] = set()

    def add_address(self, text: str) -> None:
        """Watch one more server, from any thread; raise SourceFault where `text` is no address."""
        parse_address(text)
        self._wanted.append(text)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._added.set)

    async def free_models(self, source_id: str) -> bool:
        """Have a server let go of its models; False where it is none of those watched here.

        Raise SourceFault where it cannot be done now.
        """
        connection = self._connections.get(source_id)
        if connection is None:
            return False
        await connection.free_models()
        return True

    async def run(self, emit: Emit) -> None:
        """Search and watch until cancelled."""
        self._loop = asyncio.get_running_loop()
        async with (
            Http() as http,
            Http(connect_s=_KNOCK_S, read_s=2.0) as quick,
            asyncio.TaskGroup() as group,
        ):

            def watch(address: Address) -> None:
                if address.source_id not in self._connections:
                    is_local = address.is_loopback or address.host in own_addresses()
                    connection = Connection(address, http, self._clock, emit, is_local=is_local)
                    self._connections[address.source_id] = connection
                    group.create_task(connection.run())

            while True:
                self._added.clear()
                self._watch_wanted(watch, emit)
                if self._discover:
                    await self._search(watch, quick)
                await self._pause()

    async def _pause(self) -> None:
        pause_s = _SEARCH_AGAIN_S if self._connections else _SEARCH_S
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s if self._discover else None):
                await self._added.wait()

    def _watch_wanted(self, watch: Callable[[Address], None], emit: Emit) -> None:
        while self._wanted:
            text = self._wanted.pop(0)
            try:
                watch(parse_address(text))
            except SourceFault as fault:
                emit(
                    SourceTroubled(
                        t_ns=self._clock.steady_ns(),
                        source_id=f"{SOURCE_KIND}:{text[:200]}",
                        code=fault.code,
                        arguments=tuple(sorted(fault.arguments.items())),
                    )
                )

    async def _search(self, watch: Callable[[Address], None], quick: Http) -> None:
        listeners = {found.port: found for found in await asyncio.to_thread(python_listeners)}
        self._strangers &= set(listeners.values())
        ports = [
            port
            for port in dict.fromkeys((*self._usual_ports, *listeners))
            if local(port).source_id not in self._connections
            and listeners.get(port) not in self._strangers
        ]
        asked = (self._is_comfyui(quick, port, listeners.get(port)) for port in ports)
        for port, is_comfyui in zip(ports, await asyncio.gather(*asked), strict=True):
            if is_comfyui:
                watch(local(port))

    async def _is_comfyui(self, quick: Http, port: int, listener: Listener | None) -> bool:
        if not await _is_open(port):
            return False
        try:
            await Client(quick, local(port)).stats()
        except SourceFault as fault:
            # One that is merely busy, or starting, is asked again.
            if listener is not None and fault.code in _STRANGE:
                self._strangers.add(listener)
            return False
        return True


async def _is_open(port: int) -> bool:
    try:
        async with asyncio.timeout(_KNOCK_S):
            _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    return True
