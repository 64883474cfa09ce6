"""Asks a child process about a finished file, so that no file can harm or hold up this one."""

import subprocess
import sys
from pathlib import Path

import msgspec

from vidgreen_gui.media.facts import MediaFacts
from vidgreen_gui.model.faults import InputFault

TIME_LIMIT_S = 5.0
# Windows would flash a console for it; elsewhere there is no such flag.
_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class _Refusal(msgspec.Struct, forbid_unknown_fields=True):
    fault: str


def probe(path: Path, time_limit_s: float = TIME_LIMIT_S) -> MediaFacts:
    """Return size, length and tags of a video or picture; raise InputFault with its reason.

    A file that takes longer than `time_limit_s` to read is given up and its reader killed.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "vidgreen_gui.media.child", str(path.absolute())],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=time_limit_s,
            check=False,
            creationflags=_NO_WINDOW,
        )
    except subprocess.TimeoutExpired as error:
        raise InputFault("fault.media.too_slow", file=path.name) from error
    except OSError as error:
        raise InputFault("fault.media.unreadable", file=path.name) from error
    return _facts(done.stdout, path)


def _facts(answer: bytes, path: Path) -> MediaFacts:
    """Return the facts in a child's answer; one that fell silent did not survive the file."""
    try:
        return msgspec.json.decode(answer, type=MediaFacts)
    except msgspec.MsgspecError:
        pass
    try:
        code = msgspec.json.decode(answer, type=_Refusal).fault
    except msgspec.MsgspecError:
        code = "fault.media.damaged"
    raise InputFault(code, file=path.name)
