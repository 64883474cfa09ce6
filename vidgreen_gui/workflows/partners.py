"""Tells nodes that compute in somebody's cloud from those that compute here.

Partner nodes carry the provider's name at the front of their class and end as a request does
("KlingTextToVideoNode", "WanTextToVideoApi"). A local node of the same name family is told apart
by what it loads or needs: weights, latents, a VAE.
"""

import re

from vidgreen_gui.workflows.graph import Node

# Providers that offer no local nodes under their name: the name alone decides.
_ONLY_CLOUD = re.compile(
    r"^(Beeble|Bria|ByteDance|Clarity|Claude|ElevenLabs|FishAudio|Gemini|Google|Grok|HappyHorse"
    r"|HeyGen|Higgsfield|HitPaw|Ideogram|Kling|Krea\d(Image|Style)"
    r"|Luma(Concepts|Image|Ray|Reference|Video)|Magnific|Meshy|MinimaxHailuo"
    r"|Minimax(Text|Image|Subject)ToVideo|Mirelo|Moonvalley|OpenAI|OpenRouter|Pika|Pi[xX]verse"
    r"|PixVerse|Pruna|Quiver|Recraft|Reve|Rodin3D|Runway|Seedance|Seedream|Sonilo|Stability"
    r"|Sync(LipSync|Talking)|Tencent|Topaz|Tripo(?!Splat)|Veed|VEED|Veo\d?[A-Z]|Vidu|Wavespeed)"
)
# Providers that also publish weights: their hosted nodes say Api, or are these.
_ALSO_LOCAL = re.compile(
    r"(^|[a-z\d])Api($|[A-Z\d])|^Flux(Pro|VTO|Erase|Video|Kontext(Pro|Max)|[23](Pro|Max)?[A-Z]).*Node$"
)
_LOCAL = re.compile(r"Scheduler$|Preprocess")
_LOCAL_INPUTS = {"model", "vae", "clip", "latent", "latent_image", "samples", "guider"}


def is_partner(node: Node) -> bool:
    """Return whether a node sends its work to a provider."""
    name = node.class_type
    if _LOCAL.search(name) or not (_ONLY_CLOUD.search(name) or _ALSO_LOCAL.search(name)):
        return False
    return not any(name in _LOCAL_INPUTS for name, _ in node.links())
