"""Windows' energy meters from hand-laid bytes, as emi.h documents them."""

import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import ManualClock

from vidgreen_gui.contract.meter import MeterContract
from vidgreen_gui.meters.emi import (
    GET_MEASUREMENT,
    GET_METADATA,
    GET_METADATA_SIZE,
    GET_VERSION,
    EmiMeter,
)
from vidgreen_gui.meters.emi_format import channel_names, measurements
from vidgreen_gui.model.faults import MeterFault
from vidgreen_gui.model.power import Wants
from vidgreen_gui.model.units import NS_PER_S

INTEL = ("RAPL_Package0_PKG", "RAPL_Package0_PP0", "RAPL_Package0_PP1", "RAPL_Package0_DRAM")
PWH_PER_J = 1e12 / 3600
BOTH = Wants.POWER | Wants.COUNTER


def wide(text, size=None):
    """Return a C string of 16-bit characters with its end, padded to `size` characters."""
    raw = (text + "\0").encode("utf-16-le")
    return raw if size is None else raw.ljust(2 * size, b"\0")


def metadata_1(name, unit=0):
    return struct.pack("<i", unit) + wide("Maker", 16) + wide("Board", 16) + struct.pack(
        "<HH", 3, len(wide(name))
    ) + wide(name)  # fmt: skip


def metadata_2(*names, unit=0):
    channels = b"".join(struct.pack("<iH", unit, len(wide(n))) + wide(n) for n in names)
    return wide("Intel", 16) + wide("RAPL", 16) + struct.pack("<HH", 1, len(names)) + channels


class EnergyMeter:
    """A device that answers Windows' control codes; `watts` of each channel go by its clock."""

    def __init__(self, clock, names=INTEL, watts=(65.0, 40.0, 2.0, 5.0), version=2):
        self.path = r"\\?\ACPI#INTC1234#0#{45bd8344-7ed6-49cf-a440-c276c933b053}"
        self.clock = clock
        self.names = names
        self.watts = watts
        self.version = version
        self.closed = 0

    def ask(self, code, size):
        return self._answers(code)[:size]

    def close(self):
        self.closed += 1

    def _answers(self, code):
        metadata = metadata_2(*self.names) if self.version == 2 else metadata_1(self.names[0])
        if code == GET_VERSION:
            return struct.pack("<H", self.version)
        if code == GET_METADATA_SIZE:
            return struct.pack("<I", len(metadata))
        if code == GET_METADATA:
            return metadata
        assert code == GET_MEASUREMENT
        seconds = self.clock.steady_ns() / NS_PER_S
        return b"".join(
            struct.pack("<QQ", round(watts * seconds * PWH_PER_J), self.clock.steady_ns() // 100)
            for watts in self.watts
        )


@pytest.fixture
def clock():
    return ManualClock()


class TestContract(MeterContract):
    @pytest.fixture
    def clock(self):
        return ManualClock()

    @pytest.fixture
    def meter(self, clock):
        return EmiMeter([EnergyMeter(clock)])


def watts(meter, clock):
    devices = meter.open()
    for one in devices:
        meter.read(one.id, BOTH)
    clock.advance(1.0)
    return {one.id: meter.read(one.id, BOTH).power_mw / 1000 for one in devices}


def test_a_package_and_its_memory_are_one_device(clock):
    meter = EmiMeter([EnergyMeter(clock)])
    assert watts(meter, clock) == {"cpu-package-0": pytest.approx(70.0, abs=0.01)}
    assert meter.senses_memory
    (device,) = meter.open()
    assert [call for _, call in device.reads] == ["EMI RAPL_Package0_PKG", "EMI RAPL_Package0_DRAM"]


def test_the_counter_is_in_millijoules(clock):
    meter = EmiMeter([EnergyMeter(clock)])
    (device,) = meter.open()
    before = meter.read(device.id, Wants.COUNTER).energy_mj
    clock.advance(10.0)
    assert meter.read(device.id, Wants.COUNTER).energy_mj - before == pytest.approx(700_000, abs=2)


def test_a_memory_channel_that_never_counted_is_none(clock):
    meter = EmiMeter([EnergyMeter(clock, watts=(65.0, 40.0, 2.0, 0.0))])
    assert watts(meter, clock) == {"cpu-package-0": pytest.approx(65.0, abs=0.01)}
    assert not meter.senses_memory
    (device,) = meter.open()
    assert device.missing == ("sensors_host.no_memory_counter",)


def test_two_packages_on_two_devices(clock):
    other = EnergyMeter(clock, ("RAPL_Package1_PKG",), (90.0,))
    meter = EmiMeter([EnergyMeter(clock), other])
    assert watts(meter, clock) == {
        "cpu-package-0": pytest.approx(70.0, abs=0.01),
        "cpu-package-1": pytest.approx(90.0, abs=0.01),
    }
    meter.close()
    assert other.closed == 1


def test_amds_channel_is_the_socket(clock):
    names = ("Current Socket Power", "VDDCR_VDD Power", "VDDCR_SOC Power")
    meter = EmiMeter([EnergyMeter(clock, names, (48.0, 30.0, 9.0))])
    assert watts(meter, clock) == {"cpu-package-0": pytest.approx(48.0, abs=0.01)}


def test_version_1_has_one_channel(clock):
    meter = EmiMeter([EnergyMeter(clock, ("RAPL_Package0_PKG",), (55.0,), version=1)])
    assert watts(meter, clock) == {"cpu-package-0": pytest.approx(55.0, abs=0.01)}


def test_another_makers_rails_are_no_package(clock):
    assert not EmiMeter([EnergyMeter(clock, ("Display", "Wifi"), (3.0, 1.0))]).senses_cpu


@pytest.mark.parametrize("version", [0, 3])
def test_a_version_nobody_knows_is_left_out(clock, version):
    assert not EmiMeter([EnergyMeter(clock, version=version)]).senses_cpu


def test_a_device_that_fails_is_left_out_and_later_is_a_fault(clock):
    class Failing(EnergyMeter):
        failing = False

        def ask(self, code, size):
            if self.failing:
                raise OSError(31, "A device attached to the system is not functioning")
            return super().ask(code, size)

    source = Failing(clock)
    meter = EmiMeter([source])
    (device,) = meter.open()
    source.failing = True
    with pytest.raises(MeterFault):
        meter.read(device.id, BOTH)
    assert not EmiMeter([source]).senses_cpu


def test_names_follow_each_other_without_padding():
    # Names of different lengths: with any padding the second would be read askew.
    assert channel_names(2, metadata_2("a", "bcd", "ef")) == ("a", "bcd", "ef")
    assert channel_names(1, metadata_1("CPU")) == ("CPU",)


def test_a_channel_in_another_unit_is_not_believed():
    assert channel_names(2, metadata_2("a", unit=1)) == ("",)


@given(cut=st.integers(0, len(metadata_2(*INTEL)) - 1))
def test_metadata_that_was_cut_off_is_an_error(cut):
    with pytest.raises(ValueError):
        channel_names(2, metadata_2(*INTEL)[:cut])


@given(version=st.integers(0, 3), data=st.binary(max_size=200))
def test_any_bytes_are_names_or_an_error(version, data):
    try:
        names = channel_names(version, data)
    except ValueError:
        return
    assert all(isinstance(name, str) for name in names)


def test_a_measurement_that_is_too_short_is_an_error():
    with pytest.raises(ValueError):
        measurements(bytes(16), 2)
    (first, second) = measurements(struct.pack("<QQQQ", 10, 20, 30, 40), 2)
    assert (first.energy_pwh, first.t_ns, second.energy_pwh) == (10, 2_000, 30)


@pytest.mark.skipif(sys.platform == "win32", reason="there it opens what is there")
def test_the_door_loads_nothing_elsewhere():
    from vidgreen_gui.meters.emi import open_energy_meters

    assert open_energy_meters() is None
