"""Answers "How do we know?" for one iteration: sensor, scope, sharing, times, gaps, grid."""

from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.gui.wording import grade_words, grid_words
from vidgreen_gui.model.facts import DeviceNow, IterationFacts, SessionFacts
from vidgreen_gui.model.footprint import Figure
from vidgreen_gui.model.session import Iteration, Status, Where
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
    for name, figure in (("host", facts.host_energy_wh), ("wall", facts.wall_energy_wh)):
        if figure.range is not None:
            rows.append((say(f"gui.evidence.{name}"), _figure(texts, figure)))
    rows.extend((say("gui.evidence.shared"), one) for one in _shared(texts, shown, facts))
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


def _figure(texts: Texts, figure: Figure) -> str:
    """Return an energy with its range and how it is known; nothing where there is none."""
    if figure.range is None:
        return ""
    energy = texts.numbers.plus_minus(figure.range, "Wh")
    return texts.say("gui.evidence.figure", energy=energy, grade=grade_words(texts, figure.grade))


def _shared(texts: Texts, shown: Shown, facts: IterationFacts) -> list[str]:
    """Return who else used the iteration's graphics cards, as far as it can be told."""
    on = [now for now in shown.snapshot.gpus if now.device.id in facts.iteration.device_ids]
    found = []
    if facts.iteration.status is Status.RUNNING:
        for now in on:
            found += _foreign(texts, now)
    elif shown.session is not None:
        found += _others(texts, facts.iteration, shown.session)
    apart = any(now.device.sees_processes is False or now.device.parts for now in on)
    if apart and shown.session is not None and _shares(facts.iteration, shown.session):
        found.append(texts.say("gui.evidence.shared.unseen"))
    return found


def _foreign(texts: Texts, now: DeviceNow) -> list[str]:
    """Return what programs of no source do on a card at this moment."""
    users = now.users or ()
    whole = sum(user.utilisation_pct or 0 for user in users)
    return [
        texts.say(
            "gui.evidence.shared.seen",
            name=visible(user.name, 40) or str(user.pid),
            share=texts.numbers.percent(user.utilisation_pct / whole),
        )
        for user in users
        if user.utilisation_pct and not user.source_id
    ]


def _others(texts: Texts, iteration: Iteration, session: SessionFacts) -> list[str]:
    """Return which programs of others kept its graphics cards busy at any time of the session."""
    names = [
        name
        for evidence in session.evidence
        if evidence.device_id in iteration.device_ids
        for name in evidence.others
    ]
    if not names:
        return []
    listed = ", ".join(visible(name, 40) for name in dict.fromkeys(names))
    return [texts.say("gui.evidence.shared.others", names=listed)]


def _shares(iteration: Iteration, session: SessionFacts) -> bool:
    """Return whether an iteration of another source ran on one of its devices meanwhile."""
    devices = set(iteration.device_ids)
    others = (facts.iteration for clip in session.clips for facts in clip.iterations)
    return any(
        other.source_id != iteration.source_id
        and devices & set(other.device_ids)
        and _overlap(iteration, other)
        for other in others
    )


def _overlap(one: Iteration, other: Iteration) -> bool:
    if one.started_utc_ns is None or other.started_utc_ns is None:
        return False
    later, earlier = sorted((one, other), key=lambda at: -(at.started_utc_ns or 0))
    return earlier.ended_utc_ns is None or earlier.ended_utc_ns > (later.started_utc_ns or 0)


def _times(texts: Texts, facts: IterationFacts) -> str:
    if not facts.iteration.recut:
        return texts.say("gui.evidence.times.seen")
    bound = texts.numbers.integer(ms_from_ns(facts.iteration.clock_bound_ns))
    return texts.say("gui.evidence.times.source", ms=bound)
