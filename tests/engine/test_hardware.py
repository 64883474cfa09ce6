"""Which card a source computes on: by name, by index among twins, never a remote one."""

from dataclasses import replace

import pytest
from support.engine import CARD, a_source

from vidgreen_gui.engine.hardware import OwnDraw, devices_for
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
        (on("cpu"), (BIG,), ()),
        (on("NVIDIA GeForce RTX 4090", is_local=False), (BIG,), ()),
        (on("NVIDIA GeForce RTX 4090"), (), ()),
        (on("cpu"), (replace(CARD, grade=Grade.SIMULATED, meter="simulated"),), ("gpu0",)),
        (on(source_kind="run"), (BIG, SMALL), ("big", "small")),
    ],
)  # fmt: skip
def test_the_devices_of_a_source(source, devices, expected):
    assert devices_for(source, devices) == expected


def test_our_own_draw_is_a_model_of_processor_time():
    own = OwnDraw()
    assert own.update(0) is None
    sum(i * i for i in range(300_000))
    watts = own.update(1_000_000_000)
    assert watts > 0.0
    assert own.energy_j == pytest.approx(watts)
