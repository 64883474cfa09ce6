"""Processor packages through Windows' energy meter interface. Untried on a real Windows."""

import re
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from vidgreen_gui.meters.counting import CountedDevice
from vidgreen_gui.meters.emi_format import (
    MEASUREMENT,
    METADATA_SIZE,
    VERSION,
    Measurement,
    channel_names,
    measurements,
)
from vidgreen_gui.meters.powercap import RAPL_SENSOR
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import Device, DeviceKind, PowerSemantics, Reading, Wants
from vidgreen_gui.model.units import NS_PER_S, uj_from_pwh

# CTL_CODE(FILE_DEVICE_UNKNOWN, 0 to 3, METHOD_BUFFERED, FILE_READ_ACCESS)
GET_VERSION = 0x224000
GET_METADATA_SIZE = 0x224004
GET_METADATA = 0x224008
GET_MEASUREMENT = 0x22400C
# The names of the channels that Windows 11 makes of an Intel processor's own registers, and the
# one of AMD's driver for the socket.
_PACKAGE = re.compile(r"RAPL_Package(\d+)_PKG|Current Socket Power", re.IGNORECASE)


class AsksEnergyMeter(Protocol):
    """One energy meter device of Windows."""

    path: str

    def ask(self, code: int, size: int) -> bytes:
        """Return at most `size` bytes that it answers to a control code; raise OSError."""

    def close(self) -> None:
        """Give the device back."""


@dataclass(frozen=True, slots=True)
class _Package:
    """Where a package's energy is told: the device, and its channels by their place in it."""

    number: int
    source: AsksEnergyMeter
    channels: int
    places: tuple[int, ...]
    names: tuple[str, ...]


class EmiMeter:
    """One device for each processor package; cores and graphics are inside their package.

    A memory channel counts where it has ever counted: desktops show one that is 0 for ever.
    """

    name = "emi"

    def __init__(self, sources: Sequence[AsksEnergyMeter]) -> None:
        """Take open devices; those that cannot be understood are left out."""
        self._sources = tuple(sources)
        self._packages: dict[str, _Package] = {}
        for source in sources:
            for package in _packages(source):
                self._packages.setdefault(f"cpu-package-{package.number}", package)
        self._counted: dict[str, CountedDevice] = {}

    @property
    def senses_cpu(self) -> bool:
        """Whether any package is told."""
        return bool(self._packages)

    @property
    def senses_memory(self) -> bool:
        """Whether every package's memory is told with it."""
        return all(len(package.places) > 1 for package in self._packages.values())

    def open(self) -> tuple[Device, ...]:
        """Return the packages."""
        self._counted = {
            device_id: CountedDevice(device_id, [None] * len(package.places))
            for device_id, package in self._packages.items()
        }
        for device_id in self._packages:
            with suppress(MeterFault):
                # The first question has its power from here; a fault will be told then.
                self.read(device_id, Wants.POWER)
        return tuple(self._device(*item) for item in self._packages.items())

    def read(self, device_id: str, wants: Wants) -> Reading:
        """Return the mean power since the last look and the counter; raise MeterFault.

        Power is by the meter's own time, so that nobody's delay is in it.
        """
        counted = self._counted.get(device_id)
        if counted is None:
            raise MeterFault(MeterFaultKind.GPU_LOST, device_id)
        if not wants & (Wants.POWER | Wants.COUNTER):
            return Reading()
        package = self._packages[device_id]
        try:
            told = _measure(package.source, package.channels)
        except (OSError, ValueError) as error:
            raise MeterFault(MeterFaultKind.UNKNOWN, device_id, str(error)) from error
        raws_uj = tuple(uj_from_pwh(told[place].energy_pwh) for place in package.places)
        return counted.reading(told[package.places[0]].t_ns, raws_uj, wants)

    def close(self) -> None:
        """Give the devices back."""
        for source in self._sources:
            source.close()

    def _device(self, device_id: str, package: _Package) -> Device:
        several = len(self._packages) > 1
        return Device(
            id=device_id,
            name=f"CPU {package.number + 1}" if several else "CPU",
            uuid=device_id,
            meter=self.name,
            grade=Grade.MEASURED,
            has_counter=True,
            power_semantics=PowerSemantics.SINCE_LAST,
            kind=DeviceKind.CPU,
            sensor=RAPL_SENSOR,
            sampling_ns=NS_PER_S,
            reads=tuple(("energy", f"EMI {name}") for name in package.names),
            missing=() if len(package.places) > 1 else ("sensors_host.no_memory_counter",),
        )


def open_energy_meters() -> EmiMeter | None:
    """Return a meter over this Windows' energy meters, None where none tells of a processor."""
    from vidgreen_gui.meters.emi_door import EnergyMeterDevice, energy_meter_paths

    sources = []
    try:
        paths = energy_meter_paths()
    except OSError:
        return None
    for path in paths:
        try:
            sources.append(EnergyMeterDevice(path))
        except OSError:
            # Another program may hold it alone; what others tell is still worth having.
            continue
    meter = EmiMeter(sources)
    if meter.senses_cpu:
        return meter
    meter.close()
    return None


def _packages(source: AsksEnergyMeter) -> list[_Package]:
    """Return the packages that a device tells of; none where it does not answer as documented."""
    try:
        (version,) = VERSION.unpack(source.ask(GET_VERSION, VERSION.size))
        (size,) = METADATA_SIZE.unpack(source.ask(GET_METADATA_SIZE, METADATA_SIZE.size))
        names = channel_names(version, source.ask(GET_METADATA, size))
        told = _measure(source, len(names))
    except (OSError, ValueError, struct.error):
        return []
    found = []
    for place, name in enumerate(names):
        named = _PACKAGE.fullmatch(name)
        if named is None or not told[place].energy_pwh:
            continue
        number = int(named[1] or 0)
        memory = f"rapl_package{number}_dram"
        places = (place, *(
            other for other, known in enumerate(names)
            if known.lower() == memory and told[other].energy_pwh
        ))  # fmt: skip
        own = tuple(names[one] for one in places)
        found.append(_Package(number, source, len(names), places, own))
    return found


def _measure(source: AsksEnergyMeter, channels: int) -> tuple[Measurement, ...]:
    return measurements(source.ask(GET_MEASUREMENT, channels * MEASUREMENT.size), channels)
