"""Graphics cards from trees laid out as the kernel does."""

import errno
import os
import shutil
import sys
import types

import pytest
from support.clock import ManualClock
from support.kernel_trees import DrivenClock, KernelTree, fill, link

from vidgreen_gui.contract.meter import MeterContract
from vidgreen_gui.meters import sysfs
from vidgreen_gui.meters.amdsmi import amd_counters
from vidgreen_gui.meters.cards import find_cards
from vidgreen_gui.meters.hwmon import HwmonMeter
from vidgreen_gui.meters.pci_names import card_name
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.power import DeviceKind, PowerSemantics, Reading, SlowField, Wants

ALL = Wants.POWER | Wants.COUNTER


@pytest.fixture
def clock():
    return DrivenClock(ManualClock())


@pytest.fixture
def tree(tmp_path):
    return KernelTree(tmp_path)


@pytest.fixture
def meter(tree, clock):
    return HwmonMeter(clock, tree.root)


class TestContract(MeterContract):
    @pytest.fixture
    def clock(self):
        return DrivenClock(ManualClock())

    @pytest.fixture
    def meter(self, clock, tmp_path):
        tree = KernelTree(tmp_path)
        tree.amd()
        tree.apu()
        _, arc = tree.intel()
        clock.drive(arc / "energy1_input", 150.0)
        return HwmonMeter(clock, tree.root)


def test_a_radeon_tells_power_and_slow_fields(tree, meter):
    tree.amd()
    (device,) = meter.open()
    assert device.id == "amdgpu-5a3c1f0e9b7d2468"
    assert device.kind is DeviceKind.GPU
    assert device.pci_bus_id == "0000:03:00.0"
    assert device.power_limit_mw == 339_000
    assert device.memory_bytes == 24 * 2**30
    assert not device.has_counter
    assert meter.read(device.id, Wants.POWER) == Reading(power_mw=300_000)
    slow = [meter.read(device.id, Wants.SLOW) for _ in SlowField]
    assert {r.temperature_c for r in slow} == {61, None}
    assert {r.utilisation_pct for r in slow} == {97, None}
    assert {r.memory_used_bytes for r in slow} == {10 * 2**30, None}
    assert {r.power_limit_mw for r in slow} == {339_000, None}


def test_a_radeon_that_tells_the_present_power_alone(tree, meter):
    tree.amd(power1_average=None, power1_input=280_000_000)
    (device,) = meter.open()
    assert device.power_semantics is PowerSemantics.INSTANT
    assert meter.read(device.id, Wants.POWER).power_mw == 280_000
    assert dict(device.reads)["power"].endswith("power1_input")


@pytest.mark.parametrize("driver", ["xe", "i915"])
def test_an_arc_tells_energy_and_its_power_is_what_was_added(tree, meter, clock, driver):
    _, arc = tree.intel(driver=driver)
    clock.drive(arc / "energy1_input", 165.5)
    (device,) = meter.open()
    assert device.has_counter
    assert device.power_semantics is PowerSemantics.SINCE_LAST
    assert device.power_limit_mw == 190_000
    before = meter.read(device.id, ALL)
    assert before.power_mw is None
    clock.advance(0.25)
    after = meter.read(device.id, ALL)
    assert after.power_mw == 165_500
    assert after.energy_mj - before.energy_mj == 41_375


def test_an_arc_that_tells_of_its_package_alone_says_so(tree, meter):
    tree.intel(energy1_input=None, energy1_label=None, energy2_input=7_000, power2_max=0)
    (device,) = meter.open()
    assert "sensors_host.package_only" in device.missing
    assert device.power_limit_mw is None


def test_a_sleeping_card_is_not_woken_and_draws_not_nothing(tree, meter, clock):
    card, hwmon = tree.amd()
    (device,) = meter.open()
    (card / "power/runtime_status").write_text("suspended\n")
    # Whoever reads these would wake it.
    for file in (hwmon / "power1_average", hwmon / "temp1_input", card / "gpu_busy_percent"):
        file.write_text("woken")
    for wants in (Wants.POWER, Wants.COUNTER, Wants.SLOW, ALL | Wants.SLOW):
        assert meter.read(device.id, wants) == Reading()
    (card / "power/runtime_status").write_text("active\n")
    (hwmon / "power1_average").write_text("25000000\n")
    assert meter.read(device.id, Wants.POWER).power_mw == 25_000


def test_a_limit_that_was_raised_is_believed(tree, meter):
    _, hwmon = tree.amd(power1_cap=60_000_000, power1_average=40_000_000)
    (device,) = meter.open()
    (hwmon / "power1_average").write_text("250000000\n")
    with pytest.raises(MeterFault):
        meter.read(device.id, Wants.POWER)
    (hwmon / "power1_cap").write_text("300000000\n")
    assert meter.read(device.id, Wants.POWER).power_mw == 250_000


def test_a_card_that_sleeps_at_the_start_is_there_and_left_asleep(tree, clock):
    tree.amd(files={"runtime_status": "suspended"}, power1_average="woken", power1_cap="woken")
    meter = HwmonMeter(clock, tree.root)
    (device,) = meter.open()
    assert device.power_limit_mw is None
    assert meter.read(device.id, ALL) == Reading()


def test_a_mean_that_is_refused_once_awake_gives_way_to_the_moment(tree, clock, monkeypatch):
    card, _ = tree.amd(files={"runtime_status": "suspended"}, power1_input=42_000_000)
    meter = HwmonMeter(clock, tree.root)
    (device,) = meter.open()
    plain = sysfs._read

    def read(path):
        if path.endswith("power1_average"):
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        return plain(path)

    monkeypatch.setattr(sysfs, "_read", read)
    (card / "power/runtime_status").write_text("active\n")
    with pytest.raises(MeterFault) as raised:
        meter.read(device.id, Wants.POWER)
    assert raised.value.kind is MeterFaultKind.NOT_SUPPORTED
    assert meter.read(device.id, Wants.POWER).power_mw == 42_000


@pytest.mark.parametrize(
    ("control", "screen", "kept"),
    [("auto", "disconnected", True), ("auto", "connected", False), ("on", "disconnected", False)],
)
def test_a_card_that_would_sleep_if_nobody_looked_says_so(tree, meter, control, screen, kept):
    card, _ = tree.amd()
    fill(card / "power", control=control)
    fill(card / "drm/card1/card1-DP-1", status=screen)
    (device,) = meter.open()
    assert ("sensors_host.kept_awake" in device.missing) == kept


def test_what_an_arc_used_before_its_sleep_is_no_power_after_it(tree, meter, clock):
    card, hwmon = tree.intel()
    (device,) = meter.open()
    meter.read(device.id, ALL)
    clock.advance(0.25)
    (card / "power/runtime_status").write_text("suspended\n")
    meter.read(device.id, ALL)
    clock.advance(0.25)
    (card / "power/runtime_status").write_text("active\n")
    (hwmon / "energy1_input").write_text("5001000000\n")
    assert meter.read(device.id, ALL).power_mw is None


def test_the_graphics_of_a_processor_are_told_from_a_card(tree):
    tree.amd()
    tree.apu()
    assert [card.integrated for card in find_cards(tree.root)] == [False, True]


def test_alone_they_are_the_gpu_and_say_that_the_watts_are_the_sockets(tree, meter):
    tree.apu()
    (device,) = meter.open()
    assert device.kind is DeviceKind.GPU
    assert "sensors_host.socket_gpu" in device.missing
    assert meter.read(device.id, Wants.POWER).power_mw == 45_000


def test_beside_a_card_they_are_the_sensor_of_the_processor(tree, clock):
    tree.amd()
    tree.apu()
    meter = HwmonMeter(clock, tree.root, integrated=DeviceKind.CPU)
    assert [device.kind for device in meter.open()] == [DeviceKind.GPU, DeviceKind.CPU]


def test_where_the_package_is_read_they_are_not_counted_again(tree, clock):
    tree.amd()
    tree.apu()
    meter = HwmonMeter(clock, tree.root, integrated=None)
    assert [device.kind for device in meter.open()] == [DeviceKind.GPU]
    assert meter.found() == ()


def test_other_sensors_are_no_cards(tree):
    tree.card("0000:01:00.0", "nvme", {}, {"temp1_input": 40_000})
    tree.card("0000:05:00.0", "nouveau", {}, {"temp1_input": 40_000})
    assert find_cards(tree.root) == ()


def test_a_card_without_power_is_left_out_and_said(tree, meter):
    tree.amd()
    tree.amd("0000:08:00.0", power1_average=None, files={"unique_id": "77"})
    assert [device.pci_bus_id for device in meter.open()] == ["0000:03:00.0"]
    assert [fault.kind for fault in meter.skipped] == [MeterFaultKind.NOT_SUPPORTED]
    meter.found()
    assert len(meter.skipped) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("nonsense\n", MeterFaultKind.IMPLAUSIBLE),
        ("", MeterFaultKind.IMPLAUSIBLE),
        ("0\n", MeterFaultKind.IMPLAUSIBLE),
        ("-1\n", MeterFaultKind.IMPLAUSIBLE),
        ("\u00e9\u0000", MeterFaultKind.IMPLAUSIBLE),
        ("9" * 5000, MeterFaultKind.IMPLAUSIBLE),
        ("nan\n", MeterFaultKind.IMPLAUSIBLE),
        ("10000000000\n", MeterFaultKind.IMPLAUSIBLE),
        ("4294967295000\n", MeterFaultKind.IMPLAUSIBLE),
    ],
)
def test_power_that_cannot_be_true_is_one_cards_fault(tree, meter, content, kind):
    _, hwmon = tree.amd()
    tree.amd("0000:08:00.0", files={"unique_id": "77"}, power1_average=50_000_000)
    first, second = meter.open()
    (hwmon / "power1_average").write_text(content)
    with pytest.raises(MeterFault) as raised:
        meter.read(first.id, Wants.POWER)
    assert raised.value.kind is kind
    assert meter.read(second.id, Wants.POWER).power_mw == 50_000


def test_where_no_card_tells_anything_that_is_the_fault(tree, meter):
    tree.amd(power1_average=None)
    with pytest.raises(MeterFault) as raised:
        meter.open()
    assert raised.value.kind is MeterFaultKind.NOT_SUPPORTED


def test_folders_that_make_no_sense_are_no_cards(tree):
    _, hwmon = tree.amd()
    (hwmon / "name").write_bytes(b"\xff\xfe")
    link(tree.root / "class/hwmon/hwmon8", tree.root / "devices/gone")
    fill(tree.root / "class/hwmon/hwmon9", name="amdgpu", power1_average=1)
    assert find_cards(tree.root) == ()


def test_garbage_in_a_slow_field_costs_nothing_else(tree, meter):
    card, hwmon = tree.amd()
    (device,) = meter.open()
    for file in (hwmon / "temp1_input", hwmon / "power1_cap", card / "mem_info_vram_used"):
        file.write_text("?")
    (card / "gpu_busy_percent").write_text("255\n")
    for _ in range(8):
        reading = meter.read(device.id, Wants.POWER | Wants.SLOW)
        assert reading == Reading(power_mw=300_000)


def test_a_card_that_is_gone_is_lost_and_comes_back_under_another_number(tree, meter):
    card, hwmon = tree.amd()
    (device,) = meter.open()
    (tree.root / "class/hwmon" / hwmon.name).unlink()
    shutil.rmtree(card)
    for _ in range(2):
        with pytest.raises(MeterFault) as raised:
            meter.read(device.id, Wants.POWER)
        assert raised.value.kind is MeterFaultKind.GPU_LOST
    tree.amd(power1_average=111_000_000)
    assert meter.read(device.id, Wants.POWER).power_mw == 111_000
    assert meter.found() == ()


def test_another_card_in_the_same_slot_is_another_device(tree, meter):
    card, hwmon = tree.amd()
    (device,) = meter.open()
    (tree.root / "class/hwmon" / hwmon.name).unlink()
    shutil.rmtree(card)
    tree.amd(files={"unique_id": "77"}, power1_average=90_000_000)
    with pytest.raises(MeterFault):
        meter.read(device.id, Wants.POWER)
    (other,) = meter.found()
    assert other.id == "amdgpu-77"
    assert meter.read(other.id, Wants.POWER).power_mw == 90_000


def test_a_card_that_was_plugged_in_is_found_once(tree, meter):
    tree.amd()
    meter.open()
    tree.intel()
    assert [device.pci_bus_id for device in meter.found()] == ["0000:04:00.0"]
    assert meter.found() == ()


def test_without_a_number_of_its_own_a_card_is_its_slot(tree, meter):
    tree.amd(files={"unique_id": "0000000000000000"})
    assert [device.id for device in meter.open()] == ["pci-0000:03:00.0"]


# ---- names


def tables(folder):
    (folder / "libdrm").mkdir(parents=True)
    (folder / "libdrm/amdgpu.ids").write_text(
        "# List\n1.0.0\n744C,\tC8,\tAMD Radeon RX 7900 XTX\n744C,\tCC,\tAMD Radeon RX 7900 XT\n"
    )
    (folder / "hwdata").mkdir()
    (folder / "hwdata/pci.ids").write_text(
        "# List\n1002  Advanced Micro Devices, Inc. [AMD/ATI]\n"
        "\t744c  Navi 31 [Radeon RX 7900 XT/7900 XTX]\n\t\t1002 0e3b  RX 7900 GRE\n"
        "10de  NVIDIA Corporation\n\te20b  Not this one\n"
        "8086  Intel Corporation\n\te20b  Battlemage G21 [Arc B580]\n\t9999  Plain chip\n"
    )
    return folder


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({}, "AMD Radeon RX 7900 XTX"),
        ({"revision": "0xcc"}, "AMD Radeon RX 7900 XT"),
        ({"revision": "0x01"}, "AMD Radeon RX 7900 XT/7900 XTX"),
        ({"product_name": "AMD Instinct MI210"}, "AMD Instinct MI210"),
        ({"device": "0x0001"}, "AMD GPU 0000:03:00.0"),
        ({"vendor": "0x8086", "device": "0xe20b"}, "Intel Arc B580"),
        ({"vendor": "0x8086", "device": "0x9999"}, "Intel Plain chip"),
        ({"vendor": None}, "PCI GPU 0000:03:00.0"),
    ],
)
def test_a_card_is_named_as_it_is_sold(tree, tmp_path, files, name):
    card, _ = tree.amd(files=files)
    assert card_name(card, tables(tmp_path / "share")) == name


def test_without_tables_the_address_names_it(tree, tmp_path):
    card, _ = tree.amd()
    assert card_name(card, tmp_path / "nowhere") == "AMD GPU 0000:03:00.0"


# ---- AMD's own library


def library(monkeypatch, energy_count):
    """Put a namesake of AMD's library in place; it answers as its documentation says."""
    module = types.ModuleType("amdsmi")

    class AmdSmiException(Exception):
        pass

    module.AmdSmiException = AmdSmiException
    module.amdsmi_init = lambda: None
    module.amdsmi_get_processor_handles = lambda: ["handle"]
    module.amdsmi_get_gpu_device_bdf = lambda handle: "0000:03:00.0"
    module.amdsmi_get_energy_count = lambda handle: energy_count(module)
    monkeypatch.setitem(sys.modules, "amdsmi", module)


@pytest.mark.parametrize("field", ["energy_accumulator", "power"])
def test_amds_library_adds_the_counter(monkeypatch, tree, clock, field):
    library(monkeypatch, lambda _: {field: 2_000_000, "counter_resolution": 15.3})
    tree.amd()
    meter = HwmonMeter(clock, tree.root, counters=amd_counters())
    (device,) = meter.open()
    assert device.has_counter
    assert device.sensor.defects == ("sensors_host.counter_unproven",)
    assert meter.read(device.id, ALL) == Reading(power_mw=300_000, energy_mj=30_600)


def test_a_counter_that_fails_later_is_a_fault(monkeypatch, tree, clock):
    answers = [{"energy_accumulator": 1, "counter_resolution": 15.3}]

    def count(module):
        if not answers:
            raise module.AmdSmiException("busy")
        return answers.pop()

    library(monkeypatch, count)
    tree.amd()
    meter = HwmonMeter(clock, tree.root, counters=amd_counters())
    (device,) = meter.open()
    with pytest.raises(MeterFault):
        meter.read(device.id, Wants.COUNTER)
    assert meter.read(device.id, Wants.POWER).power_mw == 300_000


def test_a_library_that_does_not_start_adds_nothing(monkeypatch):
    library(monkeypatch, lambda module: {})
    assert amd_counters() == {}
    sys.modules["amdsmi"].amdsmi_init = lambda: 1 / 0
    assert amd_counters() == {}
    monkeypatch.setitem(sys.modules, "amdsmi", None)
    assert amd_counters() == {}
