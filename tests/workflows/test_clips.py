import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidgreen_gui.model.settings import ClipHints
from vidgreen_gui.workflows.clips import clip_key, same_shot
from vidgreen_gui.workflows.extract import extract


def hints(prefix, **others):
    """Return the hints of a workflow that saves under `prefix`."""
    prompt = {"1": {"class_type": "SaveVideo", "inputs": {"filename_prefix": prefix, **others}}}
    return extract(prompt).hints


@pytest.mark.parametrize(
    ("prefix", "key"),
    [
        ("SEQ010_SH020_v003", "shot:seq010_sh020"),
        ("SEQ010_SH020_v004", "shot:seq010_sh020"),
        ("renders/SEQ010_SH020/comp_v2", "shot:seq010_sh020"),
        ("video/sc01-sh0040", "shot:sc01-sh0040"),
        ("shot_03", "shot:shot_03"),
        ("shot_03_v12", "shot:shot_03"),
        ("fox/walk_v3", "prefix:fox/walk"),
        ("video/fox", "prefix:/fox"),
        ("2026-11-21/fox", "prefix:/fox"),
        ("%date:yyyy-MM-dd%/fox_%KSampler.seed%", "prefix:/fox"),
        ("Fox", "prefix:/fox"),
    ],
)
def test_a_chosen_name_is_the_shot(prefix, key):
    found = clip_key(hints(prefix))
    assert found is not None
    assert found[0] == key


@pytest.mark.parametrize(
    "prefix",
    ["ComfyUI", "video/ComfyUI", "ComfyUI/video", "AnimateDiff", "video/ComfyUI_00012",
     "%date%/ComfyUI", "video/LTX_2.3_i2v", "video/hunyuan_video_1.5",
     "video/wan2.2_fun_control", "video/MiniMax_H3", "wanvideo_T2V",
     "WanVideoWrapper_I2V", "video/Kling2.6", "api_bria_fibo2_t2i", "output/video", "", "video/",
     "%date%"],
)  # fmt: skip
def test_no_clip_is_made_of_a_default_name(prefix):
    assert hints(prefix).output_prefix is None
    assert clip_key(hints(prefix)) is None


@pytest.mark.parametrize(
    "prefix",
    [
        "wanderer",
        "wan_fox",
        "video_fox",
        "sam",
        "ltxa",
        "zebra",
        "lipstick",
        "t2v_hero",
        "s020_c01",
    ],
)
def test_a_name_that_begins_like_a_default_is_the_users(prefix):
    assert hints(prefix).output_prefix == prefix


def test_two_start_images_under_one_default_prefix_are_two_clips():
    first = ClipHints(start_image="a.png", start_image_sha256="1" * 64)
    second = ClipHints(start_image="a.png", start_image_sha256="2" * 64)
    assert clip_key(first) != clip_key(second)
    renamed = ClipHints(start_image="b.png", start_image_sha256="1" * 64)
    assert clip_key(first)[0] == clip_key(renamed)[0] == f"image:{'1' * 64}"


def test_a_start_image_without_content_goes_by_its_name():
    assert clip_key(ClipHints(start_image="shots/a.png")) == ("image-name:shots/a.png", "a")


def test_a_name_goes_before_the_start_image():
    image = ClipHints(output_prefix="fox", start_image_sha256="1" * 64)
    assert clip_key(image) == ("prefix:/fox", "fox")


def spoken(digest, prompt):
    """Return the hints of a prompt in workflow "w"."""
    return ClipHints(workflow_id="w", prompt_sha256=digest, prompt_words=frozenset(prompt.split()))


def test_like_prompts_of_one_workflow_are_one_shot():
    fox, near = spoken("1", "a red fox runs"), spoken("2", "a red fox jumps")
    far = spoken("3", "city by night")
    assert same_shot(fox, near)
    assert not same_shot(fox, far)
    assert not same_shot(fox, ClipHints(prompt_sha256="1", prompt_words=fox.prompt_words))
    assert same_shot(far, ClipHints(workflow_id="w", prompt_sha256="3"))
    assert not same_shot(ClipHints(), ClipHints())


some_hints = st.builds(
    ClipHints,
    workflow_id=st.sampled_from([None, "w", "x"]),
    prompt_sha256=st.sampled_from([None, "1", "2"]),
    prompt_words=st.frozensets(st.sampled_from("abcdefgh")),
)


@given(some_hints, some_hints)
def test_likeness_has_no_direction(a, b):
    assert same_shot(a, b) == same_shot(b, a)


@given(st.text(max_size=60), st.one_of(st.none(), st.text(max_size=60)))
def test_every_name_has_a_key_or_none(prefix, image):
    found = clip_key(ClipHints(output_prefix=prefix or None, subfolder=prefix, start_image=image))
    assert found is None or all(isinstance(part, str) for part in found)
