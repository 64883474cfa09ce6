from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.facts import Job, session_facts, snapshot, spring_campaign
from support.window import STATES

from vidgreen_gui.gui.endings import Endings
from vidgreen_gui.gui.evidence import evidence
from vidgreen_gui.gui.notices import said, strips
from vidgreen_gui.gui.shown import Quantity, shown_of
from vidgreen_gui.gui.title import window_title
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.session import Cached
from vidgreen_gui.system.resources import load_texts

ENGLISH = load_texts("en")


def _strips(moment, ended=None, **more):
    return strips(ENGLISH, shown_of(moment, None, Quantity.ENERGY, **more), ended)


def test_errors_before_warnings_before_hints():
    notices = (
        Notice("gui.exported", (("path", "a"),), 1, "info"),
        Notice("fault.store.full", (("detail", ""), ("path", "/d")), 2, "error"),
    )
    found = _strips(replace(STATES["lost"](), notices=notices))
    assert [strip.severity for strip in found] == ["error", "warning", "warning", "info"]


def test_an_ending_comes_before_what_always_holds_and_after_troubles():
    moment = replace(STATES["simulated"](), sources=STATES["lost"]().sources)
    shown = shown_of(moment, None, Quantity.ENERGY)
    keys = [strip.key.partition(":")[0] for strip in strips(ENGLISH, shown, shown.iteration)]
    assert keys == ["source", "ended", "simulated"]


@given(st.text(alphabet=st.characters(), max_size=80))
def test_whatever_a_notice_carries_nothing_hidden_is_shown(text):
    shown = said(ENGLISH, Notice("gui.exported", (("path", text),)))
    assert not any(0x202A <= ord(one) <= 0x202E or one in "\n\r\x1b\x00" for one in shown)


def test_an_ending_is_noticed_once_and_forgotten_with_the_next_start():
    running = snapshot(spring_campaign())
    finished = snapshot(spring_campaign(finished=True))
    endings = Endings()
    assert endings.take(finished) is None
    assert endings.take(running) is None
    assert endings.take(finished).iteration.number == 4
    assert endings.take(finished).iteration.number == 4
    assert endings.take(running) is None


def test_an_end_too_quick_to_be_seen_running_is_news_too():
    endings = Endings()
    jobs = [("c-01", Job(clip="shot", start_s=10, length_s=90, wh=9.0))]
    assert endings.take(snapshot(None)) is None
    assert endings.take(snapshot(session_facts(jobs, end_s=120))) is None
    jobs.append(("c-01", Job(clip="shot", start_s=130, length_s=0.1, wh=0.0, cached=Cached.ALL)))
    quick = snapshot(session_facts(jobs, end_s=140))
    assert endings.take(quick).iteration.number == 2
    (strip,) = _strips(quick, endings.take(quick))
    assert strip.sentence == "Iteration 2 came from the cache: nothing was computed again."


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("state", STATES)
def test_every_state_can_be_put_into_words(state, language):
    texts = load_texts(language)
    shown = shown_of(STATES[state](), None, Quantity.ENERGY)
    ended = None if shown.running else shown.iteration
    for strip in strips(texts, shown, ended):
        assert strip.sentence
    for heading, sentence in evidence(texts, shown):
        assert heading
        assert sentence
    assert window_title(texts, shown)


def test_how_we_know_names_gaps_clouds_and_invention():
    def words(state):
        rows = evidence(ENGLISH, shown_of(STATES[state](), None, Quantity.ENERGY))
        return " ".join(sentence for _heading, sentence in rows)

    assert "assumes a whole server" in words("troubled")
    assert "Invented" in words("simulated")
    assert "Declare this electricity once" in words("one")
