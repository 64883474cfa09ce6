"""Drivers reloaded, GPUs that come, go and change places: found again by UUID, never in a rush."""

import threading

import pynvml
import pytest
from support.nvml_standin import Gpu, NvmlStandin, installed

from vidgreen_gui.meters.nvml import NvmlMeter
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.ports import FindsDevices
from vidgreen_gui.model.power import Wants

LOST = pynvml.NVML_ERROR_GPU_IS_LOST
BOTH = Wants.POWER | Wants.COUNTER


@pytest.fixture
def standin():
    with installed(NvmlStandin(Gpu("GPU-a"), Gpu("GPU-b", power_mw=50_000))) as standin:
        yield standin


@pytest.fixture
def meter(standin):
    meter = NvmlMeter()
    meter.open()
    return meter


def attempt(meter, device_id):
    """Return the power, or the kind of fault."""
    try:
        return meter.read(device_id, Wants.POWER).power_mw
    except MeterFault as fault:
        return fault.kind


def retry(meter):
    """Read both GPUs once, as their retries do."""
    return [attempt(meter, device_id) for device_id in ("GPU-a", "GPU-b")]


def test_a_reloaded_driver_is_answered_by_one_new_start(meter, standin):
    standin.reload()
    assert retry(meter) == [MeterFaultKind.DRIVER_NOT_LOADED] * 2
    assert standin.starts == 1
    assert retry(meter) == [100_000, 50_000]
    assert retry(meter) == [100_000, 50_000]
    assert standin.starts == 2


def test_readings_after_a_reload_are_of_the_same_gpus_whatever_their_order(meter, standin):
    standin.gpus.reverse()
    standin.reload()
    retry(meter)
    assert retry(meter) == [100_000, 50_000]
    assert meter.found() == ()


def test_while_the_driver_is_away_each_round_of_retries_starts_nvml_once(meter, standin):
    standin.driver = None
    standin.reload()
    retry(meter)
    for _ in range(5):
        del standin.calls[:]
        assert set(retry(meter)) == {MeterFaultKind.DRIVER_NOT_LOADED}
        assert [name for name, _ in standin.calls].count("nvmlInitWithFlags") == 1
    standin.driver = "620.1"
    retry(meter)
    assert retry(meter) == [100_000, 50_000]


def test_one_lost_gpu_of_two_never_restarts_the_library(meter, standin):
    standin.gpus[0].lost = LOST
    for _ in range(20):
        assert retry(meter) == [MeterFaultKind.GPU_LOST, 50_000]
    assert standin.starts == 1
    standin.gpus[0].lost = None
    assert retry(meter) == [100_000, 50_000]


@pytest.mark.parametrize("code", [LOST, pynvml.NVML_ERROR_UNKNOWN])
def test_when_all_stay_lost_nvml_is_started_again(meter, standin, code):
    for gpu in standin.gpus:
        gpu.lost = code
    retry(meter)
    assert standin.starts == 1
    retry(meter)
    assert standin.starts == 1
    retry(meter)
    assert standin.starts == 2
    for gpu in standin.gpus:
        gpu.lost = None
    assert retry(meter) == [100_000, 50_000]


def test_a_single_fault_of_a_single_gpu_does_not_restart_nvml():
    with installed(NvmlStandin(Gpu("GPU-a"))) as standin:
        meter = NvmlMeter()
        meter.open()
        for _ in range(5):
            standin.gpus[0].lost = LOST
            assert attempt(meter, "GPU-a") is MeterFaultKind.GPU_LOST
            standin.gpus[0].lost = None
            assert attempt(meter, "GPU-a") == 100_000
        assert standin.starts == 1


def test_a_reload_under_many_threads_ends_with_every_gpu_back():
    gpus = [Gpu(f"GPU-{n}", power_mw=1_000 * (n + 1)) for n in range(8)]
    with installed(NvmlStandin(*gpus)) as standin:
        meter = NvmlMeter()
        meter.open()
        standin.reload()
        broken, back = [], {}

        def read_on(gpu):
            try:
                for _ in range(50):
                    back[gpu.uuid] = attempt(meter, gpu.uuid)
            except BaseException as error:
                broken.append(error)

        threads = [threading.Thread(target=read_on, args=(gpu,)) for gpu in gpus]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        for gpu in gpus:
            for _ in range(4):
                back[gpu.uuid] = attempt(meter, gpu.uuid)
        assert broken == []
        assert back == {gpu.uuid: gpu.power_mw for gpu in gpus}


def test_a_gpu_that_comes_is_told_once_and_can_be_read(meter, standin):
    assert isinstance(meter, FindsDevices)
    assert meter.found() == ()
    standin.gpus.insert(0, Gpu("GPU-c", power_mw=70_000))
    (device,) = meter.found()
    assert (device.id, device.index) == ("GPU-c", 0)
    assert meter.found() == ()
    assert attempt(meter, "GPU-c") == 70_000
    assert retry(meter) == [100_000, 50_000]


def test_without_news_looking_is_one_call(meter, standin):
    del standin.calls[:]
    meter.found()
    assert [name for name, _ in standin.calls] == ["nvmlDeviceGetCount_v2"]


def test_a_gpu_that_could_not_be_named_at_the_start_is_told_when_it_answers():
    with installed(NvmlStandin(Gpu("GPU-a"), Gpu("GPU-b", lost=LOST))) as standin:
        meter = NvmlMeter()
        assert [device.id for device in meter.open()] == ["GPU-a"]
        assert meter.found() == ()
        standin.gpus[1].lost = None
        assert [device.id for device in meter.found()] == ["GPU-b"]
        assert meter.skipped == ()


def test_one_swapped_for_another_during_a_reload_is_found(meter, standin):
    standin.gpus[1] = Gpu("GPU-c", power_mw=70_000)
    standin.reload()
    retry(meter)
    assert retry(meter) == [100_000, MeterFaultKind.GPU_LOST]
    assert [device.id for device in meter.found()] == ["GPU-c"]
    assert attempt(meter, "GPU-c") == 70_000


def test_looking_while_nvml_is_away_finds_nothing_and_raises_nothing(meter, standin):
    standin.reload()
    assert meter.found() == ()


def test_a_counter_is_read_on_after_a_reload(meter, standin):
    assert meter.read("GPU-a", BOTH).energy_mj == 5_000_000
    standin.reload()
    retry(meter)
    standin.gpus[0].energy_mj = 12
    assert meter.read("GPU-a", BOTH).energy_mj == 12
