"""A meter of somebody else's is put through the contract from a folder that knows none of ours."""

import subprocess
import sys

METER = """
import pytest
from vidgreen_gui.contract.clock import ManualClock
from vidgreen_gui.contract.meter import MeterContract
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import Device, Reading, Wants


class Toaster:
    name = "toaster"

    def __init__(self, clock):
        self.clock = clock

    def open(self):
        return (Device(id="t", name="Toaster", uuid="t", meter="toaster",
                       grade=Grade.MEASURED, has_counter=True),)

    def read(self, device_id, wants):
        if device_id != "t":
            raise MeterFault(MeterFaultKind.GPU_LOST, device_id)
        energy_mj = SIGN * self.clock.steady_ns() // 1_000_000 * 800
        return Reading(power_mw=800_000 if Wants.POWER in wants else None,
                       energy_mj=energy_mj if Wants.COUNTER in wants else None)

    def close(self):
        pass


class TestToaster(MeterContract):
    @pytest.fixture
    def clock(self):
        return ManualClock()

    @pytest.fixture
    def meter(self, clock):
        return Toaster(clock)
"""


def _verdict(folder, sign):
    (folder / "test_toaster.py").write_text(METER.replace("SIGN", sign), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    call = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_toaster.py"]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)


def test_a_good_meter_passes(tmp_path):
    done = _verdict(tmp_path, "1")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_counter_that_runs_backwards_does_not(tmp_path):
    done = _verdict(tmp_path, "-1")
    assert done.returncode == 1
    assert "test_the_counter_never_goes_backwards_by_itself" in done.stdout
