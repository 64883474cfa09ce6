"""Which hosts may be asked at all: no link-local ones, however they are written."""

import asyncio
import ipaddress
import socket

from vidgreen_gui.model.faults import SourceFault


def ip_literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return `host` as an IP address, an IPv4 one also where it is written as IPv6."""
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(literal, ipaddress.IPv6Address) and literal.ipv4_mapped:
        return literal.ipv4_mapped
    return literal


def refuse_link_local(host: str, address: str) -> None:
    """Raise SourceFault where `host` is a link-local IP address: clouds keep secrets there."""
    literal = ip_literal(host)
    if literal is not None and literal.is_link_local:
        raise SourceFault("fault.source.link_local", address=address)


async def refuse_hidden_link_local(host: str, address: str) -> None:
    """Raise where a name, or a number that only looks unlike an address, leads there."""
    if ip_literal(host) is not None:
        return
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        detail = error.strerror or str(error)
        raise SourceFault("fault.source.network", address=address, detail=detail) from error
    for *_, target in found:
        refuse_link_local(str(target[0]).partition("%")[0], address)
