"""Processor packages from trees laid out as the kernel does."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import ManualClock
from support.kernel_trees import DrivenClock, KernelTree

from vidgreen_gui.contract.meter import MeterContract
from vidgreen_gui.meters.counting import CountedDevice
from vidgreen_gui.meters.powercap import PowercapMeter, find_packages
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.power import DeviceKind, PowerSemantics, Wants
from vidgreen_gui.model.units import NS_PER_S

BOTH = Wants.POWER | Wants.COUNTER
RANGE_UJ = 262_143_328_850


@pytest.fixture
def clock():
    return DrivenClock(ManualClock())


@pytest.fixture
def tree(tmp_path):
    return KernelTree(tmp_path)


def desktop(tree, clock, *, package_w=65.0, memory_w=5.0):
    """One Intel desktop package with all the zones such a machine has."""
    package = tree.zone("intel-rapl:0", "package-0")
    core = tree.zone("intel-rapl:0:0", "core")
    uncore = tree.zone("intel-rapl:0:1", "uncore")
    dram = tree.zone("intel-rapl:0:2", "dram", range_uj=65_712_999_613)
    twin = tree.zone("intel-rapl-mmio:0", "package-0")
    psys = tree.zone("intel-rapl:1", "psys")
    rates = ((package, package_w), (core, 40), (uncore, 3), (dram, memory_w),
             (twin, package_w), (psys, 140))  # fmt: skip
    for folder, watts in rates:
        clock.drive(folder / "energy_uj", watts)
    return package


class TestContract(MeterContract):
    @pytest.fixture
    def clock(self):
        return DrivenClock(ManualClock())

    @pytest.fixture
    def meter(self, clock, tmp_path):
        tree = KernelTree(tmp_path)
        desktop(tree, clock)
        other = tree.zone("intel-rapl:2", "package-1")
        clock.drive(other / "energy_uj", 80.0)
        return PowercapMeter(find_packages(tree.root).readable, clock)


def watts(meter, clock, *, seconds=1.0):
    """Return the watts of each device over some time, by power and by counter."""
    devices = meter.open()
    before = {one.id: meter.read(one.id, BOTH).energy_mj for one in devices}
    clock.advance(seconds)
    after = {one.id: meter.read(one.id, BOTH) for one in devices}
    return {
        device_id: (
            reading.power_mw / 1000,
            (reading.energy_mj - before[device_id]) / 1000 / seconds,
        )
        for device_id, reading in after.items()
    }


def test_a_package_and_its_memory_are_one_device_and_nothing_is_counted_twice(tree, clock):
    desktop(tree, clock)
    packages = find_packages(tree.root)
    meter = PowercapMeter(packages.readable, clock)
    (device,) = meter.open()
    assert watts(meter, clock) == {"cpu-package-0": (70.0, 70.0)}
    assert device.kind is DeviceKind.CPU
    assert device.power_semantics is PowerSemantics.SINCE_LAST
    assert device.sampling_ns == NS_PER_S
    assert device.missing == ()
    files = [file for _, file in device.reads]
    assert [file.split("/")[-2] for file in files] == ["intel-rapl:0", "intel-rapl:0:2"]


def test_two_sockets_are_two_devices(tree, clock):
    for socket in (0, 1):
        zone = tree.zone(f"intel-rapl:{socket}", f"package-{socket}")
        clock.drive(zone / "energy_uj", 100.0 + socket)
    meter = PowercapMeter(find_packages(tree.root).readable, clock)
    assert watts(meter, clock) == {
        "cpu-package-0": (100.0, 100.0),
        "cpu-package-1": (101.0, 101.0),
    }
    assert [device.name for device in meter.open()] == ["CPU 1", "CPU 2"]


def test_the_dies_of_a_package_belong_together(tree, clock):
    for die in (0, 1):
        zone = tree.zone(f"intel-rapl:{die}", f"package-0-die-{die}")
        clock.drive(zone / "energy_uj", 90.0)
    meter = PowercapMeter(find_packages(tree.root).readable, clock)
    assert watts(meter, clock) == {"cpu-package-0": (180.0, 180.0)}


def test_amd_has_a_package_without_memory(tree, clock):
    package = tree.zone("intel-rapl:0", "package-0", range_uj=65_532_610_987)
    tree.zone("intel-rapl:0:0", "core")
    clock.drive(package / "energy_uj", 88.0)
    meter = PowercapMeter(find_packages(tree.root).readable, clock)
    (device,) = meter.open()
    assert device.missing == ("sensors_host.no_memory_counter",)
    assert watts(meter, clock)["cpu-package-0"] == (88.0, 88.0)


def test_a_wrap_of_one_counter_changes_nothing(tree, clock):
    package = desktop(tree, clock)
    (package / "energy_uj").write_text(f"{RANGE_UJ - 20_000_000}\n")
    meter = PowercapMeter(find_packages(tree.root).readable, clock)
    (device,) = meter.open()
    first = meter.read(device.id, BOTH).energy_mj
    clock.advance(1.0)
    # 65 J on, of which 45 are past the end.
    (package / "energy_uj").write_text("45000000\n")
    reading = meter.read(device.id, BOTH)
    assert reading.power_mw == 70_000
    assert reading.energy_mj - first == 70_000


def test_only_a_counter_of_its_own_is_one(tree):
    tree.zone("intel-rapl-mmio:0", "package-0")
    tree.zone("intel-rapl:0", "psys")
    (tree.root / "class/powercap/dtpm").mkdir()
    assert find_packages(tree.root).readable == ()
    assert not find_packages(tree.root).refused


def test_what_this_user_may_not_read_is_told_from_what_is_not_there(tree, monkeypatch):
    tree.zone("intel-rapl:0", "package-0").joinpath("energy_uj").chmod(0o000)
    if os.access(tree.root / "class/powercap/intel-rapl:0/energy_uj", os.R_OK):
        # Root may read everything: the refusal itself is played.
        refuse_energy(monkeypatch)
    found = find_packages(tree.root)
    assert found.refused
    assert found.readable == ()


def refuse_energy(monkeypatch):
    kept_open, kept_access = os.open, os.access

    def opened(path, *rest, **named):
        if str(path).endswith("energy_uj"):
            raise PermissionError(13, "Permission denied", path)
        return kept_open(path, *rest, **named)

    def access(path, mode):
        return not str(path).endswith("energy_uj") and kept_access(path, mode)

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "access", access)


@pytest.mark.parametrize("content", ["", "garbage", "0", "-"])
def test_a_counter_that_says_nothing_is_not_there(tree, content):
    package = tree.zone("intel-rapl:0", "package-0")
    (package / "energy_uj").write_text(content)
    found = find_packages(tree.root)
    assert found.readable == ()
    assert not found.refused


def test_half_the_packages_are_none(tree):
    tree.zone("intel-rapl:0", "package-0")
    tree.zone("intel-rapl:1", "package-1", energy_uj="?")
    assert find_packages(tree.root).readable == ()


def test_no_tree_is_no_package(tmp_path):
    assert find_packages(tmp_path).readable == ()


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda file: file.unlink(), MeterFaultKind.GPU_LOST),
        (lambda file: file.write_text("nonsense"), MeterFaultKind.IMPLAUSIBLE),
    ],
)
def test_what_goes_wrong_later_is_one_devices_fault(tree, clock, change, kind):
    for socket in (0, 1):
        zone = tree.zone(f"intel-rapl:{socket}", f"package-{socket}")
        clock.drive(zone / "energy_uj", 50.0)
    meter = PowercapMeter(find_packages(tree.root).readable, clock)
    (first, second) = meter.open()
    meter.read(second.id, BOTH)
    clock.advance(1.0)
    change(tree.root / "class/powercap/intel-rapl:0/energy_uj")
    with pytest.raises(MeterFault) as raised:
        meter.read(first.id, BOTH)
    assert raised.value.kind is kind
    assert meter.read(second.id, BOTH).power_mw == 50_000


def test_a_counter_that_stands_still_is_no_idle_processor(tree, clock):
    tree.zone("intel-rapl:0", "package-0")
    meter = PowercapMeter(find_packages(tree.root).readable, clock)
    (device,) = meter.open()
    meter.read(device.id, BOTH)
    clock.advance(1.0)
    with pytest.raises(MeterFault) as raised:
        meter.read(device.id, BOTH)
    assert raised.value.kind is MeterFaultKind.IMPLAUSIBLE


def test_a_counter_that_moves_rarely_is_a_mean_and_never_zero(tree, clock):
    package = tree.zone("intel-rapl:0", "package-0")
    meter = PowercapMeter(find_packages(tree.root).readable, clock)
    (device,) = meter.open()
    clock.advance(0.05)
    assert meter.read(device.id, Wants.POWER).power_mw is None
    clock.advance(0.05)
    (package / "energy_uj").write_text("6000000\n")
    assert meter.read(device.id, Wants.POWER).power_mw == 50_000


def test_the_first_question_has_its_power_from_the_opening(tree, clock):
    desktop(tree, clock)
    meter = PowercapMeter(find_packages(tree.root).readable, clock)
    (device,) = meter.open()
    clock.advance(0.005)
    assert meter.read(device.id, BOTH).power_mw == 70_000


def test_power_after_a_pause_is_not_the_mean_of_the_pause(tree, clock):
    desktop(tree, clock)
    meter = PowercapMeter(find_packages(tree.root).readable, clock)
    (device,) = meter.open()
    before = meter.read(device.id, BOTH)
    clock.advance(10.0)
    after = meter.read(device.id, BOTH)
    assert after.power_mw is None
    # What was used meanwhile is known all the same.
    assert after.energy_mj - before.energy_mj == 700_000


def test_slow_fields_read_no_file(tree, clock):
    desktop(tree, clock)
    meter = PowercapMeter(find_packages(tree.root).readable, clock)
    (device,) = meter.open()
    (tree.root / "class/powercap/intel-rapl:0/energy_uj").unlink()
    assert meter.read(device.id, Wants.SLOW).power_mw is None


# ---- the counters themselves

steps = st.lists(
    st.tuples(st.integers(1, 5 * NS_PER_S), st.integers(0, 1_999_999)), min_size=1, max_size=40
)


@given(
    steps=steps, start=st.integers(0, 65_532_610_986), wraps=st.sampled_from([None, 65_532_610_987])
)
def test_the_total_is_what_was_used_whatever_wraps(steps, start, wraps):
    """`steps` are (nanoseconds, microwatts times a thousand)."""
    device = CountedDevice("CPU", [wraps])
    t_ns, used_uj = 0, 0
    first = device.reading(t_ns, (start,), Wants.COUNTER).energy_mj
    for passed_ns, milliwatts in steps:
        t_ns += passed_ns
        used_uj += milliwatts * passed_ns // 1_000_000
        raw = start + used_uj
        total = device.reading(t_ns, (raw % wraps if wraps else raw,), Wants.COUNTER).energy_mj
        assert total == (start + used_uj) // 1000
        assert total >= first


@given(
    raws=st.lists(st.integers(0, 65_532_610_986), min_size=2, max_size=30),
    passed_ns=st.lists(st.integers(NS_PER_S // 50, 100 * NS_PER_S), min_size=30, max_size=30),
)
def test_no_sequence_gives_an_absurd_power_or_more_than_two_kilowatts(raws, passed_ns):
    device = CountedDevice("CPU", [65_532_610_987])
    t_ns = 0
    for raw, step_ns in zip(raws, passed_ns, strict=False):
        t_ns += step_ns
        try:
            reading = device.reading(t_ns, (raw,), BOTH)
        except MeterFault:
            continue
        if reading.power_mw is not None:
            slack_mw = 1_000_000 * 1_000_000 / step_ns
            assert 0 <= reading.power_mw <= 2_000_000 + slack_mw
        assert reading.energy_mj >= 0
