"""Addresses as users write them: one form each, and some never."""

import pytest

from vidgreen_gui.model.faults import SourceFault
from vidgreen_gui.watchers.comfyui.address import Address, parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8188", Address("127.0.0.1", 8188)),
        (" localhost:8188 ", Address("127.0.0.1", 8188)),
        ("LOCALHOST", Address("127.0.0.1", 8188)),
        ("http://0.0.0.0:8188/", Address("127.0.0.1", 8188)),
        ("ws://studio.lan:9000", Address("studio.lan", 9000)),
        ("https://comfy.example.com", Address("comfy.example.com", 443, secure=True)),
        ("wss://comfy.example.com/a/b/", Address("comfy.example.com", 443, True, "/a/b")),
        ("http://192.168.1.5", Address("192.168.1.5", 80)),
        ("[::1]:8188", Address("::1", 8188)),
        ("render_box", Address("render_box", 8188)),
    ],
)
def test_what_is_meant(text, address):
    assert parse_address(text) == address


def test_localhost_and_its_number_are_one_source():
    assert parse_address("localhost:8188").source_id == parse_address("127.0.0.1:8188").source_id


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("file:///etc/passwd", "scheme"),
        ("ftp://127.0.0.1", "scheme"),
        ("gopher://127.0.0.1:70", "scheme"),
        ("javascript://x", "scheme"),
        ("169.254.169.254", "link_local"),
        ("http://169.254.169.254/latest/meta-data", "link_local"),
        ("http://[fe80::1]:8188", "link_local"),
        ("http://[::ffff:169.254.169.254]", "link_local"),
        ("", "address"),
        ("http://", "address"),
        ("127.0.0.1:99999", "address"),
        ("127.0.0.1:port", "address"),
        ("127.0.0.1:0", "address"),
        ("http://user:secret@127.0.0.1:8188", "address"),
        ("http://127.0.0.1:8188/?x=1", "address"),
        ("a b:8188", "address"),
        ("http://exa\u202emple:8188", "address"),
        ("http://[::1", "address"),
        ("\x00", "address"),
    ],
)
def test_what_is_refused(text, kind):
    with pytest.raises(SourceFault) as caught:
        parse_address(text)
    assert caught.value.code == f"fault.source.{kind}"


def test_urls():
    address = Address("::1", 8188, path="/comfy")
    assert address.http("/queue") == "http://[::1]:8188/comfy/queue"
    assert address.websocket("ab") == "ws://[::1]:8188/comfy/ws?clientId=ab"
    assert address.is_loopback
    assert not Address("192.168.1.5", 8188).is_loopback
    assert Address("127.0.0.1", 8188).label == "ComfyUI :8188"
