"""Where this machine says it is: its time zone, its region and its locale."""

import ctypes
import locale
import os
import sys
from dataclasses import dataclass
from pathlib import Path

_LOCALTIME = Path("/etc/localtime")
_TIMEZONE = Path("/etc/timezone")


@dataclass(frozen=True, slots=True)
class Place:
    """Clues to a country; None where the system does not say."""

    time_zone: str | None = None
    region: str | None = None
    locale: str | None = None


def this_place() -> Place:
    """Return what this machine says; never raises."""
    return Place(_time_zone(), _region(), _locale())


def _time_zone() -> str | None:
    """Return the IANA name: TZ, then the link of /etc/localtime, then Debian's /etc/timezone."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if "/" in named and not named.startswith("/"):
        return named
    try:
        _before, zoneinfo, name = str(_LOCALTIME.readlink()).rpartition("zoneinfo/")
        if zoneinfo:
            return name
    except OSError:
        pass  # no link: a copy of the file, or another system
    try:
        return _TIMEZONE.read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _region() -> str | None:
    """Return the region set in Windows, which names its time zones in its own way."""
    if sys.platform != "win32":
        return None
    buffer = ctypes.create_unicode_buffer(16)
    if not ctypes.windll.kernel32.GetUserDefaultGeoName(buffer, len(buffer)):
        return None
    return buffer.value or None


def _locale() -> str | None:
    """Return the locale of money and measures before that of messages."""
    for name in ("LC_ALL", "LC_MONETARY", "LC_CTYPE", "LANG"):
        if value := os.environ.get(name):
            return value
    return locale.getlocale()[0]
