"""What a generation was asked to do, and where in the graph each setting stands."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA in the live branch of the graph."""

    name: str
    strength: float | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The literal that sets a value: node id, class and input name in the API-format graph."""

    node: str
    class_type: str
    input: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerPass:
    """One sampler of the live branch, in dependency order; None where the graph does not say.

    `steps` is what this pass runs, `evaluations` how often it calls the model: steps x 2 where
    CFG is above 1, not counting what a cache may skip.
    """

    node: str
    class_type: str
    steps: int | None = None
    evaluations: int | None = None
    cfg: float | None = None
    sampler: str | None = None
    scheduler: str | None = None
    denoise: float | None = None
    seed: int | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    model: str | None = None
    loras: tuple[Lora, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a generation as asked; None where nothing says.

    `steps` and `evaluations` are summed over the passes; `width`, `height`, `frames` and `fps`
    are of the finished clip. `model` is the file name, `family` one of advice's architecture ids.
    """

    model: str | None = None
    family: str | None = None
    params_b: float | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    fps: float | None = None
    seconds: float | None = None
    steps: int | None = None
    evaluations: int | None = None
    cfg: float | None = None
    sampler: str | None = None
    scheduler: str | None = None
    precision: str | None = None
    loras: tuple[Lora, ...] = ()
    cache: str | None = None
    seed: int | None = None
    samplers: tuple[SamplerPass, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipHints:
    """What in a graph tells which shot it belongs to; prompts appear as a hash only."""

    output_prefix: str | None = None
    subfolder: str | None = None
    start_image: str | None = None
    start_image_sha256: str | None = None
    workflow_id: str | None = None
    prompt_sha256: str | None = None
    prompt_words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """All that is read from one graph.

    `origins` maps a setting's name ("steps", "width", "samplers.0.cfg" ...) to the literal that
    sets it: exactly this value stands there. Where a pass runs part of a schedule, its literals are
    "samplers.N.schedule_steps", ".start_at_step" and ".end_at_step". `texts` are the user's
    prompts: private, never logged, never exported unasked.
    `partner_nodes` are nodes that run in somebody's cloud; `notes` are sentence codes.
    """

    settings: Settings
    origins: dict[str, Origin] = field(default_factory=dict)
    hints: ClipHints = field(default_factory=ClipHints)
    texts: tuple[str, ...] = ()
    partner_nodes: tuple[str, ...] = ()
    save_nodes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
