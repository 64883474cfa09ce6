"""The four rules: where they apply, what they predict, and which literals they change."""

from dataclasses import replace

import pytest
from support.cards import RTX_4090

from vidgreen_gui.advice.recognise import complete
from vidgreen_gui.advice.suggestions import suggest
from vidgreen_gui.model.advice import Change, Keeps
from vidgreen_gui.model.settings import Extraction, Lora, Origin, SamplerPass, Settings

WAN = "wan2.1_i2v_720p_14B_fp16.safetensors"


def one_pass(
    model=WAN, *, steps=20, cfg=6.0, w=1280, h=720, frames=81, fps=16.0, origins=True, loras=()
):
    evaluations = steps * (2 if cfg > 1 else 1)
    sampler = SamplerPass(
        node="3", class_type="KSampler", steps=steps, evaluations=evaluations, cfg=cfg,
        width=w, height=h, frames=frames, model=model, loras=loras,
    )  # fmt: skip
    settings = Settings(
        model=model, width=w, height=h, frames=frames, fps=fps, steps=steps,
        evaluations=evaluations, cfg=cfg, samplers=(sampler,), loras=loras,
    )  # fmt: skip
    found = {
        "width": Origin("40", "EmptyHunyuanLatentVideo", "width"),
        "height": Origin("40", "EmptyHunyuanLatentVideo", "height"),
        "frames": Origin("40", "EmptyHunyuanLatentVideo", "length"),
        "samplers.0.steps": Origin("3", "KSampler", "steps"),
        "samplers.0.cfg": Origin("3", "KSampler", "cfg"),
    }
    return Extraction(settings=complete(settings), origins=found if origins else {})


def by_rule(extraction, **more):
    return {found.rule: found for found in suggest(extraction, **more)}


def test_three_rules_for_a_long_run_at_full_size():
    found = suggest(one_pass(), measured_wh=200.0, duration_s=1200.0)
    assert {one.rule for one in found} == {"few_steps", "frames", "size"}
    assert [one.ratio.best for one in found] == sorted(one.ratio.best for one in found)
    for one in found:
        assert one.ratio.low <= one.ratio.best <= one.ratio.high
        assert one.saving_wh.best == pytest.approx(200 * (1 - one.ratio.best))
        assert one.saving_s.low <= one.saving_s.best <= one.saving_s.high
        assert one.saving_s.low >= 0
        assert one.title == f"advice.{one.rule}.title"
        assert "arXiv 2509.19222" in one.source


def test_few_steps_names_the_literals_and_is_honest_about_the_rest():
    rule = by_rule(one_pass())["few_steps"]
    assert rule.change == (Change("3", "steps", 20, 4), Change("3", "cfg", 6.0, 1.0))
    assert rule.keeps is Keeps.OTHER_VIDEO
    # Four evaluations of forty, and what VAE and text cost either way.
    assert 0.1 < rule.ratio.best < 0.15


@pytest.mark.parametrize(
    "extraction",
    [
        one_pass(loras=(Lora("Wan21_T2V_14B_lightx2v_cfg_step_distill_lora.safetensors", 1.0),)),
        one_pass("wan2.1_t2v_14B_lightning_fp8.safetensors"),
        one_pass(steps=6, cfg=1.0),
        one_pass("CogVideoX_5b_fp8.safetensors"),
        one_pass("someones_new_model_14B.safetensors"),
    ],
)
def test_few_steps_only_where_such_weights_exist_and_are_not_in_use(extraction):
    assert "few_steps" not in by_rule(extraction)


def test_a_pair_shares_its_steps_and_its_border():
    first = SamplerPass(
        node="81", class_type="KSamplerAdvanced", steps=10, evaluations=20, cfg=3.5, width=640,
        height=640, frames=81, model="wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors",
    )  # fmt: skip
    second = replace(first, node="78", model="wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors")
    settings = Settings(
        model=first.model, width=640, height=640, frames=81, fps=16, steps=20, evaluations=40,
        cfg=3.5, samplers=(first, second),
    )  # fmt: skip
    shared = Origin("114", "PrimitiveInt", "value")
    border = Origin("115", "PrimitiveInt", "value")
    cfg = Origin("116", "PrimitiveFloat", "value")
    extraction = Extraction(
        settings=complete(settings),
        origins={
            "samplers.0.schedule_steps": shared, "samplers.1.schedule_steps": shared,
            "samplers.0.end_at_step": border, "samplers.1.start_at_step": border,
            "samplers.0.cfg": cfg, "samplers.1.cfg": cfg,
        },
    )  # fmt: skip
    assert by_rule(extraction)["few_steps"].change == (
        Change("114", "value", 20, 4),
        Change("115", "value", 10, 2),
        Change("116", "value", 3.5, 1.0),
    )
    without = dict(extraction.origins)
    del without["samplers.1.start_at_step"]
    assert by_rule(replace(extraction, origins=without))["few_steps"].change == ()


def test_one_literal_for_two_lengths_is_left_alone():
    extraction = one_pass()
    same = Origin("9", "PrimitiveInt", "value")
    square = replace(extraction, origins={**extraction.origins, "width": same, "height": same})
    assert by_rule(square)["size"].change == ()


def test_fewer_frames_stay_on_the_vae_s_grid():
    rule = by_rule(one_pass())["frames"]
    assert rule.change == (Change("40", "length", 81, 49),)
    assert rule.keeps is Keeps.SHORTER
    ltx = by_rule(one_pass("ltx-video-2b-v0.9.safetensors", frames=121, fps=24))["frames"]
    assert (ltx.change[0].after - 1) % 8 == 0


@pytest.mark.parametrize(
    ("frames", "fps", "applies"),
    [(49, 16, False), (33, None, False), (49, 8, True), (81, 16, True), (1, 16, False)],
)
def test_fewer_frames_only_for_long_clips(frames, fps, applies):
    assert ("frames" in by_rule(one_pass(frames=frames, fps=fps))) is applies


def test_a_smaller_size_is_on_the_grid_and_pays_for_its_upscaler():
    rule = by_rule(one_pass())["size"]
    assert rule.change == (Change("40", "width", 1280, 864), Change("40", "height", 720, 480))
    assert 0.2 < rule.ratio.best < 0.35
    # LTX is so light that an upscaler would eat what is saved.
    assert "size" not in by_rule(one_pass("ltx-video-2b-v0.9.safetensors", steps=8, cfg=1.0))


@pytest.mark.parametrize(("w", "h"), [(832, 480), (512, 512), (480, 854)])
def test_a_small_picture_gets_no_smaller(w, h):
    assert "size" not in by_rule(one_pass(w=w, h=h))


def test_a_workflow_that_upscales_itself_is_left_alone():
    extraction = one_pass()
    half = replace(extraction.settings.samplers[0], node="2", width=640, height=352)
    two = replace(extraction.settings, samplers=(half, extraction.settings.samplers[0]))
    assert "size" not in by_rule(replace(extraction, settings=two))


def test_an_identical_run_comes_first_and_keeps_the_take():
    found = suggest(one_pass(), measured_wh=50.0, ran_before=True)
    assert found[0].rule == "rerun"
    assert found[0].keeps is Keeps.SAME_TAKE
    assert found[0].saving_wh.best == 50.0
    assert found[0].saving_s is None


def test_what_was_dismissed_stays_away():
    assert set(by_rule(one_pass(), dismissed=frozenset({"size", "frames"}))) == {"few_steps"}


def test_no_sampler_or_no_size_is_no_advice():
    assert suggest(Extraction(settings=Settings(width=640, height=480, frames=81))) == ()
    extraction = one_pass()
    unknown = SamplerPass(node="3", class_type="KSampler", steps=20, evaluations=40, cfg=6.0)
    sizeless = replace(extraction.settings, width=None, height=None, samplers=(unknown,))
    assert suggest(replace(extraction, settings=sizeless)) == ()


def test_without_literals_the_advice_stands_and_changes_nothing():
    found = suggest(one_pass(origins=False))
    assert len(found) == 3
    assert all(one.change == () for one in found)


def test_savings_without_a_measurement_come_from_the_card():
    found = by_rule(one_pass(), card=RTX_4090)["few_steps"]
    assert found.saving_wh.best > 0
    assert by_rule(one_pass())["few_steps"].saving_wh is None


def test_a_relative_s_ratio_is_wider():
    known, unknown = (by_rule(one_pass(name))["size"].ratio for name in (WAN, "new_14B.gguf"))
    assert known.best == pytest.approx(unknown.best)
    assert unknown.low < known.low < known.high < unknown.high
