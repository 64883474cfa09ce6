"""The session document `vidgreen-session/1` as types: what is written, read back and published.

Every field is always there; what is not known is null, never 0. Readers ignore unknown fields.
A field may be added; a changed meaning is a new schema.
"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct, field

from vidgreen_gui.model.footprint import Basis, Grade, Range, Scope
from vidgreen_gui.model.power import DeviceKind
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


class ReadPart(Struct, frozen=True):
    """Which call or file a quantity of a device comes from."""

    quantity: str
    from_: str = field(name="from")


class DevicePart(Struct, frozen=True):
    """What was measured: counted accelerators are in `energy_wh`.

    Those of kind cpu and machine are in `host_energy_wh`, a wall meter is `wall_energy_wh`.
    `missing` are codes of what could not be read. `gain` is the half width, at 95 %, of the
    relative error that all its readings share. `gap_s` is how long it did not answer,
    `counter_ratio` its counter's energy over its integrated power. `shared` says that programs of
    others kept it busy too; `programs` names them, null unless the private parts were asked for.
    """

    id: str
    name: str
    uuid: str
    meter: str
    grade: Grade
    counted: bool
    kind: DeviceKind = DeviceKind.GPU
    reads: tuple[ReadPart, ...] = ()
    missing: tuple[str, ...] = ()
    gain: Annotated[float, Meta(ge=0)] | None = None
    gap_s: Seconds | None = None
    counter_ratio: float | None = None
    shared: bool | None = None
    programs: tuple[str, ...] | None = None


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

    `host_energy_wh` is the rest of the machine, `wall_energy_wh` both at the socket; where no
    plug measured that, it is a model. CO2e and cost count what the session's `scope` says.

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
    host_grade: Grade = Grade.MISSING
    wall_grade: Grade = Grade.MISSING


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
    host_energy_wh: Range | None = None
    wall_energy_wh: Range | None = None
    host_grade: Grade = Grade.MISSING
    wall_grade: Grade = Grade.MISSING


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
    host_grade: Grade = Grade.MISSING
    wall_grade: Grade = Grade.MISSING


class CalibrationPart(Struct, frozen=True):
    """How the model of the socket compared with a plug meter: plug over model, at 95 %."""

    plug: str
    factor: Range
    duration_s: Seconds
    measured_at: Moment


class SupplyPart(Struct, frozen=True):
    """What a modelled `wall_energy_wh` assumes of the power supply; null is not known."""

    psu: str | None
    rating_w: Annotated[float, Meta(gt=0)] | None
    calibration: CalibrationPart | None


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
    supply: SupplyPart | None = None


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
