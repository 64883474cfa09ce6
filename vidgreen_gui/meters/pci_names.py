"""Names of graphics cards that do not name themselves, from the tables the system keeps."""

import re
from pathlib import Path

from vidgreen_gui.meters.sysfs import text

# Where distributions keep libdrm's table of Radeon cards and the list of all PCI devices.
_TABLES = Path("/usr/share")
_AMD_TABLE = "libdrm/amdgpu.ids"
_PCI_TABLES = ("hwdata/pci.ids", "misc/pci.ids")
_VENDORS = {"0x1002": "AMD", "0x8086": "Intel"}
_BRACKETED = re.compile(r"\[(.+)\]")


def card_name(card: Path, tables: Path = _TABLES) -> str:
    """Return what to call the card in the PCI folder `card`; its address where nothing else is.

    libdrm's table tells variants of a chip apart by their revision, the PCI list does not.
    """
    vendor = text(card / "vendor") or ""
    chip = (text(card / "device") or "")[2:].lower()
    maker = _VENDORS.get(vendor, "PCI")
    named = text(card / "product_name")
    if named is None and maker == "AMD":
        named = _radeon(tables / _AMD_TABLE, chip, (text(card / "revision") or "")[2:].lower())
    if named is None:
        lists = (tables / name for name in _PCI_TABLES)
        named = next((name for one in lists if (name := _listed(one, vendor[2:], chip))), None)
    if named is None:
        return f"{maker} GPU {card.name}"
    return named if named.lower().startswith(maker.lower()) else f"{maker} {named}"


def _radeon(table: Path, chip: str, revision: str) -> str | None:
    """Return the name in a line such as "744C, C8, AMD Radeon RX 7900 XTX"."""
    for line in _lines(table):
        cells = [cell.strip() for cell in line.split(",", 2)]
        if len(cells) == 3 and (cells[0].lower(), cells[1].lower()) == (chip, revision):
            return cells[2]
    return None


def _listed(table: Path, vendor: str, chip: str) -> str | None:
    """Return the name of a chip in the PCI list, what is in brackets where it has any."""
    inside = False
    for line in _lines(table):
        if line[:1].isalnum():
            inside = line.startswith(f"{vendor} ")
        elif inside and line.startswith(f"\t{chip} "):
            name = line.strip().split(maxsplit=1)[1]
            sold_as = _BRACKETED.search(name)
            return sold_as[1] if sold_as else name
    return None


def _lines(table: Path) -> list[str]:
    try:
        return table.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
