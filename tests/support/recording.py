"""A recording for tests of the window: given snapshots, what was sent, synthetic curves."""

import math
from array import array
from dataclasses import replace

from vidgreen_gui.model.commands import Answer, Command
from vidgreen_gui.model.facts import LiveSnapshot, PowerCurve, SessionFacts, SessionRow
from vidgreen_gui.model.units import ms_from_ns


class FakeRecording:
    """Implements the Recording port over one snapshot that tests replace."""

    def __init__(
        self, snapshot: LiveSnapshot | None = None, past: tuple[SessionFacts, ...] = ()
    ) -> None:
        self.snapshot = snapshot
        self.sent: list[Command] = []
        self.asked_curves = 0
        self.drained = 0
        self._answers: list[Answer] = []
        self._past = past

    def show(self, snapshot: LiveSnapshot) -> None:
        """Let `snapshot` be the newest, with a revision of its own."""
        revision = (self.snapshot.revision if self.snapshot else 0) + 1
        self.snapshot = replace(snapshot, revision=revision)

    def answer(self, answer: Answer) -> None:
        """Let `answer` be fetched with the next tick."""
        self._answers.append(answer)

    def latest(self) -> LiveSnapshot | None:
        self.drained += 1
        return self.snapshot

    def curve(self, device_id: str, window_s: float, columns: int) -> PowerCurve:
        """Return the session's own curve cut to the window, a gentle wave where there is none."""
        self.asked_curves += 1
        now_ms = round(ms_from_ns(self.snapshot.utc_ns)) if self.snapshot else 0
        session = self.snapshot.session if self.snapshot else None
        for curve in session.curves if session else ():
            if curve.device_id == device_id:
                return _cut(curve, now_ms - round(window_s * 1000))
        return _wave(device_id, now_ms, window_s, columns)

    def send(self, command: Command) -> None:
        self.sent.append(command)

    def answers(self) -> tuple[Answer, ...]:
        answers, self._answers = tuple(self._answers), []
        return answers

    def sessions(self) -> tuple[SessionRow, ...]:
        return tuple(
            SessionRow(
                session=facts.session,
                project=facts.project,
                iterations=facts.totals.iterations,
                energy_wh=facts.totals.energy_wh,
                co2e_g=facts.totals.co2e_g,
                measured_share=facts.totals.measured_share,
            )
            for facts in self._past
        )

    def session(self, session_id: str) -> SessionFacts:
        return next(facts for facts in self._past if facts.session.id == session_id)


def _cut(curve: PowerCurve, from_ms: int) -> PowerCurve:
    first = next((i for i, t_ms in enumerate(curve.t_utc_ms) if t_ms >= from_ms), 0)
    return PowerCurve(
        curve.device_id,
        curve.t_utc_ms[first:],
        curve.min_mw[first:],
        curve.mean_mw[first:],
        curve.max_mw[first:],
    )


def _wave(device_id: str, now_ms: int, window_s: float, columns: int) -> PowerCurve:
    curve = PowerCurve(device_id, array("q"), array("q"), array("q"), array("q"))
    for column in range(columns):
        mean_mw = round(24_000 + 1_500 * math.sin(column / 9))
        curve.t_utc_ms.append(now_ms - round(window_s * 1000 * (columns - column) / columns))
        curve.min_mw.append(mean_mw - 800)
        curve.mean_mw.append(mean_mw)
        curve.max_mw.append(mean_mw + 800)
    return curve
