"""What `--meter` finds on whole machines: every watt is read once, and none of them twice."""

import psutil
import pynvml
import pytest
from support.clock import ManualClock
from support.kernel_trees import DrivenClock, KernelTree, fill
from support.nvml_standin import Gpu, NvmlStandin, installed

from vidgreen_gui.contract.meter import MeterContract
from vidgreen_gui.meters.around import Host
from vidgreen_gui.meters.choose import open_meter
from vidgreen_gui.meters.hwmon import HwmonMeter
from vidgreen_gui.meters.simulated import SimulatedMeter
from vidgreen_gui.model.faults import InputFault, MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.ports import FollowsLoad
from vidgreen_gui.model.power import DeviceKind, Wants
from vidgreen_gui.model.session import PhaseName
from vidgreen_gui.system.resources import load_texts

HOST = Host(cpu_tdp_w=100.0, dimms=2, board_w=40.0)
NVIDIA = "GPU-a"
RADEON = "amdgpu-5a3c1f0e9b7d2468"
APU = "pci-0000:0d:00.0"


@pytest.fixture
def tree(tmp_path):
    return KernelTree(tmp_path)


@pytest.fixture
def clock():
    return DrivenClock(ManualClock())


def kinds(meter):
    return {device.id: device.kind for device in meter.open()}


def nvidia():
    return installed(NvmlStandin(Gpu(NVIDIA)))


def package(tree, *, memory=False):
    tree.zone("intel-rapl:0", "package-0")
    if memory:
        tree.zone("intel-rapl:0:0", "dram")


def refuse(tree, monkeypatch):
    """Play a package that this user may not read, root or not."""
    package(tree)
    file = tree.root / "class/powercap/intel-rapl:0/energy_uj"
    file.write_text("")
    monkeypatch.setattr("os.access", lambda path, mode: str(path) != str(file))


class TestContract(MeterContract):
    """The contract over a whole machine: NVIDIA, AMD, Intel, a package and the model."""

    @pytest.fixture
    def clock(self, monkeypatch):
        clock = DrivenClock(ManualClock())
        real = psutil.cpu_times()

        def times():
            """A processor that is busy a quarter of the time."""
            shares = {"user": 0.25, "idle": 0.75}
            all_s = clock.steady_ns() / 1e9
            return real._replace(**{name: shares.get(name, 0.0) * all_s for name in real._fields})

        monkeypatch.setattr(psutil, "cpu_times", times)
        return clock

    @pytest.fixture
    def meter(self, clock, tmp_path):
        tree = KernelTree(tmp_path)
        tree.amd()
        _, arc = tree.intel()
        clock.drive(arc / "energy1_input", 120.0)
        clock.drive(tree.zone("intel-rapl:0", "package-0") / "energy_uj", 60.0)
        with nvidia():
            yield open_meter("auto", clock, host=HOST, sysfs=tree.root)


def test_a_machine_with_everything(tree, clock):
    tree.amd()
    package(tree, memory=True)
    with nvidia():
        meter = open_meter("auto", clock, host=HOST, sysfs=tree.root)
        devices = {device.id: device for device in meter.open()}
    assert {one: device.kind for one, device in devices.items()} == {
        NVIDIA: DeviceKind.GPU,
        RADEON: DeviceKind.GPU,
        "cpu-package-0": DeviceKind.CPU,
        "machine": DeviceKind.MACHINE,
    }
    # Processor and memory are measured: the board alone is left to the model.
    assert [one.code for one in devices["machine"].model] == ["sensors_host.model.board"]
    assert devices["machine"].missing == ()


def test_without_a_host_the_gpus_are_alone(tree, clock):
    package(tree)
    with nvidia():
        assert kinds(open_meter("auto", clock, sysfs=tree.root)) == {NVIDIA: DeviceKind.GPU}


def test_an_amd_machine_needs_no_nvidia_library(tree, clock):
    tree.amd()
    with installed(None):
        meter = open_meter("auto", clock, sysfs=tree.root)
    assert isinstance(meter, HwmonMeter)
    assert kinds(meter) == {RADEON: DeviceKind.GPU}


def test_a_card_that_tells_nothing_is_none(tree, clock):
    tree.amd(power1_average=None)
    with installed(None):
        assert isinstance(open_meter("auto", clock, sysfs=tree.root), SimulatedMeter)
    with pytest.raises(InputFault):
        open_meter("hwmon", clock, sysfs=tree.root)


def test_beside_another_it_is_said(tree, clock):
    tree.amd(power1_average=None)
    with nvidia():
        meter = open_meter("auto", clock, sysfs=tree.root)
        assert kinds(meter) == {NVIDIA: DeviceKind.GPU}
    assert [fault.kind for fault in meter.skipped] == [MeterFaultKind.NOT_SUPPORTED]


def test_nvidias_library_that_fails_does_not_keep_an_amd_card_from_being_read(tree, clock):
    tree.amd()
    standin = NvmlStandin(Gpu(NVIDIA))
    standin.fail("nvmlInitWithFlags", None, pynvml.NVML_ERROR_DRIVER_NOT_LOADED)
    with installed(standin):
        meter = open_meter("auto", clock, host=HOST, sysfs=tree.root)
    assert kinds(meter) == {RADEON: DeviceKind.GPU, "machine": DeviceKind.MACHINE}
    assert [fault.kind for fault in meter.skipped] == [MeterFaultKind.DRIVER_NOT_LOADED]


def test_the_rest_of_the_machine_never_hides_a_gpu_that_failed(tree, clock):
    package(tree)
    with installed(NvmlStandin()), pytest.raises(MeterFault) as raised:
        open_meter("auto", clock, host=HOST, sysfs=tree.root).open()
    assert raised.value.kind is MeterFaultKind.NO_DEVICE


def test_nvml_reads_no_other_card(tree, clock):
    tree.amd()
    tree.apu()
    with nvidia():
        meter = open_meter("nvml", clock, host=HOST, sysfs=tree.root)
        assert kinds(meter) == {
            NVIDIA: DeviceKind.GPU, APU: DeviceKind.CPU, "machine": DeviceKind.MACHINE,
        }  # fmt: skip


def test_hwmon_reads_no_nvidia_card(tree, clock):
    tree.amd()
    with nvidia():
        assert kinds(open_meter("hwmon", clock, sysfs=tree.root)) == {RADEON: DeviceKind.GPU}


def test_hwmon_without_a_card_is_the_callers_mistake(tree, clock):
    with pytest.raises(InputFault) as raised:
        open_meter("hwmon", clock, sysfs=tree.root)
    for language in ("en", "fr"):
        assert "hwmon" not in load_texts(language).fault(raised.value)


# ---- a socket is counted once


def test_an_apu_that_renders_is_the_gpu_and_its_package_is_not_read_again(tree, clock):
    tree.apu()
    package(tree)
    with installed(None):
        meter = open_meter("auto", clock, host=HOST, sysfs=tree.root)
    devices = {device.id: device for device in meter.open()}
    assert {one: device.kind for one, device in devices.items()} == {
        APU: DeviceKind.GPU, "machine": DeviceKind.MACHINE,
    }  # fmt: skip
    assert [one.code for one in devices["machine"].model] == [
        "sensors_host.model.memory", "sensors_host.model.board",
    ]  # fmt: skip


def test_beside_a_card_the_package_is_read_and_the_apu_is_not(tree, clock):
    tree.apu()
    package(tree)
    with nvidia():
        meter = open_meter("auto", clock, host=HOST, sysfs=tree.root)
        assert kinds(meter) == {
            NVIDIA: DeviceKind.GPU,
            "cpu-package-0": DeviceKind.CPU,
            "machine": DeviceKind.MACHINE,
        }


def test_where_the_package_is_refused_the_apu_is_the_processors_sensor(tree, clock, monkeypatch):
    tree.apu()
    refuse(tree, monkeypatch)
    with nvidia():
        meter = open_meter("auto", clock, host=HOST, sysfs=tree.root)
        devices = {device.id: device for device in meter.open()}
    assert devices[APU].kind is DeviceKind.CPU
    assert meter.read(APU, Wants.POWER).power_mw == 45_000
    assert "cpu-package-0" not in devices
    assert devices["machine"].missing == ()


def test_without_a_host_an_apu_beside_a_card_is_nothing(tree, clock):
    tree.apu()
    with nvidia():
        assert kinds(open_meter("auto", clock, sysfs=tree.root)) == {NVIDIA: DeviceKind.GPU}


def plug_in_nvidia(tree):
    fill(tree.root / "bus/pci/devices/0000:01:00.1", vendor="0x10de", **{"class": "0x040300"})
    fill(tree.root / "bus/pci/devices/0000:01:00.0", vendor="0x10de", **{"class": "0x030000"})


@pytest.mark.parametrize("error", ["DRIVER_NOT_LOADED", "LIB_RM_VERSION_MISMATCH"])
def test_an_apu_does_not_stand_for_a_card_whose_driver_fails(tree, clock, error):
    tree.apu()
    plug_in_nvidia(tree)
    standin = NvmlStandin(Gpu(NVIDIA))
    standin.fail("nvmlInitWithFlags", None, getattr(pynvml, f"NVML_ERROR_{error}"))
    with installed(standin), pytest.raises(MeterFault):
        open_meter("auto", clock, host=HOST, sysfs=tree.root)
    tree.amd()
    with installed(standin):
        found = kinds(open_meter("auto", clock, host=HOST, sysfs=tree.root))
    assert found[RADEON] is DeviceKind.GPU
    assert found.get(APU) is DeviceKind.CPU


def test_an_apu_does_not_stand_for_a_card_without_its_library(tree, clock):
    tree.apu()
    plug_in_nvidia(tree)
    with installed(None):
        assert isinstance(open_meter("auto", clock, sysfs=tree.root), SimulatedMeter)


# ---- the model


def test_a_package_that_is_refused_is_modelled_and_the_advice_says_how_to_read_it(
    tree, clock, monkeypatch
):
    refuse(tree, monkeypatch)
    with nvidia():
        meter = open_meter("auto", clock, host=HOST, sysfs=tree.root)
        (_, machine) = meter.open()
    assert machine.missing == ("sensors_host.rapl_refused",)
    for language in ("en", "fr"):
        assert "udev" in load_texts(language).say(*machine.missing)


def test_a_machine_without_any_sensor_of_the_processor_says_so(tree, clock):
    with nvidia():
        (_, machine) = open_meter("auto", clock, host=HOST, sysfs=tree.root).open()
    assert machine.missing == ("sensors_host.no_package",)
    assert len(machine.model) == 3


@pytest.mark.parametrize("spec", ["auto", "simulated", "simulated:GeForce RTX 4090"])
def test_nothing_real_stands_beside_invented_watts(tree, clock, spec):
    package(tree)
    with installed(None):
        meter = open_meter(spec, clock, host=HOST, sysfs=tree.root)
    assert isinstance(meter, SimulatedMeter)
    assert [device.grade for device in meter.open()] == [Grade.SIMULATED]


def test_a_trace_is_replayed_alone(tree, clock, tmp_path):
    path = tmp_path / "a.trace"
    path.write_text("# vidgreen-trace/1\nt_s,device,power_w,energy_j,event\n0,gpu,5,,\n")
    meter = open_meter(f"replay:{path}", clock, host=HOST, sysfs=tree.root)
    assert [device.id for device in meter.open()] == ["gpu"]


def test_a_card_the_user_named_has_a_machine_around_it(tree, clock):
    package(tree)
    with installed(None):
        meter = open_meter(
            "auto", clock, cards={}, rendering="GeForce RTX 4090", host=HOST, sysfs=tree.root
        )
    assert list(kinds(meter).values()) == [
        DeviceKind.GPU, DeviceKind.CPU, DeviceKind.MACHINE,
    ]  # fmt: skip
    assert meter.why == "meters.modelled"
    assert isinstance(meter, FollowsLoad)
    for device in meter.open():
        meter.set_load(device.id, PhaseName.SAMPLE)


def test_all_that_is_said_of_devices_has_its_sentence(tree, clock, monkeypatch):
    tree.amd()
    tree.apu()
    tree.intel(energy1_input=None, energy2_input=7_000)
    refuse(tree, monkeypatch)
    with nvidia():
        devices = open_meter("auto", clock, host=HOST, sysfs=tree.root).open()
    for language in ("en", "fr"):
        texts = load_texts(language)
        for device in devices:
            if device.meter != "nvml":
                said = [texts.say(one.code, **dict(one.arguments)) for one in device.model]
                said += [texts.say(code) for code in (*device.missing, *device.sensor.defects)]
                assert all(sentence.endswith((".", ")")) for sentence in said)
