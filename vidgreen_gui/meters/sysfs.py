"""Reads the small files in which the Linux kernel tells what its sensors say."""

import errno
import os
from pathlib import Path

from vidgreen_gui.model.faults import MeterFault, MeterFaultKind

SYSFS = Path("/sys")
# A value is a number or a name.
_LONGEST = 256
_KINDS = {
    errno.ENOENT: MeterFaultKind.GPU_LOST,
    errno.ENODEV: MeterFaultKind.GPU_LOST,
    errno.ENXIO: MeterFaultKind.GPU_LOST,
    errno.EACCES: MeterFaultKind.NO_PERMISSION,
    errno.EOPNOTSUPP: MeterFaultKind.NOT_SUPPORTED,
    errno.EAGAIN: MeterFaultKind.TIMEOUT,
    errno.EBUSY: MeterFaultKind.TIMEOUT,
    errno.ETIMEDOUT: MeterFaultKind.TIMEOUT,
    # amdgpu's answer while it resets the GPU; a file that may not be opened is EACCES.
    errno.EPERM: MeterFaultKind.TIMEOUT,
}


def read_number(path: str, device: str) -> int:
    """Return the whole number in a file; raise MeterFault about `device` where there is none.

    Nothing that is read here goes below zero: a negative number is IMPLAUSIBLE.
    """
    try:
        text = _read(path)
    except OSError as error:
        kind = _KINDS.get(error.errno or 0, MeterFaultKind.UNKNOWN)
        raise MeterFault(kind, device, f"{path}: {error.strerror}") from error
    try:
        value = int(text)
    except ValueError as error:
        detail = f"{path}: {text[:40]!r}"
        raise MeterFault(MeterFaultKind.IMPLAUSIBLE, device, detail) from error
    if value < 0:
        raise MeterFault(MeterFaultKind.IMPLAUSIBLE, device, f"{path}: {value}")
    return value


def number(path: Path) -> int | None:
    """Return the whole number in a file, None where there is none to be had."""
    try:
        return int(_read(str(path)))
    except (OSError, ValueError):
        return None


def text(path: Path) -> str | None:
    """Return what a file says, None where it says nothing."""
    try:
        return _read(str(path)).decode("utf-8", "replace").strip() or None
    except OSError:
        return None


def _read(path: str) -> bytes:
    # Not Path.read_text: this is done at every tick, and a sensor is one read of one page.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    try:
        return os.read(handle, _LONGEST)
    finally:
        os.close(handle)
