"""Processor packages and their memory, by the energy counters of the kernel's powercap tree."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vidgreen_gui.meters.counting import CountedDevice
from vidgreen_gui.meters.sysfs import SYSFS, number, read_number, text
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.ports import Clock
from vidgreen_gui.model.power import (
    Device,
    DeviceKind,
    PowerSemantics,
    Reading,
    Sensor,
    Wants,
)
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S

# The zones of the processors' own registers; AMD's come by the same driver. The twins named
# intel-rapl-mmio are the same packages seen through memory.
_PACKAGE_ZONE = re.compile(r"intel-rapl:\d+")
# On processors of several dies each has a zone: "package-0-die-1".
_PACKAGE_NAME = re.compile(r"package-(\d+)(?:-die-\d+)?")
# The registers move every millisecond. The range is what validations found against instruments:
# Hackenberg et al. 2015 and Khan et al. 2018 for packages; memory is worse on desktops.
RAPL_SENSOR = Sensor(
    update_ns=NS_PER_MS,
    counter_update_ns=NS_PER_MS,
    gain=0.05,
    source="doi 10.1145/3177754, doi 10.1109/IPDPSW.2015.70",
)


@dataclass(frozen=True, slots=True)
class Zone:
    """One energy counter: its file, and where it wraps."""

    path: str
    range_uj: int | None


@dataclass(frozen=True, slots=True)
class Package:
    """One processor package: its own zones, one for each die, and its memory's."""

    number: int
    zones: tuple[Zone, ...]
    memory: tuple[Zone, ...]


@dataclass(frozen=True, slots=True)
class Packages:
    """What powercap has: packages that can be read; `refused` says that this user may not."""

    readable: tuple[Package, ...] = ()
    refused: bool = False


def find_packages(sysfs: Path = SYSFS) -> Packages:
    """Return the processor packages of this machine.

    Cores and uncore are inside their package and psys is around all of them, so none of these is
    counted again. Where one package may not be read, none is: half a machine's processors beside
    a model of the whole would be counted twice.
    """
    found: dict[int, tuple[list[Zone], list[Zone]]] = {}
    for folder in sorted((sysfs / "class" / "powercap").glob("intel-rapl:*")):
        named = _PACKAGE_NAME.fullmatch(text(folder / "name") or "")
        if named is None or not _PACKAGE_ZONE.fullmatch(folder.name):
            continue
        energy = folder / "energy_uj"
        if not number(energy):
            # Virtual machines show a counter that is 0 for ever.
            return Packages(refused=energy.exists() and not os.access(energy, os.R_OK))
        zones, memory = found.setdefault(int(named[1]), ([], []))
        zones.append(_zone(folder))
        memory += [
            _zone(inner)
            for inner in sorted(folder.glob("intel-rapl:*:*"))
            if text(inner / "name") == "dram" and number(inner / "energy_uj")
        ]
    return Packages(tuple(Package(n, tuple(z), tuple(m)) for n, (z, m) in sorted(found.items())))


class PowercapMeter:
    """One device for each processor package, its memory included where it has a counter."""

    name = "powercap"

    def __init__(self, packages: tuple[Package, ...], clock: Clock) -> None:
        """Take what `find_packages` found readable."""
        self._clock = clock
        self._several = len(packages) > 1
        self._packages = {f"cpu-package-{package.number}": package for package in packages}
        self._counted: dict[str, CountedDevice] = {}

    def open(self) -> tuple[Device, ...]:
        """Return the packages."""
        devices = tuple(self._device(i, package) for i, package in self._packages.items())
        for device, package in zip(devices, self._packages.values(), strict=True):
            ranges_uj = [zone.range_uj for zone in (*package.zones, *package.memory)]
            self._counted[device.id] = CountedDevice(device.name, ranges_uj)
            with suppress(MeterFault):
                # The first question has its power from here; a fault will be told then.
                self.read(device.id, Wants.POWER)
        return devices

    def read(self, device_id: str, wants: Wants) -> Reading:
        """Return the mean power since the last look and the sum of the counters; raise MeterFault.

        One call reads one file for each counter, and none where only slow fields are wanted.
        """
        counted = self._counted.get(device_id)
        if counted is None:
            raise MeterFault(MeterFaultKind.GPU_LOST, device_id)
        if not wants & (Wants.POWER | Wants.COUNTER):
            return Reading()
        package = self._packages[device_id]
        raws_uj = tuple(
            read_number(zone.path, device_id) for zone in (*package.zones, *package.memory)
        )
        return counted.reading(self._clock.steady_ns(), raws_uj, wants)

    def close(self) -> None:
        """Do nothing: no file is kept open."""

    def _device(self, device_id: str, package: Package) -> Device:
        files = [zone.path for zone in (*package.zones, *package.memory)]
        return Device(
            id=device_id,
            name=f"CPU {package.number + 1}" if self._several else "CPU",
            uuid=device_id,
            meter=self.name,
            grade=Grade.MEASURED,
            has_counter=True,
            power_semantics=PowerSemantics.SINCE_LAST,
            kind=DeviceKind.CPU,
            sensor=RAPL_SENSOR,
            sampling_ns=NS_PER_S,
            reads=tuple(("energy", path) for path in files),
            missing=() if package.memory else ("sensors_host.no_memory_counter",),
        )


def _zone(folder: Path) -> Zone:
    return Zone(str(folder / "energy_uj"), number(folder / "max_energy_range_uj") or None)
