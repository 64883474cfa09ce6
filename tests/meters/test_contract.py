"""The contract of meters, over each of ours."""

import pytest
from support.clock import ManualClock
from support.nvml_standin import Gpu, NvmlStandin, installed

from vidgreen_gui.contract.meter import MeterContract
from vidgreen_gui.meters.nvml import NvmlMeter
from vidgreen_gui.meters.replay import ReplayMeter
from vidgreen_gui.meters.simulated import SimulatedMeter


@pytest.fixture
def clock():
    return ManualClock()


class TestSimulated(MeterContract):
    @pytest.fixture
    def meter(self, clock):
        return SimulatedMeter("RTX 4090", tdp_w=450, idle_w=20, limit_w=400, seed=3, clock=clock)


class TestNvml(MeterContract):
    @pytest.fixture
    def meter(self, clock):
        bare = Gpu("GPU-b", name="Tesla P100", energy_mj=None, memory_total=None, limit_mw=None)
        with installed(NvmlStandin(Gpu("GPU-a"), bare)):
            yield NvmlMeter()


class TestNvmlOfOldDrivers(MeterContract):
    """Without field values, with users that cannot be told."""

    @pytest.fixture
    def meter(self, clock):
        standin = NvmlStandin(Gpu("GPU-a", samples=None), Gpu("GPU-b", instances=[]))
        standin.without.add("nvmlDeviceGetFieldValues")
        with installed(standin):
            yield NvmlMeter()


class TestReplay(MeterContract):
    @pytest.fixture
    def meter(self, clock, tmp_path):
        lines = ["# vidgreen-trace/1", "t_s,device,power_w,energy_j,event"]
        for tick in range(200):
            lines.append(f"{tick / 10},left,{100 + tick % 7},{tick * 10.5},")
            lines.append(f"{tick / 10},right,{50 + tick % 3},,")
        path = tmp_path / "two.trace"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return ReplayMeter(path, clock)
