"""Who uses a GPU: told apart where the driver tells it, and never guessed."""

import pynvml
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.nvml_standin import Gpu, Instance, NvmlStandin, installed

from vidgreen_gui.meters.nvml import NvmlMeter
from vidgreen_gui.model.power import ProcessUse, Reading, Wants
from vidgreen_gui.system.resources import load_texts

USERS = Wants.POWER | Wants.PROCESSES
GIB = 2**30
# Utilisation, one list, utilisation, the other list.
ROUND = 4


@pytest.fixture
def gpu():
    return Gpu("GPU-a")


@pytest.fixture
def meter(gpu):
    with installed(NvmlStandin(gpu)):
        meter = NvmlMeter()
        meter.open()
        yield meter


def users(meter, times=ROUND):
    return [meter.read("GPU-a", USERS).processes for _ in range(times)][-1]


def test_nobody_is_an_empty_answer(meter):
    assert [meter.read("GPU-a", USERS).processes for _ in range(2 * ROUND)] == [()] * 2 * ROUND


def test_utilisation_and_memory_are_told_together(meter, gpu):
    gpu.compute = {41: 3 * GIB, 42: None}
    gpu.graphics = {41: 3 * GIB, 7: GIB // 4}
    gpu.samples += [(41, 1_000, 90), (7, 1_000, 6)]
    users(meter, 2)
    gpu.samples += [(41, 2_000, 80), (7, 2_000, 10)]
    assert users(meter, 2) == (
        ProcessUse(7, 10, GIB // 4),
        ProcessUse(41, 80, 3 * GIB),
        ProcessUse(42, 0, None),
    )


def test_a_context_that_is_there_at_the_start_is_told_at_once(gpu):
    gpu.compute = {41: GIB}
    with installed(NvmlStandin(gpu)):
        meter = NvmlMeter()
        meter.open()
        assert users(meter, 1) == (ProcessUse(41, 0, GIB),)


def test_utilisation_is_the_mean_of_the_samples_since_the_last_time(meter, gpu):
    gpu.samples += [(41, 1_000, 100), (41, 2_000, 50), (42, 2_000, 20)]
    assert users(meter, 1) == (ProcessUse(41, 75), ProcessUse(42, 20))
    gpu.samples.append((41, 3_000, 10))
    assert users(meter, 2) == (ProcessUse(41, 10),)
    assert users(meter, 2) == ()


def test_what_the_driver_remembers_from_before_is_not_of_now(gpu):
    gpu.samples.append((41, 1_000, 100))
    with installed(NvmlStandin(gpu)):
        meter = NvmlMeter()
        meter.open()
        assert users(meter) == ()


def test_entries_that_cannot_be_are_left_out(meter, gpu):
    gpu.samples += [(0, 1_000, 50), (41, 1_000, 0xFFFFFFFF), (42, 1_000, 100)]
    assert users(meter, 1) == (ProcessUse(42, 100),)


def test_more_processes_than_there_was_room_for_are_told_at_the_next_turn(meter, gpu):
    gpu.compute = dict.fromkeys(range(1, 301), GIB)
    users(meter, 2 * ROUND)
    assert len(users(meter)) == 300


def test_each_question_is_one_call(gpu):
    with installed(NvmlStandin(gpu)) as standin:
        meter = NvmlMeter()
        meter.open()
        gpu.compute = {41: GIB}
        for _ in range(2 * ROUND):
            del standin.calls[:]
            meter.read("GPU-a", Wants.PROCESSES)
            assert len(standin.calls) == 1


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ({"samples": None}, "processes"),
        ({"samples": None, "driver_model": pynvml.NVML_DRIVER_WDDM}, "processes_wddm"),
        ({"samples": None, "driver_model": pynvml.NVML_DRIVER_WDM}, "processes"),
        ({"instances": [Instance("MIG-1"), None, Instance("MIG-2")]}, "processes_mig"),
    ],
)
def test_where_users_cannot_be_told_it_is_said_and_nothing_is_guessed(shape, reason):
    gpu = Gpu("GPU-a", compute={41: GIB}, **shape)
    with installed(NvmlStandin(gpu)):
        meter = NvmlMeter()
        (device,) = meter.open()
        assert device.sees_processes is False
        assert device.missing[-1] == f"sensors.nvml.missing.{reason}"
        for language in ("en", "fr"):
            assert load_texts(language).say(device.missing[-1]) != device.missing[-1]
        assert users(meter) is None
        assert "processes" not in dict(device.reads)


def test_no_permission_is_said(gpu):
    with installed(NvmlStandin(gpu)) as standin:
        standin.fail("nvmlDeviceGetProcessUtilization", None, pynvml.NVML_ERROR_NO_PERMISSION)
        (device,) = NvmlMeter().open()
    assert device.sees_processes is False
    assert device.missing[-1] == "sensors.nvml.missing.processes_permission"


def test_a_driver_without_lists_still_tells_who_is_busy(gpu):
    gpu.compute = gpu.graphics = None
    with installed(NvmlStandin(gpu)):
        meter = NvmlMeter()
        (device,) = meter.open()
        assert device.sees_processes
        gpu.samples.append((41, 1_000, 60))
        assert users(meter, 1) == (ProcessUse(41, 60),)


def test_a_right_that_is_withdrawn_leaves_memory_and_no_claim_about_use(meter, gpu):
    gpu.compute = {41: GIB}
    gpu.samples.append((41, 1_000, 60))
    users(meter)
    gpu.samples = None
    assert users(meter) == (ProcessUse(41, None, GIB),)


def test_mig_instances_are_parts_of_the_board_whose_power_is_read():
    gpu = Gpu("GPU-a", instances=[Instance("MIG-1"), None, Instance("MIG-2")])
    with installed(NvmlStandin(gpu)):
        meter = NvmlMeter()
        (device,) = meter.open()
        assert device.parts == ("MIG-1", "MIG-2")
        assert meter.read("GPU-a", Wants.POWER) == Reading(power_mw=100_000)


processes = st.dictionaries(st.integers(1, 50), st.one_of(st.none(), st.integers(0, 2**40)))


@given(
    compute=processes,
    graphics=processes,
    shares=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 2**32 - 1)), max_size=30),
)
def test_any_answer_names_each_process_once_and_within_bounds(compute, graphics, shares):
    gpu = Gpu("GPU-a", compute=compute, graphics=graphics)
    with installed(NvmlStandin(gpu)):
        meter = NvmlMeter()
        meter.open()
        gpu.samples = [(pid, 1_000 + n, share) for n, (pid, share) in enumerate(shares)]
        told = users(meter, 1)
    assert [use.pid for use in told] == sorted({use.pid for use in told})
    assert all(0 <= use.utilisation_pct <= 100 for use in told)
    assert {use.pid for use in told} >= compute.keys() | graphics.keys()
    for use in told:
        known = [m for m in (compute.get(use.pid), graphics.get(use.pid)) if m is not None]
        assert use.memory_bytes == max(known, default=None)
