"""What advice says: estimates, suggestions and how they did."""

from dataclasses import dataclass
from enum import StrEnum

from vidgreen_gui.model.footprint import Grade, Range
from vidgreen_gui.model.settings import Settings


class Keeps(StrEnum):
    """What a suggestion leaves of the video the user is after."""

    SAME_TAKE = "same_take"
    SIMILAR = "similar"
    OTHER_VIDEO = "other_video"
    SHORTER = "shorter"


@dataclass(frozen=True, slots=True)
class Change:
    """One literal of the graph and its new value; node and input are exact."""

    node: str
    input: str
    before: str | float | bool | None
    after: str | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a generation will cost on a GPU; ranges at 80 %.

    `tflop` counts 10^12 floating-point operations. `basis` is a sentence code.
    """

    model: str | None
    family: str
    gpu: str
    settings: Settings
    tflop: float
    energy_wh: Range
    duration_s: Range
    grade: Grade
    basis: str
    co2e_g: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A cheaper way: what changes, what it saves, what it keeps and where that is known from.

    `ratio` is new energy over old. `title` and `caveat` are sentence codes filled by `arguments`;
    `evidence` is "physics", "published" or "own_runs"; `source` is printable.
    """

    rule: str
    title: str
    keeps: Keeps
    change: tuple[Change, ...]
    ratio: Range
    saving_wh: Range | None
    saving_s: Range | None
    caveat: str
    evidence: str
    source: str
    arguments: tuple[tuple[str, str | float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a suggestion did when the user tried it: ratios of measured energy."""

    rule: str
    predicted: float
    measured: float
    n: int
