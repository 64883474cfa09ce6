"""Whatever is wrong outside gets its sentence, and what was recorded stays; real processes."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time

import pynvml
import pytest
from support.comfyui import transcript
from support.fake_comfyui import FakeComfyUI
from support.media_files import write_video
from support.nvml_standin import Gpu, NvmlStandin, installed
from support.program import Program

from vidgreen_gui.__main__ import main
from vidgreen_gui.model.commands import Say, ShowWindow
from vidgreen_gui.model.user_events import IterationMarked
from vidgreen_gui.system.paths import Paths
from vidgreen_gui.verbs.assembly import RecorderRequest, assemble
from vidgreen_gui.verbs.desktop import open_recording
from vidgreen_gui.verbs.watching import spool_only

HTML = b"<!doctype html><html><title>Please log in</title></html>"
SIMULATED = ("--meter", "simulated")


@pytest.fixture
def program(tmp_path):
    program = Program(tmp_path)
    yield program
    program.stop_all()


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """Run the command line in this process; return its status and what it said on stderr."""
    monkeypatch.setenv("VIDGREEN_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("VIDGREEN_DATA_DIR", str(tmp_path / "data"))

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["vidgreen-gui", *map(str, arguments)])
        try:
            status = main()
        except SystemExit as ended:
            status = ended.code
        streams = capsys.readouterr()
        assert "Traceback" not in streams.err
        return status, streams.err.strip(), streams.out

    return run


# ---- servers


def test_what_is_wrong_with_a_server_is_said_and_the_others_are_recorded(program, tmp_path):
    """One recorder before a good server, four that are not as they should be, and none."""

    async def scenario():
        servers = [await FakeComfyUI().start() for _ in range(6)]
        good, other, page, mute, broken, gone = servers
        other.bodies["/system_stats"] = {"hello": "world"}
        page.bodies["/system_stats"] = HTML
        mute.bodies["/internal/logs/subscribe"] = 404
        await gone.die()
        addresses = [part for one in servers for part in ("--comfyui", one.address)]
        process = await asyncio.create_subprocess_exec(
            *program.command("record", *SIMULATED, *addresses, "--for", "5"),
            env=program.environment, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(60):
            await broken.connected.wait()
            for frame in HOSTILE_FRAMES:
                await broken.say(frame)
            await good.connected.wait()
            await good.replay(transcript("model_free_video"), speed=2.0)
            _, told = await process.communicate()
        for one in servers[:-1]:
            await one.die()
        return process.returncode, told.decode(), [one.address for one in servers]

    status, told, addresses = asyncio.run(scenario())
    _, other, page, _, broken, gone = addresses
    assert status == 0
    assert "Traceback" not in told
    lines = told.splitlines()
    for sentence in (
        f"A server answers at {other}, but it is not ComfyUI.",
        f"{page} answers with a web page instead",
        "This ComfyUI does not share its log",
        f"{broken} sent something that cannot be read.",
        f"Nothing answers at {gone}.",
        "Iteration 1: completed",
    ):
        assert sum(sentence in line for line in lines) == 1, told
    path = tmp_path / "out.json"
    assert program.run("export", "-o", path).returncode == 0
    assert program.run("export", "--verify", path).returncode == 0
    assert json.loads(path.read_text())["totals"]["iterations"] == 1


HOSTILE_FRAMES = (
    b'{"type":"status","data":' + b"[" * 50_000,
    b'{"type":"status","data":{"status":{"exec_info":{"queue_remaining":NaN}}}}',
    b'{"type":"progress","data":{"value":1e999,"max":-1,"prompt_id":"x","node":"\\ud800"}}',
    b'{"type":"progress","data":{"value":1,"max":2,"prompt_id":"' + b"\xe2\x80\xae" * 20_000
    + b'","node":"1"}}',
    b'{"type":"executing","data":{"node":null,"prompt_id":7}}',
    b"[]", b"null",
)  # fmt: skip


# ---- files


@pytest.mark.parametrize("verb", ["inspect", "estimate", "advise"])
def test_a_truncated_video_is_said_to_be_damaged(said, tmp_path, verb):
    whole = write_video(tmp_path / "clip.mp4", {"prompt": "{}"}).read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: len(whole) // 10])
    status, told, _ = said(verb, path)
    assert status == 2
    (line,) = told.splitlines()
    assert "cut.mp4" in line


def browser_workflow():
    """Return a workflow as the browser saves it: a node whose values all are there."""
    return {
        "version": 0.4,
        "nodes": [
            {"id": 1, "type": "UNETLoader", "mode": 0, "inputs": [],
             "outputs": [{"name": "MODEL", "type": "MODEL", "links": [1]}],
             "widgets_values": ["wan2.1_t2v_1.3B_fp16.safetensors", "default"]},
            {"id": 2, "type": "EmptyHunyuanLatentVideo", "mode": 0, "inputs": [],
             "outputs": [{"name": "LATENT", "type": "LATENT", "links": [2]}],
             "widgets_values": [832, 480, 81, 1]},
            {"id": 3, "type": "KSampler", "mode": 0,
             "inputs": [{"name": "model", "type": "MODEL", "link": 1},
                        {"name": "latent_image", "type": "LATENT", "link": 2}],
             "outputs": [{"name": "LATENT", "type": "LATENT", "links": [3]}],
             "widgets_values": [42, "randomize", 20, 6, "euler", "simple", 1]},
            {"id": 4, "type": "SaveVideo", "mode": 0,
             "inputs": [{"name": "video", "type": "VIDEO", "link": 3}], "outputs": [],
             "widgets_values": ["video/fox", "auto", "auto"]},
        ],
        "links": [[1, 1, 0, 3, 0, "MODEL"], [2, 2, 0, 3, 1, "LATENT"], [3, 3, 0, 4, 0, "*"]],
    }  # fmt: skip


def test_a_workflow_in_the_browsers_form_is_read_where_all_values_are_there(said, tmp_path):
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(browser_workflow()))
    status, _, out = said("inspect", path, "--json")
    assert status == 0
    settings = json.loads(out)["settings"]
    assert (settings["steps"], settings["width"], settings["frames"]) == (20, 832, 81)
    for verb in ("estimate", "advise"):
        status, told, out = said(verb, path, "--gpu", "RTX 4090", "--json")
        assert (status, told) == (0, ""), verb
        assert json.loads(out)


def test_a_workflow_in_the_browsers_form_whose_values_have_no_names_is_said_to_be_so(
    said, tmp_path
):
    document = browser_workflow()
    document["nodes"][2]["type"] = "SamplerOfSomebody"
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(document))
    status, told, out = said("inspect", path)
    assert (status, told) == (0, "")
    assert "Export (API)" in out
    status, told, _ = said("estimate", path)
    assert (status, len(told.splitlines())) == (2, 1)
    status, _, out = said("advise", path)
    assert status == 0
    assert "Export (API)" in out


@pytest.mark.parametrize("verb", ["inspect", "estimate", "advise", "import"])
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"[" * 200_000, b'{"1": NaN}', b'"text"', b"{}"],
    ids=["empty", "binary", "deep", "nan", "string", "nothing"],
)  # fmt: skip
def test_a_hostile_file_gets_one_sentence(said, tmp_path, verb, content):
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    status, told, _ = said(verb, path)
    assert status == 2
    assert len(told.splitlines()) == 1


# ---- devices


def test_without_the_library_nvml_is_refused_and_auto_simulates(said):
    with installed(None):
        status, told, _ = said("record", "--meter", "nvml", "--for", "1")
        assert status == 2
        assert len(told.splitlines()) == 1
        status, told, out = said("doctor", "--json")
        assert status == 0
        assert {one["grade"] for one in json.loads(out)["devices"]} == {"simulated"}


HALF_INSTALLED = [
    pynvml.NVML_ERROR_DRIVER_NOT_LOADED,
    pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH,
    pynvml.NVML_ERROR_NO_PERMISSION,
    pynvml.NVML_ERROR_UNKNOWN,
    12345,
]


@pytest.mark.parametrize("code", HALF_INSTALLED)
def test_a_driver_that_loads_and_fails_is_a_fault_never_a_simulation(said, tmp_path, code):
    standin = NvmlStandin(Gpu("GPU-1"))
    standin.fail("nvmlInitWithFlags", None, code)
    with installed(standin):
        for call in (("record", "--for", "1"), ("run", "--", "true")):
            status, told, _ = said(*call)
            assert status == {"record": 2, "run": 125}[call[0]]
            assert len(told.splitlines()) == 1
        # The window goes on without watts and says why.
        paths = Paths(tmp_path / "data", tmp_path / "config")
        assembled = assemble(
            RecorderRequest(paths=paths, holder="window", tolerant=True), spool_only
        )
        try:
            assert [notice.code[:12] for notice in assembled.recorder._with.notices] == [
                "fault.meter."
            ]
        finally:
            assembled.close()


def test_the_doctor_names_a_driver_that_fails(said):
    standin = NvmlStandin(Gpu("GPU-1"))
    standin.fail("nvmlInitWithFlags", None, pynvml.NVML_ERROR_DRIVER_NOT_LOADED)
    with installed(standin):
        status, told, out = said("doctor", "--json")
    found = json.loads(out)
    assert (status, told, found["devices"]) == (0, "", [])
    assert any("driver" in problem["what"] for problem in found["problems"])


def test_a_driver_without_a_card_is_said(said):
    with installed(NvmlStandin()):
        status, told, _ = said("record", "--for", "1")
    assert status == 2
    assert len(told.splitlines()) == 1


# ---- addresses and folders


@pytest.mark.parametrize(
    "address", ["", "http://", "::::", "http://x:99999", "http://[::1", "a b", "169.254.169.254"]
)
def test_a_wrong_address_is_refused_before_anything_is_recorded(said, address):
    status, told, _ = said("record", *SIMULATED, "--comfyui", address, "--for", "1")
    assert status == 2
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("below", ["", "data"])
def test_a_data_folder_that_is_a_file_is_said_to_be_none(said, tmp_path, below):
    (tmp_path / "file").write_text("not a folder")
    folder = tmp_path / "file" / below
    for call, wanted in (
        (("record", *SIMULATED, "--for", "1"), 2), (("run", *SIMULATED, "--", "true"), 125),
    ):  # fmt: skip
        status, told, _ = said(call[0], "--data-dir", folder, *call[1:])
        assert (status, len(told.splitlines())) == (wanted, 1)
        assert "cannot be used as the data folder" in told
    assert said("export", "--data-dir", folder, "-o", tmp_path / "out.json")[0] == 2
    assert said("sessions", "--data-dir", folder)[0] == 0


# ---- folders and disks


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, small; only root may make one, and not in every container."""
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("needs root on Linux")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def remount(disk, options):
    subprocess.run(["mount", "-o", f"remount,{options}", str(disk)], check=True)


def test_a_read_only_folder_is_shown_and_not_recorded_into(program, small_disk, tmp_path):
    program.environment["VIDGREEN_DATA_DIR"] = str(small_disk / "data")
    assert program.run("run", *SIMULATED, "--", "sleep", "0.3").returncode == 0
    remount(small_disk, "ro")
    for call, status in ((("record", "--for", "1"), 2), (("run", "--", "true"), 125)):
        done = program.run(*call)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (status, 1), done.stderr
        assert "may not write to its data folder" in done.stderr
    (row,) = program.json("sessions", "--json")
    assert row["iterations"] == 1
    path = tmp_path / "out.json"
    assert program.run("export", "-o", path).returncode == 0
    assert program.run("export", "--verify", path).returncode == 0
    done = program.run("export", "-o", small_disk / "out.json")
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1), done.stderr


def test_a_window_that_cannot_write_shows_what_is_there_and_says_why(small_disk, monkeypatch):
    for hooks in (sys, threading):
        monkeypatch.setattr(hooks, "excepthook", hooks.excepthook)
    paths = Paths(small_disk / "data", small_disk / "config")
    assemble(RecorderRequest(paths=paths, holder="record", meter="simulated"), spool_only).close()
    remount(small_disk, "ro")
    opened = open_recording(paths)
    try:
        opened.recording.send(ShowWindow(visible=True))
        opened.recording.send(Say(IterationMarked(t_ns=0, iteration_id="any", kept=True)))
        deadline = time.monotonic() + 20
        while opened.recording.latest() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        snapshot = opened.recording.latest()
        assert (snapshot.role, [one.code for one in snapshot.notices]) == (
            "viewer", ["fault.store.read_only"],
        )  # fmt: skip
        (answer,) = opened.recording.answers()
        assert answer.notice.code == "fault.spool.write"
    finally:
        opened.close()


def test_a_full_disk_is_said_and_what_was_recorded_stays(program, small_disk):
    program.environment["VIDGREEN_DATA_DIR"] = str(small_disk / "data")
    assert program.run("run", *SIMULATED, "--", "sleep", "0.3").returncode == 0
    with (small_disk / "filler").open("wb", buffering=0) as filler:
        for size in (4096, 1):
            try:
                while filler.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    for call, status in ((("record", "--for", "3"), 2), (("run", "--", "true"), 125)):
        done = program.run(*call)
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (status, 1), done.stderr
        assert "no room left" in done.stderr
    (row,) = program.json("sessions", "--json")
    assert row["iterations"] == 1
    (small_disk / "filler").unlink()
    assert program.run("run", *SIMULATED, "--", "true").returncode == 0
    rows = program.json("sessions", "--json")
    assert sum(row["iterations"] for row in rows) == 2
