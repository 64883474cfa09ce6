"""What a recorder says at the start of sensors that cannot be read."""

import functools
import threading

import pynvml
import pytest
from support.clock import ManualClock
from support.fake_plug import ShellyGen2
from support.kernel_trees import KernelTree
from support.nvml_standin import Gpu, NvmlStandin, installed

from vidgreen_gui.model.faults import MeterFault
from vidgreen_gui.model.power import DeviceKind
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.system.resources import load_texts
from vidgreen_gui.system.settings import UserSettings
from vidgreen_gui.verbs import assembly
from vidgreen_gui.verbs.assembly import RecorderRequest


@pytest.fixture
def tree(tmp_path, monkeypatch):
    tree = KernelTree(tmp_path)
    sensed = functools.partial(assembly.open_meter, sysfs=tree.root)
    monkeypatch.setattr(assembly, "open_meter", sensed)
    return tree


def opened(tmp_path, settings=None, **named):
    request = RecorderRequest(paths=Paths(tmp_path, tmp_path), holder="test", **named)
    return assembly._meter(request, ManualClock(), settings or UserSettings())


def failing():
    standin = NvmlStandin(Gpu("GPU-a"))
    standin.fail("nvmlInitWithFlags", None, pynvml.NVML_ERROR_DRIVER_NOT_LOADED)
    return installed(standin)


def test_a_driver_that_is_not_used_is_told_calmly(tree, tmp_path):
    tree.amd()
    with failing():
        _, devices, notices = opened(tmp_path)
    assert [device.kind for device in devices] == [DeviceKind.GPU, DeviceKind.MACHINE]
    (notice,) = notices
    assert (notice.code, notice.severity) == ("fault.meter.driver_not_loaded", "info")
    for language in ("en", "fr"):
        assert load_texts(language).fault(notice)


def test_a_card_that_is_lost_beside_another_is_a_warning(tree, tmp_path):
    gpus = Gpu("GPU-a"), Gpu("GPU-b", lost=pynvml.NVML_ERROR_GPU_IS_LOST)
    with installed(NvmlStandin(*gpus)):
        _, _, notices = opened(tmp_path)
    assert [(one.code, one.severity) for one in notices] == [("fault.meter.gpu_lost", "warning")]


def test_where_nothing_can_be_read_that_is_the_fault(tree, tmp_path):
    with failing(), pytest.raises(MeterFault):
        opened(tmp_path)
    with failing():
        _, devices, notices = opened(tmp_path, tolerant=True)
    assert devices == ()
    assert [one.severity for one in notices] == ["warning"]


def test_a_meter_that_cannot_work_is_given_back(tree, tmp_path):
    lost = NvmlStandin(Gpu("GPU-a", lost=pynvml.NVML_ERROR_GPU_IS_LOST))
    with ShellyGen2().running() as plug, installed(lost):
        _, devices, _ = opened(tmp_path, UserSettings(plugs=(plug.address,)), tolerant=True)
        assert devices == ()
        assert "plugs" not in {thread.name for thread in threading.enumerate()}
    assert lost.calls[-1] == ("nvmlShutdown", "")


def test_the_machine_is_as_the_user_describes_it(tree, tmp_path):
    settings = UserSettings(card="GeForce RTX 4090", cpu_tdp_w=170.0, dimms=4, board_w=55.0)
    with installed(None):
        _, (card, machine), (notice,) = opened(tmp_path, settings)
    # The card is named by the user, the machine is not: one sentence speaks of the card.
    assert dict(notice.arguments) == {"card": card.name}
    inputs = {name: value for one in machine.model for name, value in one.arguments}
    assert (inputs["tdp_w"], inputs["dimms"], inputs["board_w"]) == (170.0, 4, 55.0)
