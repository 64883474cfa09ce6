"""The figures of a sitting that is over stay what they were when its samples have been let go."""

from array import array

import pytest
from support.engine import CARD, RUN, UTC, S, a_ledger, a_start, an_end

from vidgreen_gui.engine.forecast import Forecast
from vidgreen_gui.engine.hardware import this_machine
from vidgreen_gui.engine.live_account import OPEN_NS, LiveAccount
from vidgreen_gui.engine.snapshot import SessionView
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.model import events as ev
from vidgreen_gui.model import user_events as said
from vidgreen_gui.model.footprint import MISSING
from vidgreen_gui.model.power import PowerBlock


def test_an_edit_an_hour_after_the_end_changes_no_joule():
    ledger, account = a_ledger(), LiveAccount(TimeMap(RUN))
    view = SessionView(ledger, account, Forecast(), this_machine())
    ledger.apply(
        ev.SessionStarted(t_ns=0, session_id="s", project_id="p1", kind="live", utc_ns=UTC)
    )
    ledger.apply(said.ClipCreated(t_ns=0, clip_id="c", project_id="p1", name="shot"))
    event = a_start("a", 10)
    fields = {field: getattr(event, field) for field in event.__slots__}
    more = {"iteration_id": "a", "clip_id": "c", "number": 1, "device_ids": (CARD.id,)}
    ledger.apply(ev.IterationStarted(**fields | more))

    def facts(t_s):
        return view.facts(ledger.sessions["s"], t_s * S, UTC + t_s * S, MISSING)

    for second in range(900):
        t_ns = array("q", [second * S + n * S // 10 for n in range(10)])
        account.add((PowerBlock(CARD.id, S // 10, t_ns, array("q", [100_000] * 10)),))
        if second == 500:
            ledger.apply(an_end("a", 500))
        facts(second)
    ledger.apply(ev.SessionEnded(t_ns=899 * S, session_id="s", ended_by="user", utc_ns=UTC))
    then = facts(900)
    assert then.totals.energy_wh.best == pytest.approx(899 * 100 / 3600, rel=1e-3)
    account.forget_before(4500 * S - OPEN_NS)
    ledger.apply(said.IterationMarked(t_ns=0, iteration_id="a", kept=True))
    later = facts(4500)
    assert later.totals.energy_wh == then.totals.energy_wh
    assert later.totals.kept_energy_wh.best == pytest.approx(490 * 100 / 3600, rel=1e-3)
