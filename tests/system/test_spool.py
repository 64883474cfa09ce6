"""The spool: what one process says another reads, once, whatever else lies in the folder."""

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.model.commands import KeepLearnt, NewClip, Say, SplitClip, Undo
from vidgreen_gui.model.footprint import Range
from vidgreen_gui.model.learnt import IdleLevels, WallCalibration
from vidgreen_gui.model.session import PhaseName, Status
from vidgreen_gui.model.settings import Settings
from vidgreen_gui.model.user_events import ClipRenamed, IterationMarked
from vidgreen_gui.system.spool import (
    FOLDER_NAME,
    SpooledCommand,
    SpooledEnd,
    SpooledPhase,
    SpooledStart,
    SpooledStep,
    SpoolFault,
    SpoolWriter,
    Stamp,
    decode,
    encode,
    settings_of,
)
from vidgreen_gui.system.spool_reader import BAD_LINES_NAME, SpoolReader

AT = Stamp("boot", 5, 1_800_000_000_000_000_000)
PLUG = WallCalibration(
    plug_id="p", plug_name="Desk", factor=Range(1.0, 0.9, 1.1), seconds=300.0, measured_utc_ns=1
)
START = SpooledStart(at=AT, id="a", label="train.py", clip="shot", settings={"width": 832})
SAID = [
    START,
    SpooledStep(at=AT, id="a", step=3, steps=20),
    SpooledPhase(at=AT, id="a", phase=PhaseName.SAMPLE),
    SpooledEnd(at=AT, id="a", status=Status.COMPLETED, outputs=("x.mp4",)),
    SpooledCommand(at=AT, command=Say(IterationMarked(t_ns=0, iteration_id="i", kept=None))),
    SpooledCommand(at=AT, command=Say(ClipRenamed(t_ns=0, clip_id="c", name="naïve \u202e name"))),
    SpooledCommand(at=AT, command=Undo()),
    SpooledCommand(at=AT, command=NewClip("shot_04")),
    SpooledCommand(at=AT, command=SplitClip(("i", "j"), "shot_05")),
    SpooledCommand(at=AT, command=KeepLearnt(PLUG)),
    SpooledCommand(at=AT, command=KeepLearnt(IdleLevels(device_id="gpu-0"))),
]


@pytest.fixture
def dead_pid():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


@pytest.fixture
def spool(tmp_path):
    folder = tmp_path / FOLDER_NAME
    folder.mkdir()
    return folder


@pytest.mark.parametrize("said", SAID, ids=lambda said: type(said).__name__)
def test_what_is_said_comes_back(said):
    line = encode(said)
    assert line.endswith(b"\n")
    assert decode(line) == said


def test_the_documented_keys_are_the_written_ones():
    assert json.loads(encode(START)) == {
        "v": 1, "kind": "iteration_started",
        "at": {"boot_id": "boot", "steady_ns": 5, "utc_ns": 1_800_000_000_000_000_000},
        "id": "a", "source": "script", "label": "train.py", "clip": "shot", "parent": None,
        "settings": {"width": 832}, "device_ids": [], "where": "local", "provider": None,
        "pid": None,
    }  # fmt: skip


def test_a_script_needs_little():
    line = b'{"v":1,"kind":"iteration_started","at":{"utc_ns":7},"id":"x","new_in_2031":[1]}'
    assert decode(line) == SpooledStart(at=Stamp(utc_ns=7), id="x")


BAD = [
    b"not json",
    b"{}",
    b'{"v":2,"kind":"step"}',
    b'{"v":1,"kind":"dance","at":{},"id":"x"}',
    b'{"v":1,"kind":"step","at":{},"id":"x","step":NaN,"steps":1}',
    b'{"v":1,"kind":"step","at":{},"id":"x","step":"1","steps":1}',
    b'{"v":1,"kind":"iteration_ended","at":{},"id":"x","status":"splendid"}',
    b'{"v":1,"kind":"iteration_started","at":{},"id":"x","settings":{"width":1e999}}',
    b'{"v":1,"kind":"iteration_started","at":{},"id":"x","settings":' + b'{"a":' * 200_000,
    b'{"v":1,"kind":"iteration_started","at":{},"id":"\xff\xfe"}',
    b'{"v":1,"kind":"iteration_started","at":{},"id":"\\ud800"}',
    b'{"v":1,"kind":"user_event","at":{},"name":"__import__","fields":{}}',
    b'{"v":1,"kind":"command","at":{},"name":"Undo","fields":[]}',
    b"\x00" * 50,
]


@pytest.mark.parametrize("line", BAD, ids=range(len(BAD)))
def test_a_line_that_is_not_ours_is_a_value_error(line):
    with pytest.raises(ValueError):
        decode(line)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(line):
    with contextlib.suppress(ValueError):
        decode(line)


def test_settings_keep_what_fits():
    plain = {"width": 832, "frames": "81", "cfg": "much", "fps": 16, "seed": None, "mine": 1}
    assert settings_of(plain) == Settings(width=832, frames=81, fps=16.0)


def test_a_living_writer_is_followed_line_by_line(tmp_path):
    writer, reader = SpoolWriter(tmp_path), SpoolReader(tmp_path)
    assert reader.poll() == ()
    for said in SAID:
        writer.append(said)
        assert reader.poll() == (said,)
        reader.settle()
    assert reader.poll() == ()
    writer.close()
    assert writer.path.exists(), "its process still lives"
    assert reader.bad_lines == 0


def test_what_was_not_settled_is_read_again_and_the_rest_is_not(tmp_path):
    writer, reader = SpoolWriter(tmp_path), SpoolReader(tmp_path)
    writer.append(SAID[0])
    reader.poll()
    reader.settle()
    writer.append(SAID[1])
    reader.poll()
    assert SpoolReader(tmp_path).poll() == (SAID[1],)
    writer.close()


def test_a_torn_line_waits_for_its_rest(spool, tmp_path):
    path, line = spool / f"1-{os.getpid()}.ndjson", encode(START)
    reader = SpoolReader(tmp_path)
    path.write_bytes(line[:20])
    assert reader.poll() == ()
    with path.open("ab") as stream:
        stream.write(line[20:])
    assert reader.poll() == (START,)
    assert reader.bad_lines == 0


def test_a_dead_writers_file_is_drained_then_deleted(spool, tmp_path, dead_pid):
    path = spool / f"1-{dead_pid}.ndjson"
    path.write_bytes(b"".join(map(encode, SAID)))
    reader = SpoolReader(tmp_path)
    assert reader.poll() == tuple(SAID)
    assert path.exists()
    reader.settle()
    assert list(spool.iterdir()) == []


def test_work_whose_process_vanished_ends_unknown_at_its_last_word(spool, tmp_path, dead_pid):
    later = replace(AT, utc_ns=AT.utc_ns + 9)
    lines = [START, SpooledStep(at=later, id="a", step=1, steps=2)]
    (spool / f"1-{dead_pid}.ndjson").write_bytes(b"".join(map(encode, lines)) + b'{"v":1,"ki')
    reader = SpoolReader(tmp_path)
    end = SpooledEnd(at=later, id="a", status=Status.UNKNOWN)
    assert reader.poll() == (*lines, end)
    assert reader.bad_lines == 1
    assert (spool / BAD_LINES_NAME).read_bytes() == b'{"v":1,"ki\n'


def test_work_that_ends_between_two_readers_is_remembered_as_open(spool, tmp_path, dead_pid):
    path = spool / f"1-{os.getpid()}.ndjson"
    path.write_bytes(encode(START))
    first = SpoolReader(tmp_path)
    assert first.poll() == (START,)
    first.settle()
    path.rename(spool / f"1-{dead_pid}.ndjson")
    (spool / f"1-{os.getpid()}.place").rename(spool / f"1-{dead_pid}.place")
    ends = SpoolReader(tmp_path).poll()
    assert ends == (SpooledEnd(at=AT, id="a", status=Status.UNKNOWN),)


def test_bad_lines_are_counted_and_set_aside_good_ones_stay(spool, tmp_path, dead_pid):
    content = b"\n".join([*BAD, encode(START).rstrip(), b"", b"more rubbish", b""])
    (spool / f"1-{dead_pid}.ndjson").write_bytes(content)
    reader = SpoolReader(tmp_path)
    assert reader.poll()[0] == START
    assert reader.bad_lines == len(BAD) + 1
    assert (spool / BAD_LINES_NAME).stat().st_size <= 1 << 20


def test_a_line_without_end_is_one_bad_line(spool, tmp_path):
    path = spool / f"1-{os.getpid()}.ndjson"
    path.write_bytes(b"x" * (9 << 20) + b"\n" + encode(START))
    reader = SpoolReader(tmp_path)
    said = [line for _ in range(4) for line in reader.poll()]
    assert said == [START]
    assert reader.bad_lines == 1


def test_a_name_of_64_kb_is_only_a_long_name(tmp_path):
    writer, reader = SpoolWriter(tmp_path), SpoolReader(tmp_path)
    long = replace(START, clip="\u202e" * 20_000, label="<img onerror=x>")
    writer.append(long)
    assert reader.poll() == (long,)
    writer.close()


def test_a_file_deleted_under_the_reader_is_forgotten(tmp_path):
    writer, reader = SpoolWriter(tmp_path), SpoolReader(tmp_path)
    writer.append(START)
    reader.poll()
    writer.close()
    writer.path.unlink()
    assert [said.status for said in reader.poll()] == [Status.UNKNOWN]
    reader.settle()
    assert reader.poll() == ()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_a_fault_and_the_next_line_stands_alone(tmp_path):
    writer, reader = SpoolWriter(tmp_path), SpoolReader(tmp_path)
    writer.append(START)
    kept, writer._descriptor = writer._descriptor, os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(SpoolFault):
        writer.append(SAID[1])
    os.close(writer._descriptor)
    writer._descriptor = kept
    writer.append(SAID[2])
    assert reader.poll() == (START, SAID[2])
    assert reader.bad_lines == 0
    writer.close()


def test_a_file_that_cannot_be_deleted_is_not_read_again(spool, tmp_path, dead_pid, monkeypatch):
    path = spool / f"1-{dead_pid}.ndjson"
    path.write_bytes(encode(START))
    reader = SpoolReader(tmp_path)
    assert len(reader.poll()) == 2

    def refuse(*_, **__):
        raise PermissionError

    with monkeypatch.context() as refusing:
        refusing.setattr(Path, "unlink", refuse)
        reader.settle()
        assert reader.poll() == ()
    reader.settle()
    assert list(spool.iterdir()) == []


def test_a_folder_that_cannot_be_is_a_fault(tmp_path):
    (tmp_path / FOLDER_NAME).write_text("")
    with pytest.raises(SpoolFault):
        SpoolWriter(tmp_path).append(START)


def test_folder_and_file_are_private(tmp_path):
    writer = SpoolWriter(tmp_path)
    writer.append(START)
    writer.close()
    assert writer.path.parent.stat().st_mode & 0o777 == 0o700
    assert writer.path.stat().st_mode & 0o777 == 0o600
