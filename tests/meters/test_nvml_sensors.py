"""The table of sensor facts: every row has a source and a sentence, and finds its board."""

import csv

import pynvml
import pytest

from vidgreen_gui.meters.nvml_sensors import TABLE, SensorTable
from vidgreen_gui.model.power import PowerSemantics, Sensor
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S
from vidgreen_gui.system.resources import load_texts, resource

INSTANT, AVERAGE = PowerSemantics.INSTANT, PowerSemantics.AVERAGE_1S


@pytest.fixture(scope="module")
def table():
    return SensorTable(resource(TABLE))


def rows():
    with resource(TABLE).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("row", rows(), ids=lambda r: f"{r['architecture']} {r['boards']}")
def test_every_row_is_sourced_dated_and_said_in_words(row, table):
    assert row["source"]
    assert 2016 <= int(row["year"]) <= 2026
    assert row["verified"] in {"yes", "no"}
    assert row["counter"] in {"yes", "no", "module"}
    assert hasattr(pynvml, f"NVML_DEVICE_ARCH_{row['architecture'].upper()}")
    board, meaning = row["boards"].split("|")[0], PowerSemantics(row["meaning"])
    sensor = table.sensor(row["architecture"], board, meaning)
    assert 0 < sensor.observed <= 1
    assert sensor.source
    for code in sensor.defects:
        for language in ("en", "fr"):
            assert load_texts(language).say(code) != code


@pytest.mark.parametrize(
    ("architecture", "name", "meaning"),
    [
        ("Pascal", "Tesla P100-PCIE-16GB", INSTANT),
        ("Turing", "NVIDIA GeForce RTX 2080 Ti", INSTANT),
        ("Ampere", "NVIDIA GeForce RTX 3090", AVERAGE),
        ("Ampere", "NVIDIA A10", AVERAGE),
        ("Ampere", "NVIDIA A100-SXM4-80GB", INSTANT),
        ("Ampere", "NVIDIA A800 40GB Active", INSTANT),
        ("Ampere", "NVIDIA A30", INSTANT),
        ("Ampere", "NVIDIA A3000 Laptop GPU", AVERAGE),
        ("Ada", "NVIDIA GeForce RTX 4090", AVERAGE),
        ("Hopper", "NVIDIA H100 80GB HBM3", AVERAGE),
        ("Blackwell", "NVIDIA GeForce RTX 5090", AVERAGE),
        ("Feynman", "NVIDIA of the future", PowerSemantics.UNKNOWN),
        (None, "NVIDIA", PowerSemantics.UNKNOWN),
    ],
)
def test_what_a_plain_reading_means(table, architecture, name, meaning):
    assert table.plain_meaning(architecture, name) is meaning


def test_a_board_of_its_own_comes_before_its_architecture(table):
    assert table.sensor("Ampere", "NVIDIA A100-PCIE-40GB", INSTANT).observed == 0.25
    assert table.sensor("Ampere", "NVIDIA GeForce RTX 3090", INSTANT).observed == 1.0
    assert table.counts_module("Hopper", "NVIDIA GH200 480GB")
    assert not table.counts_module("Hopper", "NVIDIA H100 PCIe")


def test_an_average_is_of_a_second(table):
    sensor = table.sensor("Ada", "NVIDIA GeForce RTX 4090", AVERAGE)
    assert sensor.window_ns == NS_PER_S
    assert table.sensor("Volta", "Tesla V100", INSTANT).update_ns == 20 * NS_PER_MS


def test_what_is_unknown_stays_at_the_defaults(table):
    sensor = table.sensor("Blackwell", "NVIDIA GeForce RTX 5090", INSTANT)
    plain = Sensor()
    assert (sensor.update_ns, sensor.window_ns) == (plain.update_ns, plain.window_ns)
    assert sensor.defects == ("sensors.nvml.defect.update_unpublished",)
    assert table.sensor(None, "NVIDIA", PowerSemantics.UNKNOWN) == Sensor(defects=sensor.defects)
