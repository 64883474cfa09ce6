"""Which of our devices a source computes on, and which machine this is."""

import platform
import re
from collections.abc import Sequence
from itertools import zip_longest

import psutil

from vidgreen_gui.model.events import SourceFound
from vidgreen_gui.model.facts import Machine
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import Device


def devices_for(found: SourceFound, devices: Sequence[Device]) -> tuple[str, ...]:
    """Return the ids of the devices a source computes on.

    A source elsewhere computes on none of ours. A meter that senses nothing (a simulation, a
    recorded trace) stands for whatever renders here. Otherwise names decide, and where several
    cards share a name, the CUDA index among those that the process may see.
    """
    if not found.is_local or not devices:
        return ()
    if found.device_ids:
        known = {device.id for device in devices}
        return tuple(i for i in found.device_ids if i in known)
    if any(d.grade is not Grade.MEASURED or d.meter != "nvml" for d in devices):
        return (devices[0].id,)
    if found.source_kind != "comfyui":
        return tuple(device.id for device in devices)
    seen = visible_cards(found.pid)
    names = zip_longest(found.device_names, found.device_indexes[: len(found.device_names)])
    matched = [match for name, index in names if (match := _match(name, index, devices, seen))]
    return tuple(dict.fromkeys(device.id for device in matched))


def visible_cards(pid: int | None) -> tuple[str, ...]:
    """Return what a process's CUDA_VISIBLE_DEVICES names, in its order; empty where it is unset."""
    if pid is None:
        return ()
    try:
        named = psutil.Process(pid).environ().get("CUDA_VISIBLE_DEVICES", "")
    except (psutil.Error, OSError):
        return ()
    return tuple(part.strip() for part in named.split(",") if part.strip())


def _match(
    name: str, index: int | None, devices: Sequence[Device], seen: Sequence[str]
) -> Device | None:
    if name.strip().lower().startswith("cpu"):
        return None
    named = re.match(r"cuda:(\d+)", name)
    index = int(named[1]) if named else index
    plain = _plain(re.sub(r"^cuda:\d+\s*", "", name).split(" : ")[0])
    alike = [d for d in devices if plain and (plain in _plain(d.name) or _plain(d.name) in plain)]
    if not alike:
        return devices[0] if len(devices) == 1 and index is not None else None
    if index is not None and index < len(seen):
        wanted = seen[index]
        chosen = [d for d in alike if d.uuid.startswith(wanted) or str(d.index) == wanted]
        return (chosen or alike)[0]
    # CUDA counts the fastest cards first, twins in the order of the bus.
    return alike[index] if index is not None and index < len(alike) else alike[0]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("nvidia", "").replace("geforce", ""))


def this_machine() -> Machine:
    """Return the name, system and processor of this computer."""
    return Machine(
        name=platform.node(),
        os=f"{platform.system()} {platform.release()}",
        cpu=_processor(),
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123 - a kernel file
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
