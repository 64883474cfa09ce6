"""What a generation costs in floating-point operations, from its settings and its architecture.

After Delavande, Pierrard and Luccioni, "Video Killed the Energy Budget" (arXiv 2509.19222v1): one
multiply-add is 2 operations; biases, activations, norms and softmax are left out. The constants
are those of the released models, not the paper's (see `architectures`).
"""

import math
from dataclasses import dataclass

from vidgreen_gui.advice.architectures import BY_FAMILY, Architecture, nearest
from vidgreen_gui.advice.recognise import family_of, is_distilled
from vidgreen_gui.model.settings import SamplerPass, Settings

_TERA = 1e12
_MEGA = 1e6


@dataclass(frozen=True, slots=True)
class Cost:
    """TFLOP of a generation: what grows with the evaluations, and what is spent once per clip.

    `exact` is False where a relative stands in for a model that nobody here knows.
    """

    architecture: Architecture
    denoising_tflop: float
    fixed_tflop: float
    exact: bool

    @property
    def tflop(self) -> float:
        """Return the sum of both."""
        return self.denoising_tflop + self.fixed_tflop


def architecture_of(settings: Settings) -> tuple[Architecture, bool]:
    """Return the architecture of the settings' family and True, or a relative's and False."""
    known = BY_FAMILY.get(settings.family or "")
    return (known, True) if known else (nearest(settings.params_b), False)


def token_count(architecture: Architecture, width: int, height: int, frames: int) -> int:
    """Return the tokens of a clip: latent frames x patches of the latent picture.

    A causal VAE keeps the first frame and joins the others: (T - 1) / stride + 1 latent frames.
    """
    pixels = architecture.stride_xy * architecture.patch_xy
    latent_frames = (max(frames, 1) - 1) // architecture.stride_t + 1
    return (
        math.ceil(latent_frames / architecture.patch_t)
        * math.ceil(width / pixels)
        * math.ceil(height / pixels)
    )


def evaluation_tflop(architecture: Architecture, tokens: float, frames: int = 1) -> float:
    """Return the TFLOP of one call of the denoiser on `tokens` video tokens.

    Per layer: self-attention 8 l d² + 4 l² d, cross-attention 4 l d² + 4 m d² + 4 l m d, MLP
    4 l d f (arXiv 2509.19222, section 3). Text in the same sequence has no cross-attention and
    makes it longer. `frames` matters where each frame attends to itself alone.
    """
    width, text = architecture.width, architecture.text_tokens
    length = tokens + text if architecture.joint else tokens
    reach = length / frames if architecture.by_frame else length
    attention = 8 * length * width**2 + 4 * length * reach * width
    cross = 0.0
    if not architecture.joint:
        cross = 4 * length * width**2 + 4 * text * width**2 + 4 * length * text * width
    mlp = 4 * length * width * architecture.ffn
    return architecture.layers * (attention + cross + mlp) / _TERA


def decoding_tflop(architecture: Architecture, width: int, height: int, frames: int) -> float:
    """Return the TFLOP of VAE, text encoder and loading, at the denoiser's rate; once per clip."""
    return architecture.vae_tflop * frames * width * height / _MEGA


def generation_cost(settings: Settings) -> Cost | None:
    """Return the cost of a generation, None where size, length or evaluations are unknown.

    Each pass counts at its own size. A still made on the way, by another family, does too.
    """
    architecture, exact = architecture_of(settings)
    width, height, frames = settings.width, settings.height, settings.frames
    passes = settings.samplers or (_single_pass(settings),)
    if not (width and height and frames):
        # Some finished sizes are known at run time only: the last pass is nearest to them.
        width, height, frames = passes[-1].width, passes[-1].height, passes[-1].frames
    if not (width and height and frames):
        return None
    denoising = 0.0
    for each in passes:
        own = _own_architecture(each, architecture)
        calls = _evaluations(each, own)
        if calls is None:
            return None
        length = each.frames or frames
        tokens = token_count(own, each.width or width, each.height or height, length)
        denoising += calls * evaluation_tflop(own, tokens, length)
    return Cost(architecture, denoising, decoding_tflop(architecture, width, height, frames), exact)


def _single_pass(settings: Settings) -> SamplerPass:
    return SamplerPass(
        node="", class_type="", steps=settings.steps, evaluations=settings.evaluations,
        cfg=settings.cfg, width=settings.width, height=settings.height, frames=settings.frames,
        model=settings.model,
    )  # fmt: skip


def _own_architecture(each: SamplerPass, architecture: Architecture) -> Architecture:
    family = family_of(each.model)[0] if each.model else None
    return BY_FAMILY[family] if family else architecture


def _evaluations(each: SamplerPass, architecture: Architecture) -> int | None:
    if each.evaluations is not None or each.steps is None:
        return each.evaluations
    unsaid = architecture.guided and not (each.model and is_distilled(each.model))
    doubled = unsaid if each.cfg is None else each.cfg > 1
    return each.steps * 2 if doubled else each.steps
