"""Writes a file whole or not at all."""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

from vidgreen_gui.model.faults import InputFault

_CODES = {
    errno.ENOSPC: "fault.export.disk_full",
    errno.EDQUOT: "fault.export.disk_full",
    errno.ENOENT: "fault.export.no_folder",
    errno.ENOTDIR: "fault.export.no_folder",
    errno.EISDIR: "fault.export.is_folder",
}


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path`, through a synced file beside it; raise InputFault.

    A file that stood there before stays as it was until the new one is complete.
    """
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        with beside.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        code = _CODES.get(error.errno or 0, "fault.export.refused")
        raise InputFault(code, path=str(path), detail=error.strerror or "") from error
