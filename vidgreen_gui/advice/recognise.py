"""Tells a model's family, size and precision from its file name, by pattern."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

from vidgreen_gui.advice.architectures import BY_FAMILY
from vidgreen_gui.model.settings import Settings

# The first that is found wins; names are lower-case, with "_", "-" and blanks all written "-".
_FAMILIES = tuple(
    (re.compile(pattern), family)
    for pattern, family in (
        (r"hunyuan-?video-?v?1[.-]?5", "hunyuanvideo-1.5"),
        (r"hunyuan-?(video|i2v|t2v)|fast-?hunyuan|frame-?pack", "hunyuanvideo"),
        (r"skyreels-(hunyuan|v1)", "hunyuanvideo"),
        (r"(wan-?2[.-]?2|wan22).*(?<!\d)5b|(?<!\d)5b.*(wan-?2[.-]?2|wan22)", "wan2.2-ti2v-5b"),
        (r"wan-?2[.-]?2|wan22|wan.*(high|low)-?noise", "wan2.2-a14b"),
        (r"(wan|skyreels).*(?<!\d)1[.-]?3b", "wan2.1-1.3b"),
        (r"(?<![a-z])(fast)?wan(?![a-z])|wan(animate|video|vace)", "wan2.1-14b"),
        (r"skyreels-?v2", "wan2.1-14b"),
        (r"ltx-?v?-?2[.-]?[3-9]", "ltx-2.3"),
        (r"ltx-?2(?!-?b)(?!\d)|ltx-?av|ltx.*(?<!\d)19b", "ltx-2"),
        (r"ltx.*(?<!\d)13b", "ltx-video-13b"),
        (r"ltx", "ltx-video-2b"),
        (r"cogvideo-?x?-?1[.-]?5|cogvideo.*5b-1[.-]5", "cogvideox1.5-5b"),
        (r"cogvideo.*(?<!\d)5b", "cogvideox-5b"),
        (r"cogvideo", "cogvideox-2b"),
        (r"mochi", "mochi-1"),
        (r"(?<![a-z])svd(?![a-z])|stable-video-diffusion", "svd"),
    )
)  # fmt: skip
# A model made small for tests looks like its big sister and costs nothing like it.
_TOY = re.compile(r"(?<![a-z])tiny(?![a-z])")
_SIZE = re.compile(r"(?<![\d.])(\d+(?:[.]\d+)?)b(?![a-z])")
_PRECISIONS = tuple(
    (re.compile(pattern), precision)
    for pattern, precision in (
        (r"(?<![a-z0-9])i?(q\d(?:-k|-\d)?(?:-(?:s|m|l|xl))?)(?![a-z0-9])", ""),
        (r"nvfp4", "nvfp4"),
        (r"fp4", "fp4"),
        (r"int4|svdq", "int4"),
        (r"int8", "int8"),
        (r"fp8.*scaled|scaled.*fp8", "fp8_scaled"),
        (r"e4m3", "fp8_e4m3fn"),
        (r"e5m2", "fp8_e5m2"),
        (r"fp8", "fp8"),
        (r"bf16|bfloat16", "bf16"),
        (r"fp16|float16|half", "fp16"),
        (r"fp32|float32", "fp32"),
    )
)
_DISTILLED = re.compile(
    r"lightx2v|lightning|distill|caus-?vid|self-?forcing|accvid|fast-?(wan|hunyuan|video|h3|mochi)"
    r"|turbo|(?<![a-z])(lcm|dmd\d?|rcm|hyper)(?![a-z])|(?<!\d)\d{1,2}-?steps?(?![a-z])"
)


def family_of(name: str) -> tuple[str | None, float | None]:
    """Return the architecture's family and the parameters in billions, None where unknown.

    The size is the name's own, else the family's; a name may have a size without a family.
    """
    plain = _plain(name)
    if _TOY.search(plain):
        return None, None
    size = _SIZE.search(plain.replace("1-3b", "1.3b"))
    params_b = float(size[1]) if size else None
    for pattern, family in _FAMILIES:
        if pattern.search(plain):
            return family, params_b or BY_FAMILY[family].params_b
    return None, params_b


def precision_of(name: str, weight_dtype: str | None = None) -> str | None:
    """Return the weights' precision: what the loader was told, else what the file name says.

    "bf16", "fp8_scaled", "fp8_e4m3fn", "int8" …, or a GGUF's own "Q4_K_M"; None where unknown.
    """
    if weight_dtype and weight_dtype not in {"default", "disabled", "auto"}:
        name = weight_dtype
    plain = _plain(name)
    for pattern, precision in _PRECISIONS:
        found = pattern.search(plain)
        if found:
            return precision or found[1].upper().replace("-", "_")
    return None


def is_distilled(name: str) -> bool:
    """Return whether a model's or a LoRA's name says that it needs few steps."""
    return _DISTILLED.search(_plain(name)) is not None


def complete(settings: Settings) -> Settings:
    """Return the settings with family, size and precision filled in as far as names tell them."""
    names = [settings.model, *(each.model for each in settings.samplers)]
    known = [name for name in dict.fromkeys(names) if name]
    if not known:
        return settings
    name = next((each for each in known if family_of(each)[0]), known[0])
    family, params_b = family_of(name)
    return replace(
        settings,
        family=settings.family or family,
        params_b=settings.params_b or params_b,
        precision=settings.precision or precision_of(name),
    )


def _plain(name: str) -> str:
    """Return the base name without its ending, lower-case, every separator a hyphen."""
    stem = PurePosixPath(name.replace("\\", "/")).name
    for ending in (".safetensors", ".gguf", ".ckpt", ".pth", ".pt", ".sft", ".bin"):
        stem = stem.removesuffix(ending)
    return re.sub(r"[\s_-]+", "-", stem.lower())
