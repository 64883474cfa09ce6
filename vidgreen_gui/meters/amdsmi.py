"""The energy counters of AMD cards through AMD's own Python library, where it is installed."""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

from vidgreen_gui.meters.hwmon import EnergyCounters
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind

_LIBRARY = "amdsmi"


def amd_counters() -> EnergyCounters:
    """Return what reads each card's accumulated energy in microjoules, by PCI address.

    Empty where the library is not installed or does not start: it is no dependency of ours and
    comes with ROCm. Its counter was found wrong on some cards (Zeus checks it against power), so
    the meter says that it is unproven; a difference to the power is shown by the accounts.
    """
    try:
        library = importlib.import_module(_LIBRARY)
        library.amdsmi_init()
        handles = {
            str(library.amdsmi_get_gpu_device_bdf(handle)).lower(): handle
            for handle in library.amdsmi_get_processor_handles()
        }
    # It loads a C library while it is imported, and raises whatever that gives.
    except Exception:  # noqa: BLE001
        return {}
    found: dict[str, Callable[[], int]] = {}
    for address, handle in handles.items():
        read = partial(_energy_uj, library, handle, address)
        try:
            read()
        except MeterFault:
            continue
        found[address] = read
    return found


def _energy_uj(library: Any, handle: object, address: str) -> int:  # noqa: ANN401
    """Return the accumulator times its resolution, which is in microjoules."""
    try:
        told = library.amdsmi_get_energy_count(handle)
        # Named "power" before ROCm 6.4.
        steps: int = told["energy_accumulator"] if "energy_accumulator" in told else told["power"]
        energy_uj: int = round(steps * told["counter_resolution"])
    except (library.AmdSmiException, KeyError, TypeError, ValueError) as error:
        detail = f"amdsmi_get_energy_count: {error}"
        raise MeterFault(MeterFaultKind.UNKNOWN, address, detail) from error
    return energy_uj
