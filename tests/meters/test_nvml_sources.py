"""Where power and energy come from: fields and scopes are tried, never trusted."""

import pynvml
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.nvml_standin import Gpu, NvmlStandin, installed

from vidgreen_gui.meters.nvml import NvmlMeter
from vidgreen_gui.meters.nvml_fields import (
    GPU_SCOPE,
    MODULE_SCOPE,
    POWER_AVERAGE,
    POWER_INSTANT,
    TOTAL_ENERGY,
    Field,
)
from vidgreen_gui.meters.nvml_sources import FIELDS, Answers, power_source
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.power import PowerSemantics, Wants
from vidgreen_gui.system.resources import load_texts

BOTH = Wants.POWER | Wants.COUNTER
NO_FIELDS = {(field.id, field.scope): None for field in FIELDS}
INSTANT = NO_FIELDS | {(POWER_INSTANT, GPU_SCOPE): 90_000}
AVERAGE = NO_FIELDS | {(POWER_AVERAGE, GPU_SCOPE): 90_000}
MODULE = NO_FIELDS | {(POWER_INSTANT, MODULE_SCOPE): 300_000}
ADA, TURING = pynvml.NVML_DEVICE_ARCH_ADA, pynvml.NVML_DEVICE_ARCH_TURING
AMPERE, HOPPER = pynvml.NVML_DEVICE_ARCH_AMPERE, pynvml.NVML_DEVICE_ARCH_HOPPER
NVML_FIELD = "NVML_FI_DEV_POWER_"


def opened(gpu, *without):
    """Return the device, and what it answers to power and counter together."""
    standin = NvmlStandin(gpu)
    standin.without |= set(without)
    with installed(standin):
        meter = NvmlMeter()
        (device,) = meter.open()
        reading = meter.read(device.id, BOTH)
    for code in (*device.missing, *device.sensor.defects):
        for language in ("en", "fr"):
            assert len(load_texts(language).say(code).split(". ")) >= 2 or "defect" in code
    return device, reading


def lacks(device):
    return {code.rpartition(".")[2] for code in device.missing}


@pytest.mark.parametrize(
    ("fields", "architecture", "name", "origin", "meaning"),
    [
        (INSTANT, ADA, "RTX 4090", f"{NVML_FIELD}INSTANT", PowerSemantics.INSTANT),
        (INSTANT, None, "of the future", f"{NVML_FIELD}INSTANT", PowerSemantics.INSTANT),
        (AVERAGE, AMPERE, "RTX 3090", f"{NVML_FIELD}AVERAGE", PowerSemantics.AVERAGE_1S),
        (AVERAGE, TURING, "RTX 2080", "nvmlDeviceGetPowerUsage", PowerSemantics.INSTANT),
        (NO_FIELDS, AMPERE, "NVIDIA A10", "nvmlDeviceGetPowerUsage", PowerSemantics.AVERAGE_1S),
        (NO_FIELDS, AMPERE, "NVIDIA A100", "nvmlDeviceGetPowerUsage", PowerSemantics.INSTANT),
        (NO_FIELDS, None, "of the future", "nvmlDeviceGetPowerUsage", PowerSemantics.UNKNOWN),
        (MODULE, HOPPER, "GH200 480GB", f"{NVML_FIELD}INSTANT, module", PowerSemantics.INSTANT),
    ],
)
def test_the_best_source_that_answers_is_taken(fields, architecture, name, origin, meaning):
    plain_mw = 295_000 if fields is MODULE else 91_000
    gpu = Gpu("GPU-a", name=name, architecture=architecture, fields=fields, power_mw=plain_mw)
    device, reading = opened(gpu)
    assert dict(device.reads)["power"] == origin
    assert device.power_semantics is meaning
    wanted = plain_mw if "PowerUsage" in origin else next(v for v in fields.values() if v)
    assert reading.power_mw == wanted
    averaged = meaning is PowerSemantics.AVERAGE_1S
    assert ("instant_power" in lacks(device)) == averaged


def test_a_driver_without_field_values_is_read_plainly():
    device, reading = opened(Gpu("GPU-a"), "nvmlDeviceGetFieldValues")
    assert dict(device.reads)["power"] == "nvmlDeviceGetPowerUsage"
    assert dict(device.reads)["energy"] == "nvmlDeviceGetTotalEnergyConsumption"
    assert reading.power_mw == 100_000
    assert reading.energy_mj == 5_000_000
    assert "instant_power" in lacks(device)


def test_a_counter_that_only_the_plain_function_has_and_one_that_only_the_field_has():
    plain = Gpu("GPU-a", fields={(TOTAL_ENERGY, GPU_SCOPE): None})
    device, reading = opened(plain)
    assert dict(device.reads)["energy"] == "nvmlDeviceGetTotalEnergyConsumption"
    assert reading.energy_mj == 5_000_000
    field = Gpu("GPU-a", energy_mj=None, fields={(TOTAL_ENERGY, GPU_SCOPE): 7_000})
    device, reading = opened(field)
    assert dict(device.reads)["energy"] == "NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
    assert reading.energy_mj == 7_000


def test_no_counter_is_said_with_the_reason():
    old = Gpu("GPU-a", architecture=pynvml.NVML_DEVICE_ARCH_PASCAL, energy_mj=None)
    assert "counter_old" in lacks(opened(old)[0])
    guest = Gpu("GPU-a", energy_mj=None, virtual=pynvml.NVML_GPU_VIRTUALIZATION_MODE_VGPU)
    assert lacks(opened(guest)[0]) >= {"counter", "virtual"}


def test_a_guest_without_any_sensor_is_a_fault_that_names_it():
    gpu = Gpu(
        "GPU-a",
        power_mw=None,
        energy_mj=None,
        virtual=pynvml.NVML_GPU_VIRTUALIZATION_MODE_VGPU,
    )
    with installed(NvmlStandin(gpu)), pytest.raises(MeterFault) as raised:
        NvmlMeter().open()
    assert raised.value.kind is MeterFaultKind.NOT_SUPPORTED
    assert "vGPU" in str(raised.value)


def test_the_gpu_of_a_superchip_is_not_counted_by_its_module():
    fields = INSTANT | {(POWER_INSTANT, MODULE_SCOPE): 300_000, (TOTAL_ENERGY, GPU_SCOPE): 9_000}
    gpu = Gpu("GPU-a", name="NVIDIA GH200 480GB", architecture=HOPPER, fields=fields)
    device, reading = opened(gpu)
    assert reading.power_mw == 90_000
    assert reading.energy_mj is None
    assert not device.has_counter
    assert "counter_of_module" in lacks(device)


def test_where_only_the_module_is_told_power_and_counter_are_both_its_own():
    gpu = Gpu(
        "GPU-a",
        name="NVIDIA GH200 480GB",
        architecture=HOPPER,
        power_mw=None,
        fields=MODULE | {(TOTAL_ENERGY, GPU_SCOPE): 9_000},
    )
    device, reading = opened(gpu)
    assert (reading.power_mw, reading.energy_mj) == (300_000, 9_000)
    assert "power_of_module" in lacks(device)


def test_an_average_of_the_gpu_comes_before_the_moment_of_its_module():
    fields = MODULE | {(POWER_AVERAGE, GPU_SCOPE): 90_000}
    gpu = Gpu("GPU-a", architecture=HOPPER, fields=fields, power_mw=290_000)
    device, reading = opened(gpu)
    assert reading.power_mw == 90_000
    assert device.power_semantics is PowerSemantics.AVERAGE_1S


def test_a_plain_reading_well_below_the_module_is_the_gpu_alone():
    device, reading = opened(Gpu("GPU-a", fields=MODULE, power_mw=90_000))
    assert reading.power_mw == 90_000
    assert "power_of_module" not in lacks(device)


@pytest.mark.parametrize(("plain_mw", "taken_mw"), [(88_000, 90_000), (310_000, 300_000)])
def test_scopes_that_contradict_each_other_are_judged_by_the_plain_reading(plain_mw, taken_mw):
    swapped = NO_FIELDS | {
        (POWER_INSTANT, GPU_SCOPE): 300_000,
        (POWER_INSTANT, MODULE_SCOPE): 90_000,
    }
    device, reading = opened(Gpu("GPU-a", fields=swapped, power_mw=plain_mw))
    assert reading.power_mw == taken_mw
    assert "power_scope" in lacks(device)


@pytest.mark.parametrize("value", [0, 0xFFFFFFFF, -5, float("nan"), 700_000])
def test_a_field_that_answers_nonsense_at_the_start_is_not_used(value):
    fields = {(POWER_INSTANT, GPU_SCOPE): value, (POWER_AVERAGE, GPU_SCOPE): None}
    device, reading = opened(Gpu("GPU-a", fields=fields))
    assert dict(device.reads)["power"] == "nvmlDeviceGetPowerUsage"
    assert reading.power_mw == 100_000


def test_no_limit_is_said():
    assert "power_limit" in lacks(opened(Gpu("GPU-a", limit_mw=None))[0])
    assert "power_limit" in lacks(opened(Gpu("GPU-a", limit_mw=0xFFFFFFFF))[0])


numbers = st.one_of(
    st.floats(), st.integers(-10, 2**64), st.sampled_from([0, 0xFFFFFFFF, 90_000, 95_000, 300_000])
)


@given(
    fields=st.dictionaries(st.sampled_from(FIELDS), numbers),
    plain_mw=st.one_of(st.none(), st.integers(0, 2**32 - 1)),
    meaning=st.sampled_from(PowerSemantics),
)
def test_whatever_is_answered_the_source_chosen_has_answered_something_possible(
    fields, plain_mw, meaning
):
    highest_mw = 675_000.0
    answers = Answers(
        fields=fields, plain_power_mw=plain_mw, plain_energy_mj=None, highest_mw=highest_mw
    )
    source = power_source(answers, meaning)
    if source is None:
        assert plain_mw is None
    elif source.field is not None:
        assert 0 < fields[source.field] <= highest_mw
        assert source.meaning in {PowerSemantics.INSTANT, PowerSemantics.AVERAGE_1S}
    else:
        assert plain_mw is not None
    instant = Field(POWER_INSTANT)
    alone = not (fields.keys() - {instant})
    if alone and instant in fields and 0 < fields[instant] <= highest_mw:
        assert source.field == instant
