"""What every kind of plug meter is reduced to: an outlet that was recognised, and its readings."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from vidgreen_gui.model.faults import MeterFault, MeterFaultKind

T = TypeVar("T")

# Asks a plug for a route and returns the body of its answer; raises PlugFault.
Ask = Callable[[str], Awaitable[bytes]]

# 16 A at 250 V: what one circuit of a house gives before its fuse blows.
CIRCUIT_W = 4000.0
# A computer that runs draws more; one that seems not to hangs on another socket.
RUNNING_W = 1.0


class PlugFault(MeterFault):
    """A plug does not answer as a meter does; its sentence is `fault.plug.CODE`."""

    def __init__(
        self,
        code: str,
        device: str,
        detail: str = "",
        kind: MeterFaultKind = MeterFaultKind.UNKNOWN,
    ) -> None:
        super().__init__(kind, device, detail)
        self.code = f"fault.plug.{code}"


@dataclass(frozen=True, slots=True)
class Meterage:
    """What an outlet measures now: power in W, its counter in mJ and whether it is switched on.

    None where the plug does not say. The counter is None too where its steps are too coarse.
    """

    power_w: float | None
    energy_mj: int | None = None
    is_on: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One metered outlet of a plug: who it is, where it is read and how the answer is understood.

    `mac` is twelve hexadecimal digits. `socket` counts from 1 where the plug has several, else
    None. `circuits` is how many of the house's circuits it sums. `power` and `counter` are where
    in the answer to `route` the two stand; `parse` reads them and raises ValueError for an answer
    that is none. `first` is what it measured when it was recognised.
    """

    mac: str
    name: str
    generation: str
    route: str
    power: str
    counter: str
    parse: Callable[[bytes], Meterage]
    first: Meterage
    socket: int | None = None
    circuits: int = 1

    @property
    def id(self) -> str:
        """Return the identity that stays when the address changes."""
        return f"plug-{self.mac}" if self.socket is None else f"plug-{self.mac}-{self.socket}"


def decode(body: bytes, kind: type[T]) -> T:
    """Return the answer as a `kind`; raise ValueError where it is none, NaN and 1e999 included."""
    try:
        return msgspec.json.decode(body, type=kind)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def plain_mac(text: str) -> str:
    """Return a MAC address as twelve lower-case hexadecimal digits; raise ValueError."""
    digits = text.replace(":", "").replace("-", "").lower()
    if len(digits) != 12 or set(digits) - set("0123456789abcdef"):
        raise ValueError("this is no MAC address")
    return digits


def chosen(count: int, socket: int | None, device: str) -> int:
    """Return the index of the socket that was asked for among `count`; raise PlugFault.

    Where there are several and none was named, nobody knows which one the computer hangs on.
    """
    if count == 0:
        raise PlugFault("no_metering", device, kind=MeterFaultKind.NOT_SUPPORTED)
    if socket is None and count > 1:
        raise PlugFault("which_socket", device, str(count), MeterFaultKind.NOT_SUPPORTED)
    if (socket or 1) > count:
        raise PlugFault("no_socket", device, str(count), MeterFaultKind.NOT_SUPPORTED)
    return (socket or 1) - 1
