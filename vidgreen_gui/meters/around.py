"""The meters of this machine: its graphics cards and, where asked for, all that is around them."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vidgreen_gui.meters.amdsmi import amd_counters
from vidgreen_gui.meters.cards import SensedCard, find_cards
from vidgreen_gui.meters.hwmon import EnergyCounters, HwmonMeter
from vidgreen_gui.meters.powercap import Packages, PowercapMeter, find_packages
from vidgreen_gui.model.ports import Clock, Meter
from vidgreen_gui.model.power import DeviceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What the user says of the machine around the GPUs; None where it is to be assumed.

    `plugs` are the addresses of the plug meters that it hangs on.
    """

    cpu_tdp_w: float | None = None
    dimms: int | None = None
    board_w: float | None = None
    plugs: tuple[str, ...] = ()


def meters_around(
    gpus: Sequence[Meter],
    clock: Clock,
    sysfs: Path,
    *,
    cards: bool = True,
    host: Host | None = None,
) -> tuple[Meter, ...]:
    """Return `gpus`, with `cards` also those that hwmon shows, with a `host` what is around them.

    Nothing is read twice. The sensor of an AMD processor's graphics sees its whole socket: where
    no other GPU is there it is the GPU, and the package is not read again; beside another it
    stands for the processor, as long as the package itself may not be read.
    """
    found = find_cards(sysfs)
    discrete = [card for card in found if cards and not card.integrated]
    has_socket = any(card.integrated and card.tells() for card in found)
    has_card = bool(gpus) or any(card.tells() for card in discrete)
    socket_renders = cards and has_socket and not has_card
    packages = Packages() if host is None or socket_renders else find_packages(sysfs)
    socket: DeviceKind | None = None
    if socket_renders:
        socket = DeviceKind.GPU
    elif has_socket and host is not None and not packages.readable:
        socket = DeviceKind.CPU
    parts = [*gpus]
    if discrete or socket is not None:
        parts.append(
            HwmonMeter(
                clock,
                sysfs,
                discrete=DeviceKind.GPU if cards else None,
                integrated=socket,
                counters=_counters(discrete),
            )
        )
    if host is not None:
        parts += _host_meters(host, clock, packages, socket=socket is not None)
    return tuple(parts)


def _counters(cards: Sequence[SensedCard]) -> EnergyCounters:
    return amd_counters() if any(card.driver == "amdgpu" for card in cards) else {}


def _host_meters(host: Host, clock: Clock, packages: Packages, *, socket: bool) -> list[Meter]:
    """Return what measures the processor, and the model of what nothing measures."""
    # Not before it is needed: psutil is slow to load.
    from vidgreen_gui.meters.machine import MachineMeter, this_machine

    sensors: list[Meter] = []
    senses_memory = False
    if packages.readable:
        sensors.append(PowercapMeter(packages.readable, clock))
        senses_memory = all(package.memory for package in packages.readable)
    elif sys.platform == "win32":
        from vidgreen_gui.meters.emi import open_energy_meters

        windows = open_energy_meters()
        if windows is not None:
            sensors.append(windows)
            senses_memory = windows.senses_memory
    senses_cpu = socket or bool(sensors)
    why = "sensors_host.rapl_refused" if packages.refused else "sensors_host.no_package"
    facts = this_machine(cpu_tdp_w=host.cpu_tdp_w, dimms=host.dimms, board_w=host.board_w)
    model = MachineMeter(
        facts,
        senses_cpu=senses_cpu,
        senses_memory=senses_memory,
        missing=() if senses_cpu else (why,),
    )
    return [*sensors, model, *_plugs(host, clock)]


def _plugs(host: Host, clock: Clock) -> list[Meter]:
    if not host.plugs:
        return []
    # Not before it is needed: most machines have none.
    from vidgreen_gui.meters.plug import PlugMeter

    return [PlugMeter(host.plugs, clock)]
