"""The HTML report: one file, nothing loaded, every text escaped, every figure there."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import facts as built

from vidgreen_gui.exports.html_file import HtmlFile
from vidgreen_gui.model.footprint import MISSING
from vidgreen_gui.system.resources import load_texts

PARIS = ZoneInfo("Europe/Paris")
SESSIONS = [
    built.empty_session,
    built.single_iteration,
    built.spring_campaign,
    built.troubled_session,
    built.simulated_session,
    built.mixed_session,
    built.hostile_session,
    built.long_session,
]
VOID = {"meta", "br"}


class Page(HTMLParser):
    """Collects tags, attributes and the text a reader sees; refuses unbalanced tags."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.words, self.open = set(), [], [], []
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.words.append(data)


def page_of(tmp_path, *sessions, language="en", with_private=False):
    path = tmp_path / "report.html"
    HtmlFile(load_texts(language), PARIS).write(sessions, path, with_private=with_private)
    source = path.read_text(encoding="utf-8")
    return source, Page(source)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("build", SESSIONS, ids=lambda build: build.__name__)
def test_nothing_runs_and_nothing_is_loaded(build, language, tmp_path):
    source, page = page_of(tmp_path, build(), language=language)
    assert not page.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "use"}
    for name, value in page.attributes:
        assert not name.startswith("on")
        assert name not in {"src", "href", "xlink:href", "srcset", "action"}
        assert "url(" not in (value or "").replace("url(#hatch)", "")
    styles = "".join(re.findall(r"<style>(.*?)</style>", source, re.DOTALL))
    assert "url(" not in styles.replace("url(#hatch)", "")
    assert "@import" not in styles
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"" in source
    assert "prefers-color-scheme: dark" in styles
    assert "size: A4" in styles


def test_the_story_is_told_with_scope_factor_source_year_grade_and_range(tmp_path):
    _, page = page_of(tmp_path, built.spring_campaign())
    for words in (
        "Spring campaign",
        "21 November 2026, since 12:50",
        "544\u00a0Wh",
        "517\u00a0Wh to 571\u00a0Wh, 95\u00a0% likely",
        "16.9\u00a0g CO₂e",
        "● measured, graphics cards only",
        "France, 31 g/kWh, Electricity Maps 2025",
        "shot_03 rooftop",
        "frames 81 → 49",
        "Making and shipping the computer is not included",
        "Open Database License",
        "still running",
    ):
        assert words in " ".join(page.words)


def test_in_french_with_french_numbers(tmp_path):
    source, page = page_of(tmp_path, built.spring_campaign(finished=True), language="fr")
    assert '<html lang="fr">' in source
    joined = " ".join(page.words)
    for words in (
        "562\u00a0Wh",
        "17,4\u00a0g CO₂e",
        "mesuré, cartes graphiques seules",
        "à 0,20\u00a0€",
    ):
        assert words in joined


def test_no_discarded_share_while_too_much_is_undecided(tmp_path):
    _, running = page_of(tmp_path, built.spring_campaign())
    assert "discarded attempts" not in " ".join(running.words)
    assert "21\u00a0% of the energy is still to be decided" in " ".join(running.words)
    _, finished = page_of(tmp_path, built.spring_campaign(finished=True))
    assert "71\u00a0% of the energy went into discarded attempts" in " ".join(finished.words)


def test_simulated_sessions_say_so_first(tmp_path):
    _, page = page_of(tmp_path, built.simulated_session())
    joined = " ".join(page.words)
    assert "these watts are invented" in joined
    assert "◌ simulated" in joined
    assert "likely" not in joined
    _, mixed = page_of(tmp_path, built.mixed_session())
    assert "49.0\u00a0Wh in this session are simulated" in " ".join(mixed.words)


def test_what_is_missing_is_a_dash_and_explained(tmp_path):
    _, page = page_of(tmp_path, built.troubled_session())
    joined = " ".join(page.words)
    assert "—" in joined
    assert "2 iterations have no figure" in joined
    assert "42\u00a0s without readings" in joined
    facts = replace(built.empty_session(), factors=())
    facts = replace(facts, totals=replace(facts.totals, co2e_g=MISSING), tariff=None)
    _, page = page_of(tmp_path, facts)
    assert "No carbon factor was chosen" in " ".join(page.words)


def test_prompts_and_seeds_only_with_private(tmp_path):
    facts = built.single_iteration()
    clip = facts.clips[0]
    one = replace(clip.iterations[0], prompts=("a <b>canary</b> in a mine",))
    facts = replace(facts, clips=(replace(clip, iterations=(one,)),))
    source, _ = page_of(tmp_path, facts)
    assert "canary" not in source
    assert "884211" not in source
    source, page = page_of(tmp_path, facts, with_private=True)
    assert "a <b>canary</b> in a mine" in " ".join(page.words)


def test_several_sessions_in_one_file(tmp_path):
    source, _page = page_of(tmp_path, built.spring_campaign(), built.mixed_session())
    assert source.count("<main>") == 2
    assert "<title>Energy and carbon report</title>" in source


def test_hostile_names_are_shown_and_do_nothing(tmp_path):
    source, page = page_of(tmp_path, built.hostile_session())
    joined = " ".join(page.words)
    assert "<img src=x onerror=alert(1)>" in joined
    assert "{{ 7 * 7 }}" in joined
    assert "shot_⟨U+202E⟩gpj.exe" in joined
    assert "\u202e" not in source
    assert "\x1b" not in source
    assert "x" * 200 not in source


PAYLOAD = st.text(st.sampled_from("<>&\"'`={}%/\\ \u202e\x00\ud800a!-[]"), min_size=1, max_size=24)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PAYLOAD, PAYLOAD)
def test_any_name_stays_text(tmp_path, name, other):
    _plain, expected = page_of(tmp_path, built.hostile_session(("a", "b")))
    _, page = page_of(tmp_path, built.hostile_session((name, other)))
    assert page.tags <= expected.tags
    assert {name for name, _ in page.attributes} <= {name for name, _ in expected.attributes}
