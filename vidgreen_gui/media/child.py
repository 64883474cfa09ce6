"""The process that opens a file nobody vouches for: `python -m vidgreen_gui.media.child FILE`.

Answers one line of JSON on standard output, the facts or the code of a fault. It may be killed at
any moment; the parent only ever reads its answer.
"""

import sys
import zlib
from dataclasses import replace
from pathlib import Path

import msgspec

from vidgreen_gui.media.facts import MediaFacts
from vidgreen_gui.media.stills import PNG, read_png, read_webp
from vidgreen_gui.model.faults import InputFault

MAX_ANSWER = 96 * 1024 * 1024
_MAX_MEMORY = 4 * 1024**3
_MAX_CPU_S = 20


def read_facts(path: Path) -> MediaFacts:
    """Return what the file says of itself; raise InputFault where it is none of ours or damaged."""
    with path.open("rb") as stream:
        head = stream.read(16)
        stream.seek(0)
        if head.startswith(PNG):
            return read_png(stream)
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return read_webp(stream)
        from vidgreen_gui.media.streams import read_video

        container_format = _container_format(head)
        if container_format is None:
            raise InputFault("fault.media.unreadable")
        return read_video(stream, container_format)


def main(arguments: list[str]) -> int:
    """Write the facts of the file named by the only argument; return 0 whenever it answered."""
    _limit_resources()
    try:
        facts = read_facts(Path(arguments[0]))
        tags = {name.lower(): text for name, text in facts.tags.items()}
        answer = msgspec.json.encode(replace(facts, tags=tags))
        if len(answer) > MAX_ANSWER:
            answer = msgspec.json.encode({"fault": "fault.media.damaged"})
    except InputFault as fault:
        answer = msgspec.json.encode({"fault": fault.code})
    except (OSError, ValueError, ArithmeticError, LookupError, MemoryError, zlib.error):
        answer = msgspec.json.encode({"fault": "fault.media.damaged"})
    sys.stdout.buffer.write(answer)
    return 0


def _container_format(head: bytes) -> str | None:
    """Return FFmpeg's name of the container, told by its first bytes."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mov"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "matroska"
    if head.startswith(b"GIF8"):
        return "gif"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    return None


def _limit_resources() -> None:
    """Cap memory and CPU where the system can; elsewhere the parent's clock is the only limit."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MAX_CPU_S, _MAX_CPU_S))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
