"""Shelly plugs and meters of the first generation: GET /status.

Facts from https://shelly-api-docs.shelly.cloud/gen1/ (2024). `meters[].total` counts whole
watt-minutes and `emeters[].total` tenths of a watt-hour: too coarse for a counter that is read
once a second, so their power is integrated.
"""

from dataclasses import dataclass
from functools import partial

from vidgreen_gui.meters.plug_form import (
    Ask,
    Meterage,
    Outlet,
    PlugFault,
    chosen,
    decode,
    plain_mac,
)
from vidgreen_gui.model.faults import MeterFaultKind

_STATUS = "/status"


@dataclass(frozen=True, slots=True)
class Identity:
    """The answer of /shelly. `num_meters` is 0 on models whose power is what the user typed in."""

    type: str
    mac: str
    auth: bool = False
    num_meters: int = 0


@dataclass(frozen=True, slots=True)
class _Relay:
    ison: bool


@dataclass(frozen=True, slots=True)
class _Meter:
    power: float
    is_valid: bool = True


@dataclass(frozen=True, slots=True)
class _Status:
    relays: tuple[_Relay, ...] = ()
    meters: tuple[_Meter, ...] = ()
    emeters: tuple[_Meter, ...] = ()


@dataclass(frozen=True, slots=True)
class _Settings:
    name: str | None = None


async def recognise(ask: Ask, identity: Identity, socket: int | None, device: str) -> Outlet:
    """Return the outlet of the plug that said `identity`; raise PlugFault or ValueError."""
    if identity.auth:
        raise PlugFault("password", device, kind=MeterFaultKind.NO_PERMISSION)
    body = await ask(_STATUS)
    status = decode(body, _Status)
    sensed = status.emeters or status.meters[: identity.num_meters]
    index = chosen(len(sensed), socket, device)
    mac = plain_mac(identity.mac)
    name = decode(await ask("/settings"), _Settings).name
    member = "emeters" if status.emeters else "meters"
    parse = partial(_parse, member=member, index=index)
    return Outlet(
        mac=mac,
        name=name or f"Shelly {identity.type} {mac[-6:]}",
        generation="Shelly 1",
        route=_STATUS,
        power=f"{member}[{index}].power",
        counter="",
        parse=parse,
        first=parse(body),
        socket=index + 1 if len(sensed) > 1 else None,
    )


def _parse(body: bytes, *, member: str, index: int) -> Meterage:
    status = decode(body, _Status)
    sensed: tuple[_Meter, ...] = getattr(status, member)
    if index >= len(sensed):
        raise ValueError(f"no {member}[{index}]")
    # An energy meter's relay switches a contactor somewhere else; several relays may share one.
    relays = status.relays if member == "meters" else ()
    own = relays[index : index + 1] if len(relays) == len(sensed) else relays
    return Meterage(
        power_w=sensed[index].power if sensed[index].is_valid else None,
        is_on=any(relay.ison for relay in own) if own else None,
    )
