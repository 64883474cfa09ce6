"""Finished files with metadata, written for a test."""

import json
import struct
import zlib

import av
import numpy as np

SAVED = {"mp4": ("mp4", "mpeg4"), "webm": ("webm", "libvpx")}


def write_video(path, tags, *, width=64, height=48, frames=9, fps=16):
    """Write a real mp4 or webm, by its ending, whose container carries `tags`."""
    container_format, codec = SAVED[path.suffix[1:]]
    options = {"movflags": "use_metadata_tags"} if container_format == "mp4" else {}
    with av.open(path, "w", format=container_format, options=options) as container:
        for name, text in tags.items():
            container.metadata[name] = text
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(frames):
            picture = np.full((height, width, 3), index * 20 % 256, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def png_chunk(kind, data):
    """Return one PNG chunk with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(chunks, width=32, height=16):
    """Return a PNG with extra chunks between header and pixels."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress((b"\0" + bytes(width)) * height))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + pixels + png_chunk(b"IEND", b"")


def webp(texts, *, width=32, height=16, durations_ms=()):
    """Return the skeleton of a WebP whose EXIF directory carries `texts`."""
    entries, heap = b"", b""
    at = 8 + 2 + 12 * len(texts) + 4
    for index, text in enumerate(texts):
        data = text.encode() + b"\0"
        entries += struct.pack("<HHII", 0x010F + index, 2, len(data), at + len(heap))
        heap += data
    exif = b"II*\0" + struct.pack("<IH", 8, len(texts)) + entries + bytes(4) + heap
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunks = _riff_chunk(b"VP8X", bytes(4) + size)
    for duration in durations_ms:
        chunks += _riff_chunk(b"ANMF", bytes(6) + size + duration.to_bytes(3, "little") + b"\0")
    chunks += _riff_chunk(b"EXIF", exif)
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def _riff_chunk(kind, data):
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def graph_text(path):
    """Return a workflow file as the JSON text that a saver writes."""
    return json.dumps(json.loads(path.read_text()))
