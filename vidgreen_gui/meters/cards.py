"""Graphics cards that the Linux kernel shows power or energy of, and the files it does it in."""

import re
from dataclasses import dataclass
from pathlib import Path

from vidgreen_gui.meters.sysfs import SYSFS, number, text
from vidgreen_gui.model.power import PowerSemantics, SlowField

_DRIVERS = ("amdgpu", "i915", "xe")
_TELLING = ("power1_average", "power1_input", "energy1_input", "energy2_input")
_ADDRESS = re.compile(r"[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
# What amdgpu calls the second voltage, which processors alone have: its documentation and
# hwmon_attributes_visible. The label of the power, "PPT", is the same on cards.
_NORTHBRIDGE = "vddnb"
# A PCI vendor, and the class of display controllers; NVIDIA's sound chips have another.
_NVIDIA = "0x10de"
_DISPLAY = "0x03"


@dataclass(frozen=True, slots=True)
class SensedCard:
    """One card: its PCI folder, its hwmon folder, and whether it is part of a processor.

    The watts of an integrated AMD GPU are the whole socket's, its cores included.
    """

    address: str
    driver: str
    folder: Path
    hwmon: Path
    integrated: bool

    def tells(self) -> bool:
        """Return whether it has a sensor of power or energy; old chips have neither."""
        return any((self.hwmon / name).exists() for name in _TELLING)

    def is_asleep(self) -> bool:
        """Return whether the kernel has switched it off for now; reading a sensor would wake it."""
        status = text(self.folder / "power" / "runtime_status")
        return status in {"suspended", "suspending"}

    def is_kept_awake(self) -> bool:
        """Return whether it might sleep if nobody read it: each look puts its rest off.

        A card with a screen stays awake by itself.
        """
        screens = self.folder.glob("drm/card*/card*-*/status")
        may_sleep = text(self.folder / "power" / "control") == "auto"
        return may_sleep and not any(text(screen) == "connected" for screen in screens)

    def identity(self) -> str:
        """Return what stays when cards change their order: the chip's own number or the slot."""
        own = text(self.folder / "unique_id")
        return f"{self.driver}-{own}" if own and own.strip("0") else f"pci-{self.address}"


@dataclass(frozen=True, slots=True)
class Sources:
    """In which files a card tells what; None where it does not.

    `power` is in microwatts and means what `semantics` says; `energy` in microjoules since some
    start, of the card or, with `of_package`, of the chip without its board. `limit` is in
    microwatts.
    """

    power: str | None
    energy: str | None
    limit: str | None
    semantics: PowerSemantics
    slow: tuple[tuple[SlowField, str], ...]
    of_package: bool = False


def find_cards(sysfs: Path = SYSFS) -> tuple[SensedCard, ...]:
    """Return the cards in the order of their addresses."""
    found = {}
    for hwmon in (sysfs / "class" / "hwmon").glob("hwmon*"):
        driver, folder = text(hwmon / "name"), (hwmon / "device").resolve()
        if driver in _DRIVERS and _ADDRESS.fullmatch(folder.name):
            integrated = text(hwmon / "in1_label") == _NORTHBRIDGE
            found[folder.name] = SensedCard(folder.name, driver, folder, hwmon, integrated)
    return tuple(card for _, card in sorted(found.items()))


def has_nvidia(sysfs: Path = SYSFS) -> bool:
    """Return whether a graphics card of NVIDIA's is there, whatever drives it."""
    return any(
        text(folder / "vendor") == _NVIDIA and (text(folder / "class") or "").startswith(_DISPLAY)
        for folder in (sysfs / "bus" / "pci" / "devices").glob("*")
    )


def sources(card: SensedCard) -> Sources:
    """Return the files that this card's driver made; nothing is read of a card that sleeps."""
    if card.driver == "amdgpu":
        return _amd(card)
    # The channels of Intel's drivers: 1 is the card, 2 the package alone.
    channel = next((n for n in (1, 2) if (card.hwmon / f"energy{n}_input").exists()), 1)
    return Sources(
        power=None,
        energy=_there(card.hwmon, f"energy{channel}_input"),
        limit=_there(card.hwmon, f"power{channel}_max", f"power{channel}_rated_max"),
        semantics=PowerSemantics.SINCE_LAST,
        slow=_slow(card, f"power{channel}_max"),
        of_package=channel == 2,
    )


def limit_mw(path: str | None) -> int | None:
    """Return the power limit in a file; 0 means that there is none."""
    microwatts = None if path is None else number(Path(path))
    return microwatts // 1000 if microwatts else None


def _amd(card: SensedCard) -> Sources:
    mean = _there(card.hwmon, "power1_average")
    if mean is not None and not card.is_asleep() and number(Path(mean)) is None:
        # Newer chips have the file and refuse the answer.
        mean = None
    power = mean or _there(card.hwmon, "power1_input")
    return Sources(
        power=power,
        energy=None,
        limit=_there(card.hwmon, "power1_cap"),
        # Over how long the driver's mean is taken depends on the chip's firmware.
        semantics=PowerSemantics.UNKNOWN if mean else PowerSemantics.INSTANT,
        slow=_slow(card, "power1_cap"),
    )


def _slow(card: SensedCard, limit: str) -> tuple[tuple[SlowField, str], ...]:
    files = (
        (SlowField.TEMPERATURE_C, _there(card.hwmon, "temp1_input", "temp2_input")),
        (SlowField.UTILISATION_PCT, _there(card.folder, "gpu_busy_percent")),
        (SlowField.MEMORY_USED_BYTES, _there(card.folder, "mem_info_vram_used")),
        (SlowField.POWER_LIMIT_MW, _there(card.hwmon, limit)),
    )
    return tuple((quantity, path) for quantity, path in files if path is not None)


def _there(folder: Path, *names: str) -> str | None:
    return next((str(folder / name) for name in names if (folder / name).exists()), None)
