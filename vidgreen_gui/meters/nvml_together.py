"""Many GPUs in one go: one call each, into one piece of memory kept for all."""

from collections.abc import Callable, Sequence
from ctypes import byref, c_int, c_uint, sizeof
from dataclasses import dataclass
from itertools import cycle
from typing import Any, Literal

from vidgreen_gui.meters.nvml_door import NvmlDoor
from vidgreen_gui.meters.nvml_fields import FIELD_VALUES, Field
from vidgreen_gui.meters.nvml_gpu import SLOW_QUERIES, NvmlGpu, SlowQuery
from vidgreen_gui.meters.nvml_sources import BLANK, HIGHEST_VALUE
from vidgreen_gui.model.ports import TogetherAnswer
from vidgreen_gui.model.power import SlowField, Wants

# nvmlValueType_t.
_UNSIGNED_INT, _UNSIGNED_LONG_LONG = 1, 3
# How memory holds a number of so many bytes.
_FORMATS: dict[int, Literal["I", "Q"]] = {4: "I", 8: "Q"}

# Asks one GPU by itself.
Alone = Callable[[NvmlGpu, Wants | SlowQuery], TogetherAnswer]
_Read = Callable[[list[TogetherAnswer]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quantity:
    """A field of GPUs: which each has, its value's type and bytes, and what can be true."""

    what: Wants
    fields: Sequence[Field | None]
    type: int
    bytes: int
    least: int
    most: int


class TogetherReader:
    """Reads power, counters and slow fields of GPUs whose power is a field value.

    A GPU whose answer is not as ever is asked again alone, which says what is wrong with it.
    Between two ticks all memory grows cold, so little of it is touched: of a GPU the handle and
    a number, which lies beside the others'.
    """

    def __init__(self, door: NvmlDoor, gpus: Sequence[NvmlGpu], alone: Alone) -> None:
        """Prepare the calls; raise MeterFault where the driver lacks one."""
        power = _Quantity(
            what=Wants.POWER,
            fields=[gpu.power_field for gpu in gpus],
            type=_UNSIGNED_INT,
            bytes=4,
            least=1,
            most=int(min(gpu.highest_mw for gpu in gpus)),
        )
        counter = _Quantity(
            what=Wants.COUNTER,
            fields=[gpu.counter_field for gpu in gpus],
            type=_UNSIGNED_LONG_LONG,
            bytes=8,
            least=0,
            most=HIGHEST_VALUE,
        )
        self._power = _field_values(door, gpus, power, alone)
        self._counter = _field_values(door, gpus, counter, alone)
        self._slow = cycle([(q.quantity, _slow(door, gpus, q, alone)) for q in SLOW_QUERIES])

    def __call__(self, wants: Wants, answers: list[TogetherAnswer]) -> SlowField | None:
        """Append the power (mW), the counter (mJ) or the slow field whose turn it is."""
        if wants is Wants.POWER:
            self._power(answers)
        elif wants is Wants.COUNTER:
            self._counter(answers)
        else:
            quantity, read = next(self._slow)
            read(answers)
            return quantity
        return None


def _field_values(
    door: NvmlDoor, gpus: Sequence[NvmlGpu], quantity: _Quantity, alone: Alone
) -> _Read:
    kind = door.constants.c_nvmlFieldValue_t
    values = (kind * len(gpus))()
    memory = memoryview(values).cast("B")
    words, numbers = memory.cast("I"), memory.cast(_FORMATS[quantity.bytes])
    type_at, code_at = kind.valueType.offset // 4, kind.nvmlReturn.offset // 4
    call, one = door.function(FIELD_VALUES, "NVML"), c_int(1)
    calls = []
    for at, (gpu, field) in enumerate(zip(gpus, quantity.fields, strict=True)):
        place = at * sizeof(kind)
        value = kind.from_buffer(values, place)
        if field is not None:
            value.fieldId, value.scopeId = field
        value_at = (place + kind.value.offset) // quantity.bytes
        calls.append((gpu.handle, byref(value), place // 4, value_at))
    what, expected, least, most = quantity.what, quantity.type, quantity.least, quantity.most

    def read(answers: list[TogetherAnswer]) -> None:
        for handle, reference, at, value_at in calls:
            if (
                call(handle, one, reference) == 0
                and words[at + code_at] == 0
                and words[at + type_at] == expected
                and least <= (value := numbers[value_at]) <= most
                and value not in BLANK
            ):
                answers.append(value)
            else:
                answers.append(alone(gpus[len(answers)], what))

    return read


def _slow(door: NvmlDoor, gpus: Sequence[NvmlGpu], query: SlowQuery, alone: Alone) -> _Read:
    kind = getattr(door.constants, query.kind) if query.kind else c_uint
    part = getattr(kind, query.part) if query.part else None
    offset, size = (part.offset, part.size) if part else (0, sizeof(kind))
    values = (kind * len(gpus))()
    numbers = memoryview(values).cast("B").cast(_FORMATS[size])
    call = door.function(query.function, "NVML")
    more = tuple(c_int(argument) for argument in query.more)
    calls: list[tuple[tuple[Any, ...], int]] = []
    for at, gpu in enumerate(gpus):
        place = at * sizeof(kind)
        answer = byref(kind.from_buffer(values, place))
        calls.append(((gpu.handle, *more, answer), (place + offset) // size))

    def read(answers: list[TogetherAnswer]) -> None:
        for arguments, at in calls:
            if call(*arguments) == 0 and (value := numbers[at]) not in BLANK:
                answers.append(value)
            else:
                answers.append(alone(gpus[len(answers)], query))

    return read
