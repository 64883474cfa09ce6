"""The power of many GPUs in one go: one call each, into one piece of memory kept for all."""

from collections.abc import Callable, Sequence
from ctypes import byref, c_int, sizeof

from vidgreen_gui.meters.nvml_door import NvmlDoor
from vidgreen_gui.meters.nvml_fields import FIELD_VALUES
from vidgreen_gui.meters.nvml_gpu import NvmlGpu
from vidgreen_gui.model.faults import MeterFault

# nvmlValueType_t.
_UNSIGNED_INT = 1
_WORD_BYTES = 4


class PowersReader:
    """Reads GPUs whose power is a field value; what is not as ever is asked again alone.

    Between two ticks all memory grows cold, so this touches little of it: of a GPU the handle and
    its field value, which lies beside the others'.
    """

    def __init__(
        self,
        door: NvmlDoor,
        gpus: Sequence[NvmlGpu],
        alone: Callable[[NvmlGpu], int | MeterFault],
    ) -> None:
        """Prepare the calls; `alone` reads one GPU by itself and says what is wrong with it."""
        kind = door.constants.c_nvmlFieldValue_t
        values = (kind * len(gpus))()
        self._call = door.function(FIELD_VALUES, "NVML")
        self._words = memoryview(values).cast("B").cast("I")
        self._type, self._code, self._value = (
            member.offset // _WORD_BYTES for member in (kind.valueType, kind.nvmlReturn, kind.value)
        )
        self._gpus = gpus
        self._alone = alone
        self._calls = []
        for at, gpu in enumerate(gpus):
            if gpu.power_field is not None:
                values[at].fieldId, values[at].scopeId = gpu.power_field
            place = at * sizeof(kind)
            self._calls.append((gpu.handle, c_int(1), byref(values, place), place // _WORD_BYTES))
        self._highest_mw = min(gpu.highest_mw for gpu in gpus)

    def __call__(self, answers: list[int | MeterFault]) -> None:
        """Append the power of each GPU (mW) or its fault."""
        call, words, highest_mw = self._call, self._words, self._highest_mw
        kind, code, value = self._type, self._code, self._value
        for handle, one, reference, at in self._calls:
            if (
                not call(handle, one, reference)
                and not words[at + code]
                and words[at + kind] == _UNSIGNED_INT
                and 0 < (power_mw := words[at + value]) <= highest_mw
            ):
                answers.append(power_mw)
            else:
                answers.append(self._alone(self._gpus[len(answers)]))
