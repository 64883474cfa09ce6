"""Reads a session for the charts: which iteration and which phase was on at what time."""

from dataclasses import dataclass

from vidgreen_gui.gui.charts.timeview import ms_of
from vidgreen_gui.model.facts import IterationFacts, LiveSnapshot, PhaseFigure
from vidgreen_gui.model.session import Status, Where
from vidgreen_gui.model.units import NS_PER_S


@dataclass(frozen=True, slots=True)
class Stretch:
    """An iteration in time, UTC ms; `track` keeps those apart that run at the same time."""

    facts: IterationFacts
    clip_name: str
    start_ms: float
    end_ms: float
    track: int = 0

    @property
    def id(self) -> str:
        """Return the iteration's id."""
        return self.facts.iteration.id

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self.facts.iteration.status is Status.RUNNING

    @property
    def in_cloud(self) -> bool:
        """Whether none of it was computed here."""
        return self.facts.iteration.where is Where.CLOUD

    def on_device(self, device_id: str) -> bool:
        """Whether it ran on that device, as far as is known."""
        known = self.facts.iteration.device_ids
        return not self.in_cloud and (not known or device_id in known)


def stretches_of(snapshot: LiveSnapshot) -> tuple[Stretch, ...]:
    """Return the session's iterations in order of start; those without a start are left out."""
    now_ms = ms_of(snapshot.utc_ns)
    found = []
    for clip in snapshot.session.clips if snapshot.session else ():
        for facts in clip.iterations:
            start_ns = facts.iteration.started_utc_ns
            if start_ns is None:
                continue
            start_ms = ms_of(start_ns)
            end_ms = _end_ms(facts, start_ns, now_ms)
            found.append(Stretch(facts, clip.clip.name, start_ms, max(start_ms, end_ms)))
    found.sort(key=lambda stretch: stretch.start_ms)
    return _tracked(found)


def phase_at(facts: IterationFacts, t_ms: float) -> PhaseFigure | None:
    """Return the phase that was on at a time, None where none is known."""
    for phase in facts.phases:
        start_ms = ms_of(phase.start_utc_ns)
        if start_ms <= t_ms < start_ms + 1000 * phase.duration_s:
            return phase
    return None


def longest_phase(facts: IterationFacts) -> tuple[PhaseFigure, float] | None:
    """Return the phase that took longest and its share of the time in phases."""
    total_s = sum(phase.duration_s for phase in facts.phases)
    if total_s <= 0:
        return None
    longest = max(facts.phases, key=lambda phase: phase.duration_s)
    return longest, longest.duration_s / total_s


def _end_ms(facts: IterationFacts, start_ns: int, now_ms: float) -> float:
    if facts.iteration.ended_utc_ns is not None:
        return ms_of(facts.iteration.ended_utc_ns)
    if facts.iteration.status is Status.RUNNING:
        return now_ms
    return ms_of(start_ns + round((facts.duration_s or 0.0) * NS_PER_S))


def _tracked(stretches: list[Stretch]) -> tuple[Stretch, ...]:
    free_from: list[float] = []
    placed = []
    for one in stretches:
        track = next((at for at, end in enumerate(free_from) if end <= one.start_ms), None)
        if track is None:
            track = len(free_from)
            free_from.append(0.0)
        free_from[track] = one.end_ms
        placed.append(Stretch(one.facts, one.clip_name, one.start_ms, one.end_ms, track))
    return tuple(placed)
