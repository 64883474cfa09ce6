import json
from pathlib import Path

import pytest
from support.media_files import graph_text, png, png_chunk, write_video

from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.system.resources import load_texts
from vidgreen_gui.verbs.inspect import InspectRequest, inspect, read_content

DATA = Path(__file__).resolve().parents[1] / "data"
PAIR = DATA / "workflows_api" / "video_wan2_2_14B_t2v.json"


@pytest.mark.parametrize("name", ["clip.mp4", "clip.webm"])
def test_a_finished_video_has_the_graphs_settings_and_its_own_size(tmp_path, name):
    key = "PROMPT" if name.endswith("webm") else "prompt"
    path = write_video(tmp_path / name, {key: graph_text(PAIR)}, frames=5, fps=8)
    answer = inspect(InspectRequest(path))
    asked = inspect(InspectRequest(PAIR)).settings
    assert (answer.file, answer.kind, answer.notes) == (name, "video", ())
    s = answer.settings
    assert (s.width, s.height, s.frames, s.fps, s.seconds) == (64, 48, 5, 8, 0.625)
    assert (s.steps, s.evaluations, s.cfg, s.samplers) == (20, 40, 3.5, asked.samplers)
    assert (s.family, s.precision) == ("wan2.2-a14b", "fp8_scaled")


@pytest.mark.parametrize(
    ("name", "kind", "workflow"),
    [
        ("model_free_00001_.mp4", "video", "model_free_video"),
        ("tiny_wan_custom_sampler_00001_.webm", "video", "tiny_wan_custom_sampler"),
        ("model_free_image_00001_.png", "image", "model_free_image"),
    ],
)
def test_a_file_that_comfyui_wrote_says_what_its_workflow_said(name, kind, workflow):
    answer = inspect(InspectRequest(DATA / "finished" / name))
    asked = inspect(InspectRequest(DATA / "peer_workflows" / f"{workflow}.json"))
    assert (answer.kind, answer.notes) == (kind, ())
    assert answer.settings == asked.settings
    assert answer.settings.width


def test_a_png_saved_beside_a_video_keeps_the_videos_settings(tmp_path):
    path = tmp_path / "first_frame.png"
    path.write_bytes(png([png_chunk(b"tEXt", b"prompt\0" + graph_text(PAIR).encode())]))
    answer = inspect(InspectRequest(path))
    assert answer.kind == "image"
    assert answer.settings == inspect(InspectRequest(PAIR)).settings


def test_a_workflow_is_told_by_its_content(tmp_path):
    path = tmp_path / "no_ending"
    path.write_bytes(b"\xef\xbb\xbf\n" + PAIR.read_bytes())
    answer = inspect(InspectRequest(path))
    assert (answer.kind, answer.settings.frames, answer.settings.family) == (
        "workflow", 81, "wan2.2-a14b",
    )  # fmt: skip


def test_what_advice_needs_is_the_very_graph(tmp_path):
    assert read_content(PAIR).prompt == json.loads(PAIR.read_text())
    path = write_video(tmp_path / "clip.mp4", {"prompt": graph_text(PAIR)})
    assert read_content(path).prompt == json.loads(PAIR.read_text())


def test_a_video_without_settings_says_so(tmp_path):
    path = write_video(tmp_path / "holiday.mp4", {"prompt": "a nice day"}, frames=4, fps=4)
    answer = inspect(InspectRequest(path))
    assert answer.notes == ("note.media.no_settings",)
    assert (answer.settings.frames, answer.settings.seconds, answer.settings.steps) == (4, 1, None)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("nothing.json", None, "fault.media.missing"),
        ("broken.json", b'{"1": ', "fault.workflow.not_json"),
        ("list.json", b"[1, 2]", "fault.workflow.not_a_workflow"),
        ("settings.json", b'{"theme": "dark"}', "fault.workflow.not_a_workflow"),
        ("deep.json", b"[" * 200_000, "fault.workflow.too_deep"),
        ("page.mp4", b"<html>404</html>", "fault.media.unreadable"),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_wrong_file_gets_its_sentence(tmp_path, name, data, code, language):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputFault) as caught:
        inspect(InspectRequest(path))
    assert caught.value.code == code
    assert load_texts(language).fault(caught.value)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputFault, match=r"fault\.media\.missing"):
        inspect(InspectRequest(tmp_path))
