"""Which card a source computes on: by name, by index among twins, never a remote one."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from support.engine import CARD, a_source

from vidgreen_gui.engine.hardware import devices_for
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import DeviceKind

BIG = replace(CARD, id="big", name="NVIDIA GeForce RTX 4090", meter="nvml")
TWIN = replace(BIG, id="twin")
RADEON = replace(CARD, id="radeon", name="AMD Radeon RX 7900 XT/7900 XTX/7900M", meter="hwmon")
APU = replace(CARD, id="apu", name="AMD Raphael", meter="hwmon")
PACKAGE = replace(CARD, id="cpu", name="CPU", meter="powercap", kind=DeviceKind.CPU)
PLUG = replace(CARD, id="plug", name="Plug", meter="plug", kind=DeviceKind.WALL)
SLICED = replace(
    BIG, id="sliced", name="NVIDIA H100 80GB HBM3", uuid="GPU-h", parts=("MIG-a", "MIG-b")
)
SMALL = replace(CARD, id="small", name="NVIDIA GeForce RTX 3060", meter="nvml")


def waiting(environment):
    """Return a process that runs, in that environment, until it is told something."""
    command = [sys.executable, "-c", "print(flush=True); input()"]
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process.stdout.readline()
    return process


def on(*names, **more):
    return replace(a_source(), device_names=names, **more)


@pytest.mark.parametrize(
    ("source", "devices", "expected"),
    [
        (on("cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync"), (SMALL, BIG), ("big",)),
        (on("NVIDIA GeForce RTX 3060"), (SMALL, BIG), ("small",)),
        (on("cuda:1 NVIDIA GeForce RTX 4090 : native"), (BIG, TWIN), ("twin",)),
        (on("cuda:0 NVIDIA GeForce RTX 4090", "cuda:1 NVIDIA GeForce RTX 4090"), (BIG, TWIN),
         ("big", "twin")),
        (on("NVIDIA GeForce RTX 4090", device_indexes=(1,)), (BIG, TWIN), ("twin",)),
        (on("NVIDIA GeForce RTX 4090", device_indexes=(0,)), (SMALL, TWIN), ("twin",)),
        (on("NVIDIA Unheard Of", device_indexes=(0,)), (BIG,), ("big",)),
        (on("NVIDIA Unheard Of", device_indexes=(0,)), (BIG, TWIN), ()),
        (on("cpu", device_indexes=(None,)), (BIG,), ()),
        (on("cpu"), (BIG,), ()),
        (on("NVIDIA GeForce RTX 4090", is_local=False), (BIG,), ()),
        (on("NVIDIA GeForce RTX 4090"), (), ()),
        (on("cpu"), (replace(CARD, grade=Grade.SIMULATED, meter="simulated"),), ("gpu0",)),
        (on(source_kind="run"), (BIG, SMALL), ("big", "small")),
        (on(source_kind="run"), (PACKAGE, BIG, PLUG), ("big",)),
        (on("cuda:0 AMD Radeon RX 7900 XTX : native"), (PACKAGE, APU, RADEON), ("radeon",)),
        (on("cuda:0 AMD Radeon Pro W9000 : native"), (PACKAGE, RADEON), ("radeon",)),
        (on("cuda:0 AMD Radeon Pro W9000 : native"), (APU, RADEON), ()),
        (on("NVIDIA GeForce RTX 4090"), (PLUG, PACKAGE, BIG, RADEON), ("big",)),
        (on("cuda:0 NVIDIA H100 80GB HBM3 MIG 1g.10gb"), (BIG, SLICED), ("sliced",)),
        (on(), (PACKAGE, BIG), ("big",)),
        (on(), (BIG, TWIN), ()),
        (on("NVIDIA GeForce RTX 4090"), (PACKAGE, PLUG), ()),
        (on("cpu"), (PACKAGE, replace(CARD, meter="replay")), ("gpu0",)),
    ],
)  # fmt: skip
def test_the_devices_of_a_source(source, devices, expected):
    assert devices_for(source, devices) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [("1", "twin"), ("GPU-b", "twin"), ("0,1", "big"), ("", "big"), ("7", "big"), ("-1", "big")],
)
def test_a_server_started_for_one_of_two_twins_computes_on_that_one(seen, expected):
    first, second = replace(BIG, uuid="GPU-a", index=0), replace(TWIN, uuid="GPU-b", index=1)
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": seen}
    with waiting(environment) as server:
        source = on("NVIDIA GeForce RTX 4090", device_indexes=(0,), pid=server.pid)
        assert devices_for(source, (first, second)) == (expected,)
        server.communicate(b"\n")
    assert devices_for(source, (first, second)) == ("big",)


@pytest.mark.parametrize(
    ("variable", "seen", "expected"),
    [
        ("CUDA_VISIBLE_DEVICES", "GPU-b", ("twin",)),
        ("CUDA_VISIBLE_DEVICES", "MIG-b", ("sliced",)),
        ("HIP_VISIBLE_DEVICES", "1", ("twin",)),
        ("CUDA_VISIBLE_DEVICES", "", ("big", "twin", "sliced")),
        ("CUDA_VISIBLE_DEVICES", "GPU-elsewhere", ("big", "twin", "sliced")),
    ],
)
def test_a_wrapped_command_computes_on_the_cards_that_it_sees(variable, seen, expected):
    cards = replace(BIG, uuid="GPU-a", index=0), replace(TWIN, uuid="GPU-b", index=1), SLICED
    environment = os.environ | {variable: seen}
    with waiting(environment) as running:
        assert devices_for(on(source_kind="run", pid=running.pid), cards) == expected
        running.communicate(b"\n")
