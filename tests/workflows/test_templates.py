"""Every official template reads as its graph says; checked by hand against each graph."""

import json
from pathlib import Path

import pytest

from vidgreen_gui.advice.recognise import complete
from vidgreen_gui.workflows.extract import extract

DATA = Path(__file__).resolve().parents[1] / "data"
LIGHTX2V = "wan2.2_t2v_lightx2v_4steps_lora_v1.1_high_noise.safetensors"
LTX23_LORA = "ltx_2.3_22b_distilled_1.1_lora_dynamic_fro09_avg_rank_111_bf16.safetensors"
HIGH, LOW = "high_noise_14B_fp8_scaled.safetensors", "low_noise_14B_fp8_scaled.safetensors"

# width x height x frames, fps, steps, evaluations, cfg, sampler, scheduler, precision, model
CLIPS = {
    "hunyuan_video_text_to_video":
        (848, 480, 73, 24, 20, 20, None, "euler", "simple", "bf16",
         "hunyuan_video_t2v_720p_bf16.safetensors"),
    "image_to_video_wan":
        (512, 512, 33, 16, 20, 40, 6, "uni_pc", "simple", "fp16",
         "wan2.1_i2v_480p_14B_fp16.safetensors"),
    "ltxv_text_to_video":
        (768, 512, 97, 24, 30, 60, 3, "euler", None, None, "ltx-video-2b-v0.9.safetensors"),
    "text_to_video_wan":
        (832, 480, 33, 16, 30, 60, 6, "uni_pc", "simple", "fp16",
         "wan2.1_t2v_1.3B_fp16.safetensors"),
    "txt_to_image_to_video":
        (1024, 576, 25, 10, 35, 70, 2.5, "euler", "karras", None, "svd_xt.safetensors"),
    "utility_seedvr2_3b_int8_upscale_video":
        (None, None, None, None, 1, 1, 1, "euler", "simple", "int8",
         "seedvr2_3b_int8_convrot.safetensors"),
    "utility_video_frame_interpolation":
        (None, None, None, None, None, None, None, None, None, None, None),
    "video_fastvideo_fasth3_t2v":
        (640, 640, 56, 24, 8, 8, None, "res_multistep", "simple", "int8",
         "fastvideo_fasth3_8step_v2_pruned_int8_convrot.safetensors"),
    "video_hunyuan_video_1.5_720p_t2v":
        (1280, 720, 121, 24, 20, 40, 6, "euler", "simple", "fp16",
         "hunyuanvideo1.5_720p_t2v_fp16.safetensors"),
    "video_ltx2_3_i2v":
        (1280, 720, 126, 25, 11, 11, 1, "euler", None, "fp8", "ltx-2.3-22b-dev-fp8.safetensors"),
    # The class of its guider is missing in the file: nothing says how often the model is called.
    "video_ltx2_5_t2v":
        (1280, 736, 121, 24, 11, None, None, "euler_ancestral", None, "int8",
         "ltx-2.5-22b-distilled-transformer-comfy-int8-convrot.safetensors"),
    "video_ltx2_t2v_distilled":
        (1280, 720, 121, 24, 11, 11, 1, "euler_ancestral", None, None,
         "ltx-2-19b-distilled.safetensors"),
    "video_minimax_h3_t2v":
        (864, 480, 56, 24, 20, 20, None, "res_multistep", "simple", "int8",
         "minimax_h3_fl2va_pruned_int8_convrot.safetensors"),
    "video_wan2_2_14B_flf2v":
        (640, 640, 81, 16, 20, 40, 4, "euler", "simple", "fp8_scaled", f"wan2.2_i2v_{HIGH}"),
    # Three times 77 frames = 60 latent frames, one more in front = 241 frames, the first 3 cut.
    "video_wan2_2_14B_s2v":
        (640, 640, 238, 16, 12, 12, 1, "uni_pc", "simple", "fp8_scaled",
         "wan2.2_s2v_14B_fp8_scaled.safetensors"),
    "video_wan2_2_14B_t2v":
        (640, 640, 81, 16, 20, 40, 3.5, "euler", "simple", "fp8_scaled", f"wan2.2_t2v_{HIGH}"),
    "video_wan2_2_5B_ti2v":
        (1280, 704, 121, 24, 20, 40, 5, "uni_pc", "simple", "fp16",
         "wan2.2_ti2v_5B_fp16.safetensors"),
    "video_wan_animate2_distilled":
        (482, 854, None, None, 10, 10, 1, "lcm", "simple", "int8",
         "wan_animate_2_distill_int8_convrot.safetensors"),
    "wan2.1_fun_control":
        (960, 544, 77, 16, 20, 40, 6, "uni_pc", "simple", "bf16",
         "wan2.1_fun_control_1.3B_bf16.safetensors"),
}  # fmt: skip

# steps, evaluations, cfg, width x height x frames, seed of each pass in order
PASSES = {
    "txt_to_image_to_video": [
        (15, 30, 8, 1024, 576, 1, 144698910769133), (20, 40, 2.5, 1024, 576, 25, 237514639057514)],
    "utility_video_frame_interpolation": [],
    "video_ltx2_3_i2v": [
        (8, 8, 1, 640, 360, 126, 60540193790228), (3, 3, 1, 1280, 720, 126, 42)],
    "video_ltx2_5_t2v": [
        (8, None, None, 640, 368, 121, 926314962774309), (3, None, None, 1280, 736, 121, 42)],
    "video_ltx2_t2v_distilled": [(8, 8, 1, 640, 360, 121, 45), (3, 3, 1, 1280, 720, 121, 420)],
    "video_wan2_2_14B_flf2v": [
        (10, 20, 4, 640, 640, 81, 984937593540091), (10, 20, 4, 640, 640, 81, None)],
    "video_wan2_2_14B_s2v": [
        (4, 4, 1, 640, 640, 77, 20), (4, 4, 1, 640, 640, 77, 1), (4, 4, 1, 640, 640, 77, 250)],
    "video_wan2_2_14B_t2v": [
        (10, 20, 3.5, 640, 640, 81, 923510416338945), (10, 20, 3.5, 640, 640, 81, None)],
}  # fmt: skip

LORAS = {"video_ltx2_3_i2v": [(LTX23_LORA, 0.5)], "video_wan2_2_14B_s2v": [(LIGHTX2V, 1)]}


def read(name):
    return extract((DATA / "workflows_api" / f"{name}.json").read_bytes())


def test_every_template_has_its_line():
    assert {path.stem for path in (DATA / "workflows_api").glob("*.json")} == CLIPS.keys()


@pytest.mark.parametrize("name", CLIPS)
def test_the_finished_clip(name):
    found = read(name)
    s = found.settings
    assert CLIPS[name] == (
        s.width, s.height, s.frames, s.fps, s.steps, s.evaluations, s.cfg, s.sampler, s.scheduler,
        complete(s).precision, s.model,
    )  # fmt: skip
    if s.frames and s.fps:
        assert s.seconds == pytest.approx(s.frames / s.fps)
    else:
        assert s.seconds is None
    assert s.cache is None
    assert found.partner_nodes == ()
    assert found.notes == ()


@pytest.mark.parametrize("name", CLIPS)
def test_each_pass_with_its_own_size_in_the_order_they_run(name):
    passes = read(name).settings.samplers
    found = [(p.steps, p.evaluations, p.cfg, p.width, p.height, p.frames, p.seed) for p in passes]
    if name in PASSES:
        assert found == PASSES[name]
    else:
        width, height, frames, _, steps, evaluations, cfg = CLIPS[name][:7]
        assert [one[:6] for one in found] == [(steps, evaluations, cfg, width, height, frames)]


@pytest.mark.parametrize("name", CLIPS)
def test_loras_of_the_live_branch_only(name):
    loras = [(lora.name, lora.strength) for lora in read(name).settings.loras]
    assert loras == LORAS.get(name, [])


def test_a_pair_names_both_models():
    models = [one.model for one in read("video_wan2_2_14B_t2v").settings.samplers]
    assert models == [f"wan2.2_t2v_{HIGH}", f"wan2.2_t2v_{LOW}"]


@pytest.mark.parametrize("name", CLIPS)
def test_an_origin_holds_the_very_value_it_is_the_origin_of(name):
    found = read(name)
    graph = json.loads((DATA / "workflows_api" / f"{name}.json").read_bytes())
    for key, origin in found.origins.items():
        node = graph[origin.node]
        literal = node["inputs"][origin.input]
        assert node["class_type"] == origin.class_type
        assert not isinstance(literal, list)
        owner, attribute = found.settings, key
        if key.startswith("samplers."):
            _, index, attribute = key.split(".")
            owner = found.settings.samplers[int(index)]
        if attribute not in ("schedule_steps", "start_at_step", "end_at_step"):
            assert getattr(owner, attribute) == literal, key


def test_what_the_user_can_turn_is_found_behind_switches():
    origins = read("video_wan2_2_14B_t2v").origins
    assert (origins["cfg"].node, origins["cfg"].input) == ("128:116", "value")
    assert (origins["steps"].node, origins["steps"].input) == ("128:114", "value")
    assert origins["samplers.0.end_at_step"].node == "128:115"
    assert origins["width"].node == "128:74"
    assert "frames" not in origins  # floor(5 s * 16 fps) + 1: no single literal holds 81


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tiny_wan_t2v_draft", (256, 144, 33, 16, 20, 40, 6, None, 1)),
        ("tiny_wan_t2v_final", (320, 192, 41, 16, 30, 60, 6, None, 1)),
        ("tiny_wan_t2v_easycache", (320, 192, 41, 16, 30, 60, 6, "EasyCache", 1)),
        ("tiny_wan_custom_sampler", (256, 144, 33, 16, 12, 24, 5, None, 1)),
        ("tiny_wan22_pair_20steps", (256, 144, 33, 16, 20, 40, 3.5, None, 2)),
        ("tiny_wan22_pair_lightx2v_4steps", (256, 144, 33, 16, 4, 4, 1, None, 2)),
        ("model_free_video", (640, 360, 48, 24, None, None, None, None, 0)),
        ("model_free_image", (1024, 576, 1, None, None, None, None, None, 0)),
        ("slow_progress", (64, 64, 1, None, None, None, None, None, 0)),
        ("failing", (64, 64, 1, None, None, None, None, None, 0)),
        ("to_interrupt", (64, 64, 1, None, None, None, None, None, 0)),
        ("invalid", (None, None, None, None, None, None, None, None, 0)),
    ],
)
def test_the_peer_workflows(name, expected):
    s = extract((DATA / "peer_workflows" / f"{name}.json").read_bytes()).settings
    assert expected == (
        s.width, s.height, s.frames, s.fps, s.steps, s.evaluations, s.cfg, s.cache, len(s.samplers),
    )  # fmt: skip


def queued_prompts(name):
    """Return the graphs in the /queue and /history bodies of a recorded session."""
    for line in (DATA / "comfyui" / f"{name}.ndjson").read_text().splitlines():
        body = json.loads(line).get("body")
        if isinstance(body, dict):
            for item in body.get("queue_running", []):
                yield item[2]
            for entry in body.values():
                if isinstance(entry, dict) and "prompt" in entry:
                    yield entry["prompt"][2]


@pytest.mark.parametrize(
    ("session", "workflow"),
    [
        ("tiny_wan22_pair_lightx2v_4steps", "tiny_wan22_pair_lightx2v_4steps"),
        ("tiny_wan22_pair_20steps", "tiny_wan22_pair_20steps"),
        ("tiny_wan_t2v_draft.interrupt", "tiny_wan_t2v_draft"),
        ("tiny_wan_t2v_final", "tiny_wan_t2v_final"),
    ],
)
def test_a_queued_prompt_reads_like_the_file_it_came_from(session, workflow):
    expected = extract((DATA / "peer_workflows" / f"{workflow}.json").read_bytes())
    found = [extract(prompt) for prompt in queued_prompts(session)]
    same = [one for one in found if one.hints.output_prefix == workflow]
    assert same
    assert all(one.settings.steps == expected.settings.steps for one in same)
    assert {one.settings.loras for one in same} == {expected.settings.loras}
    assert {one.hints.subfolder for one in same} == {"video"}
    assert {one.texts for one in same} == {
        ("a fox running through snow, cinematic", "blurry, static")
    }
