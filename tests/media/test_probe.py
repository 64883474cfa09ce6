import os
import struct
import time
import zlib

import pytest
from support.media_files import png, png_chunk, webp, write_video

from vidgreen_gui.media.probe import probe
from vidgreen_gui.media.stills import PNG
from vidgreen_gui.media.tags import graph_in
from vidgreen_gui.model.faults import InputFault

PROMPT = '{"1": {"class_type": "SaveVideo", "inputs": {}}}'


@pytest.mark.parametrize("name", ["clip.mp4", "clip.webm"])
def test_a_video_tells_its_size_its_length_and_its_graph(tmp_path, name):
    path = write_video(tmp_path / name, {"prompt": PROMPT, "workflow": "{}"}, frames=9, fps=16)
    facts = probe(path)
    assert (facts.kind, facts.width, facts.height, facts.frames) == ("video", 64, 48, 9)
    assert facts.fps == pytest.approx(16)
    assert facts.tags["prompt"] == PROMPT
    assert graph_in(facts.tags) == {"1": {"class_type": "SaveVideo", "inputs": {}}}


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"tEXt", b"prompt\0" + PROMPT.encode()),
        png_chunk(b"zTXt", b"prompt\0\0" + zlib.compress(PROMPT.encode())),
        png_chunk(b"iTXt", b"prompt\0\0\0en\0prompt\0" + PROMPT.encode()),
        png_chunk(b"iTXt", b"prompt\0\1\0\0\0" + zlib.compress(PROMPT.encode())),
    ],
    ids=["tEXt", "zTXt", "iTXt", "iTXt compressed"],
)
def test_a_png_tells_its_size_and_its_graph(tmp_path, chunk):
    path = tmp_path / "still.png"
    path.write_bytes(png([chunk], width=320, height=180))
    facts = probe(path)
    assert (facts.kind, facts.width, facts.height, facts.frames) == ("image", 320, 180, 1)
    assert facts.tags == {"prompt": PROMPT}


def test_an_animated_webp_tells_its_frames_and_its_graph(tmp_path):
    path = tmp_path / "clip.webp"
    path.write_bytes(webp(["workflow:{}", f"prompt:{PROMPT}"], durations_ms=[125] * 8))
    facts = probe(path)
    assert (facts.kind, facts.width, facts.height, facts.frames) == ("video", 32, 16, 8)
    assert facts.fps == pytest.approx(8)
    assert facts.tags["prompt"] == PROMPT


def test_a_still_webp_is_an_image(tmp_path):
    path = tmp_path / "still.webp"
    path.write_bytes(webp([f"prompt:{PROMPT}"]))
    assert probe(path).kind == "image"


@pytest.mark.parametrize("name", ["clip.mp4", "clip.webm"])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
def test_a_truncated_video_is_a_fault(tmp_path, name, share):
    whole = write_video(tmp_path / name, {"prompt": PROMPT}).read_bytes()
    path = tmp_path / f"cut-{name}"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputFault) as caught:
        probe(path)
    assert caught.value.code == "fault.media.damaged"
    assert caught.value.arguments == {"file": path.name}


def test_a_webm_that_lost_its_end_still_tells_its_graph(tmp_path):
    whole = write_video(tmp_path / "clip.webm", {"prompt": PROMPT}).read_bytes()
    path = tmp_path / "cut.webm"
    path.write_bytes(whole[:-200])
    assert probe(path).tags["prompt"] == PROMPT


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.mp4", b"", "fault.media.unreadable"),
        ("text.mp4", b"not a video at all, really", "fault.media.unreadable"),
        ("playlist.mp4", b"#EXTM3U\nhttp://127.0.0.1:9/x.ts\n", "fault.media.unreadable"),
        ("bare.png", PNG, "fault.media.damaged"),
        ("long.png", PNG + struct.pack(">I", 2**31) + b"tEXt", "fault.media.damaged"),
        ("noise.mp4", b"\0\0\0\x18ftypmp42" + os.urandom(4000), "fault.media.damaged"),
        ("noise.webm", b"\x1aE\xdf\xa3" + os.urandom(4000), "fault.media.damaged"),
    ],
)  # fmt: skip
def test_a_hostile_file_gets_its_sentence(tmp_path, name, data, code):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputFault) as caught:
        probe(path)
    assert caught.value.code == code


def test_a_compressed_bomb_is_not_unpacked(tmp_path):
    bomb = zlib.compress(bytes(200 * 1024 * 1024), 9)
    path = tmp_path / "bomb.png"
    path.write_bytes(png([png_chunk(b"zTXt", b"prompt\0\0" + bomb)]))
    with pytest.raises(InputFault) as caught:
        probe(path)
    assert caught.value.code == "fault.media.damaged"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_file_that_never_answers_is_given_up(tmp_path):
    path = tmp_path / "endless.mp4"
    os.mkfifo(path)
    begun = time.monotonic()
    with pytest.raises(InputFault) as caught:
        probe(path, time_limit_s=0.5)
    assert caught.value.code == "fault.media.too_slow"
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "tags",
    [
        {"PROMPT": PROMPT},
        {"comment": '{"prompt": ' + PROMPT + "}"},
        {"Comment": '{"prompt": "{\\"1\\": {}}"}'},
        {"prompt": "broken", "workflow": '{"nodes": [], "links": []}'},
    ],
)
def test_a_graph_is_found_under_every_name_in_use(tags):
    assert graph_in(tags)


@pytest.mark.parametrize("tags", [{}, {"prompt": ""}, {"prompt": "[" * 100_000}, {"comment": "hi"}])
def test_no_graph_is_none(tags):
    assert graph_in(tags) is None
