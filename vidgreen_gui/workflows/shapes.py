"""How wide, high and long what a node puts out is."""

from dataclasses import dataclass, replace

from vidgreen_gui.model.settings import Origin

# What no video measures: arithmetic beyond it is a mistake in the graph.
MAX_SIDE = 10**9


@dataclass(frozen=True, slots=True)
class Side:
    """A length in pixels or frames; `origin` is the literal that holds exactly this value."""

    value: int
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """Pictures or latents, measured in pixels and frames of the video they stand for.

    `stride` is how many frames one latent frame holds after the first.
    """

    width: Side | None = None
    height: Side | None = None
    frames: Side | None = None
    stride: int = 4

    def values(self) -> tuple[int | None, int | None, int | None]:
        """Return width, height and frames."""
        sides = (self.width, self.height, self.frames)
        return tuple(side.value if side else None for side in sides)  # type: ignore[return-value]

    def origins(self) -> dict[str, Origin]:
        """Return the literals of the sides that stand on one."""
        named = (("width", self.width), ("height", self.height), ("frames", self.frames))
        return {name: side.origin for name, side in named if side and side.origin}

    def volume(self) -> int:
        """Return pixels times frames, 0 where a side is unknown."""
        width, height, frames = self.values()
        return (width or 0) * (height or 0) * (frames or 0)

    def scaled(self, factor: float) -> "Shape":
        """Return the shape with both sides of the picture multiplied."""
        if factor == 1:
            return self
        return replace(self, width=_times(self.width, factor), height=_times(self.height, factor))

    def with_frames(self, frames: int | None) -> "Shape":
        """Return the shape with another length, None for an unknown one."""
        if self.frames is not None and self.frames.value == frames:
            return self
        known = frames is not None and 0 <= frames <= MAX_SIDE
        return replace(self, frames=Side(frames) if known else None)  # type: ignore[arg-type]

    def latent_frames(self) -> int | None:
        """Return how many latent frames hold this shape's frames."""
        return None if self.frames is None else max(0, self.frames.value - 1) // self.stride + 1

    def with_latent_frames(self, count: int | None) -> "Shape":
        """Return the shape with as many frames as `count` latent frames hold."""
        return self.with_frames(None if count is None else max(0, count - 1) * self.stride + 1)


def _times(side: Side | None, factor: float) -> Side | None:
    if side is None or side.value * factor > MAX_SIDE:
        return None
    return Side(round(side.value * factor))
