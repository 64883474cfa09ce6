"""What the one strip above the charts has to say, most pressing first."""

from dataclasses import dataclass, replace

from vidgreen_gui.gui.describe import with_shape
from vidgreen_gui.gui.edits import FREE_OFFER
from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.gui.wording import energy_words, grams_per_kwh, mass_of_co2e
from vidgreen_gui.model.facts import IterationFacts, SourceNow
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.session import Cached, Status
from vidgreen_gui.texts.catalog import Texts

_PRESSING = {"error": 0, "warning": 1, "info": 3}
_JUST_ENDED, _STANDING = 2, 3
# Watts are invented because there is nothing to measure with, not because somebody asked for it.
_NO_SENSOR = "meters.simulated.no_library"


@dataclass(frozen=True, slots=True)
class Strip:
    """One sentence; `key` is what dismissing it dismisses, `actions` name what can be done.

    `severity` colours it; it also ranks it, unless `rank` does.
    """

    key: str
    sentence: str
    severity: str = "warning"
    actions: tuple[str, ...] = ()
    rank: int | None = None

    @property
    def pressing(self) -> int:
        """Return how pressing it is, 0 the most."""
        return _PRESSING.get(self.severity, 1) if self.rank is None else self.rank


def strips(texts: Texts, shown: Shown, ended: IterationFacts | None) -> tuple[Strip, ...]:
    """Return all that is to be said at this moment; `ended` is what has just come to its end."""
    found = [*_standing(texts, shown), *_troubles(texts, shown)]
    if ended is not None:
        found.append(_ended(texts, shown, ended))
    elif not shown.past and shown.iteration is None:
        found.extend(_first_minute(texts, shown))
    return tuple(sorted(found, key=lambda strip: strip.pressing))


def said(texts: Texts, notice: Notice) -> str:
    """Return a notice's sentence with everything in it made visible."""
    arguments = tuple(
        (name, visible(value) if isinstance(value, str) else value)
        for name, value in notice.arguments
    )
    return texts.fault(replace(notice, arguments=arguments))


def found_words(texts: Texts, shown: Shown) -> str:
    """Return which sources were found and which grid factor holds, "" before any was."""
    sources = [one for one in shown.snapshot.sources if one.state == "found"]
    if not sources:
        return ""
    names = ", ".join(visible(source.label, 40) for source in sources)
    factor = shown.snapshot.factor
    if factor is None:
        return texts.say("gui.strip.found.no_grid", sources=names)
    return texts.say(
        "gui.strip.found",
        sources=names,
        zone=factor.zone_name,
        g=grams_per_kwh(texts, factor),
        year=str(factor.year),
    )


def _standing(texts: Texts, shown: Shown) -> list[Strip]:
    if shown.past:
        return [Strip("past", texts.say("gui.strip.past"), "info", ("back_to_live",))]
    found = []
    if shown.simulated:
        asks = shown.snapshot.simulated_why == _NO_SENSOR
        code = "gui.strip.simulated.which" if asks else "gui.strip.simulated"
        actions = ("card",) if asks else ()
        found.append(Strip("simulated", texts.say(code), "warning", actions, _STANDING))
    looks_on = shown.snapshot.role == "viewer" and not shown.snapshot.notices
    if looks_on and shown.snapshot.utc_ns > 0:
        found.append(Strip("viewer", texts.say("gui.strip.viewer"), "info"))
    return found


def _troubles(texts: Texts, shown: Shown) -> list[Strip]:
    if shown.past:
        return []
    snapshot = shown.snapshot
    found = [
        Strip(
            f"notice:{notice.code}:{notice.t_utc_ns}",
            said(texts, notice),
            notice.severity,
            ("free",) if notice.code == FREE_OFFER else (),
        )
        for notice in snapshot.notices
    ]
    for device in snapshot.devices:
        if device.fault is not None:
            key = f"device:{device.device.id}:{device.fault.code}"
            sentence = said(texts, device.fault)
            found.append(Strip(key, sentence, device.fault.severity, ("sensors",)))
    for source in snapshot.sources:
        found.extend(_source_trouble(texts, source))
    return found


def _source_trouble(texts: Texts, source: SourceNow) -> list[Strip]:
    key = f"source:{source.id}:{source.state}"
    if source.notice is not None:
        return [Strip(key, said(texts, source.notice), source.notice.severity, ("address",))]
    if source.state == "lost":
        sentence = texts.say("gui.strip.lost", source=visible(source.label, 60))
        return [Strip(key, sentence, "warning", ("address",))]
    return []


def _ended(texts: Texts, shown: Shown, facts: IterationFacts) -> Strip:
    numbers = texts.numbers
    iteration = facts.iteration
    computed = iteration.cached is not Cached.ALL
    head = texts.say(
        f"gui.strip.ended.{iteration.status.value if computed else 'cached'}",
        number=iteration.number,
        energy=with_shape(energy_words(texts, facts.energy_wh.best), facts.energy_wh.grade),
        duration=numbers.duration(facts.duration_s),
        co2e=mass_of_co2e(texts, facts.co2e_g.best),
    )
    ideas = len(shown.snapshot.suggestions)
    if not ideas or iteration.status is not Status.COMPLETED:
        return Strip(f"ended:{iteration.id}", head, "info", rank=_JUST_ENDED)
    ways = texts.count("gui.strip.ways", ideas)
    return Strip(f"ended:{iteration.id}", f"{head} {ways}", "info", ("ideas",), _JUST_ENDED)


def _first_minute(texts: Texts, shown: Shown) -> list[Strip]:
    sentence = found_words(texts, shown)
    if not sentence:
        return []
    actions = ("zone",) if shown.snapshot.tariff is not None else ("zone", "price")
    return [Strip("found", sentence, "info", actions)]
