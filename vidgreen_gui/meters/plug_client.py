"""Asks one plug over HTTP: finds out what it is, and reads it."""

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

from vidgreen_gui.meters import plug_shelly1, plug_shelly2, plug_tasmota
from vidgreen_gui.meters.plug_address import PlugAddress
from vidgreen_gui.meters.plug_form import (
    CIRCUIT_W,
    RUNNING_W,
    Meterage,
    Outlet,
    PlugFault,
    decode,
)
from vidgreen_gui.model.faults import MeterFaultKind, SourceFault
from vidgreen_gui.system.address import refuse_hidden_link_local
from vidgreen_gui.system.http import Http

# The largest, the settings of a first-generation Shelly, has a few kilobytes.
_LARGEST_ANSWER = 256 * 1024
_LONGEST_NAME = 64
_LARGEST_COUNTER_MJ = 2**63 - 1
# What the client cannot do, by the last word of its fault.
_CODES = {
    "refused": "refused",
    "timeout": "timeout",
    "link_local": "link_local",
    # No plug says as much.
    "too_large": "not_a_plug",
}
# What decoding raises; numbers without end overflow on the way to millijoules.
_NO_ANSWER = (ValueError, OverflowError)
# A plug of another kind, or no plug: another protocol may still be understood.
_FOREIGN = {"fault.plug.html", "fault.plug.not_a_plug"}


class PlugClient:
    """One address. Its methods raise PlugFault, and nothing else for what a plug may answer."""

    def __init__(self, http: Http, address: PlugAddress) -> None:
        self.address = address
        self._http = http

    async def recognise(self) -> Outlet:
        """Return the outlet that answers here in whatever protocol, if it can be believed."""
        device = self.address.text
        try:
            await refuse_hidden_link_local(self.address.host, device)
            outlet = await self._shelly() or await self._tasmota()
            believed(outlet, outlet.first)
            return replace(outlet, name=outlet.name[:_LONGEST_NAME])
        except SourceFault as fault:
            raise self._fault(fault) from fault
        except _NO_ANSWER as error:
            raise PlugFault("unreadable", device, str(error)[:200]) from error

    async def measure(self, outlet: Outlet) -> Meterage:
        """Return what a recognised outlet measures now, if it can be believed."""
        body = await self.ask(outlet.route)
        try:
            return believed(outlet, outlet.parse(body))
        except _NO_ANSWER as error:
            raise PlugFault("unreadable", outlet.name, str(error)[:200]) from error

    async def ask(self, route: str) -> bytes:
        """Return the body of the answer to a GET of `route`."""
        device = self.address.text
        try:
            url = self.address.url(route)
            reply = await self._http.request("GET", url, max_bytes=_LARGEST_ANSWER)
        except SourceFault as fault:
            raise self._fault(fault) from fault
        if reply.status in {401, 403}:
            raise PlugFault("password", device, kind=MeterFaultKind.NO_PERMISSION)
        if reply.is_html:
            raise PlugFault("html", device)
        if reply.status != 200:
            raise PlugFault("not_a_plug", device, f"HTTP {reply.status}")
        return reply.body

    async def _shelly(self) -> Outlet | None:
        """Return the outlet of a Shelly of any generation, None where none answers here."""
        try:
            body = await self.ask("/shelly")
        except PlugFault as fault:
            if fault.code in _FOREIGN:
                return None
            raise
        said = decode(body, dict[str, Any])
        device, socket = self.address.text, self.address.socket
        if "gen" in said:
            identity = decode(body, plug_shelly2.Identity)
            return await plug_shelly2.recognise(self.ask, identity, socket, device)
        if "type" in said:
            older = decode(body, plug_shelly1.Identity)
            return await plug_shelly1.recognise(self.ask, older, socket, device)
        return None

    async def _tasmota(self) -> Outlet:
        device = self.address.text
        outlet = await plug_tasmota.recognise(self.ask, self.address.socket, device)
        if outlet is None:
            raise PlugFault("not_a_plug", device)
        return outlet

    def _fault(self, fault: SourceFault) -> PlugFault:
        code = _CODES.get(fault.code.rpartition(".")[2], "network")
        kind = MeterFaultKind.TIMEOUT if code == "timeout" else MeterFaultKind.GPU_LOST
        return PlugFault(code, self.address.text, str(fault.arguments.get("detail", "")), kind)


def believed(outlet: Outlet, meterage: Meterage) -> Meterage:
    """Return `meterage` if a running computer can hang on that outlet; raise PlugFault."""
    if meterage.is_on is False:
        raise PlugFault("off", outlet.name)
    power_w, energy_mj = meterage.power_w, meterage.energy_mj
    if power_w is None:
        raise PlugFault("no_value", outlet.name, kind=MeterFaultKind.IMPLAUSIBLE)
    if not math.isfinite(power_w) or not 0.0 <= power_w <= outlet.circuits * CIRCUIT_W:
        raise PlugFault("implausible", outlet.name, f"{power_w:g} W", MeterFaultKind.IMPLAUSIBLE)
    if power_w < RUNNING_W:
        raise PlugFault("nothing", outlet.name, f"{power_w:g} W", MeterFaultKind.IMPLAUSIBLE)
    if energy_mj is not None and not 0 <= energy_mj <= _LARGEST_COUNTER_MJ:
        raise PlugFault(
            "implausible", outlet.name, f"{Decimal(energy_mj):.3g} mJ", MeterFaultKind.IMPLAUSIBLE
        )
    return meterage
