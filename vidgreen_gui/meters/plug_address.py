"""Where a plug meter is: an address as a user writes it, checked and made one of a kind."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from vidgreen_gui.meters.plug_form import PlugFault
from vidgreen_gui.model.faults import SourceFault
from vidgreen_gui.system.address import refuse_link_local

_PLAIN_PORT = 80


@dataclass(frozen=True, slots=True)
class PlugAddress:
    """One plug; `socket` counts from 1 and is None where the address names none."""

    host: str
    port: int = _PLAIN_PORT
    socket: int | None = None

    @property
    def text(self) -> str:
        """Return the address to show and to type: the port only where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PLAIN_PORT else f":{self.port}"
        socket = "" if self.socket is None else f"/{self.socket}"
        return f"{host}{port}{socket}"

    def url(self, route: str) -> str:
        """Return the URL of a route."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{route}"


def parse_plug_address(text: str) -> PlugAddress:
    """Return the plug that `text` names: host, host:port or http://host, with /2 for a socket.

    Raise PlugFault: plugs speak plain http in the house's own network, and no link-local address
    is taken.
    """
    given = text.strip()
    try:
        parts = urlsplit(given if "://" in given else f"http://{given}")
        port = _PLAIN_PORT if parts.port is None else parts.port
        number = parts.path.strip("/")
        socket = int(number) if number else None
    except ValueError as error:
        raise PlugFault("address", given) from error
    host = (parts.hostname or "").rstrip(".")
    odd = any(not (c.isalnum() or c in "-._:") for c in host)
    extras = parts.username is not None or parts.query or parts.fragment
    if parts.scheme != "http" or not host or odd or extras or port == 0:
        raise PlugFault("address", given)
    if socket is not None and socket < 1:
        raise PlugFault("address", given)
    try:
        refuse_link_local(host, given)
    except SourceFault as fault:
        raise PlugFault("link_local", given) from fault
    return PlugAddress(host, port, socket)
