"""Sources as the window sees them: found, lost, and those that were named but never found."""

from support.engine import S, a_ledger, a_source

from vidgreen_gui.engine.now import sources_now
from vidgreen_gui.model.events import SourceLost, SourceTroubled


def seen(ledger):
    return [(one.label, one.state, one.notice and one.notice.code) for one in sources_now(ledger)]


def trouble(source_id, code="fault.source.refused"):
    return SourceTroubled(
        t_ns=S, source_id=source_id, code=code, arguments=(("address", "127.0.0.1:9"),)
    )


def test_an_address_where_nothing_was_ever_found_is_shown_with_its_trouble():
    ledger = a_ledger()
    ledger.apply(trouble("comfyui:127.0.0.1:9"))
    assert seen(ledger) == [("127.0.0.1:9", "looking", "fault.source.refused")]


def test_once_found_its_trouble_is_over():
    ledger = a_ledger()
    ledger.apply(trouble("comfyui:8188"))
    ledger.apply(a_source())
    assert seen(ledger) == [(":8188", "found", None)]


def test_what_a_lost_server_suffers_from_is_said_and_it_stays_lost():
    ledger = a_ledger()
    ledger.apply(a_source())
    ledger.apply(SourceLost(t_ns=S, source_id="comfyui:8188", code="fault.source.closed"))
    ledger.apply(trouble("comfyui:8188"))
    assert seen(ledger) == [(":8188", "lost", "fault.source.refused")]
