"""What a file system refuses when a recording is to begin, as the fault that it means."""

import errno
import shutil
from pathlib import Path

from vidgreen_gui.model.faults import StoreFault, StoreFaultKind

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}
_NO_FOLDER = {
    errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG,
    errno.EINVAL,
}  # fmt: skip
# What a database needs besides itself to be opened: its log's index.
_LEAST_BYTES = 64 * 1024


def refusal(error: OSError, path: Path) -> StoreFault:
    """Return why a file cannot be made or opened: no room, no writing, no folder, or the disk."""
    kind = StoreFaultKind.IO
    if error.errno in _FULL:
        kind = StoreFaultKind.NO_ROOM
    elif error.errno in _CLOSED:
        kind = StoreFaultKind.READ_ONLY
    elif error.errno in _NO_FOLDER:
        kind = StoreFaultKind.NO_FOLDER
    return StoreFault(kind, str(path), error.strerror or str(error))


def has_room(folder: Path) -> bool:
    """Return whether a database can be opened there; unknown counts as yes."""
    try:
        return shutil.disk_usage(folder).free >= _LEAST_BYTES
    except OSError:
        return True
