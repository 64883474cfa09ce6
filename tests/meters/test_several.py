"""Several meters as one: what one part cannot do harms no other."""

from dataclasses import replace

import pytest
from support.clock import ManualClock
from support.meters import ScriptedMeter, device

from vidgreen_gui.contract.meter import MeterContract
from vidgreen_gui.meters.several import SeveralMeters, together
from vidgreen_gui.meters.simulated import SimulatedMeter
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.ports import FindsDevices, FollowsLoad
from vidgreen_gui.model.power import DeviceKind, Wants
from vidgreen_gui.model.session import PhaseName


class Broken(ScriptedMeter):
    def open(self):
        raise MeterFault(MeterFaultKind.DRIVER_NOT_LOADED, detail="scripted")


class Finding(ScriptedMeter):
    def __init__(self, clock, *later):
        super().__init__(clock, device("early"))
        self.later = later

    def found(self):
        came, self.later = self.later, ()
        return came


def host(device_id="package"):
    return replace(device(device_id), kind=DeviceKind.CPU)


@pytest.fixture
def clock():
    return ManualClock()


class TestContract(MeterContract):
    @pytest.fixture
    def clock(self):
        return ManualClock()

    @pytest.fixture
    def meter(self, clock):
        parts = ScriptedMeter(clock, device("a"), device("b")), ScriptedMeter(clock, host())
        return SeveralMeters(parts)


def test_each_device_is_read_by_its_own_part(clock):
    left = ScriptedMeter(clock, device("left"), power_mw=1_000)
    right = ScriptedMeter(clock, device("right"), power_mw=2_000)
    meter = SeveralMeters((left, right))
    assert [one.id for one in meter.open()] == ["left", "right"]
    assert meter.read("left", Wants.POWER).power_mw == 1_000
    assert meter.read("right", Wants.POWER).power_mw == 2_000
    assert [asked for _, asked, _ in left.asked] == ["left"]


def test_a_part_that_fails_is_kept_in_mind_and_the_others_work(clock):
    meter = SeveralMeters((Broken(clock), ScriptedMeter(clock, device("right"))))
    assert [one.id for one in meter.open()] == ["right"]
    assert [fault.kind for fault in meter.skipped] == [MeterFaultKind.DRIVER_NOT_LOADED]
    assert meter.read("right", Wants.POWER).power_mw is not None


def test_what_a_part_skipped_before_it_gave_up_is_said_once(clock):
    part = Broken(clock)
    part.skipped = (MeterFault(MeterFaultKind.GPU_LOST), MeterFault(MeterFaultKind.TIMEOUT))
    meter = SeveralMeters((part, ScriptedMeter(clock)))
    meter.open()
    assert [fault.kind for fault in meter.skipped] == [
        MeterFaultKind.GPU_LOST, MeterFaultKind.TIMEOUT,
    ]  # fmt: skip


def test_a_second_opening_does_not_repeat_what_the_first_one_said(clock):
    unmade = MeterFault(MeterFaultKind.UNKNOWN)
    meter = SeveralMeters((Broken(clock), ScriptedMeter(clock)), (unmade,))
    meter.open()
    meter.open()
    assert [fault.kind for fault in meter.skipped] == [
        MeterFaultKind.UNKNOWN, MeterFaultKind.DRIVER_NOT_LOADED,
    ]  # fmt: skip


def test_the_rest_of_the_machine_is_no_answer_where_the_gpu_failed(clock):
    with pytest.raises(MeterFault) as raised:
        SeveralMeters((Broken(clock), ScriptedMeter(clock, host()))).open()
    assert raised.value.kind is MeterFaultKind.DRIVER_NOT_LOADED


def test_a_device_that_came_later_is_read_by_the_part_that_found_it(clock):
    meter = SeveralMeters((ScriptedMeter(clock), Finding(clock, device("late"))))
    meter.open()
    with pytest.raises(MeterFault):
        meter.read("late", Wants.POWER)
    assert isinstance(meter, FindsDevices)
    assert [one.id for one in meter.found()] == ["late"]
    assert meter.found() == ()
    assert meter.read("late", Wants.POWER).power_mw is not None


def test_the_load_reaches_the_part_that_senses_nothing_and_no_other(clock):
    card = SimulatedMeter("RTX 4090", tdp_w=450, idle_w=20, clock=clock, why="meters.modelled")
    meter = together((card, ScriptedMeter(clock, host())))
    assert isinstance(meter, FollowsLoad)
    assert meter.why == "meters.modelled"
    (gpu, package) = meter.open()
    meter.set_load(package.id, PhaseName.SAMPLE)
    meter.set_load(gpu.id, PhaseName.SAMPLE)
    clock.advance(5)
    assert meter.read(gpu.id, Wants.POWER).power_mw > 400_000


def test_meters_that_sense_are_not_led(clock):
    meter = together((ScriptedMeter(clock), ScriptedMeter(clock, host())))
    assert not isinstance(meter, FollowsLoad)
    assert meter.why is None


def test_one_meter_alone_stays_itself(clock):
    alone = ScriptedMeter(clock)
    assert together((alone,)) is alone
