"""A plug at the socket through a whole recording: its energy stands in the exported session."""

import json
import logging
import sys
import threading

import pytest
from support.fake_plug import ShellyGen2
from support.nvml_standin import Gpu, NvmlStandin, installed

from vidgreen_gui.__main__ import main
from vidgreen_gui.system.paths import find_paths

HTML = b"<!doctype html><html><title>Please log in</title></html>"
WORK_S = 4.0

pytestmark = pytest.mark.full


@pytest.fixture
def recorded(tmp_path, monkeypatch, capsys):
    """Record a command of four seconds beside the plugs at `addresses`; return the session."""

    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["vidgreen-gui", *map(str, arguments)])
        status = main()
        told = capsys.readouterr().err
        assert "Traceback" not in told
        assert status == 0, told

    def record(*addresses):
        path = find_paths().settings
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"plugs = {json.dumps(addresses)}\n")
        with installed(NvmlStandin(Gpu("GPU-1", power_mw=200_000))):
            call("run", "--", sys.executable, "-c", f"import time; time.sleep({WORK_S})")
        out = tmp_path / "session.json"
        call("export", "last", "-o", out)
        call("export", "--verify", out)
        return json.loads(out.read_text())

    yield record
    logger = logging.getLogger("vidgreen_gui")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


def the_iteration(session):
    ((one,),) = [clip["iterations"] for clip in session["clips"]]
    return one


def test_the_energy_at_the_socket_is_the_plug_s(recorded):
    with ShellyGen2(power_w=400.0).running() as plug:
        session = recorded(plug.address)
    (device,) = [one for one in session["devices"] if one["meter"] == "plug"]
    assert (device["id"], device["name"]) == ("plug-aabbccddeeff", "plug-aabbccddeeff")
    one = the_iteration(session)
    assert one["energy_wh"] is not None
    wall = one["wall_energy_wh"]
    assert wall["low"] < 400.0 * one["duration_s"] / 3600 < wall["high"]
    # The plug is not in the sum of the GPUs.
    assert one["energy_wh"]["best"] < 0.6 * wall["best"]


def test_a_plug_that_turns_into_a_web_page_leaves_the_others_working(recorded):
    plug = ShellyGen2(power_w=400.0)
    with plug.running():
        turn = threading.Timer(2.0, setattr, (plug, "says", lambda _route: HTML))
        turn.start()
        session = recorded(plug.address)
        turn.cancel()
    one = the_iteration(session)
    assert one["energy_wh"]["best"] == pytest.approx(200.0 * one["duration_s"] / 3600, rel=0.1)
    wall = one["wall_energy_wh"]
    assert wall is None or wall["best"] < 400.0 * one["duration_s"] / 3600


def test_a_plug_that_never_answers_does_not_keep_from_recording(recorded):
    session = recorded("127.0.0.1:9")
    assert [one["meter"] for one in session["devices"] if one["meter"] == "plug"] == []
    assert the_iteration(session)["energy_wh"] is not None
