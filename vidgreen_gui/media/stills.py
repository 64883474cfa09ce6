"""Reads size and text of PNG and WebP files, chunk by chunk, without decoding a pixel."""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from vidgreen_gui.media.facts import MediaFacts
from vidgreen_gui.model.faults import InputFault

PNG = b"\x89PNG\r\n\x1a\n"
MAX_TEXT = 32 * 1024 * 1024
_MAX_CHUNKS = 200_000
_ASCII = 2  # the type of a text field in a TIFF directory


def read_png(stream: BinaryIO) -> MediaFacts:
    """Return size and text chunks of a PNG; raise InputFault where it breaks off or lies."""
    stream.seek(len(PNG))
    tags: dict[str, str] = {}
    size: tuple[int, int] | None = None
    for _ in range(_MAX_CHUNKS):
        length, kind = struct.unpack(">I4s", _exactly(stream, 8))
        if kind == b"IEND":
            break
        if kind in (b"IHDR", b"tEXt", b"zTXt", b"iTXt"):
            data = _exactly(stream, _bounded(length))
            if kind == b"IHDR":
                size = struct.unpack(">II", data[:8])
            elif (pair := _png_text(kind, data)) is not None:
                tags.setdefault(*pair)
        else:
            _skip(stream, length)
        _exactly(stream, 4)
    if size is None:
        raise InputFault("fault.media.damaged")
    return MediaFacts(kind="image", width=size[0], height=size[1], frames=1, tags=tags)


def read_webp(stream: BinaryIO) -> MediaFacts:
    """Return size, frames and EXIF text of a WebP, still or animated; raise InputFault."""
    tags: dict[str, str] = {}
    width = height = None
    durations_ms: list[int] = []
    for kind, length in _riff(stream):
        start = stream.tell()
        if kind == b"VP8X":
            data = _exactly(stream, 10)
            width, height = (int.from_bytes(data[i : i + 3], "little") + 1 for i in (4, 7))
        elif kind == b"ANMF":
            durations_ms.append(int.from_bytes(_exactly(stream, 15)[12:15], "little"))
        elif kind == b"EXIF":
            tags |= _exif_texts(_exactly(stream, _bounded(length)))
        stream.seek(start + length + length % 2)
    total_s = sum(durations_ms) / 1000
    frames = len(durations_ms) or 1
    return MediaFacts(
        kind="video" if frames > 1 else "image",
        width=width,
        height=height,
        frames=frames,
        fps=frames / total_s if frames > 1 and total_s > 0 else None,
        tags=tags,
    )


def _png_text(kind: bytes, data: bytes) -> tuple[str, str] | None:
    keyword, separator, rest = data.partition(b"\0")
    if not separator:
        return None
    if kind == b"tEXt":
        # Written as Latin-1, except by writers that put UTF-8 in all the same.
        return keyword.decode("latin-1"), _text(rest)
    if kind == b"zTXt":
        return keyword.decode("latin-1"), _text(_inflate(rest[1:]))
    compressed, _method, rest = rest[:1], rest[1:2], rest[2:]
    text = rest.split(b"\0", 2)[-1]
    return keyword.decode("latin-1"), _text(_inflate(text) if compressed == b"\1" else text)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _inflate(data: bytes) -> bytes:
    """Return decompressed text; raise InputFault where it would not end."""
    inflater = zlib.decompressobj()
    text = inflater.decompress(data, MAX_TEXT)
    if inflater.unconsumed_tail:
        raise InputFault("fault.media.damaged")
    return text


def _riff(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield kind and length of each chunk; the reader stands at its data then."""
    stream.seek(12)
    for _ in range(_MAX_CHUNKS):
        head = stream.read(8)
        if len(head) < 8:
            return
        kind, length = struct.unpack("<4sI", head)
        yield kind, length


def _exif_texts(data: bytes) -> dict[str, str]:
    """Return the texts of the first directory; "prompt:{…}" in any field goes under "prompt"."""
    data = data.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        return {}
    (at,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, at)
    texts: dict[str, str] = {}
    for index in range(count):
        tag, kind, length, offset = struct.unpack_from(f"{order}HHII", data, at + 2 + 12 * index)
        if kind != _ASCII or length <= 4:
            continue
        value = _text(data[offset : offset + length].rstrip(b"\0"))
        name, separator, rest = value.partition(":")
        texts |= {name: rest} if separator and name.isalpha() else {f"exif:{tag:04x}": value}
    return texts


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise InputFault("fault.media.damaged")
    return data


def _bounded(length: int) -> int:
    if length > MAX_TEXT:
        raise InputFault("fault.media.damaged")
    return length


def _skip(stream: BinaryIO, length: int) -> None:
    stream.seek(length, 1)
