"""The contract of meters: derive a test class from `MeterContract` and give it two fixtures.

    from vidgreen_gui.contract.clock import ManualClock
    from vidgreen_gui.contract.meter import MeterContract

    class TestMine(MeterContract):
        @pytest.fixture
        def clock(self):
            return ManualClock()

        @pytest.fixture
        def meter(self, clock):
            return MyMeter(clock)

`meter` works, is not open yet and has at least one device; `clock` has `advance(seconds)`, which
lets as much time go by for the meter. A meter that follows the real time may be given a clock
whose `advance` waits.
"""

import threading
from itertools import pairwise
from typing import Protocol

import pytest

from vidgreen_gui.model.faults import MeterFault
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.ports import Meter
from vidgreen_gui.model.power import Device, DeviceKind, Reading, SlowField, Wants
from vidgreen_gui.model.units import NS_PER_S

# No device of one machine draws more.
_HIGHEST_MW = 20_000_000


class MovesOn(Protocol):
    """A clock that can be moved on."""

    def advance(self, seconds: float) -> None:
        """Let time go by."""


def _pace_s(device: Device) -> float:
    """Return how long to wait between two questions to a device."""
    return (device.sampling_ns or NS_PER_S // 10) / NS_PER_S


def _power_mw(meter: Meter, device: Device, clock: MovesOn, tries: int = 3) -> int | None:
    """Return the first power; a meter of differences has none at its first question."""
    for _ in range(tries):
        clock.advance(_pace_s(device))
        power_mw = meter.read(device.id, Wants.POWER).power_mw
        if power_mw is not None:
            return power_mw
    return None


class MeterContract:
    """What every meter promises. Each test is one promise."""

    def test_devices_have_an_identity_that_stays(self, meter: Meter) -> None:
        """The ids are unique, not empty, and the same when the meter is opened again."""
        devices = meter.open()
        assert devices
        assert len({device.id for device in devices}) == len(devices)
        for device in devices:
            assert isinstance(device, Device)
            assert device.id
            assert device.name
            assert device.uuid
            assert device.meter
        again = meter.open()
        meter.close()
        assert [device.id for device in again] == [device.id for device in devices]

    def test_devices_say_what_they_are(self, meter: Meter) -> None:
        """Limits, paces and sensors are within reason; nothing is called measured without power."""
        for device in meter.open():
            assert isinstance(device.kind, DeviceKind)
            assert isinstance(device.grade, Grade)
            assert device.grade is not Grade.MISSING
            assert device.power_limit_mw is None or 0 < device.power_limit_mw <= _HIGHEST_MW
            assert device.sampling_ns is None or device.sampling_ns >= NS_PER_S // 50
            if device.sensor is not None:
                assert device.sensor.update_ns >= 0
                assert device.sensor.window_ns >= 0
                assert 0.0 < device.sensor.observed <= 1.0
                assert 0.0 <= device.sensor.gain < 1.0
            assert all(quantity and origin for quantity, origin in device.reads)
            assert all(device.missing)
        meter.close()

    def test_a_reading_holds_what_was_asked_for_and_nothing_else(
        self, meter: Meter, clock: MovesOn
    ) -> None:
        """Power, counter and slow fields are answered apart."""
        for device in meter.open():
            assert _power_mw(meter, device, clock) is not None
            clock.advance(_pace_s(device))
            power = meter.read(device.id, Wants.POWER)
            assert power == Reading(power_mw=power.power_mw)
            counter = meter.read(device.id, Wants.COUNTER)
            assert counter == Reading(energy_mj=counter.energy_mj)
            assert (counter.energy_mj is not None) == device.has_counter
            slow = meter.read(device.id, Wants.SLOW)
            assert slow.power_mw is None
            assert slow.energy_mj is None
            assert slow.processes is None
        meter.close()

    def test_power_is_a_whole_number_of_milliwatts_within_reason(
        self, meter: Meter, clock: MovesOn
    ) -> None:
        """Never negative, never above one and a half times the limit."""
        for device in meter.open():
            for _ in range(20):
                clock.advance(_pace_s(device))
                power_mw = meter.read(device.id, Wants.POWER).power_mw
                if power_mw is not None:
                    assert type(power_mw) is int
                    assert 0 <= power_mw <= 1.5 * (device.power_limit_mw or _HIGHEST_MW)
        meter.close()

    def test_the_counter_never_goes_backwards_by_itself(self, meter: Meter, clock: MovesOn) -> None:
        """A wrap of the hardware's own counter is the meter's to mend."""
        for device in meter.open():
            if device.has_counter:
                readings = []
                for _ in range(20):
                    clock.advance(_pace_s(device))
                    readings.append(meter.read(device.id, Wants.COUNTER).energy_mj)
                assert all(type(energy_mj) is int for energy_mj in readings)
                assert all(a <= b for a, b in pairwise(r for r in readings if r is not None))
        meter.close()

    def test_counter_and_power_tell_the_same_story(self, meter: Meter, clock: MovesOn) -> None:
        """Over four seconds they agree in order of magnitude: no unit is a thousand times off."""
        for device in meter.open():
            if not device.has_counter or _power_mw(meter, device, clock) is None:
                continue
            pace_s = _pace_s(device)
            first = meter.read(device.id, Wants.COUNTER).energy_mj
            sums_mw = []
            for _ in range(max(4, round(4.0 / pace_s))):
                clock.advance(pace_s)
                sums_mw.append(meter.read(device.id, Wants.POWER).power_mw or 0)
            last = meter.read(device.id, Wants.COUNTER).energy_mj
            assert first is not None
            assert last is not None
            integrated_mj = sum(sums_mw) * pace_s
            counted_mj = last - first
            if min(integrated_mj, counted_mj) > 1000:
                assert 0.2 < counted_mj / integrated_mj < 5.0
        meter.close()

    def test_slow_fields_come_one_at_a_time_and_each_in_its_turn(
        self, meter: Meter, clock: MovesOn
    ) -> None:
        """A slow question costs one call."""
        for device in meter.open():
            seen = set()
            for _ in range(3 * len(SlowField)):
                clock.advance(_pace_s(device))
                reading = meter.read(device.id, Wants.SLOW)
                given = {name for name in SlowField if getattr(reading, name) is not None}
                assert len(given) <= 1
                seen |= given
            for _ in range(len(seen)):
                reading = meter.read(device.id, Wants.SLOW)
                seen -= {name for name in SlowField if getattr(reading, name) is not None}
            assert not seen
        meter.close()

    def test_processes_are_told_only_when_asked_for(self, meter: Meter, clock: MovesOn) -> None:
        """Who cannot see them says None; who can names each process once."""
        for device in meter.open():
            clock.advance(_pace_s(device))
            processes = meter.read(device.id, Wants.PROCESSES).processes
            if not device.sees_processes:
                assert processes is None
            elif processes is not None:
                assert len({use.pid for use in processes}) == len(processes)
                for use in processes:
                    assert use.pid > 0
                    assert use.utilisation_pct is None or 0 <= use.utilisation_pct <= 100
                    assert use.memory_bytes is None or use.memory_bytes >= 0
        meter.close()

    def test_an_unknown_device_is_a_fault_and_harms_no_other(
        self, meter: Meter, clock: MovesOn
    ) -> None:
        """A device that went away must not take the others with it."""
        devices = meter.open()
        with pytest.raises(MeterFault) as raised:
            meter.read("no such device", Wants.POWER)
        assert raised.value.code
        assert "no such device" in str(raised.value)
        assert _power_mw(meter, devices[0], clock) is not None
        meter.close()

    def test_devices_may_be_read_from_several_threads(self, meter: Meter, clock: MovesOn) -> None:
        """A slow device is read from a thread of its own while the others go on."""
        devices = meter.open()
        _power_mw(meter, devices[0], clock)
        broken: list[BaseException] = []

        def read_on(device: Device) -> None:
            try:
                for _ in range(20):
                    meter.read(device.id, Wants.POWER)
            except BaseException as error:  # noqa: BLE001 - told on the test's own thread
                broken.append(error)

        threads = [threading.Thread(target=read_on, args=(device,)) for device in devices]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30.0)
        assert broken == []
        meter.close()

    def test_what_comes_later_is_told_once(self, meter: Meter) -> None:
        """A meter that finds devices while it runs has none to tell right after it was opened."""
        known = {device.id for device in meter.open()}
        found = getattr(meter, "found", None)
        if found is not None:
            assert known.isdisjoint(device.id for device in found())
            assert found() == ()
        meter.close()

    def test_closing_never_raises(self, meter: Meter) -> None:
        """Not even twice."""
        meter.open()
        meter.close()
        meter.close()
