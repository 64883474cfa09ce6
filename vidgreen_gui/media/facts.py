"""What a finished file says of itself."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """Size, length and tags of a finished file; None where it does not say.

    `tags` are all its texts under lower-case names, ComfyUI's `prompt` and `workflow` among them.
    """

    kind: Literal["video", "image"]
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    fps: float | None = None
    tags: dict[str, str] = field(default_factory=dict)
