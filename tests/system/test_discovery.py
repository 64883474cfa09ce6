"""What listens on this machine."""

import os
import socket

from vidgreen_gui.system.discovery import listener_pid, own_addresses, python_listeners


def test_our_own_port_is_found_with_our_process():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert listener_pid(port) == os.getpid()
        assert any(found.port == port for found in python_listeners())
    assert listener_pid(port) is None


def test_our_addresses_include_loopback():
    assert "127.0.0.1" in own_addresses()
