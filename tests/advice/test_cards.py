"""The shipped table of cards, and the names that drivers give them."""

import csv

import pytest

from vidgreen_gui.advice.cards import find_card, parse_cards
from vidgreen_gui.advice.estimate import rate_of
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.system.resources import resource

NUMBERS = {
    "tdp_w", "min_limit_w", "max_limit_w", "max_limit_w_high", "idle_w", "idle_w_high", "mem_gb",
    "mem_bw_gbs", "bf16_dense_tflops", "fp8_dense_tflops", "fp4_dense_tflops", "year",
}  # fmt: skip


@pytest.fixture(scope="module")
def rows():
    with resource("data/vidgreen/gpus.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def cards(rows):
    return parse_cards(rows)


def test_every_number_is_one_and_every_row_says_where_it_is_from(rows):
    assert len(rows) >= 30
    for row in rows:
        for column in NUMBERS:
            assert not row[column] or float(row[column]) >= 0
        assert row["source"]
        assert row["year"]
        assert row["licence"]
        recalled = "recalled" in row["tdp_status"] + row["limits_status"] + row["tflops_status"]
        assert not recalled or row["grade"] == Grade.MODEL


def test_the_folder_carries_its_licence():
    assert "Benjamin Paine" in resource("data/vidgreen/LICENSE.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NVIDIA GeForce RTX 4090", "GeForce RTX 4090"),
        ("cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync", "GeForce RTX 4090"),
        ("cuda:1 NVIDIA GeForce RTX 4090 D : native", "GeForce RTX 4090 D"),
        ("RTX 4090D", "GeForce RTX 4090 D"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "GeForce RTX 4090 Laptop"),
        ("rtx4090", "GeForce RTX 4090"),
        ("4090", "GeForce RTX 4090"),
        ("NVIDIA GeForce RTX 4080 SUPER", "GeForce RTX 4080 SUPER"),
        ("NVIDIA GeForce RTX 3060", "GeForce RTX 3060 12GB"),
        ("NVIDIA H100 80GB HBM3", "H100 SXM5 80GB"),
        ("NVIDIA H100 PCIe", "H100 PCIe 80GB"),
        ("NVIDIA A100-SXM4-80GB", "A100 SXM4 80GB"),
        ("NVIDIA A100-PCIE-40GB", "A100 PCIe 40GB"),
        ("NVIDIA A100 80GB PCIe", "A100 PCIe 80GB"),
        ("NVIDIA H200", "H200 SXM 141GB"),
        ("Tesla T4", "Tesla T4"),
        ("NVIDIA RTX 6000 Ada Generation", "RTX 6000 Ada"),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "RTX PRO 6000 Blackwell Workstation"),
        ("AMD Instinct MI300X", "Instinct MI300X"),
        ("Quadro RTX 6000", None),
        ("NVIDIA GeForce RTX 4070 Ti", None),
        ("NVIDIA GeForce RTX 3080 Ti", None),
        ("NVIDIA RTX A6000", None),
        ("NVIDIA L40", None),
        ("cpu", None),
        ("", None),
    ],
)
def test_drivers_names_find_their_card(cards, name, expected):
    found = find_card(cards, name)
    assert (found.name if found else None) == expected


def test_memory_decides_between_sizes(cards):
    assert find_card(cards, "NVIDIA A100-SXM4", 40 * 2**30).name == "A100 SXM4 40GB"
    assert find_card(cards, "NVIDIA A100-SXM4", 80 * 2**30).name == "A100 SXM4 80GB"


def test_every_card_finds_itself_and_has_a_sane_rate(cards):
    for card in cards:
        assert find_card(cards, card.name) == card
        rate = rate_of(card)
        assert rate.j_per_tflop * rate.tflop_per_s <= 1.05 * card.tdp_w
        assert 1 < rate.j_per_tflop < 12
