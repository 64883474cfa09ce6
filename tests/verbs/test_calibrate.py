"""Calibration by the command line: a plug on loopback, a stand-in GPU, real time, real store."""

import json
import logging
import os
import signal
import threading
import time
from contextlib import closing

import pynvml
import pytest
from support.fake_plug import ShellyGen2, Tasmota
from support.nvml_standin import Gpu, NvmlStandin, installed

from vidgreen_gui.__main__ import main
from vidgreen_gui.accounting import calibration
from vidgreen_gui.model.commands import KeepLearnt
from vidgreen_gui.model.learnt import WallCalibration
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.system.clock import SystemClock
from vidgreen_gui.system.lock import acquire
from vidgreen_gui.system.paths import find_paths
from vidgreen_gui.system.spool import FOLDER_NAME, SpooledCommand, decode
from vidgreen_gui.verbs import calibrate as verb


@pytest.fixture(autouse=True)
def signals_stay():
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)
    logger = logging.getLogger("vidgreen_gui")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


@pytest.fixture
def said(monkeypatch, capsys):
    """Run the command line in this process; return status, what stderr and what stdout heard."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["vidgreen-gui", "calibrate", *map(str, arguments)])
        status = main()
        streams = capsys.readouterr()
        assert "Traceback" not in streams.err
        return status, streams.err.strip(), streams.out

    return run


@pytest.fixture
def gpu():
    with installed(NvmlStandin(Gpu("GPU-1", power_mw=200_000))):
        yield


@pytest.fixture
def quick(monkeypatch):
    """Seconds stand for tens of them."""
    monkeypatch.setattr(calibration, "SHORTEST_BLOCK_NS", 1_000_000_000)


def kept():
    with closing(Reader(find_paths().data)) as reader:
        return reader.learnt(WallCalibration)


def settings(text):
    path = find_paths().settings
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.full
def test_a_factor_is_found_told_and_kept(said, gpu, quick):
    with ShellyGen2(power_w=400.0).running() as plug:
        settings(f'plugs = ["{plug.address}"]\n')
        status, told, out = said("--for", "6")
    assert status == 0
    assert told.splitlines()[0].startswith("Comparing Desk with")
    found, hint = out.splitlines()
    assert found.startswith("Desk takes ")
    assert "load hardly changed" in hint
    (found,) = kept()
    assert (found.plug_id, found.plug_name) == ("plug-aabbccddeeff", "Desk")
    assert 0.5 < found.factor.low < found.factor.best < found.factor.high < 2.0
    assert 3 <= found.seconds <= 6


@pytest.mark.full
def test_ctrl_c_ends_early_and_json_says_what_was_had(said, gpu, quick):
    timer = threading.Timer(6.0, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    began_s = time.monotonic()
    with Tasmota(power_w=400.0).running() as plug:
        status, _, out = said("--plug", plug.address, "--for", "60", "--json")
    timer.cancel()
    assert (status, time.monotonic() - began_s < 30) == (0, True)
    found = json.loads(out)
    assert found["plug_w"] == pytest.approx(400.0)
    assert found["factor"]["best"] == pytest.approx(found["plug_w"] / found["model_w"])
    assert found["handed_over"] is False
    assert kept()[0].factor.best == found["factor"]["best"]


@pytest.mark.full
def test_while_somebody_records_the_factor_is_handed_over(said, gpu, quick):
    data = find_paths().data
    with acquire(data, "record"), ShellyGen2(power_w=400.0).running() as plug:
        status, _, out = said("--plug", plug.address, "--for", "6")
    assert status == 0
    assert "The recorder that runs keeps it" in out
    (path,) = (data / FOLDER_NAME).iterdir()
    (line,) = path.read_bytes().splitlines()
    spooled = decode(line)
    assert isinstance(spooled, SpooledCommand)
    assert isinstance(spooled.command, KeepLearnt)
    assert spooled.command.learnt.plug_id == "plug-aabbccddeeff"


def test_too_short_a_time_is_refused_and_nothing_kept(said, gpu):
    with ShellyGen2().running() as plug:
        status, told, _ = said("--plug", plug.address, "--for", "0.5")
    assert status == 2
    assert "five minutes are good" in told.splitlines()[-1]
    assert not find_paths().data.exists()


def test_a_card_named_for_the_time_without_a_sensor_is_no_trouble(said, gpu):
    settings('card = "RTX 3060"\n')
    with ShellyGen2().running() as plug:
        _, told, _ = said("--plug", plug.address, "--for", "0.5")
    assert "five minutes are good" in told.splitlines()[-1]


def test_a_machine_that_slept_is_not_compared(said, gpu, monkeypatch):
    class Sleeper(SystemClock):
        began_ns = SystemClock.steady_ns()

        @classmethod
        def boottime_ns(cls):
            late = cls.steady_ns() - cls.began_ns > 1_000_000_000
            return SystemClock.boottime_ns() + (100_000_000_000 if late else 0)

    monkeypatch.setattr(verb, "SystemClock", Sleeper)
    with ShellyGen2().running() as plug:
        status, told, _ = said("--plug", plug.address, "--for", "1.7")
    assert status == 2
    assert "The computer slept" in told.splitlines()[-1]


def test_a_plug_that_stops_answering_is_named(said, gpu):
    plug = ShellyGen2()
    with plug.running():
        timer = threading.Timer(0.3, plug.answers.update, ({"/rpc/Switch.GetStatus?id=0": 500},))
        timer.start()
        status, told, _ = said("--plug", plug.address, "--for", "1.7")
        timer.cancel()
    assert status == 2
    assert "no Shelly and no Tasmota" in told.splitlines()[-1]


@pytest.mark.parametrize(
    ("toml", "arguments", "says"),
    [
        ("", (), "no plug meter to calibrate with"),
        ('plugs = ["a", "b"]', (), "Several plug meters"),
        ("", ("--plug", "https://x"), "is not the address of a plug meter"),
        ("", ("--plug", "169.254.169.254"), "link-local"),
        ("", ("--plug", "127.0.0.1:9"), "No plug meter answers at 127.0.0.1:9"),
    ],
)
def test_without_a_plug_there_is_one_sentence(said, gpu, toml, arguments, says):
    settings(toml)
    status, told, _ = said(*arguments)
    assert status == 2
    (line,) = told.splitlines()
    assert says in line


def test_while_a_card_is_lost_nothing_is_compared(said):
    gpus = Gpu("GPU-1"), Gpu("GPU-2", lost=pynvml.NVML_ERROR_GPU_IS_LOST)
    with installed(NvmlStandin(*gpus)), ShellyGen2().running() as plug:
        status, told, _ = said("--plug", plug.address, "--for", "0.5")
    assert (status, "no longer answers" in told) == (2, True)
    assert not find_paths().data.exists()


def test_an_invented_card_is_not_compared(said):
    with installed(None), ShellyGen2().running() as plug:
        status, told, _ = said("--plug", plug.address)
    assert status == 2
    assert "is not measured here" in told
