"""The C stand-in answers the real binding in a fresh process, counter and power agreeing."""

import json
import os
import subprocess
import sys

import pytest
from benchmarks.standin.build import build_standin, compiler

READ = """
import json, time
from vidgreen_gui.meters.choose import open_meter
from vidgreen_gui.model.power import Wants
from vidgreen_gui.system.clock import SystemClock

meter = open_meter("auto", SystemClock())
devices = meter.open()
both = Wants.POWER | Wants.COUNTER
rows = []
end = time.monotonic() + 0.6
while time.monotonic() < end:
    reading = meter.read(devices[-1].id, both)
    rows.append((time.monotonic(), reading.power_mw, reading.energy_mj))
    time.sleep(0.001)
slow = [str(meter.read(devices[0].id, Wants.SLOW)) for _ in range(4)]
users = [meter.read(devices[0].id, Wants.PROCESSES).processes for _ in range(4)][-1]
facts = [(d.name, d.id, d.pci_bus_id, d.power_limit_mw, d.power_semantics) for d in devices]
print(json.dumps([meter.name, facts, rows, slow, [str(use) for use in users]]))
"""


def joules_until(t_s):
    """Return the integral of GPU 15's wave: 415 W for 0.1 s, 75 W for 0.1 s, and so on."""
    cycles, into_s = divmod(t_s, 0.2)
    return cycles * 49 + min(into_s, 0.1) * 415 + max(0, into_s - 0.1) * 75


@pytest.mark.skipif(
    compiler() is None or not sys.platform.startswith("linux"),
    reason="needs Linux and a C compiler",
)
def test_the_real_binding_reads_a_square_wave_whose_counter_is_its_integral(tmp_path):
    build_standin(tmp_path)
    environment = os.environ | {
        "LD_LIBRARY_PATH": str(tmp_path),
        "VIDGREEN_STANDIN_GPUS": "16",
        "VIDGREEN_STANDIN_WAVE": "200,60000,400000",
        "VIDGREEN_STANDIN_PID": "4242",
    }
    done = subprocess.run(
        [sys.executable, "-c", READ], env=environment, capture_output=True, text=True, check=True
    )
    name, facts, rows, slow, users = json.loads(done.stdout)
    assert name == "nvml"
    assert len({device_id for _, device_id, *_ in facts}) == 16
    assert facts[15][2] == "00000000:0F:00.0"
    assert facts[0][3:] == [450_000, "instant"]
    assert {power for _, power, _ in rows} == {75_000, 415_000}
    counted_j = (rows[-1][2] - rows[0][2]) / 1000
    assert counted_j == pytest.approx(joules_until(rows[-1][0]) - joules_until(rows[0][0]), abs=5)
    assert any("temperature_c=64" in reading for reading in slow)
    assert users == [
        "ProcessUse(pid=4242, utilisation_pct=97, memory_bytes=10737418240)",
    ]
