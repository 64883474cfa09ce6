"""Where a GPU's power and energy are read from: chosen once, from what it answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from vidgreen_gui.meters.nvml_fields import (
    GPU_SCOPE,
    MODULE_SCOPE,
    POWER_AVERAGE,
    POWER_INSTANT,
    TOTAL_ENERGY,
    Field,
)
from vidgreen_gui.model.power import PowerSemantics

PLAIN_POWER = "nvmlDeviceGetPowerUsage"
PLAIN_COUNTER = "nvmlDeviceGetTotalEnergyConsumption"
# All that is asked for at the start, in one call.
FIELDS = (
    Field(POWER_INSTANT, GPU_SCOPE),
    Field(POWER_INSTANT, MODULE_SCOPE),
    Field(POWER_AVERAGE, GPU_SCOPE),
    Field(POWER_AVERAGE, MODULE_SCOPE),
    Field(TOTAL_ENERGY),
)
MISSING = "sensors.nvml.missing."
# A part cannot draw more than the whole; this much is two readings of a moving load.
_TWO_READINGS = 1.1
_NOT_INSTANT = ("instant_power",)
# NVML's "no value" in 32 and 64 bits.
BLANK = frozenset({0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF})
# What fits a column of samples.
HIGHEST_VALUE = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a GPU said at the start: the fields that gave a number, and the plain functions'.

    `plain_power_mw` and `plain_energy_mj` are None where the GPU does not have them; 0 stands for
    one whose answer failed in another way, so that reading it will say how.
    """

    fields: Mapping[Field, float]
    plain_power_mw: int | None
    plain_energy_mj: int | None
    highest_mw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerSource:
    """What is asked for power: a field, or the plain function where `field` is None.

    `missing` are ends of sentence codes.
    """

    field: Field | None
    meaning: PowerSemantics
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return its name in NVML."""
        return PLAIN_POWER if self.field is None else str(self.field)

    @property
    def is_module(self) -> bool:
        """Whether it includes the processor beside the GPU."""
        return self.field is not None and self.field.scope == MODULE_SCOPE


def power_source(answers: Answers, plain_meaning: PowerSemantics) -> PowerSource | None:
    """Return the best source of power, None where there is none at all.

    The GPU alone before its module, of the moment before averages. An averaged field is believed
    on architectures whose plain reading is an average too (`plain_meaning`).
    """
    averages = plain_meaning is PowerSemantics.AVERAGE_1S
    wanted = (POWER_INSTANT, POWER_AVERAGE) if averages else (POWER_INSTANT,)
    for sought in (_of_gpu, _of_module):
        for field_id in wanted:
            found = sought(answers, field_id)
            if found is not None:
                return found
    if answers.plain_power_mw is None:
        return None
    return PowerSource(field=None, meaning=plain_meaning, missing=_NOT_INSTANT if averages else ())


def counter_field(answers: Answers) -> Field | None:
    """Return the field of the energy counter where it gives one that fits a column."""
    field = Field(TOTAL_ENERGY)
    value = answers.fields.get(field)
    believed = value is not None and value not in BLANK and 0 <= value <= HIGHEST_VALUE
    return field if believed else None


def _of_gpu(answers: Answers, field_id: int) -> PowerSource | None:
    """Return the field of the GPU alone, None where it cannot be believed."""
    gpu, module = Field(field_id, GPU_SCOPE), Field(field_id, MODULE_SCOPE)
    gpu_mw, module_mw = _power_mw(answers, gpu), _power_mw(answers, module)
    if gpu_mw is None:
        return None
    if module_mw is None or gpu_mw <= _TWO_READINGS * module_mw:
        return _source(gpu)
    # The header's comments and its constants disagree about scopes: so might a driver.
    plain_mw = answers.plain_power_mw or 0
    nearer = gpu if abs(gpu_mw - plain_mw) <= abs(module_mw - plain_mw) else module
    return _source(nearer, "power_scope")


def _of_module(answers: Answers, field_id: int) -> PowerSource | None:
    """Return the field of the module; None where it has none, or the plain reading is better.

    A plain reading well below the module's is the GPU alone.
    """
    module = Field(field_id, MODULE_SCOPE)
    module_mw = _power_mw(answers, module)
    plain_mw = answers.plain_power_mw or 0
    if module_mw is None or 0 < plain_mw * _TWO_READINGS < module_mw:
        return None
    return _source(module, "power_of_module")


def _source(field: Field, *missing: str) -> PowerSource:
    if field.id == POWER_INSTANT:
        return PowerSource(field=field, meaning=PowerSemantics.INSTANT, missing=missing)
    meaning = PowerSemantics.AVERAGE_1S
    return PowerSource(field=field, meaning=meaning, missing=(*_NOT_INSTANT, *missing))


def _power_mw(answers: Answers, field: Field) -> float | None:
    """Return a field's power where it can be true: no GPU that answers draws nothing."""
    value = answers.fields.get(field)
    believed = value is not None and isfinite(value) and 0 < value <= answers.highest_mw
    return value if believed else None
