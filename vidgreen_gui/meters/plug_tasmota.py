"""Plugs with Tasmota's firmware: GET /cm?cmnd=Status 0 and Status 10.

Facts from https://tasmota.github.io/docs/JSON-Status-Responses/ and /Commands/: `ENERGY.Power` in
W and `ENERGY.Total` in kWh are numbers, or arrays on a plug with several sockets; the user sets
the decimals of `Total` with EnergyRes (3 by default, which is 3.6 kJ; 5 at most, 36 J).
"""

from decimal import Decimal
from functools import partial
from typing import Any

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
from vidgreen_gui.model.units import WH_PER_KWH, j_from_wh

_WHOLE = "/cm?cmnd=Status%200"
_SENSORS = "/cm?cmnd=Status%2010"
_MJ_PER_KWH = round(1000 * j_from_wh(WH_PER_KWH))
# 36 J, less than a desktop computer draws in a second; the next coarser step is 360 J.
_DECIMALS_OF_A_COUNTER = 5


class _Named(msgspec.Struct, frozen=True, rename="pascal"):
    device_name: str = ""


class _Network(msgspec.Struct, frozen=True, rename="pascal"):
    mac: str


class _Energy(msgspec.Struct, frozen=True, rename="pascal"):
    power: Decimal | tuple[Decimal, ...] | None = None
    total: Decimal | tuple[Decimal, ...] | None = None


class _Sensors(msgspec.Struct, frozen=True, rename="upper"):
    energy: _Energy | None = None


class _Answer(msgspec.Struct, frozen=True):
    """`state` has POWER, or POWER1, POWER2 …: "ON", "OFF" or the user's own words."""

    named: _Named = msgspec.field(default_factory=_Named, name="Status")
    network: _Network | None = msgspec.field(default=None, name="StatusNET")
    sensors: _Sensors | None = msgspec.field(default=None, name="StatusSNS")
    state: dict[str, Any] = msgspec.field(default_factory=dict, name="StatusSTS")
    warning: str | None = msgspec.field(default=None, name="WARNING")


async def recognise(ask: Ask, socket: int | None, device: str) -> Outlet | None:
    """Return the outlet, None where this is not Tasmota; raise PlugFault or ValueError."""
    body = await ask(_WHOLE)
    answer = decode(body, _Answer)
    if answer.warning is not None:
        # It answers so, with status 200, to whoever gives no user and password.
        raise PlugFault("password", device, kind=MeterFaultKind.NO_PERMISSION)
    if answer.network is None:
        return None
    energy = answer.sensors.energy if answer.sensors else None
    count = 0 if energy is None else len(_listed(energy.power))
    index = chosen(count, socket, device)
    mac = plain_mac(answer.network.mac)
    which = "" if count == 1 else f"[{index}]"
    parse = partial(_parse, index=index)
    return Outlet(
        mac=mac,
        name=answer.named.device_name or f"Tasmota {mac[-6:]}",
        generation="Tasmota",
        route=_SENSORS,
        power=f"ENERGY.Power{which}",
        counter=f"ENERGY.Total{which}",
        parse=parse,
        first=parse(body),
        socket=index + 1 if count > 1 else None,
    )


def _parse(body: bytes, *, index: int) -> Meterage:
    answer = decode(body, _Answer)
    if answer.sensors is None or answer.sensors.energy is None:
        raise ValueError("no StatusSNS.ENERGY")
    energy = answer.sensors.energy
    powers_w, totals_kwh = _listed(energy.power), _listed(energy.total)
    if index >= len(powers_w):
        raise ValueError(f"no ENERGY.Power[{index}]")
    # A single total of several sockets is not this one's.
    own = len(totals_kwh) == len(powers_w)
    return Meterage(
        power_w=float(powers_w[index]),
        energy_mj=_counter_mj(totals_kwh[index]) if own else None,
        is_on=_is_on(answer.state, index),
    )


def _listed(value: Decimal | tuple[Decimal, ...] | None) -> tuple[Decimal, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _counter_mj(total_kwh: Decimal) -> int | None:
    """Return the counter, None where the steps of its last decimal are too coarse."""
    exponent = total_kwh.as_tuple().exponent
    if not isinstance(exponent, int) or exponent > -_DECIMALS_OF_A_COUNTER:
        return None
    return round(total_kwh * _MJ_PER_KWH)


def _is_on(state: dict[str, Any], index: int) -> bool | None:
    word = state.get(f"POWER{index + 1}", state.get("POWER"))
    return None if word is None else word != "OFF"
