"""Answers "How do we know?" for one iteration: sensor, scope, times, gaps, grid factor."""

from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.gui.wording import grade_words, grid_words
from vidgreen_gui.model.facts import IterationFacts
from vidgreen_gui.model.session import Where
from vidgreen_gui.model.units import ms_from_ns
from vidgreen_gui.texts.catalog import Texts


def evidence(texts: Texts, shown: Shown) -> list[tuple[str, str]]:
    """Return heading and sentence of each thing that the chosen iteration's figures rest on."""
    facts, session = shown.iteration, shown.session
    if facts is None or session is None:
        return []
    say = texts.say
    grade = facts.energy_wh.grade
    rows = [(grade_words(texts, grade), say(f"gui.evidence.{grade.value}"))]
    rows.append((say("gui.evidence.scope"), say(f"gui.evidence.scope.{session.scope.value}")))
    rows.append((say("gui.evidence.times"), _times(texts, facts)))
    if facts.gap_s > 0:
        seconds = texts.numbers.duration(facts.gap_s)
        rows.append((say("gui.evidence.gaps"), say("gui.evidence.gap", duration=seconds)))
    if facts.iteration.where is not Where.LOCAL:
        rows.append((say(f"gui.where.{facts.iteration.where.value}"), say("gui.evidence.cloud")))
    used = [factor for factor in session.factors if factor.id in facts.factor_ids]
    for factor in used:
        basis = say(f"gui.basis.{factor.basis.value}")
        rows.append((say("gui.evidence.grid"), f"{grid_words(texts, factor)}, {basis}"))
    rows.append((say("gui.evidence.once"), say("gui.evidence.once.sentence")))
    return rows


def _times(texts: Texts, facts: IterationFacts) -> str:
    if not facts.iteration.recut:
        return texts.say("gui.evidence.times.seen")
    bound = texts.numbers.integer(ms_from_ns(facts.iteration.clock_bound_ns))
    return texts.say("gui.evidence.times.source", ms=bound)
