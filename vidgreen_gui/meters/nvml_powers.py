"""The power of many GPUs in one go: one call each, into one piece of memory kept for all."""

from collections.abc import Callable, Sequence
from ctypes import byref, c_int, sizeof

from vidgreen_gui.meters.nvml_door import NvmlDoor
from vidgreen_gui.meters.nvml_fields import FIELD_VALUES
from vidgreen_gui.meters.nvml_gpu import NvmlGpu
from vidgreen_gui.model.faults import MeterFault
from vidgreen_gui.model.ports import PowersReader

# nvmlValueType_t.
_UNSIGNED_INT = 1
_WORD_BYTES = 4


def powers_reader(
    door: NvmlDoor, gpus: Sequence[NvmlGpu], alone: Callable[[NvmlGpu], int | MeterFault]
) -> PowersReader:
    """Return what reads GPUs whose power is a field value; `alone` reads one by itself.

    A GPU whose answer is not as ever is asked again alone, which says what is wrong with it.
    Between two ticks all memory grows cold, so little of it is touched: of a GPU the handle and
    its field value, which lies beside the others'.
    """
    kind = door.constants.c_nvmlFieldValue_t
    values = (kind * len(gpus))()
    words = memoryview(values).cast("B").cast("I")
    type_at, code_at, value_at = (
        member.offset // _WORD_BYTES for member in (kind.valueType, kind.nvmlReturn, kind.value)
    )
    call = door.function(FIELD_VALUES, "NVML")
    one = c_int(1)
    calls = []
    for at, gpu in enumerate(gpus):
        if gpu.power_field is not None:
            values[at].fieldId, values[at].scopeId = gpu.power_field
        place = at * sizeof(kind)
        calls.append((gpu.handle, byref(values, place), place // _WORD_BYTES))
    highest_mw = min(gpu.highest_mw for gpu in gpus)

    def read(answers: list[int | MeterFault]) -> None:
        for handle, reference, at in calls:
            if (
                call(handle, one, reference) == 0
                and words[at + code_at] == 0
                and words[at + type_at] == _UNSIGNED_INT
                and 0 < (power_mw := words[at + value_at]) <= highest_mw
            ):
                answers.append(power_mw)
            else:
                answers.append(alone(gpus[len(answers)]))

    return read
