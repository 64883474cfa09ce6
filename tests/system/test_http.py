"""The one HTTP client: limits, deadlines, trust; every failure is a fault with its address."""

import asyncio
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from support.fake_comfyui import FakeComfyUI

from vidgreen_gui.model.faults import SourceFault
from vidgreen_gui.system.http import Http

TLS = Path(__file__).resolve().parent.parent / "data" / "tls"
_PATIENCE_S = 10.0


@contextmanager
def listening(speak):
    """Let `speak` have the first connection's socket; yields the port."""
    server = socket.create_server(("127.0.0.1", 0))
    # On a busy machine the asker may give up before it ever connects, or says anything.
    server.settimeout(_PATIENCE_S)

    def serve():
        with suppress(OSError):
            client, _ = server.accept()
            with client:
                client.settimeout(_PATIENCE_S)
                speak(client)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        thread.join()
        server.close()


def answering(text, pause_s=0.0):
    def speak(client):
        heard = b""
        while b"\r\n\r\n" not in heard and (more := client.recv(4096)):
            heard += more
        client.sendall(text)
        time.sleep(pause_s)

    return speak


def request(url, read_s=2.0, **how):
    async def scenario():
        async with Http(connect_s=2.0, read_s=read_s) as http:
            return await http.request("GET", url, **how)

    return asyncio.run(scenario())


def ask(url, *, handler, **how):
    """Ask for a URL whose {port} is a server that `handler` speaks for."""
    with listening(handler) as port:
        return request(url.format(port=port), **how)


def code_of(*args, **how):
    with pytest.raises(SourceFault) as caught:
        ask(*args, **how)
    assert str(caught.value.arguments["address"]).startswith(("127.0.0.1:", "localhost:"))
    return caught.value.code.removeprefix("fault.source.")


def test_an_answer_is_given_back_whatever_its_status():
    handler = answering(b"HTTP/1.1 418 X\r\ncontent-length: 2\r\nRetry-After: 7\r\n\r\nhi")
    reply = ask("http://127.0.0.1:{port}/x", handler=handler)
    assert (reply.status, reply.body, reply.headers["retry-after"]) == (418, b"hi", "7")
    assert not reply.is_html


def test_a_redirect_is_an_answer_not_an_order():
    handler = answering(b"HTTP/1.1 302 X\r\nlocation: http://example.com/\r\n\r\n")
    assert ask("http://127.0.0.1:{port}/", handler=handler).status == 302


def test_nothing_there_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(SourceFault) as caught:
        request(f"http://127.0.0.1:{port}/")
    assert caught.value.code == "fault.source.refused"


def test_pages_are_recognised_by_type_and_by_look():
    head = b"HTTP/1.1 200 X\r\nconnection: close\r\n"
    typed = answering(head + b"content-type: text/html; charset=utf-8\r\n\r\nhi")
    looks = answering(head + b"\r\n  <!DOCTYPE html><p>hi")
    assert ask("http://127.0.0.1:{port}/", handler=typed).is_html
    assert ask("http://127.0.0.1:{port}/", handler=looks).is_html


def test_more_than_the_limit_is_not_read():
    body = b"HTTP/1.1 200 X\r\nconnection: close\r\n\r\n" + b"x" * 200_000
    code = code_of("http://127.0.0.1:{port}/", handler=answering(body), max_bytes=100_000)
    assert code == "too_large"


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        (answering(b""), "network"),
        (answering(b"SSH-2.0-OpenSSH_9.6\r\n"), "network"),
        (answering(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nhi"), "network"),
        (answering(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nhi", pause_s=1.0), "timeout"),
    ],
)
def test_failures_are_faults(handler, code):
    assert code_of("http://127.0.0.1:{port}/", handler=handler, read_s=0.3) == code


def test_a_certificate_that_nobody_vouches_for_is_refused():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(TLS / "self_signed.crt", TLS / "self_signed.key")

    def speak(client):
        tls.wrap_socket(client, server_side=True).close()

    with pytest.raises(SourceFault) as caught:
        ask("https://localhost:{port}/", handler=speak)
    assert caught.value.code == "fault.source.tls"
    assert "self" in caught.value.arguments["detail"]


def test_plain_where_tls_is_asked_for_is_a_tls_fault():
    def handler(client):
        client.recv(4096)
        client.sendall(b"HTTP/1.1 400 X\r\n\r\n")

    assert code_of("https://127.0.0.1:{port}/", handler=handler) in {"tls", "network", "timeout"}


def test_no_origin_and_no_cookies_are_sent():
    async def scenario():
        async with FakeComfyUI() as server, Http() as http:
            await http.request("PATCH", f"http://{server.address}/queue", json={"a": 1})
            ((method, _, headers, body),) = server.requests
            assert (method, body) == ("PATCH", b'{"a":1}')
            assert not {"origin", "cookie", "referer"} & headers.keys()

    asyncio.run(scenario())
