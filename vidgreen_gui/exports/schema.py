"""The session document `vidgreen-session/1` as types: what is written, read back and published.

Every field is always there; what is not known is null, never 0. Readers ignore unknown fields.
A field may be added; a changed meaning is a new schema.
"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct, field

from vidgreen_gui.model.footprint import Basis, Grade, Range, Scope
from vidgreen_gui.model.session import (
    Cached,
    Done,
    EndedBy,
    PhaseName,
    SessionKind,
    Status,
    Where,
)
from vidgreen_gui.model.settings import Settings

SCHEMA: Final = "vidgreen-session/1"
LIST_SCHEMA: Final = "vidgreen-session-list/1"
SCHEMA_FILE = "schema/vidgreen-session-1.json"

Moment = Annotated[datetime, Meta(tz=True)]
Seconds = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Level(Struct, frozen=True):
    """How often the truth lies inside a range."""

    measured: float
    predicted: float


class ProjectPart(Struct, frozen=True):
    """What the work is for."""

    id: str
    name: str


class SessionPart(Struct, frozen=True):
    """The sitting. `scope` is what every CO2e and cost counts: gpu, machine or wall."""

    id: str
    kind: SessionKind
    title: str
    started_at: Moment
    ended_at: Moment | None
    ended_by: EndedBy | None
    scope: Scope


class MachinePart(Struct, frozen=True):
    """The computer."""

    name: str
    os: str
    cpu: str


class DevicePart(Struct, frozen=True):
    """An accelerator; only counted ones are in the sums."""

    id: str
    name: str
    uuid: str
    meter: str
    grade: Grade
    counted: bool


class FactorPart(Struct, frozen=True):
    """Grams of CO2e per kilowatt-hour, and who says so."""

    id: str
    zone: str
    g_per_kwh: Annotated[float, Meta(ge=0)]
    basis: Basis
    source: str
    year: int
    licence: str
    from_: Moment | None = field(name="from")
    to: Moment | None


class Cost(Struct, frozen=True):
    """A sum of money, or a provider's credits."""

    amount: float | None
    currency: str | None
    credits: float | None


class PhasePart(Struct, frozen=True):
    """A stretch of an iteration."""

    name: PhaseName
    duration_s: Seconds
    energy_wh: Range | None


class AdvicePart(Struct, frozen=True):
    """A suggestion that was tried: new energy over old, as said and as measured."""

    rule: str
    predicted: float
    measured: float


class IterationPart(Struct, frozen=True):
    """One generation attempt. `energy_wh` is the accelerators alone.

    `seed` in the settings, folders in `outputs` and `prompts` are null, cut off and null unless
    the private parts were asked for.
    """

    id: str
    number: int
    source: str
    external_id: str
    parent_id: str | None
    where: Where
    provider: str | None
    device_ids: tuple[str, ...]
    status: Status
    started_at: Moment | None
    ended_at: Moment | None
    duration_s: Seconds | None
    kept: bool | None
    seconds_used: Seconds | None
    cached: Cached
    settings: Settings
    done: Done
    energy_wh: Range | None
    host_energy_wh: Range | None
    wall_energy_wh: Range | None
    grade: Grade
    co2e_g: Range | None
    factor_ids: tuple[str, ...]
    cost: Cost
    phases: tuple[PhasePart, ...]
    advice: tuple[AdvicePart, ...]
    outputs: tuple[str, ...]
    prompts: tuple[str, ...] | None = None


class ClipPart(Struct, frozen=True):
    """A shot with the attempts of this session."""

    id: str
    name: str
    iterations: tuple[IterationPart, ...]


class Outside(Struct, frozen=True):
    """Energy of the counted devices that belongs to no iteration."""

    energy_wh: Range | None
    co2e_g: Range | None
    grade: Grade = Grade.MISSING


class Own(Struct, frozen=True):
    """What VidGreen itself drew; in no other figure."""

    energy_wh: Range | None


class TotalsPart(Struct, frozen=True):
    """Sums. Iterations + idle + standby + other = `energy_wh`; simulated energy stands apart.

    Where all of a session is simulated, `energy_wh` carries it and `grade` says so.
    """

    energy_wh: Range | None
    host_energy_wh: Range | None
    wall_energy_wh: Range | None
    co2e_g: Range | None
    cost: Cost
    iterations: Annotated[int, Meta(ge=0)]
    kept_energy_wh: Range | None
    discarded_energy_wh: Range | None
    undecided_energy_wh: Range | None
    simulated_energy_wh: Range | None
    measured_share: Share | None
    gap_s: Seconds
    grade: Grade


class SessionDocument(Struct, frozen=True):
    """A session as VidGreen hands it over. Energies in Wh, CO2e in g, each {best, low, high}."""

    schema: Literal["vidgreen-session/1"]
    app_version: str
    method_version: int
    level: Level
    project: ProjectPart
    session: SessionPart
    machine: MachinePart
    devices: tuple[DevicePart, ...]
    factors: tuple[FactorPart, ...]
    clips: tuple[ClipPart, ...]
    idle: Outside
    standby: Outside
    other: Outside
    own: Own = field(name="self")
    totals: TotalsPart
    digest: str


class SessionList(Struct, frozen=True):
    """Several sessions in one file."""

    schema: Literal["vidgreen-session-list/1"]
    sessions: tuple[SessionDocument, ...]


def published_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a session document, as shipped in SCHEMA_FILE."""
    (made,), parts = msgspec.json.schema_components(
        [SessionDocument], ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        **made,
        "$defs": parts,
    }
