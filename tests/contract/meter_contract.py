"""What every meter promises. Derive a test class and give it the fixtures `meter` and `clock`."""

import pytest

from vidgreen_gui.model.faults import MeterFault
from vidgreen_gui.model.power import Device, Reading, SlowField, Wants
from vidgreen_gui.system.resources import load_texts


class MeterContract:
    """`meter` is a meter that works and is not open yet; `clock` is the ManualClock it follows."""

    def test_devices_have_an_identity_that_stays(self, meter):
        devices = meter.open()
        assert devices
        assert len({device.id for device in devices}) == len(devices)
        for device in devices:
            assert isinstance(device, Device)
            assert device.id
            assert device.name
            assert device.uuid
            assert device.meter == meter.name
            assert device.power_limit_mw is None or device.power_limit_mw > 0
        assert [device.id for device in meter.open()] == [device.id for device in devices]

    def test_a_reading_holds_what_was_asked_for_and_nothing_else(self, meter, clock):
        for device in meter.open():
            clock.advance(0.1)
            power = meter.read(device.id, Wants.POWER)
            assert power == Reading(power_mw=power.power_mw)
            assert power.power_mw is not None
            counter = meter.read(device.id, Wants.COUNTER)
            assert counter == Reading(energy_mj=counter.energy_mj)
            assert (counter.energy_mj is not None) == device.has_counter
            slow = meter.read(device.id, Wants.SLOW)
            assert slow.power_mw is None
            assert slow.energy_mj is None

    def test_power_is_a_whole_number_of_milliwatts_within_reason(self, meter, clock):
        for device in meter.open():
            for _ in range(20):
                clock.advance(0.1)
                power_mw = meter.read(device.id, Wants.POWER).power_mw
                assert type(power_mw) is int
                assert 0 <= power_mw <= 1.5 * (device.power_limit_mw or 2_000_000)

    def test_the_counter_never_goes_backwards_by_itself(self, meter, clock):
        for device in meter.open():
            if device.has_counter:
                readings = []
                for _ in range(20):
                    clock.advance(0.1)
                    readings.append(meter.read(device.id, Wants.COUNTER).energy_mj)
                assert all(type(energy_mj) is int for energy_mj in readings)
                assert readings == sorted(readings)

    def test_slow_fields_come_one_at_a_time_and_each_in_its_turn(self, meter, clock):
        for device in meter.open():
            seen = set()
            for _ in range(3 * len(SlowField)):
                clock.advance(0.1)
                reading = meter.read(device.id, Wants.SLOW)
                given = {name for name in SlowField if getattr(reading, name) is not None}
                assert len(given) <= 1
                seen |= given
            for _ in range(len(seen)):
                reading = meter.read(device.id, Wants.SLOW)
                seen -= {name for name in SlowField if getattr(reading, name) is not None}
            assert not seen

    def test_an_unknown_device_is_a_fault_with_a_sentence_and_harms_no_other(self, meter, clock):
        devices = meter.open()
        with pytest.raises(MeterFault) as raised:
            meter.read("no such device", Wants.POWER)
        for language in ("en", "fr"):
            assert "no such device" in load_texts(language).fault(raised.value)
        clock.advance(0.1)
        assert meter.read(devices[0].id, Wants.POWER).power_mw is not None

    def test_closing_never_raises(self, meter):
        meter.open()
        meter.close()
        meter.close()
