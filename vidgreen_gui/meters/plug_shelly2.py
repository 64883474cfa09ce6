"""Shelly plugs and meters of the second generation and later: RPC over GET.

Facts from https://shelly-api-docs.shelly.cloud/gen2/ (version 1.0): components Switch, PM1, EM1
and EM. `aenergy.total` is in watt-hours with three decimals, 3.6 J.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

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
from vidgreen_gui.model.units import j_from_wh

# What can measure, in the order in which a device's own are counted, and the field with its watts.
_POWER_FIELDS = {
    "switch": "apower",
    "pm1": "apower",
    "em1": "act_power",
    "em": "total_act_power",
}
_NAMESPACES = {"switch": "Switch", "pm1": "PM1", "em1": "EM1", "em": "EM"}
_PHASES = 3


@dataclass(frozen=True, slots=True)
class Identity:
    """The answer of /shelly; the first generation knows no `gen`."""

    mac: str
    gen: int
    name: str | None = None
    app: str = ""
    model: str = ""
    auth_en: bool = False


@dataclass(frozen=True, slots=True)
class _Energy:
    total: float


@dataclass(frozen=True, slots=True)
class _Component:
    apower: float | None = None
    act_power: float | None = None
    total_act_power: float | None = None
    aenergy: _Energy | None = None
    output: bool | None = None


async def recognise(ask: Ask, identity: Identity, socket: int | None, device: str) -> Outlet:
    """Return the outlet of the plug that said `identity`; raise PlugFault or ValueError."""
    if identity.auth_en:
        raise PlugFault("password", device, kind=MeterFaultKind.NO_PERMISSION)
    status = decode(await ask("/rpc/Shelly.GetStatus"), dict[str, msgspec.Raw])
    sensed = _sensed(status)
    index = chosen(len(sensed), socket, device)
    kind, _, number = sensed[index].partition(":")
    mac = plain_mac(identity.mac)
    return Outlet(
        mac=mac,
        name=identity.name or f"Shelly {identity.app or identity.model} {mac[-6:]}",
        generation=f"Shelly {identity.gen}",
        route=f"/rpc/{_NAMESPACES[kind]}.GetStatus?id={number}",
        power=_POWER_FIELDS[kind],
        counter="aenergy.total",
        parse=_parse,
        first=_parse(bytes(status[sensed[index]])),
        socket=index + 1 if len(sensed) > 1 else None,
        circuits=_PHASES if kind == "em" else 1,
    )


def _sensed(status: Mapping[str, msgspec.Raw]) -> list[str]:
    """Return the keys of the components that measure power: a plain switch has no such field."""
    found = []
    for kind, field in _POWER_FIELDS.items():
        keys = [key for key in status if key.partition(":")[0] == kind]
        keys.sort(key=lambda key: (len(key), key))
        found += [key for key in keys if field in decode(bytes(status[key]), dict)]
    return found


def _parse(body: bytes) -> Meterage:
    component = decode(body, _Component)
    powers = (component.apower, component.act_power, component.total_act_power)
    total = component.aenergy
    return Meterage(
        power_w=next((power_w for power_w in powers if power_w is not None), None),
        energy_mj=None if total is None else round(1000 * j_from_wh(total.total)),
        is_on=component.output,
    )
