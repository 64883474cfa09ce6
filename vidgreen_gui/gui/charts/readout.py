"""Says in words what lies under the pointer of the power chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vidgreen_gui.gui.charts.columns import Columns, power_at_mw
from vidgreen_gui.gui.charts.lanes import Lane
from vidgreen_gui.gui.charts.timeline import Stretch, phase_at
from vidgreen_gui.gui.wording import DOT, clock, short_device
from vidgreen_gui.model.facts import PowerCurve
from vidgreen_gui.model.units import ns_from_ms, w_from_mw
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.visible import visible

_LONGEST_NAME = 28


@dataclass(frozen=True, slots=True)
class Readout:
    """The chart at one moment, asked for a place: time in UTC ms and height in the view."""

    texts: Texts
    lanes: Sequence[Lane]
    stretches: Sequence[Stretch]
    columns: Sequence[Columns]
    curves: Mapping[str, PowerCurve]

    def line(self, t_ms: float, y: float) -> str:
        """Return "14:23:05 · 402 W · iteration 2 · sampling", as much of it as is known."""
        lane = self._lane_at(y)
        parts = [clock(ns_from_ms(t_ms), seconds=True)]
        if len(self.lanes) > 1:
            parts.append(short_device(visible(lane.name, _LONGEST_NAME)))
        curve = self.curves.get(lane.device_id)
        power_mw = power_at_mw(curve, t_ms) if curve else None
        gap = self._gap_at(lane, t_ms)
        if power_mw is not None:
            parts.append(self.texts.numbers.power(w_from_mw(power_mw)))
        elif gap is not None:
            parts.append(self.texts.say("chart.gap", duration=self._length(*gap)))
        stretch = self.stretch_at(t_ms, y)
        if stretch is not None:
            number = str(stretch.facts.iteration.number)
            parts.append(self.texts.say("chart.iteration", number=number))
            phase = phase_at(stretch.facts, t_ms)
            if phase is not None:
                parts.append(self.texts.say(f"chart.phase.{phase.name.value}"))
        return DOT.join(parts)

    def tooltip(self, t_ms: float, y: float) -> str:
        """Return what is longer than a line: the clip, the phase's length and energy, a gap."""
        gap = self._gap_at(self._lane_at(y), t_ms)
        if gap is not None:
            return self.texts.say("chart.gap.why", duration=self._length(*gap))
        stretch = self.stretch_at(t_ms, y)
        if stretch is None:
            return ""
        number = str(stretch.facts.iteration.number)
        lines = [
            visible(stretch.clip_name, _LONGEST_NAME)
            + DOT
            + self.texts.say("chart.iteration", number=number)
        ]
        phase = phase_at(stretch.facts, t_ms)
        if phase is not None:
            numbers = self.texts.numbers
            parts = [self.texts.say(f"chart.phase.{phase.name.value}")]
            parts.append(numbers.duration(phase.duration_s))
            if phase.energy.best is not None:
                parts.append(numbers.energy(phase.energy.best))
            lines.append(DOT.join(parts))
        return "\n".join(lines)

    def stretch_at(self, t_ms: float, y: float) -> Stretch | None:
        """Return the iteration that was on, the newest where several were."""
        lane = self._lane_at(y)
        for stretch in reversed(self.stretches):
            if stretch.start_ms <= t_ms < stretch.end_ms and (
                stretch.in_cloud or stretch.on_device(lane.device_id)
            ):
                return stretch
        return None

    def _lane_at(self, y: float) -> Lane:
        return next((lane for lane in self.lanes if y >= lane.floor), self.lanes[-1])

    def _gap_at(self, lane: Lane, t_ms: float) -> tuple[float, float] | None:
        at = next((i for i, one in enumerate(self.lanes) if one is lane), 0)
        if at >= len(self.columns):
            return None
        return next((gap for gap in self.columns[at].gaps if gap[0] < t_ms < gap[1]), None)

    def _length(self, start_ms: float, end_ms: float) -> str:
        return self.texts.numbers.duration((end_ms - start_ms) / 1000)
