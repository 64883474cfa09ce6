"""Which of our devices a source computes on, and which machine this is."""

import platform
import re
from collections.abc import Sequence
from itertools import zip_longest

import psutil

from vidgreen_gui.model.events import SourceFound
from vidgreen_gui.model.facts import Machine
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import Device, DeviceKind

# The meter of recorded traces, whose cards stand for whatever renders here.
_TRACE = "replay"
# What narrows the cards a process sees; ROCm's PyTorch heeds CUDA's name too.
_VISIBLE = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
# A part of a name that is shorter may be part of anything.
_TELLING = 4


def devices_for(found: SourceFound, devices: Sequence[Device]) -> tuple[str, ...]:
    """Return the ids of the GPUs a source computes on.

    A source elsewhere computes on none of ours. A meter that senses nothing (a simulation, a
    recorded trace) stands for whatever renders here. Otherwise names decide, and where several
    cards share a name, the index among those that the process may see. A wrapped command or a
    script may use each card that it can see.
    """
    gpus = tuple(device for device in devices if device.kind is DeviceKind.GPU)
    if not found.is_local or not gpus:
        return ()
    if found.device_ids:
        known = {device.id for device in gpus}
        return tuple(i for i in found.device_ids if i in known)
    if any(gpu.grade is not Grade.MEASURED or gpu.meter == _TRACE for gpu in gpus):
        return (gpus[0].id,)
    seen = visible_cards(found.pid)
    if found.source_kind != "comfyui":
        chosen = [gpu for wanted in seen for gpu in gpus if _is(gpu, wanted)]
        return tuple(dict.fromkeys(gpu.id for gpu in chosen or gpus))
    if not found.device_names:
        return (gpus[0].id,) if len(gpus) == 1 else ()
    names = zip_longest(found.device_names, found.device_indexes[: len(found.device_names)])
    matched = [match for name, index in names if (match := _match(name, index, gpus, seen))]
    return tuple(dict.fromkeys(gpu.id for gpu in matched))


def visible_cards(pid: int | None) -> tuple[str, ...]:
    """Return what a process's environment lets it see, in its order; empty where it is unset."""
    if pid is None:
        return ()
    try:
        environment = psutil.Process(pid).environ()
    except (psutil.Error, OSError):
        return ()
    named = next((environment[name] for name in _VISIBLE if environment.get(name)), "")
    return tuple(part.strip() for part in named.split(",") if part.strip())


def _match(
    name: str, index: int | None, gpus: Sequence[Device], seen: Sequence[str]
) -> Device | None:
    if name.strip().lower().startswith("cpu"):
        return None
    named = re.match(r"(?:cuda|xpu|hip):(\d+)", name)
    index = int(named[1]) if named else index
    plain = _plain(re.sub(r"^\w+:\d+\s*", "", name).split(" : ")[0])
    alike = [gpu for gpu in gpus if plain and _is_called(gpu, plain)]
    if not alike:
        return gpus[0] if len(gpus) == 1 and index is not None else None
    if index is not None and index < len(seen):
        chosen = [gpu for gpu in alike if _is(gpu, seen[index])]
        return (chosen or alike)[0]
    # CUDA counts the fastest cards first, twins in the order of the bus.
    return alike[index] if index is not None and index < len(alike) else alike[0]


def _is_called(gpu: Device, plain: str) -> bool:
    """Return whether a card goes by this name; PCI lists name all that share a chip: "XT/XTX"."""
    parts = (_plain(part) for part in gpu.name.split("/"))
    return plain in _plain(gpu.name) or any(p in plain for p in parts if len(p) >= _TELLING)


def _is(gpu: Device, wanted: str) -> bool:
    """Return whether an environment means this card, or an instance that is part of it.

    Ids may be cut short.
    """
    return any(one.startswith(wanted) for one in (gpu.uuid, *gpu.parts)) or str(gpu.index) == wanted


def _plain(name: str) -> str:
    return re.sub(r"nvidia|geforce|amd|\(tm\)|\(r\)|[^a-z0-9]", "", name.lower())


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
