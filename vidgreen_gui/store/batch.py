"""What one commit holds: events, samples and the rows derived from them, all or nothing."""

from dataclasses import dataclass

from vidgreen_gui.model.events import Logged
from vidgreen_gui.model.learnt import Learnt
from vidgreen_gui.model.power import Block
from vidgreen_gui.model.session import Clip, Iteration, Project, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyRow:
    """Energy of one owner on one device in one UTC half hour; recomputable from log and samples.

    `owner` is an iteration id, or "idle", "standby" or "other" of the session.
    """

    session_id: str
    owner: str
    device_id: str
    half_hour_utc_ns: int
    energy_j: float
    low_j: float
    high_j: float
    grade: str
    gap_s: float
    method_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateText:
    """The prompts and the graph of an iteration: one table that can be emptied or never filled."""

    iteration_id: str
    texts: tuple[str, ...]
    graph_json: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One transaction. Rows replace those of the same identity; events and samples only append.

    `replaces_energy_of` lists owners (with their session) whose energy rows are removed first.
    """

    run_id: str
    events: tuple[Logged, ...] = ()
    blocks: tuple[Block, ...] = ()
    projects: tuple[Project, ...] = ()
    sessions: tuple[Session, ...] = ()
    clips: tuple[Clip, ...] = ()
    iterations: tuple[Iteration, ...] = ()
    replaces_energy_of: tuple[tuple[str, str], ...] = ()
    energies: tuple[EnergyRow, ...] = ()
    private: tuple[PrivateText, ...] = ()
    learnt: tuple[Learnt, ...] = ()
