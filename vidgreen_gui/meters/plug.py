"""Plug meters at the socket: Shelly and Tasmota over the local network, read once a second."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import CancelledError
from contextlib import AsyncExitStack
from dataclasses import dataclass

from vidgreen_gui.meters.plug_address import parse_plug_address
from vidgreen_gui.meters.plug_client import PlugClient
from vidgreen_gui.meters.plug_form import Meterage, Outlet, PlugFault
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.ports import Clock
from vidgreen_gui.model.power import Device, DeviceKind, Reading, Sensor, Wants
from vidgreen_gui.model.units import NS_PER_S, mw_from_w
from vidgreen_gui.system.http import Http
from vidgreen_gui.system.loop_thread import LoopThread

# Two seconds for a plug in the same house are long; three questions recognise it.
PATIENCE_S = 2.0
QUESTIONS = 3
# The documents name no rate; the metering chips give a new mean about once a second. Counters are
# told by the minute (`by_minute`, `counters`), and nothing says that they move more often.
SENSOR = Sensor(
    update_ns=NS_PER_S,
    window_ns=NS_PER_S,
    counter_update_ns=60 * NS_PER_S,
    gain=0.02,
    defects=("meters.plug.low_power",),
    source="HLW8012, BL0937 and BL0942 chips in plugs: 2 to 3 % over their range "
    "(digilogicinfocom.com/blog/smart-plug-energy-monitoring, 2026)",
)
# Between two faults an address may pass to another plug unseen.
_RECOGNISED_FOR_NS = 60 * NS_PER_S


@dataclass(slots=True)
class _Plug:
    """A plug that was found: where it answered last, and until when that needs no proof."""

    outlet: Outlet
    client: PlugClient
    proven_until_ns: int


class PlugMeter:
    """The plugs at some addresses, each known by its MAC; a fault of one leaves the others alone.

    `skipped` holds why an address has none so far. A plug that answers later comes through
    `found`, one that moved to another of the addresses is followed there. Any thread may read.
    """

    name = "plug"

    def __init__(
        self, addresses: Sequence[str], clock: Clock, *, patience_s: float = PATIENCE_S
    ) -> None:
        self.skipped: tuple[MeterFault, ...] = ()
        self._addresses = tuple(addresses)
        self._clock = clock
        self._patience_s = patience_s
        self._longest_s = QUESTIONS * patience_s
        self._thread: LoopThread | None = None
        self._opened = AsyncExitStack()
        self._clients: list[PlugClient] = []
        self._wrong: tuple[MeterFault, ...] = ()
        self._plugs: dict[str, _Plug] = {}

    def open(self) -> tuple[Device, ...]:
        """Return the plugs that answer at once; a mute one must not hold up the others.

        Raises for none of them: `skipped` says what is wrong.
        """
        self.close()
        self._thread = LoopThread("plugs")
        self._thread.run(self._open())
        return self._thread.run(self._found(self._patience_s))

    def found(self) -> tuple[Device, ...]:
        """Return the plugs that came since the last call; waits a few seconds for mute ones."""
        thread = self._thread
        if thread is None:
            return ()
        try:
            return thread.run(self._found(self._longest_s))
        except CancelledError:
            # Closed meanwhile, from another thread.
            return ()

    def read(self, device_id: str, wants: Wants) -> Reading:
        """Return power and counter, in one request; raise MeterFault for this plug."""
        plug, thread = self._plugs.get(device_id), self._thread
        if plug is None or thread is None:
            raise MeterFault(MeterFaultKind.GPU_LOST, device_id)
        if not wants & (Wants.POWER | Wants.COUNTER):
            return Reading()
        try:
            meterage = thread.run(self._measure(plug))
        except CancelledError as error:
            raise PlugFault("timeout", plug.outlet.name, kind=MeterFaultKind.TIMEOUT) from error
        power_w = meterage.power_w
        return Reading(
            power_mw=None if power_w is None or Wants.POWER not in wants else mw_from_w(power_w),
            energy_mj=meterage.energy_mj if Wants.COUNTER in wants else None,
        )

    def close(self) -> None:
        """End all connections."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.close(self._opened.aclose())
        self._plugs.clear()

    # ---- on the thread of the loop

    async def _open(self) -> None:
        http = Http(connect_s=self._patience_s, read_s=self._patience_s)
        await self._opened.enter_async_context(http)
        self._clients = []
        wrong: list[MeterFault] = []
        for address in self._addresses:
            try:
                self._clients.append(PlugClient(http, parse_plug_address(address)))
            except PlugFault as fault:
                wrong.append(fault)
        self._wrong = tuple(wrong)

    async def _found(self, patience_s: float) -> tuple[Device, ...]:
        known = {plug.client for plug in self._plugs.values()}
        idle = [client for client in self._clients if client not in known]
        answers = await asyncio.gather(*(_recognised(client, patience_s) for client in idle))
        devices: list[Device] = []
        skipped: list[MeterFault] = [*self._wrong]
        for client, answer in zip(idle, answers, strict=True):
            if isinstance(answer, PlugFault):
                skipped.append(answer)
            elif answer.id not in self._plugs:
                self._plugs[answer.id] = _Plug(answer, client, self._proven_until_ns())
                devices.append(_device(answer))
        self.skipped = tuple(skipped)
        return tuple(devices)

    async def _measure(self, plug: _Plug) -> Meterage:
        try:
            if self._clock.steady_ns() >= plug.proven_until_ns:
                await self._prove(plug)
            return await plug.client.measure(plug.outlet)
        except PlugFault as fault:
            if fault.kind is not MeterFaultKind.IMPLAUSIBLE:
                plug.proven_until_ns = 0
            raise

    async def _prove(self, plug: _Plug) -> None:
        """Make sure that this plug answers where it is asked, or find it at another address."""
        last = plug.client
        others = [client for client in self._clients if client is not last]
        first: PlugFault | None = None
        for client in (last, *others):
            answer = await _recognised(client, self._longest_s)
            if isinstance(answer, PlugFault):
                first = first or answer
            elif answer.id == plug.outlet.id:
                plug.outlet, plug.client = answer, client
                plug.proven_until_ns = self._proven_until_ns()
                return
            elif client is last:
                detail = f"{client.address.text}: {answer.name}"
                first = PlugFault("other_plug", plug.outlet.name, detail)
        raise first or PlugFault("refused", plug.outlet.name)

    def _proven_until_ns(self) -> int:
        return self._clock.steady_ns() + _RECOGNISED_FOR_NS


async def _recognised(client: PlugClient, patience_s: float) -> Outlet | PlugFault:
    try:
        async with asyncio.timeout(patience_s):
            return await client.recognise()
    except TimeoutError:
        return PlugFault("timeout", client.address.text, kind=MeterFaultKind.TIMEOUT)
    except PlugFault as fault:
        return fault


def _device(outlet: Outlet) -> Device:
    has_counter = outlet.first.energy_mj is not None
    reads = [("power", f"{outlet.route} {outlet.power}")]
    if has_counter:
        reads.append(("energy", f"{outlet.route} {outlet.counter}"))
    return Device(
        id=outlet.id,
        name=outlet.name,
        uuid=outlet.mac,
        meter=PlugMeter.name,
        grade=Grade.MEASURED,
        has_counter=has_counter,
        kind=DeviceKind.WALL,
        architecture=outlet.generation,
        sensor=SENSOR,
        sampling_ns=NS_PER_S,
        is_slow=True,
        reads=tuple(reads),
    )
