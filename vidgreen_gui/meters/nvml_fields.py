"""NVML's field values of one GPU: several quantities in one call, into memory kept for it."""

from collections.abc import Sequence
from ctypes import byref, c_int
from typing import NamedTuple

from vidgreen_gui.meters.nvml_door import NvmlDoor

# nvml.h, NVML_FI_DEV_*.
TOTAL_ENERGY = 83
POWER_AVERAGE = 185
POWER_INSTANT = 186
# NVML_POWER_SCOPE_GPU, NVML_POWER_SCOPE_MODULE: a module is a GPU with the processor beside it.
GPU_SCOPE = 0
MODULE_SCOPE = 1

FIELD_VALUES = "nvmlDeviceGetFieldValues"
_NAMES = {
    TOTAL_ENERGY: "NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
    POWER_AVERAGE: "NVML_FI_DEV_POWER_AVERAGE",
    POWER_INSTANT: "NVML_FI_DEV_POWER_INSTANT",
}
# The members of nvmlValue_t by nvmlValueType_t.
_MEMBERS = ("dVal", "uiVal", "ulVal", "ullVal", "sllVal", "siVal", "usVal")
_NOT_A_NUMBER = float("nan")


class Field(NamedTuple):
    """A field of a GPU and the scope it is asked for."""

    id: int
    scope: int = GPU_SCOPE

    def __str__(self) -> str:
        """Return its name as nvml.h has it."""
        return f"{_NAMES[self.id]}{', module' if self.scope == MODULE_SCOPE else ''}"


class FieldReader:
    """Asks one GPU for the same fields again and again."""

    def __init__(self, door: NvmlDoor, device: str, fields: Sequence[Field]) -> None:
        """Prepare the call; raise MeterFault where the driver does not have it."""
        self._door = door
        self._device = device
        self._fields = fields
        self._call = door.function(FIELD_VALUES, device)
        self._values = (door.constants.c_nvmlFieldValue_t * len(fields))()
        for value, field in zip(self._values, fields, strict=True):
            value.fieldId, value.scopeId = field
        self._arguments = c_int(len(fields)), byref(self._values)
        # The members are looked at in place: an index makes a new object each time.
        self._slots = [(value, value.value) for value in self._values]

    def ask(self, handle: object) -> None:
        """Ask for all fields in one call; raise MeterFault where the whole call fails."""
        code = self._call(handle, *self._arguments)
        if code:
            raise self._door.fault(code, FIELD_VALUES, self._device)

    def value(self, index: int) -> float:
        """Return the answer of field `index`, in its unit; raise MeterFault for this field alone.

        NaN stands for a type of number that no field is known to have.
        """
        slot, number = self._slots[index]
        if slot.nvmlReturn:
            raise self._door.fault(slot.nvmlReturn, str(self._fields[index]), self._device)
        kind: int = slot.valueType
        if kind >= len(_MEMBERS):
            return _NOT_A_NUMBER
        value: float = getattr(number, _MEMBERS[kind])
        return value
