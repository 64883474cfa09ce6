"""A meter that invents watts: a named card whose draw follows the job's phases."""

import math
import random
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.ports import Clock
from vidgreen_gui.model.power import Device, PowerSemantics, Reading, SlowField, Wants
from vidgreen_gui.model.session import PhaseName
from vidgreen_gui.model.units import mw_from_w, s_from_ns

# Share of the way from idle to the card's full draw. Sampling is compute-bound and sits at the
# limit; decoding is bound by memory; loading and saving are the host's work.
_LEVELS = {
    PhaseName.LOAD: 0.15,
    PhaseName.ENCODE: 0.55,
    PhaseName.SAMPLE: 0.97,
    PhaseName.DECODE: 0.80,
    PhaseName.SAVE: 0.12,
    PhaseName.OTHER: 0.25,
}
# A card that holds a CUDA context does not fall back to its lowest state.
_CONTEXT_LEVEL = 0.06
# 95 % of a step is done after three of these, 0.3 s.
_RISE_S = 0.1
_NOISE = 0.012
_NOISE_HZ = (0.31, 0.83, 2.1)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Constant load from `start_ns` on: power relaxes from `start_w` to `level_w`."""

    start_ns: int
    start_w: float
    level_w: float
    start_j: float
    busy: bool


class SimulatedMeter:
    """One invented card. Its draw is a closed form of time, so its counter is its exact integral.

    Deterministic for one seed and one history of loads. `why` is the sentence code that says why
    these watts are invented. Grade `MODEL` is for a card the user named as the one that renders.
    """

    name = "simulated"

    def __init__(
        self,
        card_name: str,
        *,
        tdp_w: float,
        idle_w: float,
        limit_w: float | None = None,
        seed: int = 0,
        clock: Clock,
        grade: Grade = Grade.SIMULATED,
        why: str = "meters.simulated.chosen",
    ) -> None:
        self.why = why
        self._clock = clock
        self._idle_w = idle_w
        self._limit_w = tdp_w if limit_w is None else limit_w
        self._full_w = min(tdp_w, self._limit_w)
        slug = "-".join(card_name.lower().split())
        self._device = Device(
            id=f"simulated-{slug}",
            name=card_name,
            uuid=f"simulated-{slug}",
            meter=self.name,
            grade=grade,
            has_counter=True,
            power_semantics=PowerSemantics.INSTANT,
            power_limit_mw=mw_from_w(self._limit_w),
        )
        # Invented noise, not a secret.
        dice = random.Random(seed)  # noqa: S311
        self._waves = tuple((2 * math.pi * hz, dice.uniform(0, 2 * math.pi)) for hz in _NOISE_HZ)
        self._turns = cycle(
            (SlowField.TEMPERATURE_C, SlowField.UTILISATION_PCT, SlowField.POWER_LIMIT_MW)
        )
        self._origin_ns = clock.steady_ns()
        self._stretch = _Stretch(self._origin_ns, idle_w, idle_w, 0.0, busy=False)

    def open(self) -> tuple[Device, ...]:
        """Return the one invented card."""
        return (self._device,)

    def read(self, device_id: str, wants: Wants) -> Reading:
        """Return the invented draw now; raise MeterFault for a device that is not this card."""
        self._check(device_id)
        stretch = self._stretch
        now_ns = self._clock.steady_ns()
        return Reading(
            power_mw=mw_from_w(self._power_w(stretch, now_ns)) if Wants.POWER in wants else None,
            energy_mj=(
                round(self._energy_j(stretch, now_ns) * 1000) if Wants.COUNTER in wants else None
            ),
            **(self._slow_field(stretch, now_ns) if Wants.SLOW in wants else {}),
        )

    def set_load(self, device_id: str, phase: PhaseName | None) -> None:
        """Follow a job's phase from now on; None is no job, with the models still loaded."""
        self._check(device_id)
        share = _CONTEXT_LEVEL if phase is None else _LEVELS[phase]
        now_ns = self._clock.steady_ns()
        old = self._stretch
        # One assignment of a frozen value: the sampler's thread sees the old load or the new one.
        self._stretch = _Stretch(
            now_ns,
            self._base_w(old, now_ns),
            self._idle_w + share * (self._full_w - self._idle_w),
            self._energy_j(old, now_ns),
            busy=phase is not None,
        )

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""

    def _check(self, device_id: str) -> None:
        if device_id != self._device.id:
            raise MeterFault(MeterFaultKind.GPU_LOST, device_id)

    def _slow_field(self, stretch: _Stretch, now_ns: int) -> dict[str, Any]:
        """Return the next slow field in turn, as a real meter would, to the gauges' taste."""
        quantity = next(self._turns)
        if quantity is SlowField.TEMPERATURE_C:
            return {quantity: round(32 + 40 * self._base_w(stretch, now_ns) / self._full_w)}
        if quantity is SlowField.UTILISATION_PCT:
            return {quantity: 100 if stretch.busy else 0}
        return {quantity: mw_from_w(self._limit_w)}

    def _base_w(self, stretch: _Stretch, now_ns: int) -> float:
        elapsed_s = s_from_ns(now_ns - stretch.start_ns)
        return stretch.level_w + (stretch.start_w - stretch.level_w) * math.exp(
            -elapsed_s / _RISE_S
        )

    def _power_w(self, stretch: _Stretch, now_ns: int) -> float:
        t_s = s_from_ns(now_ns - self._origin_ns)
        noise = sum(math.sin(omega * t_s + phase) for omega, phase in self._waves)
        swing_w = _NOISE * stretch.level_w / len(self._waves)
        return self._base_w(stretch, now_ns) + swing_w * noise

    def _energy_j(self, stretch: _Stretch, now_ns: int) -> float:
        """Return the integral of `_power_w` since the meter was made."""
        elapsed_s = s_from_ns(now_ns - stretch.start_ns)
        from_s = s_from_ns(stretch.start_ns - self._origin_ns)
        to_s = s_from_ns(now_ns - self._origin_ns)
        relaxing_j = (
            (stretch.start_w - stretch.level_w) * _RISE_S * -math.expm1(-elapsed_s / _RISE_S)
        )
        noise_s = sum(
            (math.cos(omega * from_s + phase) - math.cos(omega * to_s + phase)) / omega
            for omega, phase in self._waves
        )
        swing_w = _NOISE * stretch.level_w / len(self._waves)
        return stretch.start_j + stretch.level_w * elapsed_s + relaxing_j + swing_w * noise_s
