"""The command line as scripts use it: exit statuses, one sentence for every wrong call, JSON."""

import json
import logging
import signal
import time

import pytest
from support.program import Program

from vidgreen_gui.__main__ import main


@pytest.fixture
def program(tmp_path):
    program = Program(tmp_path)
    yield program
    program.stop_all()


@pytest.fixture(autouse=True)
def no_log_stays():
    """What runs in this process must not go on writing into a folder of its own."""
    yield
    logger = logging.getLogger("vidgreen_gui")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


def one_sentence(done):
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nosuchverb",), "invalid choice"),
        (("record", "--for", "-1"), "--for: invalid seconds value"),
        (("estimate", "--model", "wan", "--frames", "0"), "--frames: invalid count value"),
        (("run", "--set", "steps", "--", "ls"), "--set: invalid assignment value"),
        (("record", "--meter", "nosuch", "--for", "1"), "nosuch"),
        (("record", "--meter", "replay:/nowhere.csv", "--for", "1"), "nowhere.csv"),
        (("record", "--comfyui", "ftp://x", "--for", "1"), "ftp"),
        (("export",), "-o"),
        (("export", "-o", "/tmp/x.json"), "start recording"),
        (("export", "nosuch", "-o", "/tmp/x.json"), "start recording"),
        (("inspect", "/nowhere.mp4"), "nowhere.mp4"),
        (("advise", "/nowhere.json"), "nowhere.json"),
        (("estimate", "--model", "wan", "--size", "0x0"), "--size: invalid size value"),
        (("import", "/nowhere.json"), "nowhere.json"),
    ],
)
def test_a_wrong_call_gets_one_sentence_and_status_2(monkeypatch, capsys, arguments, says):
    monkeypatch.setattr("sys.argv", ["vidgreen-gui", *arguments])
    try:
        status = main()
    except SystemExit as ended:
        status = ended.code
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert (status, "Traceback" in line) == (2, False)
    assert says in line


def test_the_sentence_comes_in_french_too(program):
    done = program.run("--lang", "fr", "export")
    assert "dites où écrire" in one_sentence(done)


def test_without_a_display_it_says_what_to_do(program):
    done = program.run(env={"QT_QPA_PLATFORM": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""})
    assert done.returncode == 2
    assert "vidgreen-gui record" in one_sentence(done)


def test_doctor_reports_and_ends_with_0(program):
    found = program.json("doctor", "--json")
    assert set(found) == {"devices", "comfyui", "grid", "paths", "versions", "problems"}
    assert found["devices"]
    assert found["grid"]["g_per_kwh"] > 0
    assert all(set(problem) == {"what", "do"} for problem in found["problems"])


@pytest.mark.parametrize(
    ("script", "status"), [("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", 143)]
)
def test_run_passes_the_exit_status_on(program, script, status):
    done = program.run("run", "--meter", "simulated", "--", "sh", "-c", f"echo out; {script}")
    assert (done.returncode, done.stdout) == (status, "out\n")
    (session,) = program.json("sessions", "--json")
    assert session["iterations"] == 1


def test_run_of_what_cannot_run(program, tmp_path):
    assert program.run("run", "--", "nosuchprogram").returncode == 127
    plain = tmp_path / "plain.txt"
    plain.write_text("no program")
    assert program.run("run", "--", plain).returncode == 126
    assert program.run("run", "--meter", "nosuch", "--", "true").returncode == 125
    assert program.run("run").returncode == 2


def test_run_beside_a_recorder_goes_to_that_recorder(program, tmp_path):
    recorder = program.start("record", "--meter", "simulated", "--for", "60")
    program.wait_until_recording()
    time.sleep(0.5)
    command = ("sh", "-c", "sleep 0.6")
    done = program.run("run", "--clip", "shot_07", "--set", "steps=12", "--", *command)
    assert done.returncode == 0, done.stderr
    time.sleep(1.5)
    recorder.send_signal(signal.SIGTERM)
    _, told = recorder.communicate(timeout=20)
    assert recorder.returncode == 0
    assert "Iteration 1: completed" in told
    path = tmp_path / "out.json"
    assert program.run("export", "-o", path).returncode == 0
    document = json.loads(path.read_text())
    (clip,) = document["clips"]
    (iteration,) = clip["iterations"]
    assert clip["name"] == "shot_07"
    assert iteration["settings"]["steps"] == 12
    assert iteration["duration_s"] == pytest.approx(0.6, abs=0.4)
    assert iteration["energy_wh"]["best"] > 0
    assert iteration["grade"] == "simulated"
    assert program.run("export", "--verify", path).returncode == 0


def test_a_second_record_names_the_first(program):
    first = program.start("record", "--meter", "simulated", "--for", "60")
    program.wait_until_recording()
    done = program.run("record", "--for", "1")
    assert done.returncode == 2
    assert str(first.pid) in one_sentence(done)


def test_a_killed_recorder_gives_the_lock_back_and_its_session_is_marked(program):
    first = program.start("record", "--meter", "simulated", "--for", "60")
    program.wait_until_recording()
    wrapped = program.start("run", "--", "sleep", "30")
    deadline = time.monotonic() + 20
    while not program.json("sessions", "--json") and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(2.0)
    first.kill()
    first.wait()
    wrapped.kill()
    wrapped.wait()
    assert program.run("record", "--meter", "simulated", "--for", "1").returncode == 0
    rows = program.json("sessions", "--json")
    assert rows[-1]["ended_by"] == "interrupted"
    assert rows[-1]["energy_wh"]["best"] > 0


def test_until_idle_gives_up_without_a_job(program):
    done = program.run("record", "--meter", "simulated", "--until-idle", "0.3")
    assert done.returncode == 1
    assert "no job" in one_sentence(done)


def test_the_demo_shows_itself_and_leaves_nothing(program, tmp_path):
    picture = tmp_path / "window.png"
    done = program.run("--demo", "--grab", picture, "--after", "3")
    assert done.returncode == 0, done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert not program.data.exists()


def test_a_window_beside_a_record_is_a_viewer(program, tmp_path):
    recorder = program.start("record", "--meter", "simulated", "--for", "60")
    program.wait_until_recording()
    picture = tmp_path / "viewer.png"
    done = program.run("--grab", picture, "--after", "2")
    assert done.returncode == 0, done.stderr
    assert picture.exists()
    assert recorder.poll() is None
