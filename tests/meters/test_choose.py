"""`--meter`: simulation only without a library, never instead of a fault."""

import sys
from pathlib import Path

import pynvml
import pytest
from support.clock import ManualClock
from support.nvml_standin import Gpu, NvmlStandin, installed

from vidgreen_gui.meters.choose import DEFAULT_CARD, Card, open_meter
from vidgreen_gui.meters.nvml import NvmlMeter
from vidgreen_gui.meters.replay import ReplayMeter
from vidgreen_gui.meters.simulated import SimulatedMeter
from vidgreen_gui.model.faults import InputFault, MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.system.resources import load_texts

CARDS = {
    name: Card(name, tdp_w=200.0, idle_w=12.0)
    for name in ("GeForce RTX 4060 Ti 16GB", "GeForce RTX 4070", "GeForce RTX 4070 SUPER")
}
# Whatever this machine has, these tests are of one without AMD and Intel cards.
NO_CARDS = Path("no such folder")


def test_auto_measures_where_nvml_works():
    with installed(NvmlStandin(Gpu("GPU-a"))):
        meter = open_meter("auto", ManualClock(), sysfs=NO_CARDS)
        assert isinstance(meter, NvmlMeter)
        assert [device.id for device in meter.open()] == ["GPU-a"]


def test_auto_simulates_only_without_a_library_and_says_why():
    with installed(None):
        meter = open_meter("auto", ManualClock(), sysfs=NO_CARDS)
    assert isinstance(meter, SimulatedMeter)
    for language in ("en", "fr"):
        assert load_texts(language).say(meter.why)


def test_auto_models_the_card_that_renders_where_there_is_no_library():
    with installed(None):
        meter = open_meter(
            "auto", ManualClock(), cards=CARDS, rendering="GeForce RTX 4070", sysfs=NO_CARDS
        )
    (device,) = meter.open()
    assert (device.name, device.grade) == ("GeForce RTX 4070", Grade.MODEL)
    for language in ("en", "fr"):
        assert "4070" in load_texts(language).say(meter.why, card=device.name)


@pytest.mark.parametrize("rendering", ["GeForce RTX 4070", "a card that nobody knows"])
def test_a_card_named_for_rendering_replaces_no_sensor(rendering):
    with installed(NvmlStandin(Gpu("GPU-a"))):
        meter = open_meter("auto", ManualClock(), cards=CARDS, rendering=rendering, sysfs=NO_CARDS)
    assert isinstance(meter, NvmlMeter)


@pytest.mark.parametrize("error", ["DRIVER_NOT_LOADED", "LIB_RM_VERSION_MISMATCH", "UNKNOWN"])
@pytest.mark.parametrize("spec", ["auto", "nvml"])
def test_a_library_that_loads_and_fails_is_a_fault(spec, error):
    standin = NvmlStandin(Gpu("GPU-a"))
    standin.fail("nvmlInitWithFlags", None, getattr(pynvml, f"NVML_ERROR_{error}"))
    with installed(standin), pytest.raises(MeterFault) as raised:
        open_meter(spec, ManualClock(), sysfs=NO_CARDS)
    assert raised.value.kind is not MeterFaultKind.LIBRARY_MISSING


def test_nvml_that_was_asked_for_is_never_simulated():
    with installed(None), pytest.raises(MeterFault) as raised:
        open_meter("nvml", ManualClock())
    assert raised.value.kind is MeterFaultKind.LIBRARY_MISSING


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("simulated", DEFAULT_CARD.name),
        ("simulated:GeForce RTX 4070", "GeForce RTX 4070"),
        ("simulated:rtx4070super", "GeForce RTX 4070 SUPER"),
        ("simulated:4060 ti", "GeForce RTX 4060 Ti 16GB"),
        ("simulated:4090", "GeForce RTX 4090"),
    ],
)
def test_a_card_is_found_by_its_name_or_the_only_part_of_one(spec, name):
    meter = open_meter(spec, ManualClock(), cards=CARDS)
    assert [device.name for device in meter.open()] == [name]
    assert load_texts("en").say(meter.why)


@pytest.mark.parametrize("spec", ["simulated:Voodoo 2", "simulated:40", "simulated:RTX"])
def test_a_card_nobody_knows_is_the_callers_mistake(spec):
    with pytest.raises(InputFault) as raised:
        open_meter(spec, ManualClock(), cards=CARDS)
    for language in ("en", "fr"):
        assert spec.split(":")[1] in load_texts(language).fault(raised.value)


@pytest.mark.skipif(sys.platform == "win32", reason="no colon in names; each path has one anyway")
def test_replay_takes_a_path_with_colons(tmp_path):
    path = tmp_path / "a:b.trace"
    path.write_text("# vidgreen-trace/1\nt_s,device,power_w,energy_j,event\n0,gpu,5,,\n")
    assert isinstance(open_meter(f"replay:{path}", ManualClock()), ReplayMeter)


@pytest.mark.parametrize("spec", ["", "gpu", "replay:", "replay", "auto:x", "nvml:0", "Simulated"])
def test_no_meter_of_that_name_is_the_callers_mistake(spec):
    with pytest.raises(InputFault) as raised:
        open_meter(spec, ManualClock())
    for language in ("en", "fr"):
        assert load_texts(language).fault(raised.value)
