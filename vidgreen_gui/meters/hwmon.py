"""AMD and Intel graphics cards through the files of the Linux kernel."""

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidgreen_gui.meters.cards import SensedCard, Sources, find_cards, limit_mw, sources
from vidgreen_gui.meters.counting import CountedDevice
from vidgreen_gui.meters.pci_names import card_name
from vidgreen_gui.meters.sysfs import SYSFS, number, read_number
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.ports import Clock
from vidgreen_gui.model.power import (
    Device,
    DeviceKind,
    PowerSemantics,
    Reading,
    Sensor,
    SlowField,
    Wants,
)
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S, c_from_mc, mj_from_uj, mw_from_uw

# Short peaks may pass the limit; half as much again is no card.
_HEADROOM = 1.5
_HIGHEST_POWER_MW = 2_000_000
_HIGHEST_VALUE = 2**63 - 1
# A mean over less would be of few steps of the counter.
_COUNTED_SAMPLING_NS = 250 * NS_PER_MS
_DOCUMENTS = {
    "amdgpu": "Linux: Documentation/gpu/amdgpu/thermal.rst",
    "i915": "Linux: Documentation/ABI/testing/sysfs-driver-intel-i915-hwmon",
    "xe": "Linux: Documentation/ABI/testing/sysfs-driver-intel-xe-hwmon",
}
# The power of the chip as its firmware tracks it; what the board loses before may not be in it.
_CHIP_GAIN = 0.10
_BOARD_GAIN = 0.05
_QUANTITIES = {
    SlowField.TEMPERATURE_C: "temperature",
    SlowField.UTILISATION_PCT: "utilisation",
    SlowField.MEMORY_USED_BYTES: "memory",
    SlowField.POWER_LIMIT_MW: "power_limit",
}
_CONVERSIONS = {SlowField.TEMPERATURE_C: c_from_mc, SlowField.POWER_LIMIT_MW: mw_from_uw}
# Another slot; or a file that could not be tried while the card slept, and has no answer.
_LOOKED_UP_AGAIN = {MeterFaultKind.GPU_LOST, MeterFaultKind.NOT_SUPPORTED}

EnergyCounters = Mapping[str, Callable[[], int]]


@dataclass(slots=True)
class _Gpu:
    """One card; `card` is None until it is looked up again by its identity after a fault."""

    name: str
    card: SensedCard | None
    files: Sources
    counted: CountedDevice
    energy_uj: Callable[[], int] | None
    highest_mw: float
    slow: deque[tuple[SlowField, str]] = field(default_factory=deque)


class HwmonMeter:
    """All cards with a sensor in hwmon, each known by its chip's number or its slot.

    A card that the kernel has put to sleep is left asleep: it has no power then, which is not
    0 W. `integrated` says what the graphics of an AMD processor, whose sensor sees the whole
    socket, stand for: the GPU, the processor, or nothing where its package is read elsewhere;
    `discrete` says the same of cards.
    `skipped` holds the faults of cards that tell neither power nor energy.
    """

    name = "hwmon"

    def __init__(
        self,
        clock: Clock,
        sysfs: Path = SYSFS,
        *,
        discrete: DeviceKind | None = DeviceKind.GPU,
        integrated: DeviceKind | None = DeviceKind.GPU,
        counters: EnergyCounters | None = None,
    ) -> None:
        """Take energy counters in microjoules by PCI address, for cards that have none here."""
        self.skipped: tuple[MeterFault, ...] = ()
        self._clock = clock
        self._sysfs = sysfs
        self._kinds = {False: discrete, True: integrated}
        self._counters = counters or {}
        self._gpus: dict[str, _Gpu] = {}

    def open(self) -> tuple[Device, ...]:
        """Return the cards whose power or energy can be read; raise MeterFault where none can."""
        self._gpus = {}
        self.skipped = ()
        devices = self.found()
        if self.skipped and not devices:
            raise self.skipped[0]
        return devices

    def found(self) -> tuple[Device, ...]:
        """Return the cards that came since the last call."""
        devices = []
        for card in find_cards(self._sysfs):
            kind = self._kinds[card.integrated]
            if kind is None or card.identity() in self._gpus:
                continue
            try:
                devices.append(self._discover(card, kind))
            except MeterFault as fault:
                told = {str(earlier) for earlier in self.skipped}
                self.skipped += () if str(fault) in told else (fault,)
        return tuple(devices)

    def read(self, device_id: str, wants: Wants) -> Reading:
        """Return what was asked for, nothing of a sleeping card; raise MeterFault for this one."""
        gpu = self._gpus.get(device_id)
        if gpu is None:
            raise MeterFault(MeterFaultKind.GPU_LOST, device_id)
        try:
            card = gpu.card or self._look_up(device_id, gpu)
            if card.is_asleep():
                gpu.counted.forget()
                return Reading()
            return self._awake(gpu, wants)
        except MeterFault as fault:
            if fault.kind in _LOOKED_UP_AGAIN:
                gpu.card = None
            raise

    def close(self) -> None:
        """Do nothing: no file is kept open."""

    def _discover(self, card: SensedCard, kind: DeviceKind) -> Device:
        files = sources(card)
        name = "CPU" if kind is DeviceKind.CPU else card_name(card.folder)
        if files.power is None and files.energy is None:
            raise MeterFault(MeterFaultKind.NOT_SUPPORTED, name, card.driver)
        limited_mw = None if card.is_asleep() else limit_mw(files.limit)
        gpu = _Gpu(
            name,
            card,
            files,
            CountedDevice(name, [None]),
            self._counters.get(card.address),
            _HEADROOM * limited_mw if limited_mw else _HIGHEST_POWER_MW,
            deque(files.slow),
        )
        device_id = card.identity()
        self._gpus[device_id] = gpu
        if files.energy is not None:
            with suppress(MeterFault):
                # The first question has its power from here; a fault will be told then.
                self.read(device_id, Wants.POWER)
        return self._describe(device_id, kind, gpu, card, limited_mw)

    def _describe(
        self, device_id: str, kind: DeviceKind, gpu: _Gpu, card: SensedCard, limited_mw: int | None
    ) -> Device:
        files = gpu.files
        read = [("power", files.power)] if files.power else []
        read += [("energy", files.energy)] if files.energy else []
        read += [("energy", "amdsmi_get_energy_count")] if gpu.energy_uj else []
        read += [(_QUANTITIES[quantity], path) for quantity, path in files.slow]
        is_gpu = kind is DeviceKind.GPU
        return Device(
            id=device_id,
            name=gpu.name,
            uuid=device_id,
            meter=self.name,
            grade=Grade.MEASURED,
            has_counter=files.energy is not None or gpu.energy_uj is not None,
            power_semantics=files.semantics,
            power_limit_mw=limited_mw,
            memory_bytes=number(card.folder / "mem_info_vram_total") if is_gpu else None,
            pci_bus_id=card.address,
            driver=card.driver,
            kind=kind,
            sensor=Sensor(
                gain=_BOARD_GAIN if files.energy and not files.of_package else _CHIP_GAIN,
                defects=("sensors_host.counter_unproven",) if gpu.energy_uj else (),
                source=_DOCUMENTS[card.driver],
            ),
            sampling_ns=_sampling_ns(kind, files),
            reads=tuple((quantity, str(path)) for quantity, path in read),
            missing=_missing(card, kind, files),
            sees_processes=False if is_gpu else None,
        )

    def _look_up(self, device_id: str, gpu: _Gpu) -> SensedCard:
        for card in find_cards(self._sysfs):
            if card.identity() == device_id:
                gpu.card, gpu.files = card, sources(card)
                gpu.slow = deque(gpu.files.slow)
                gpu.counted.forget()
                return card
        raise MeterFault(MeterFaultKind.GPU_LOST, gpu.name, device_id)

    def _awake(self, gpu: _Gpu, wants: Wants) -> Reading:
        if gpu.files.power is None and wants & (Wants.POWER | Wants.COUNTER):
            raw_uj = read_number(str(gpu.files.energy), gpu.name)
            counted = gpu.counted.reading(self._clock.steady_ns(), (raw_uj,), wants)
            power_mw, energy_mj = counted.power_mw, counted.energy_mj
        else:
            power_mw = self._power_mw(gpu) if Wants.POWER in wants else None
            energy_mj = _energy_mj(gpu) if Wants.COUNTER in wants else None
        if power_mw is not None and power_mw > gpu.highest_mw:
            # The limit may have been raised meanwhile.
            gpu.highest_mw = max(gpu.highest_mw, _HEADROOM * (limit_mw(gpu.files.limit) or 0))
        if power_mw is not None and power_mw > gpu.highest_mw:
            raise MeterFault(MeterFaultKind.IMPLAUSIBLE, gpu.name, f"{power_mw} mW")
        slow = _next_slow_field(gpu) if Wants.SLOW in wants else {}
        return Reading(power_mw=power_mw, energy_mj=energy_mj, **slow)

    def _power_mw(self, gpu: _Gpu) -> int:
        power_mw = mw_from_uw(read_number(str(gpu.files.power), gpu.name))
        if power_mw <= 0:
            # A card that is awake draws something; some firmware says 0 while it has no value.
            raise MeterFault(MeterFaultKind.IMPLAUSIBLE, gpu.name, f"{power_mw} mW")
        return power_mw


def _sampling_ns(kind: DeviceKind, files: Sources) -> int | None:
    if kind is not DeviceKind.GPU:
        return NS_PER_S
    return _COUNTED_SAMPLING_NS if files.semantics is PowerSemantics.SINCE_LAST else None


def _missing(card: SensedCard, kind: DeviceKind, files: Sources) -> tuple[str, ...]:
    if kind is not DeviceKind.GPU:
        return ("sensors_host.socket", "sensors_host.no_memory_counter")
    codes = ["sensors_host.socket_gpu"] if card.integrated else []
    codes += ["sensors_host.package_only"] if files.of_package else []
    codes += ["sensors_host.kept_awake"] if card.is_kept_awake() else []
    return (*codes, "sensors_host.no_processes")


def _energy_mj(gpu: _Gpu) -> int | None:
    return None if gpu.energy_uj is None else mj_from_uj(gpu.energy_uj())


def _next_slow_field(gpu: _Gpu) -> dict[str, Any]:
    """Return the field whose turn it is, nothing for one that this card does not say."""
    if not gpu.slow:
        return {}
    quantity, path = gpu.slow[0]
    gpu.slow.rotate(-1)
    try:
        raw = read_number(path, gpu.name)
    except MeterFault as fault:
        if fault.kind is MeterFaultKind.GPU_LOST:
            raise
        return {}
    if not 0 <= raw <= (100 if quantity is SlowField.UTILISATION_PCT else _HIGHEST_VALUE):
        return {}
    value = _CONVERSIONS.get(quantity, int)(raw)
    if quantity is SlowField.POWER_LIMIT_MW:
        if value == 0:
            # No limit is set.
            return {}
        gpu.highest_mw = max(gpu.highest_mw, _HEADROOM * value)
    return {quantity: value}
