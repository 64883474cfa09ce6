"""Devices that their meter reads in one go at every tick: their samples are kept in rows."""

import logging
import math
from array import array
from collections.abc import Sequence
from typing import Any, cast

from vidgreen_gui.engine.probe import NEVER, DeviceProbe
from vidgreen_gui.engine.ring import PowerHistory
from vidgreen_gui.engine.turns import BESIDE, POWER, Pace
from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.ports import TogetherAnswer, TogetherReader
from vidgreen_gui.model.power import (
    Block,
    CounterBlock,
    PowerBlock,
    Reading,
    SlowBlock,
    SlowField,
    Wants,
)
from vidgreen_gui.model.units import NS_PER_MS

_LOG = logging.getLogger(__name__)
_NUMBERS = {int}


class Ensemble:
    """Asks for the power of all its devices at once and keeps the answers as one row.

    What a tick costs is memory that has grown cold since the last one. So a row in which all is
    as ever (each device answered, no gap before it) touches no device's probe: the probes get
    their columns when they are asked for. Any other row goes to the probes, answer by answer.
    """

    def __init__(
        self,
        probes: tuple[DeviceProbe, ...],
        read: TogetherReader,
        *,
        gap_ns: int,
        anchor_ns: int,
        history: PowerHistory,
    ) -> None:
        self.probes = probes
        self._read = read
        self._gap_ns = gap_ns
        self._anchor_ns = anchor_ns
        self._asked = POWER
        self._quantity: SlowField | None = None
        self._answers: list[TogetherAnswer] = []
        self._rows: list[tuple[int, list[int]]] = []
        self._more: list[tuple[int, SlowField | None, list[TogetherAnswer]]] = []
        self._last_t_ns = self._taken_ns = NEVER
        self._unwell: set[DeviceProbe] = set()
        self._histories = tuple(history.device(probe.id) for probe in probes)
        self._remember = history.rows.append
        self._paces = [(probe.id, probe.pace) for probe in probes]
        self._beside = _beside(probes)
        self._common = [_common(beside, len(probes)) for beside in self._beside]

    def ask(self, wants: Wants) -> None:
        """Ask all devices for one thing; a meter that breaks broke over the one it was asking."""
        # A new one: a call that came back too late must not answer for a later tick.
        self._asked, self._quantity = wants, None
        answers = self._answers = []
        try:
            self._quantity = self._read(wants, answers)
            self._check(answers)
        except Exception as error:  # noqa: BLE001 - a plug-in may raise anything
            probe = self.probes[min(len(answers), len(self.probes) - 1)]
            _LOG.exception("the meter broke over %s", probe.id)
            detail = f"{type(error).__name__}: {error}"
            answers[len(self.probes) - 1 :] = []
            answers.append(MeterFault(MeterFaultKind.UNKNOWN, probe.id, detail))

    def _check(self, answers: Sequence[TogetherAnswer]) -> None:
        if len(answers) != len(self.probes):
            raise ValueError(f"{len(answers)} answers of {len(self.probes)} devices")

    def settle(self, answered_ns: int) -> bool:
        """Keep the answers; return whether all devices can go on together."""
        since_ns = answered_ns - self._anchor_ns
        t_ns = since_ns - since_ns % NS_PER_MS
        answers = self._answers
        if self._asked is not POWER:
            if MeterFault not in map(type, answers):
                self._more.append((t_ns, self._quantity, answers))
                return True
            self._settle_each(answered_ns)
            return all(probe.is_eager for probe in self.probes)
        good = set(map(type, answers)) == _NUMBERS
        joined = t_ns - self._last_t_ns <= self._gap_ns
        self._last_t_ns = t_ns if good else NEVER
        self._unwell.clear()
        if good and joined:
            powers_mw = cast("list[int]", answers)
            self._rows.append((t_ns, powers_mw))
            self._remember((t_ns, self._histories, powers_mw, True))
            return True
        self._settle_each(answered_ns)
        return all(probe.is_eager for probe in self.probes)

    def common(self, turn: int) -> Wants | None:
        """Return what is asked of all devices beside power at this turn, None where they differ."""
        return None if self._unwell else self._common[turn % len(self._common)]

    def beside(self, turn: int) -> Sequence[tuple[DeviceProbe, Wants]]:
        """Return what is asked beside power at this turn, and of whom: not where power failed."""
        beside = self._beside[turn % len(self._beside)]
        if self._unwell:
            return [(probe, wants) for probe, wants in beside if probe not in self._unwell]
        return beside

    def give_up(self, now_ns: int) -> None:
        """Keep what was answered; the device whose answer is missing is given up."""
        self._settle_each(now_ns)
        for probe in self.probes[len(self._answers) :][:1]:
            probe.give_up(now_ns)

    def interrupt(self) -> None:
        """Let the next row be looked at device by device: something lies between."""
        self._last_t_ns = NEVER

    def take_blocks(self) -> list[Block]:
        """Return what was sampled since the last call, nothing where the probes have it.

        A device has one block of a kind at a time: what does not fit goes to the probes.
        """
        quantities = {quantity for _, quantity, _ in self._more}
        own = any(probe.has_samples for probe in self.probes)
        if own or not self._rows or len(quantities) < len(self._more):
            self.flush()
            return []
        times, powers = zip(*self._rows, strict=True)
        blocks: list[Block] = [
            PowerBlock(device_id, pace.period_ns, array("q", times), array("q", power_mw))
            for (device_id, pace), power_mw in zip(
                self._paces, zip(*powers, strict=True), strict=True
            )
        ]
        for t_ns, quantity, answers in self._more:
            for (device_id, pace), value in zip(self._paces, answers, strict=True):
                if isinstance(value, int):
                    blocks.append(_block(device_id, pace, quantity, t_ns, value))
        self._taken_ns = times[-1]
        self._rows, self._more = [], []
        return blocks

    def flush(self) -> None:
        """Hand the rows to the probes, as columns."""
        taken_ns, self._taken_ns = self._taken_ns, NEVER
        if taken_ns != NEVER:
            for probe in self.probes:
                probe.catch_up(taken_ns)
        more, self._more = self._more, []
        for t_ns, quantity, answers in more:
            for probe, answer in zip(self.probes, answers, strict=True):
                if isinstance(answer, int):
                    probe.keep_beside(t_ns, quantity, answer)
        rows, self._rows = self._rows, []
        if not rows:
            return
        times, powers = zip(*rows, strict=True)
        column = array("q", times)
        for probe, power_mw in zip(self.probes, zip(*powers, strict=True), strict=True):
            probe.keep_column(column, array("q", power_mw))

    def _settle_each(self, answered_ns: int) -> None:
        self.flush()
        # Not strict: where the meter broke the others have no answer.
        for probe, answer in zip(self.probes, self._answers, strict=False):
            if isinstance(answer, MeterFault):
                self._unwell.add(probe)
                probe.settle(answered_ns, 0, self._asked, answer)
            else:
                probe.settle(answered_ns, 0, self._asked, self._reading(answer))

    def _reading(self, answer: int | None) -> Reading:
        if self._asked is POWER:
            return Reading(power_mw=answer)
        if self._asked is Wants.COUNTER:
            return Reading(energy_mj=answer)
        if self._quantity is None:
            # The round did not come to its end: nobody said which slow field this is.
            return Reading()
        field: dict[str, Any] = {self._quantity.value: answer}
        return Reading(**field)


def alike(probes: Sequence[DeviceProbe]) -> tuple[DeviceProbe, ...]:
    """Return the devices that may be asked together: those of one meter due at every tick."""
    eager = [probe for probe in probes if probe.is_eager]
    meters = [probe.meter for probe in eager]
    most = max(meters, key=meters.count, default=None)
    return tuple(probe for probe in eager if probe.meter == most)


def _beside(probes: Sequence[DeviceProbe]) -> list[list[tuple[DeviceProbe, Wants]]]:
    """Return by turn what is asked beside power, and of whom."""
    turns = math.lcm(*(len(probe.pace.turns) for probe in probes))
    return [
        [
            (probe, BESIDE[wants])
            for probe in probes
            if (wants := probe.pace.turns[turn % len(probe.pace.turns)]) is not POWER
        ]
        for turn in range(turns)
    ]


def _common(beside: Sequence[tuple[DeviceProbe, Wants]], devices: int) -> Wants | None:
    """Return what all devices are asked beside power, None where that is not the same."""
    wants = {asked.value: asked for _, asked in beside}
    if len(beside) < devices or len(wants) > 1 or Wants.PROCESSES.value in wants:
        return None
    return next(iter(wants.values()))


def _block(
    device_id: str, pace: Pace, quantity: SlowField | None, t_ns: int, value: int
) -> CounterBlock | SlowBlock:
    """Return one value of the counter (None) or a slow field as a block."""
    times, values = array("q", (t_ns,)), array("q", (value,))
    if quantity is None:
        return CounterBlock(device_id, pace.counter_ns, times, values)
    return SlowBlock(device_id, quantity, pace.slow_ns, times, values)
