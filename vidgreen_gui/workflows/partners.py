"""Tells nodes that compute in somebody's cloud from those that compute here.

Partner nodes carry the provider's name at the front of their class and end as a request does
("KlingTextToVideoNode", "WanTextToVideoApi"). A local node of the same name family is told apart
by what it loads or needs: weights, latents, a VAE.
"""

import re

from vidgreen_gui.workflows.graph import Node

# Providers that offer no local nodes under their name: the name alone decides.
_ONLY_CLOUD = re.compile(
    r"^(Beeble|Bria|ByteDance|Claude|ElevenLabs|Gemini|GoogleImagen|Grok|HappyHorse|HeyGen|HitPaw"
    r"|Ideogram|Kling|Krea2(Image|Style)|Luma(Concepts|Image|Ray|Reference|Video)|Magnific|Meshy"
    r"|MinimaxHailuo|Minimax(Text|Image|Subject)ToVideo|Mirelo|Moonvalley|OpenAI|OpenRouter|Pika"
    r"|Pixverse|PixVerse|Quiver|Recraft|Reve|Rodin3D|Runway|Seedance|Seedream|Sonilo|Stability"
    r"|Sync(LipSync|Talking)|Tencent|Topaz|Tripo|Veed|VEED|Veo\d?[A-Z]|Vidu|Wavespeed)"
)
# Providers that also publish weights: their hosted nodes end in Api or are these.
_ALSO_LOCAL = re.compile(
    r"(^|[a-z\d])Api($|[A-Z])|^(FluxPro|FluxVTO|FluxErase|FluxKontext(Pro|Max)|Flux2(Pro|Max|Image))"
)
_LOCAL_INPUTS = {"model", "vae", "clip", "latent", "latent_image", "samples", "guider"}


def is_partner(node: Node) -> bool:
    """Return whether a node sends its work to a provider."""
    if not (_ONLY_CLOUD.search(node.class_type) or _ALSO_LOCAL.search(node.class_type)):
        return False
    return not any(name in _LOCAL_INPUTS for name, _ in node.links())
