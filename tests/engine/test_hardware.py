"""Which card a source computes on: by name, by index among twins, never a remote one."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from support.engine import CARD, a_source

from vidgreen_gui.engine.hardware import devices_for
from vidgreen_gui.model.footprint import Grade

BIG = replace(CARD, id="big", name="NVIDIA GeForce RTX 4090", meter="nvml")
TWIN = replace(BIG, id="twin")
SMALL = replace(CARD, id="small", name="NVIDIA GeForce RTX 3060", meter="nvml")


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
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as server:
        source = on("NVIDIA GeForce RTX 4090", device_indexes=(0,), pid=server.pid)
        assert devices_for(source, (first, second)) == (expected,)
        server.communicate(b"\n")
    assert devices_for(source, (first, second)) == ("big",)
