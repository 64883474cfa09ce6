"""Builds what the window shows: cheap every second, complete when something changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from vidgreen_gui.engine.figures import SessionData, counted_devices, session_facts
from vidgreen_gui.engine.forecast import Forecast
from vidgreen_gui.engine.host import beside_gpus
from vidgreen_gui.engine.ledger import Ledger
from vidgreen_gui.engine.live_account import OPEN_NS, LiveAccount
from vidgreen_gui.engine.memo import Memo
from vidgreen_gui.model.facts import (
    Machine,
    Progress,
    SessionFacts,
)
from vidgreen_gui.model.footprint import Figure, Range, Scope
from vidgreen_gui.model.power import Device
from vidgreen_gui.model.session import Iteration, Session, SessionKind, Status
from vidgreen_gui.model.units import wh_from_j
from vidgreen_gui.store.batch import EnergyRow

LatestPower = Callable[[str], tuple[int, int] | None]
# Of many GPUs so many are accounted for in a second, and what stands beside them this seldom.
_GPUS_A_SECOND = 4
_BESIDE_PACE_S = 5


@dataclass(slots=True)
class SessionView:
    """Computes the facts of the session under way from the ledger and the live account."""

    ledger: Ledger
    account: LiveAccount
    forecast: Forecast
    machine: Machine
    rows: tuple[EnergyRow, ...] = ()
    rows_of: str = ""
    memo: Memo = field(default_factory=Memo)

    def facts(
        self, session: Session, t_ns: int, utc_ns: int, self_wh: Figure, *, exact: bool = True
    ) -> SessionFacts:
        """Return the facts of `session` at this moment, and keep its energy rows in `rows`.

        Where they need not be `exact`, some devices' may be a few seconds old while a job runs.
        """
        ledger = self.ledger
        iterations = ledger.in_session(session.id)
        devices = counted_devices(tuple(ledger.devices.values()), iterations)
        start_ns = min(
            [ledger.session_start_ns.get(session.id, t_ns)]
            + [i.start_ns for i in iterations if i.start_ns is not None]
        )
        end_ns = ledger.session_end_ns.get(session.id, t_ns)
        if not self._is_final(session, t_ns):
            known = tuple(ledger.devices.values())
            measuring = (*devices, *beside_gpus(known))
            others = tuple(d for d in known if d not in measuring)
            paces_s = None if exact else self._paces_s(measuring)
            self.rows = self.account.rows(
                session.id, start_ns, end_ns, measuring, iterations, others, ledger.uses, paces_s
            )
            self.rows_of = session.id
        ended = [i for i in iterations if i.status is not Status.RUNNING and i.phases]
        progress = self._progress(iterations, t_ns, utc_ns)
        return session_facts(
            SessionData(
                project=ledger.project,
                session=session,
                machine=self.machine,
                devices=tuple(ledger.devices.values()),
                iterations=iterations,
                clip_of=ledger.clip_of,
                rows=self.rows,
                utc_ns=ledger.utc_ns,
                now_utc_ns=utc_ns,
                factor=ledger.factor,
                tariff=ledger.tariff,
                phases_j={i.id: self.account.phases_j(i, iterations, t_ns) for i in ended},
                progress=progress,
                expected_wh=self._expected(iterations, progress, utc_ns),
                self_wh=self_wh,
                described=ledger.described,
                memo=self.memo,
            )
        )

    def _paces_s(self, devices: Sequence[Device]) -> dict[str, int]:
        """Return how often each device is accounted for, so that many cost little more than one.

        What nothing on show is counted with comes less often still.
        """
        beside = {device.id for device in beside_gpus(devices)}
        gpu_pace_s = -(-(len(devices) - len(beside)) // _GPUS_A_SECOND)
        described = self.ledger.described
        counts = described is not None and described.scope is not Scope.GPU
        beside_pace_s = 1 if counts else _BESIDE_PACE_S
        return {d.id: beside_pace_s if d.id in beside else max(1, gpu_pace_s) for d in devices}

    def _is_final(self, session: Session, t_ns: int) -> bool:
        """Return whether a session is over for so long that its samples were let go."""
        end_ns = self.ledger.session_end_ns.get(session.id)
        return self.rows_of == session.id and end_ns is not None and t_ns - end_ns >= OPEN_NS

    def _progress(
        self, iterations: Sequence[Iteration], t_ns: int, utc_ns: int
    ) -> dict[str, Progress]:
        found = {}
        for iteration in iterations:
            if iteration.status is Status.RUNNING:
                steps = self.ledger.steps.get(iteration.id, {})
                progress = self.forecast.progress(iteration, steps, t_ns, utc_ns)
                if progress is not None:
                    found[iteration.id] = progress
        return found

    def _expected(
        self, iterations: Sequence[Iteration], progress: Mapping[str, Progress], utc_ns: int
    ) -> dict[str, Range]:
        """Return the whole energy of running iterations: so far, and on at the pace so far."""
        used = {iteration.id: 0.0 for iteration in iterations}
        beside = {device.id for device in beside_gpus(self.ledger.devices.values())}
        for row in self.rows:
            if row.owner in used and row.device_id not in beside:
                used[row.owner] += row.energy_j
        found = {}
        for iteration in iterations:
            at = progress.get(iteration.id)
            began = iteration.started_utc_ns
            if at is None or at.finish_utc_ns is None or began is None or utc_ns <= began:
                continue
            so_far = wh_from_j(used[iteration.id])
            left = max(0, at.finish_utc_ns - utc_ns) / (utc_ns - began)
            more = so_far * left
            if so_far > 0.0:
                found[iteration.id] = Range(
                    so_far + more, so_far + 0.85 * more, so_far + 1.15 * more
                )
        return found


def newest_session(ledger: Ledger) -> Session | None:
    """Return the newest sitting of this run, over or not; None before the first."""
    live = [
        session
        for session in ledger.sessions.values()
        if session.kind is not SessionKind.IMPORTED and session.run_id == ledger.run_id
    ]
    return live[-1] if live else None
