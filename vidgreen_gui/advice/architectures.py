"""What is known of each video model's inside: the numbers its cost is counted from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FewSteps:
    """Published weights, or a LoRA, that need only `steps` evaluations without guidance."""

    steps: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """One family's denoiser and VAE.

    `layers`, `width` and `ffn` (hidden width of a two-matrix MLP; a gated one counts 1.5) are of
    the transformer, `text_tokens` what it attends to, in the same sequence where `joint`.
    `stride_t`, `stride_xy` are the VAE's, `patch_t`, `patch_xy` the denoiser's. Each frame
    attends to itself alone where `by_frame`. `experts` take turns, so they cost memory only.
    `vae_tflop` is decoding, loading and encoding per million pixels and frame, as TFLOP at the
    denoiser's own rate. `fps` is the native rate, `guided` whether CFG doubles the evaluations.
    `status`: "read" in a source, "recalled", or "equivalent" (a convolutional denoiser
    expressed as the transformer that costs as much).
    """

    family: str
    params_b: float
    layers: int
    width: int
    ffn: int
    text_tokens: int
    fps: float
    stride_t: int = 4
    stride_xy: int = 8
    patch_t: int = 1
    patch_xy: int = 2
    joint: bool = False
    by_frame: bool = False
    guided: bool = True
    experts: int = 1
    vae_tflop: float = 70.0
    few_steps: FewSteps | None = None
    status: str
    source: str


_LIGHTX2V = "LightX2V benchmark: 40 steps with CFG against 4 without, 191 s to 14 s on an H200"
_TEMPLATE = "ComfyUI's Wan 2.2 14B template: 20 steps with CFG against 4 without, 513 s to 71 s"
_LTX_DISTILLED = "Lightricks LTX-Video README: distilled weights, 8 steps without guidance"

# The VAE figure of 70 TFLOP lies between what that template leaves beside the denoiser (21.9 s of
# 71 s, 93 TFLOP with the loading of two experts) and the published share of Wan's VAE in energy
# (0.8 to 3.4 %, 57 TFLOP; arXiv 2607.04553). Others follow from it by the square of their widest
# full-size channels; they are recalled.
ARCHITECTURES: tuple[Architecture, ...] = (
    Architecture(
        family="wan2.1-1.3b", params_b=1.3, layers=30, width=1536, ffn=8960, text_tokens=512,
        fps=16, few_steps=FewSteps(4, "FastVideo FastWan2.1-T2V-1.3B: 184 s to 5.3 s, denoising"),
        status="read", source="Wan 2.1 release; FFN recalled",
    ),
    Architecture(
        family="wan2.1-14b", params_b=14, layers=40, width=5120, ffn=13824, text_tokens=512,
        fps=16, few_steps=FewSteps(4, _LIGHTX2V),
        status="read", source="Wan 2.1 release; FFN recalled",
    ),
    Architecture(
        family="wan2.2-a14b", params_b=14, layers=40, width=5120, ffn=13824, text_tokens=512,
        fps=16, experts=2, few_steps=FewSteps(4, _TEMPLATE),
        status="read", source="Wan 2.2 release: two experts of the 14B shape",
    ),
    Architecture(
        family="wan2.2-ti2v-5b", params_b=5, layers=30, width=3072, ffn=14336, text_tokens=512,
        fps=24, stride_xy=16, vae_tflop=125.0,
        few_steps=FewSteps(4, "FastVideo FastWan2.2-TI2V-5B, distilled to few steps"),
        status="recalled", source="Wan 2.2 release",
    ),
    Architecture(
        family="hunyuanvideo", params_b=13, layers=60, width=3072, ffn=12288, text_tokens=256,
        fps=24, joint=True, guided=False, vae_tflop=125.0,
        few_steps=FewSteps(8, "FastVideo FastHunyuan, distilled to 6 to 8 steps"),
        status="recalled", source="HunyuanVideo release: 20 double and 40 single blocks",
    ),
    Architecture(
        family="hunyuanvideo-1.5", params_b=8.3, layers=54, width=2048, ffn=8192,
        text_tokens=1256, fps=24, stride_xy=16, patch_xy=1, joint=True, vae_tflop=125.0,
        few_steps=FewSteps(8, "HunyuanVideo-1.5 README: 8 or 12 steps, a quarter of the time"),
        status="recalled", source="HunyuanVideo-1.5 release",
    ),
    Architecture(
        family="ltx-video-2b", params_b=2, layers=28, width=2048, ffn=8192, text_tokens=128,
        fps=24, stride_t=8, stride_xy=32, patch_xy=1, vae_tflop=15.0,
        few_steps=FewSteps(8, _LTX_DISTILLED),
        status="recalled", source="LTX-Video release",
    ),
    Architecture(
        family="ltx-video-13b", params_b=13, layers=48, width=4096, ffn=16384, text_tokens=128,
        fps=24, stride_t=8, stride_xy=32, patch_xy=1, vae_tflop=15.0,
        few_steps=FewSteps(8, _LTX_DISTILLED),
        status="recalled", source="LTX-Video 0.9.7 release",
    ),
    Architecture(
        family="ltx-2", params_b=19, layers=48, width=4096, ffn=16384, text_tokens=1024,
        fps=24, stride_t=8, stride_xy=32, patch_xy=1, vae_tflop=15.0,
        few_steps=FewSteps(8, "Lightricks LTX-2 README: distilled weights, 8 steps, CFG 1"),
        status="recalled", source="LTX-2 release; its audio stream is left out",
    ),
    Architecture(
        family="ltx-2.3", params_b=22, layers=48, width=4096, ffn=16384, text_tokens=1024,
        fps=25, stride_t=8, stride_xy=32, patch_xy=1, vae_tflop=15.0,
        few_steps=FewSteps(8, "ComfyUI's LTX-2.3 template: distilled LoRA, 8 steps, CFG 1"),
        status="recalled", source="LTX-2.3 release; its audio stream is left out",
    ),
    Architecture(
        family="cogvideox-2b", params_b=2, layers=30, width=1920, ffn=7680, text_tokens=226,
        fps=8, joint=True, vae_tflop=125.0, status="recalled", source="CogVideoX release",
    ),
    Architecture(
        family="cogvideox-5b", params_b=5, layers=42, width=3072, ffn=12288, text_tokens=226,
        fps=8, joint=True, vae_tflop=125.0, status="recalled", source="CogVideoX release",
    ),
    Architecture(
        family="cogvideox1.5-5b", params_b=5, layers=42, width=3072, ffn=12288, text_tokens=226,
        fps=16, patch_t=2, joint=True, vae_tflop=125.0,
        status="recalled", source="CogVideoX 1.5 release",
    ),
    Architecture(
        family="mochi-1", params_b=10, layers=48, width=3072, ffn=12288, text_tokens=256, fps=30,
        stride_t=6, joint=True, vae_tflop=85.0,
        status="recalled", source="Mochi 1 release: gated MLP of 8192",
    ),
    Architecture(
        family="svd", params_b=1.5, layers=13, width=1024, ffn=4096, text_tokens=1, fps=7,
        stride_t=1, patch_xy=1, by_frame=True,
        status="equivalent", source="Stable Video Diffusion: the U-Net of Stable Diffusion 2.1",
    ),
)  # fmt: skip

BY_FAMILY: dict[str, Architecture] = {entry.family: entry for entry in ARCHITECTURES}

# What a model that nobody here knows is taken for, unless its size says better.
RELATIVE = BY_FAMILY["wan2.1-14b"]


def nearest(params_b: float | None) -> Architecture:
    """Return the transformer whose parameter count is nearest by ratio: a relative, no more."""
    if params_b is None or params_b <= 0:
        return RELATIVE
    known = (entry for entry in ARCHITECTURES if entry.status != "equivalent")
    return min(
        known, key=lambda entry: max(entry.params_b, params_b) / min(entry.params_b, params_b)
    )
