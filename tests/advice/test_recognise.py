"""Families, sizes and precisions from file names as they are found in the wild."""

import pytest

from vidgreen_gui.advice.architectures import ARCHITECTURES, BY_FAMILY, nearest
from vidgreen_gui.advice.recognise import complete, family_of, is_distilled, precision_of
from vidgreen_gui.model.settings import SamplerPass, Settings


@pytest.mark.parametrize(
    ("name", "family", "params_b"),
    [
        ("wan2.1_t2v_1.3B_fp16.safetensors", "wan2.1-1.3b", 1.3),
        ("wan2.1_fun_control_1.3B_bf16.safetensors", "wan2.1-1.3b", 1.3),
        ("Wan2_1-T2V-1_3B_bf16.safetensors", "wan2.1-1.3b", 1.3),
        ("wan2.1_i2v_480p_14B_fp16.safetensors", "wan2.1-14b", 14),
        ("WanVideo/Wan2_1-T2V-14B_fp8_e4m3fn.safetensors", "wan2.1-14b", 14),
        ("wan_animate_2_distill_int8_convrot.safetensors", "wan2.1-14b", 14),
        ("wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors", "wan2.2-a14b", 14),
        ("Wan2_2-T2V-A14B-HIGH_fp8_e4m3fn_scaled_KJ.safetensors", "wan2.2-a14b", 14),
        (r"wan22\Wan2.2-I2V-A14B-LowNoise-Q4_K_M.gguf", "wan2.2-a14b", 14),
        ("wan2.2_s2v_14B_fp8_scaled.safetensors", "wan2.2-a14b", 14),
        ("wan2.2_ti2v_5B_fp16.safetensors", "wan2.2-ti2v-5b", 5),
        ("Wan2_2-TI2V-5B_fp8_e4m3fn_scaled_KJ.safetensors", "wan2.2-ti2v-5b", 5),
        ("hunyuan_video_t2v_720p_bf16.safetensors", "hunyuanvideo", 13),
        ("hunyuan_video_720_cfgdistill_fp8_e4m3fn.safetensors", "hunyuanvideo", 13),
        ("hunyuanvideo1.5_720p_t2v_fp16.safetensors", "hunyuanvideo-1.5", 8.3),
        ("ltx-video-2b-v0.9.safetensors", "ltx-video-2b", 2),
        ("ltxv-13b-0.9.7-dev-fp8.safetensors", "ltx-video-13b", 13),
        ("ltxv-2b-0.9.6-distilled-04-25.safetensors", "ltx-video-2b", 2),
        ("ltx-2-19b-distilled.safetensors", "ltx-2", 19),
        ("ltx-2.3-22b-dev-fp8.safetensors", "ltx-2.3", 22),
        ("ltx-2.5-22b-distilled-transformer-comfy-int8-convrot.safetensors", "ltx-2.3", 22),
        ("CogVideoX_5b_fp8_e4m3fn.safetensors", "cogvideox-5b", 5),
        ("CogVideoX-2b.safetensors", "cogvideox-2b", 2),
        ("CogVideoX_1_5_5b_T2V_bf16.safetensors", "cogvideox1.5-5b", 5),
        ("mochi_preview_bf16.safetensors", "mochi-1", 10),
        ("svd_xt.safetensors", "svd", 1.5),
        ("minimax_h3_fl2va_pruned_int8_convrot.safetensors", None, None),
        ("sd_xl_base_1.0.safetensors", None, None),
        ("Kandinsky5lite_t2v_2b.safetensors", None, 2),
        ("seedvr2_3b_int8_convrot.safetensors", None, 3),
        ("swan_lake_7b.safetensors", None, 7),
        ("tiny_wan2.2_t2v_high_noise_fp16.safetensors", None, None),
        ("", None, None),
    ],
)
def test_family_and_size(name, family, params_b):
    assert family_of(name) == (family, params_b)


@pytest.mark.parametrize(
    ("name", "weight_dtype", "precision"),
    [
        ("wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors", "default", "fp8_scaled"),
        ("Wan2_2-T2V-A14B-HIGH_fp8_e4m3fn_scaled_KJ.safetensors", None, "fp8_scaled"),
        ("wan2.1_t2v_1.3B_fp16.safetensors", None, "fp16"),
        ("wan2.1_t2v_1.3B_fp16.safetensors", "fp8_e4m3fn_fast", "fp8_e4m3fn"),
        ("wan2.1_i2v_480p_14B_bf16.safetensors", "default", "bf16"),
        ("x_fp8_e5m2.safetensors", None, "fp8_e5m2"),
        ("ltx-2.3-22b-dev-fp8.safetensors", None, "fp8"),
        ("wan_animate_2_distill_int8_convrot.safetensors", None, "int8"),
        ("gemma_3_12B_it_fp4_mixed.safetensors", None, "fp4"),
        ("qwen3vl_32b_minimax_h3_nvfp4_awq.safetensors", None, "nvfp4"),
        ("Wan2.2-I2V-A14B-LowNoise-Q4_K_M.gguf", None, "Q4_K_M"),
        ("wan2.1-t2v-14b-Q8_0.gguf", None, "Q8_0"),
        ("wan2.1-t2v-14b-Q5_K_S.gguf", None, "Q5_K_S"),
        ("svd_xt.safetensors", None, None),
    ],
)
def test_precision(name, weight_dtype, precision):
    assert precision_of(name, weight_dtype) == precision


@pytest.mark.parametrize(
    ("name", "distilled"),
    [
        ("wan2.2_t2v_lightx2v_4steps_lora_v1.1_high_noise.safetensors", True),
        ("Wan21_CausVid_14B_T2V_lora_rank32.safetensors", True),
        ("ltx-2-19b-distilled.safetensors", True),
        ("Wan2.2-Lightning_T2V-A14B-4steps-lora.safetensors", True),
        ("fastvideo_fasth3_8step_v2_pruned_int8_convrot.safetensors", True),
        ("wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors", False),
        ("film_grain_style_v2.safetensors", False),
        ("turbulence.safetensors", False),
    ],
)
def test_distilled_weights_say_so(name, distilled):
    assert is_distilled(name) is distilled


def test_complete_fills_in_what_names_tell_and_nothing_else():
    pair = Settings(
        model="sd_xl_base_1.0.safetensors",
        precision="fp8_e4m3fn",
        samplers=(SamplerPass(node="1", class_type="KSampler", model="svd_xt.safetensors"),),
    )
    done = complete(pair)
    assert (done.family, done.params_b, done.precision) == ("svd", 1.5, "fp8_e4m3fn")
    assert done.model == "sd_xl_base_1.0.safetensors"
    assert complete(Settings()) == Settings()
    assert complete(Settings(model="x.safetensors", family="mochi-1")).family == "mochi-1"


def test_the_table_is_whole():
    assert len(BY_FAMILY) == len(ARCHITECTURES)
    for entry in ARCHITECTURES:
        assert entry.source
        assert entry.status in {"read", "recalled", "equivalent"}
        assert min(entry.layers, entry.width, entry.ffn, entry.fps, entry.params_b) > 0


def test_a_stranger_has_a_relative():
    assert nearest(None).family == "wan2.1-14b"
    assert nearest(1.4).family == "wan2.1-1.3b"
    assert nearest(30).family == "ltx-2.3"
