"""GPUs read in one go: the same answers as one by one, whatever is wrong with one of them."""

import math

import pynvml
import pytest
from support.nvml_standin import Gpu, NvmlStandin, installed

from vidgreen_gui.meters.nvml import NvmlMeter
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.power import SlowField, Wants

FIELD_VALUES = "nvmlDeviceGetFieldValues"


@pytest.fixture
def standin():
    with installed(
        NvmlStandin(
            *(
                Gpu(
                    f"GPU-{n}",
                    power_mw=100_000 + n,
                    energy_mj=5_000_000_000 + n,
                    temperature_c=60 + n,
                    utilisation_pct=90 + n,
                    memory_used=(10 + n) * 2**30,
                    limit_mw=450_000 + n,
                )
                for n in range(3)
            )
        )
    ) as standin:
        yield standin


@pytest.fixture
def meter(standin):
    meter = NvmlMeter()
    meter.open()
    yield meter
    meter.close()


@pytest.fixture
def read(meter):
    reader = meter.together([f"GPU-{n}" for n in range(3)])

    def read(wants):
        answers = []
        return reader(wants, answers), answers

    return read


def test_power_and_counters_are_one_call_each(read, standin):
    standin.calls.clear()
    assert read(Wants.POWER) == (None, [100_000, 100_001, 100_002])
    assert read(Wants.COUNTER) == (None, [5_000_000_000, 5_000_000_001, 5_000_000_002])
    assert standin.calls == 2 * [(FIELD_VALUES, f"GPU-{n}") for n in range(3)]


def test_slow_fields_come_in_turn(read):
    told = dict(read(Wants.SLOW) for _ in range(4))
    assert told == {
        SlowField.TEMPERATURE_C: [60, 61, 62],
        SlowField.UTILISATION_PCT: [90, 91, 92],
        SlowField.MEMORY_USED_BYTES: [n * 2**30 for n in (10, 11, 12)],
        SlowField.POWER_LIMIT_MW: [450_000, 450_001, 450_002],
    }
    assert read(Wants.SLOW)[0] is SlowField.TEMPERATURE_C


@pytest.mark.parametrize("power_mw", [0, 3_000_000, 0xFFFFFFFF, -5, math.nan])
def test_an_absurd_power_is_a_fault_of_its_gpu_alone(read, standin, power_mw):
    standin.gpus[1].fields[pynvml.NVML_FI_DEV_POWER_INSTANT, 0] = power_mw
    _, (first, fault, last) = read(Wants.POWER)
    assert (first, last) == (100_000, 100_002)
    assert isinstance(fault, MeterFault)
    assert fault.kind is MeterFaultKind.IMPLAUSIBLE


def test_a_power_of_another_type_of_number_is_read_all_the_same(read, standin):
    standin.gpus[1].fields[pynvml.NVML_FI_DEV_POWER_INSTANT, 0] = 123_000.4
    assert read(Wants.POWER)[1] == [100_000, 123_000, 100_002]


@pytest.mark.parametrize("wants", [Wants.POWER, Wants.COUNTER, Wants.SLOW])
def test_a_lost_gpu_is_a_fault_and_found_again_by_its_uuid(read, meter, standin, wants):
    standin.gpus[1].lost = pynvml.NVML_ERROR_GPU_IS_LOST
    _, (first, fault, last) = read(wants)
    assert isinstance(first, int)
    assert isinstance(last, int)
    assert fault.kind is MeterFaultKind.GPU_LOST
    # Without its handle it cannot be read together, until it was found again alone.
    assert meter.together(["GPU-0", "GPU-1"]) is None
    standin.gpus[1].lost = None
    assert meter.read("GPU-1", Wants.POWER).power_mw == 100_001
    assert meter.together(["GPU-0", "GPU-1"]) is not None


def test_a_slow_field_that_one_gpu_lacks_is_none(read, standin):
    standin.gpus[1].temperature_c = None
    for _ in range(2):
        assert read(Wants.SLOW) == (SlowField.TEMPERATURE_C, [60, None, 62])
        for _ in range(3):
            read(Wants.SLOW)


def test_gpus_whose_power_is_no_field_are_read_one_by_one(standin):
    standin.without.add(FIELD_VALUES)
    meter = NvmlMeter()
    devices = [device.id for device in meter.open()]
    assert meter.together(devices) is None
    assert meter.together(["GPU-9"]) is None
    assert meter.read(devices[0], Wants.POWER).power_mw == 100_000
