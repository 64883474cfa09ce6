"""What is said of a device: every state in both languages, and nothing that is not known."""

from dataclasses import replace

import pytest
from support.sensors import ADA, PASCAL, PLUG, REST, SENSOR_STATES, USERS

from vidgreen_gui.model.facts import DeviceNow
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import Device
from vidgreen_gui.system.resources import load_texts
from vidgreen_gui.verbs.sensors import sensor_lines, sensor_report

EN, FR = load_texts("en"), load_texts("fr")


def report(name, place=0, *, names=True):
    now = SENSOR_STATES[name]().devices[place]
    return sensor_report(EN, now, names=names)


def said(found, code):
    return next((fact.said for fact in found.facts if fact.code == code), None)


@pytest.mark.parametrize("texts", [EN, FR], ids=["en", "fr"])
@pytest.mark.parametrize("state", SENSOR_STATES)
def test_every_state_can_be_told(state, texts):
    for now in SENSOR_STATES[state]().devices:
        lines = sensor_lines(texts, sensor_report(texts, now, names=True))
        assert len(lines) >= 3
        assert not [line for line in lines if "sensors." in line or "{" in line or "None" in line]


def test_a_card_with_everything():
    found = report("nvml_full")
    assert found.power_w == 402.0
    assert (found.counted, found.standing) == (True, "counted")
    assert said(found, "used_by").startswith("python3 (82\u00a0%, 14.0\u00a0GB), game.exe (18")
    assert said(found, "idle").startswith("24\u00a0W with a model loaded, 15\u00a0W with none")
    assert "nvmlDeviceGetTotalEnergyConsumption" in said(found, "reads")
    # A semicolon has a space before it in French.
    assert ";" not in said(found, "reads")
    assert said(found, "certainty").startswith("± 5\u00a0%")


def test_twins_are_told_apart_by_their_slots():
    slots = ("00000000:01:00.0", "00000000:41:00.0")
    twins = [DeviceNow(device=replace(ADA, pci_bus_id=slot), power_mw=1, counted=True)
             for slot in slots]  # fmt: skip
    for slot, twin in zip(slots, twins, strict=True):
        assert slot in said(sensor_report(EN, twin, names=True), "chip")


def test_programs_are_named_to_the_user_alone():
    assert said(report("nvml_full", names=False), "used_by") == "2 programs"


def test_a_mean_over_a_second_and_lost_time_are_said():
    found = report("nvml_full", 1)
    assert "the mean over 1\u00a0s" in said(found, "sensor")
    assert said(found, "since").endswith("3.4\u00a0s without a reading")
    assert said(found, "used_by") == "nobody"
    assert (found.counted, found.standing) == (False, "not counted")


def test_without_a_counter_none_is_spoken_of():
    found = report("no_counter")
    assert "counter" not in said(found, "sensor") + said(found, "reads")
    assert "shared use cannot be separated here" in said(found, "used_by")


def test_the_rest_of_the_machine_is_counted_apart():
    card, *others = (sensor_report(EN, now, names=True) for now in SENSOR_STATES["amd"]().devices)
    assert card.counted
    assert {found.standing for found in others} == {"counted apart"}
    assert not any(found.counted for found in others)
    assert said(others[0], "pace") == "a reading every 1\u00a0s"
    assert others[1].title == "Rest of the computer"
    assert "plugged in" in others[2].counted_why


def test_a_counter_that_may_not_be_read_says_how_to_allow_it():
    found = report("no_counter", 1)
    assert "/etc/udev/rules.d/60-rapl.rules" in found.advice[0]
    assert said(found, "model").startswith("Processor: taken for one of 105\u00a0W by its 16 cores")
    assert said(found, "reads") is None


def test_invented_watts_count_nowhere_and_say_what_to_do():
    found = report("simulated")
    assert (found.counted, found.standing) == (False, "not counted")
    assert found.grade is Grade.SIMULATED
    assert said(found, "certainty") is None
    assert "Graphics card" in found.advice[0]


def test_a_lost_card_has_no_watts_and_says_why():
    found = report("lost")
    assert (found.power_w, found.grade) == (None, Grade.MISSING)
    assert found.trouble.startswith("NVIDIA GeForce RTX 4090 no longer answers")
    assert sensor_lines(EN, found)[0].startswith("\u2013 NVIDIA GeForce RTX 4090 · not measured")


def test_what_nobody_knows_is_not_said():
    bare = Device(
        id="x", name="x", uuid="x", meter="other", grade=Grade.MODEL, has_counter=False
    )  # fmt: skip
    found = sensor_report(EN, DeviceNow(device=bare, power_mw=None, counted=False), names=True)
    assert {fact.code for fact in found.facts} == {"certainty"}
    assert said(found, "certainty") == "± 20\u00a0% on all its watts, in 80\u00a0% of cases"


@pytest.mark.parametrize("device", [ADA, PASCAL, REST, PLUG], ids=lambda device: device.meter)
def test_a_hostile_name_stays_on_its_line(device):
    users = (replace(USERS[1], name="a\nb\u202ec"),)
    named = replace(device, name="card\n\u202etxt")
    now = DeviceNow(device=named, power_mw=1, counted=False, users=users)
    lines = sensor_lines(EN, sensor_report(EN, now, names=True))
    assert not [line for line in lines if "\n" in line or "\u202e" in line]
