"""What the recorder shows: figures when something changed, a snapshot each second."""

from dataclasses import dataclass, field

from vidgreen_gui.engine.equipment import Equipment
from vidgreen_gui.engine.intake import Intake
from vidgreen_gui.engine.mailbox import Mailbox
from vidgreen_gui.engine.notices import Notices
from vidgreen_gui.engine.now import DeviceSight, devices_now, sources_now
from vidgreen_gui.engine.own_draw import OwnDraw
from vidgreen_gui.engine.snapshot import SessionView, newest_session
from vidgreen_gui.model.facts import LiveSnapshot, SessionFacts


@dataclass(slots=True, kw_only=True)
class Showing:
    """Computes what is shown and leaves it in the mailbox; on the recorder's thread.

    `stale` asks for new figures at the next tick.
    """

    equipment: Equipment
    view: SessionView
    intake: Intake
    sight: DeviceSight
    notices: Notices
    own: OwnDraw
    mailbox: Mailbox[LiveSnapshot] = field(default_factory=Mailbox)
    facts: SessionFacts | None = None
    revision: int = 0
    refreshed_ns: int = 0
    stale: bool = True

    def refresh(self, now_ns: int, utc_ns: int, *, exact: bool = True) -> None:
        """Compute the figures of the sitting under way, or of the newest; what is kept is exact."""
        ledger = self.view.ledger
        session = ledger.session or newest_session(ledger)
        if session is not None:
            own_wh = self.own.energy_wh
            self.facts = self.view.facts(session, now_ns, utc_ns, own_wh, exact=exact)
            disagreements = self.view.account.disagreements
            self.notices.put_disagreements(disagreements, ledger.devices, utc_ns)
            for notice in self.facts.notices:
                self.notices.put(notice)
            self.equipment.advisor.update(ledger, self.facts)
        self.revision += 1
        self.refreshed_ns = now_ns
        self.stale = False

    def show(self, now_ns: int, utc_ns: int) -> None:
        """Leave a snapshot of this moment in the mailbox."""
        ledger, advisor = self.view.ledger, self.equipment.advisor
        self.mailbox.put(
            LiveSnapshot(
                t_ns=now_ns,
                utc_ns=utc_ns,
                revision=self.revision,
                role="recorder",
                devices=devices_now(ledger, self.sight, now_ns),
                sources=sources_now(ledger),
                factor=ledger.factor,
                tariff=ledger.tariff,
                session=self.facts,
                running_ids=tuple(i.id for i in ledger.running()),
                working_on=ledger.working_on,
                clips=tuple(c for c in ledger.clips.values() if c.merged_into is None),
                suggestions=advisor.suggestions,
                suggestions_for=advisor.iteration_id,
                notices=self.notices.all(),
                self_w=self.own.power_w,
                self_how=self.own.how,
                dropped=self.mailbox.dropped,
                simulated_why=self.equipment.simulated_why,
                can_undo=bool(self.intake.edits.undoable),
                can_redo=bool(self.intake.edits.redoable),
            )
        )
