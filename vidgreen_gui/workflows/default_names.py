"""Tells output names that nobody chose from those that name a shot.

ComfyUI, node packs and published workflows save under a product's or a model's name, perhaps with
a version and what it does: "ComfyUI", "video/LTX_2.3_i2v", "WanVideoWrapper_T2V", "Kling2.6". A
name is a default one when it says nothing beyond that.
"""

import re

_PLACEHOLDER = re.compile(r"%[^%]*%")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SEPARATORS = re.compile(r"[^a-zA-Z\d.]+")
_TASK = re.compile(r"[a-z]{0,3}\d[a-z]|\d{1,4}[a-z]{1,2}")  # t2v, flf2v, 14b, 768p


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PRODUCTS = _words(
    """
    aleph anima animatediff banana beeble bernini bria bytedance capybara chroma cogvideo
    cogvideox comfy comfyui cosmos fasth fibo flux framepack genjutsu gimm gpt grok
    happyhorse heygen hidream higgsfield humo hunyuan hunyuanvideo infinitetalk kandinsky
    kling krea ltx ltxv luma minimax mirelo mochi nano omni pixverse qwen rife runway scail
    sd sdxl seedance seedream seedvr skyreels sonilo sora svd topaz veed veo vidu wan
    wananimate wandancer wanmove wanvideo wavespeed
    """
)
_PLAIN = _words(
    """
    clip frame frames image images img interpolated output outputs result upscaled vid video
    videos
    """
)
_TASKS = _words(
    """
    alpha animate api app audio avatar background camera camrea canny causal clean control
    dancer depth dev diffusion distilled draft edit edited extend extended fabric fast final
    first flash flf forcing fp fun happy hd high horse i ia ic id image inpaint inpainting
    last lip lipsync lora low max merged mini motion move native noise of outpainting pass
    pose preview pro ray ref reference remove sfx splat sr switch sync talk text to tracks
    transfer translate tripo turbo ui v vace void wrapper x
    """
)


def without_placeholders(text: str) -> str:
    """Return a name without %date%, %seed% and the like, and without dangling separators."""
    return _PLACEHOLDER.sub("", text).strip(" _-.")


def is_default_name(name: str) -> bool:
    """Return whether an output name says nothing about the shot."""
    tokens = [one for one in _SEPARATORS.split(without_placeholders(name)) if one.strip(".")]
    if all(one.replace(".", "").isdigit() for one in tokens):
        return True
    named: set[str] = set()
    for token in tokens:
        words = _words_of(token.lower())
        for hump in _HUMP.split(token) if words is None else ():
            part = _words_of(hump.lower())
            if part is None:
                return False
            named |= part
        named |= words or set()
    return bool(named & (_PRODUCTS | _PLAIN))


def _words_of(token: str) -> set[str] | None:
    """Return the known words in a token ("wan2.2" has "wan"), None where it has an unknown one."""
    if _TASK.fullmatch(token):
        return set()
    parts = re.findall(r"[a-z]+", token)
    known = all(part in _PRODUCTS or part in _PLAIN or part in _TASKS for part in parts)
    return set(parts) if known or (len(parts) == 1 and len(parts[0]) == 1) else None
