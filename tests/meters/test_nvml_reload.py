"""Drivers reloaded, GPUs that come, go and change places: found again by UUID, never in a rush."""

import threading
import time

import pynvml
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.nvml_standin import Gpu, NvmlStandin, installed

from vidgreen_gui.meters import nvml_door
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


CODES = (LOST, pynvml.NVML_ERROR_UNKNOWN, pynvml.NVML_ERROR_RESET_REQUIRED)
NONSENSE = (0, 0xFFFFFFFF, 10_000_000)
numbers = st.integers(0, 3)
history = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["reload", "unload", "load", "reverse", "come", "find"])),
        st.tuples(st.just("lose"), numbers, st.sampled_from(CODES)),
        st.tuples(st.just("leave"), numbers),
        st.tuples(st.just("nonsense"), numbers, st.sampled_from(NONSENSE)),
    ),
    max_size=12,
)


class Machine:
    """GPUs that draw as many watts as their number says, and what happens to them."""

    def __init__(self):
        self.gpus = [self.gpu(number) for number in range(3)]
        self.standin = NvmlStandin(*self.gpus)

    def gpu(self, number):
        return Gpu(f"GPU-{number}", power_mw=1_000 * (number + 1))

    def happens(self, what, number=0, value=None):
        present = self.standin.gpus
        if what == "reload":
            self.standin.reload()
        elif what in {"unload", "load"}:
            self.standin.driver = None if what == "unload" else "620.1"
            self.standin.reload()
        elif what == "reverse":
            present.reverse()
        elif what == "come" and len(self.gpus) < 6:
            self.gpus.append(self.gpu(len(self.gpus)))
            present.insert(0, self.gpus[-1])
        elif what == "leave" and len(present) > 1:
            present.pop(number % len(present))
        elif what == "lose":
            present[number % len(present)].lost = value
        elif what == "nonsense":
            present[number % len(present)].power_mw = value

    def mends(self):
        self.standin.driver = "620.1"
        self.standin.gpus = list(self.gpus)
        for number, gpu in enumerate(self.gpus):
            gpu.lost, gpu.power_mw = None, 1_000 * (number + 1)


@given(history=history)
def test_whatever_happens_a_reading_is_its_own_gpus_or_a_fault_and_all_come_back(history):
    machine = Machine()
    with installed(machine.standin):
        meter = NvmlMeter()
        known = [device.id for device in meter.open()]
        for event in history:
            if event == ("find",):
                known += [device.id for device in meter.found()]
            else:
                machine.happens(*event)
            for device_id in known:
                answer = attempt(meter, device_id)
                assert answer == own_mw(device_id) or isinstance(answer, MeterFaultKind)
        machine.mends()
        for _ in range(3):
            answers = [attempt(meter, device_id) for device_id in known]
        assert answers == [own_mw(device_id) for device_id in known]
        known += [device.id for device in meter.found()]
        assert sorted(known) == sorted(gpu.uuid for gpu in machine.gpus)


def own_mw(device_id):
    return 1_000 * (int(device_id[-1]) + 1)


def test_quitting_does_not_wait_for_a_driver_that_hangs(meter, standin, monkeypatch):
    monkeypatch.setattr(nvml_door, "_PATIENCE_S", 0.05)
    answering = threading.Event()
    standin.before = lambda *_: answering.wait(10.0)
    reading = threading.Thread(target=attempt, args=(meter, "GPU-a"), daemon=True)
    reading.start()
    began_s = time.monotonic()
    meter.close()
    assert time.monotonic() - began_s < 5.0
    answering.set()
    reading.join(5.0)
