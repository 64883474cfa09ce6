"""Where a ComfyUI server is: an address as a user writes it, checked and made one of a kind."""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from vidgreen_gui.model.faults import SourceFault
from vidgreen_gui.system.address import ip_literal, refuse_link_local
from vidgreen_gui.watchers.comfyui.jobs import SOURCE_KIND

DEFAULT_PORT = 8188
LOOPBACK = "127.0.0.1"

_PLAIN = {"http": False, "https": True, "ws": False, "wss": True}
# Names and addresses that mean this host and are answered by a server on 127.0.0.1.
_SAME = {"localhost", "0.0.0.0", LOOPBACK}  # noqa: S104


@dataclass(frozen=True, slots=True)
class Address:
    """One server. `path` is the prefix behind a proxy, without a slash at its end."""

    host: str
    port: int
    secure: bool = False
    path: str = ""

    @property
    def is_loopback(self) -> bool:
        """Return whether the server is on this host, as far as the address says."""
        literal = ip_literal(self.host)
        return literal is not None and literal.is_loopback

    @property
    def text(self) -> str:
        """Return the address to show: host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}{self.path}"

    @property
    def source_id(self) -> str:
        """Return what this server is called in events."""
        return f"{SOURCE_KIND}:{self.text}"

    @property
    def label(self) -> str:
        """Return a short name: the port says enough on this host."""
        return f"ComfyUI :{self.port}" if self.is_loopback else f"ComfyUI {self.text}"

    def http(self, route: str) -> str:
        """Return the URL of a route."""
        return f"{'https' if self.secure else 'http'}://{self.text}{route}"

    def websocket(self, client_id: str) -> str:
        """Return the URL of the socket for a client of our own name."""
        return f"{'wss' if self.secure else 'ws'}://{self.text}/ws?clientId={client_id}"


def local(port: int) -> Address:
    """Return a server on this host."""
    return Address(LOOPBACK, port)


def parse_address(text: str) -> Address:
    """Return the server that `text` names; raise SourceFault.

    Without a scheme it is http, without scheme and port 8188. Only http(s) and ws(s) are taken,
    and no link-local address: nothing to watch lives there, but clouds keep secrets there.
    """
    given = text.strip()
    has_scheme = "://" in given
    try:
        parts = urlsplit(given if has_scheme else f"http://{given}")
        port = parts.port
    except ValueError as error:
        raise SourceFault("fault.source.address", address=given) from error
    if parts.scheme not in _PLAIN:
        raise SourceFault("fault.source.scheme", scheme=parts.scheme)
    host = _host(parts, given)
    secure = _PLAIN[parts.scheme]
    if port is None:
        port = (443 if secure else 80) if has_scheme else DEFAULT_PORT
    if port == 0:
        raise SourceFault("fault.source.address", address=given)
    return Address(host, port, secure, parts.path.rstrip("/"))


def _host(parts: SplitResult, given: str) -> str:
    host = (parts.hostname or "").rstrip(".")
    odd = any(not (c.isalnum() or c in "-._:") for c in host)
    if not host or odd or parts.username is not None or parts.query or parts.fragment:
        raise SourceFault("fault.source.address", address=given)
    refuse_link_local(host, given)
    return LOOPBACK if host in _SAME else host
