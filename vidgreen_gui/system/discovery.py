"""Which Python programs of this machine listen on which ports."""

import socket
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Listener:
    """A port of this machine that a program listens on."""

    port: int
    pid: int


def python_listeners() -> tuple[Listener, ...]:
    """Return the TCP ports that Python programs listen on, lowest first.

    Programs of other users are left out where the system does not show them.
    """
    found: set[tuple[int, int]] = set()
    for process in psutil.process_iter(["name", "exe"]):
        # A script that names its interpreter in its first line runs under its own name.
        named = f"{process.info['name']} {process.info['exe']}"
        if "python" not in named.lower():
            continue
        try:
            connections = process.net_connections("tcp")
        except (psutil.Error, OSError):
            continue
        found |= {
            (connection.laddr.port, process.pid)
            for connection in connections
            if connection.status == psutil.CONN_LISTEN and connection.laddr
        }
    return tuple(Listener(port, pid) for port, pid in sorted(found))


def listener_pid(port: int) -> int | None:
    """Return the Python program that listens on `port`, None where none is seen."""
    return next((found.pid for found in python_listeners() if found.port == port), None)


def own_addresses() -> frozenset[str]:
    """Return the IP addresses of this machine's network cards, loopback included."""
    families = (socket.AF_INET, socket.AF_INET6)
    return frozenset(
        address.address.partition("%")[0]
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family in families
    )
