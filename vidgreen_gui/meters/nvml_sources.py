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

    Of the moment before averages, the GPU alone before its module. An averaged field is believed
    on architectures whose plain reading is an average too (`plain_meaning`).
    """
    wanted = [(POWER_INSTANT, PowerSemantics.INSTANT)]
    if plain_meaning is PowerSemantics.AVERAGE_1S:
        wanted.append((POWER_AVERAGE, PowerSemantics.AVERAGE_1S))
    for field_id, meaning in wanted:
        found = _scoped(answers, field_id, meaning)
        if found is not None:
            return found
    if answers.plain_power_mw is None:
        return None
    missing = ("instant_power",) if plain_meaning is PowerSemantics.AVERAGE_1S else ()
    return PowerSource(field=None, meaning=plain_meaning, missing=missing)


def counter_field(answers: Answers) -> Field | None:
    """Return the field of the energy counter where it gives one that fits a column."""
    field = Field(TOTAL_ENERGY)
    value = answers.fields.get(field)
    return field if value is not None and value not in BLANK and 0 <= value < 2**63 else None


def _scoped(answers: Answers, field_id: int, meaning: PowerSemantics) -> PowerSource | None:
    """Return the field in the scope that can be believed, None where neither can."""
    gpu, module = Field(field_id, GPU_SCOPE), Field(field_id, MODULE_SCOPE)
    gpu_mw, module_mw = _power_mw(answers, gpu), _power_mw(answers, module)
    plain_mw = answers.plain_power_mw or 0
    if gpu_mw is not None and (module_mw is None or gpu_mw <= _TWO_READINGS * module_mw):
        return PowerSource(field=gpu, meaning=meaning)
    if gpu_mw is not None and module_mw is not None:
        # The header's comments and its constants disagree about scopes: so might a driver.
        nearer = gpu if abs(gpu_mw - plain_mw) <= abs(module_mw - plain_mw) else module
        missing = ("power_scope",)
        return PowerSource(field=nearer, meaning=meaning, missing=missing)
    if module_mw is None or 0 < plain_mw * _TWO_READINGS < module_mw:
        # The plain reading is well below the module's: it is the GPU alone.
        return None
    return PowerSource(field=module, meaning=meaning, missing=("power_of_module",))


def _power_mw(answers: Answers, field: Field) -> float | None:
    """Return a field's power where it can be true: no GPU that answers draws nothing."""
    value = answers.fields.get(field)
    believed = value is not None and isfinite(value) and 0 < value <= answers.highest_mw
    return value if believed else None
