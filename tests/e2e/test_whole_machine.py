"""From the kernel's files to the session's JSON: a card, a processor package and the model."""

import functools
import json
import sys
import threading
import time

import pytest
from support.kernel_trees import KernelTree
from support.nvml_standin import installed

from vidgreen_gui.__main__ import main
from vidgreen_gui.verbs import assembly

CARD_W, PACKAGE_W, BOARD_W, DIMMS = 300.0, 65.0, 40.0, 2


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A Radeon and an Intel package whose counter rises in real time; the board is stated."""
    monkeypatch.setenv("VIDGREEN_CONFIG_DIR", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    settings = tmp_path / "config/settings.toml"
    settings.write_text(f"discover = false\nboard_w = {BOARD_W}\ndimms = {DIMMS}\n")
    tree = KernelTree(tmp_path)
    tree.amd()
    energy = tree.zone("intel-rapl:0", "package-0") / "energy_uj"
    tree.zone("intel-rapl:0:0", "dram", energy_uj=0)
    monkeypatch.setattr(
        assembly, "open_meter", functools.partial(assembly.open_meter, sysfs=tree.root)
    )
    began, done = time.monotonic(), threading.Event()

    def rise():
        while not done.wait(0.002):
            fresh = energy.with_suffix(".new")
            fresh.write_text(f"{1_000_000 + round(PACKAGE_W * 1e6 * (time.monotonic() - began))}\n")
            # Whole or not at all, as the kernel answers.
            fresh.replace(energy)

    rising = threading.Thread(target=rise)
    rising.start()
    yield tmp_path
    done.set()
    rising.join()


@pytest.mark.full
def test_card_and_host_are_measured_apart_and_add_up_at_the_socket(machine, monkeypatch):
    def call(verb, *arguments):
        whole = ["vidgreen-gui", verb, "--data-dir", str(machine / "data"), *arguments]
        monkeypatch.setattr(sys, "argv", whole)
        assert main() == 0

    with installed(None):
        call("run", "--", sys.executable, "-c", "import time; time.sleep(6)")
    call("export", "last", "--format", "json", "-o", str(machine / "a.json"))
    document = json.loads((machine / "a.json").read_text(encoding="utf-8"))
    assert {one["id"]: (one["kind"], one["grade"]) for one in document["devices"]} == {
        "amdgpu-5a3c1f0e9b7d2468": ("gpu", "measured"),
        "cpu-package-0": ("cpu", "measured"),
        "machine": ("machine", "model"),
    }
    (iteration,) = document["clips"][0]["iterations"]
    hours = iteration["duration_s"] / 3600
    assert iteration["energy_wh"]["best"] == pytest.approx(CARD_W * hours, rel=0.02)
    host_w = PACKAGE_W + BOARD_W + DIMMS * 5.0
    assert iteration["host_energy_wh"]["best"] == pytest.approx(host_w * hours, rel=0.02)
    wall = iteration["wall_energy_wh"]["best"]
    together = iteration["energy_wh"]["best"] + iteration["host_energy_wh"]["best"]
    assert wall == pytest.approx(together / 0.90, rel=0.02)
