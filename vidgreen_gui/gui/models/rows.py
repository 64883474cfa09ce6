"""The rows of the list as frozen text: what stands in each, before anything is painted."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from vidgreen_gui.accounting.footprint import worst
from vidgreen_gui.accounting.ranges import add_independent
from vidgreen_gui.gui.describe import (
    clip_words,
    mark,
    mark_word,
    second_line,
    what_changed,
    with_shape,
)
from vidgreen_gui.gui.models.folding import fold, mean_and_deviation
from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.shown import Quantity
from vidgreen_gui.gui.wording import amount
from vidgreen_gui.model.facts import ClipFacts, IterationFacts, SessionFacts
from vidgreen_gui.model.footprint import MISSING, Figure, Scope, Tariff
from vidgreen_gui.model.session import Status
from vidgreen_gui.model.units import money_from_wh
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.numbers import MISSING_TEXT, NBSP


class RowKind(Enum):
    """What a row stands for."""

    CLIP = auto()
    FOLD = auto()
    ITERATION = auto()
    REST = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row; `key` stays the same while the work it stands for does.

    `iteration_ids` are what a mark on this row marks, newest first. `progress` is 0 to 1 while it
    runs. `children` are the rows below it.
    """

    key: str
    kind: RowKind
    title: str
    amount: str
    number: str = ""
    second: str = ""
    mark: str = ""
    mark_word: str = ""
    running: bool = False
    progress: float | None = None
    clip_id: str = ""
    iteration_ids: tuple[str, ...] = ()
    children: tuple["Row", ...] = ()

    @property
    def spoken(self) -> str:
        """Return the row as one sentence for a screen reader."""
        parts = (self.number, self.title, self.amount, self.second, self.mark_word)
        return ", ".join(part for part in parts if part)


# By key: what a row was made from, and the row.
MadeFrom = tuple[ClipFacts | IterationFacts, Quantity, str, Tariff | None]
KnownRows = dict[str, tuple[MadeFrom, Row]]


def rows_of(
    texts: Texts, session: SessionFacts, quantity: Quantity, known: KnownRows | None = None
) -> tuple[Row, ...]:
    """Return the clips, newest work first, and below them what belongs to no clip.

    `known` is filled with the rows made, and those still true are taken from it: a long session
    has hundreds of iterations of which one changes.
    """
    known = {} if known is None else known
    look = quantity, texts.language, session.tariff
    clips = sorted(session.clips, key=_newest, reverse=True)
    rows = []
    for clip in clips:
        make = partial(_clip_row, texts, clip, quantity, session, known)
        rows.append(_known_row(known, f"clip:{clip.clip.id}", make, (clip, *look)))
    for name, energies, co2e in (
        ("idle", (session.idle_wh, session.idle_host_wh, session.idle_wall_wh),
         session.idle_co2e_g),
        ("standby", (session.standby_wh, session.standby_host_wh, session.standby_wall_wh),
         session.standby_co2e_g),
        ("other", (session.other_wh, session.other_host_wh, session.other_wall_wh),
         session.other_co2e_g),
    ):  # fmt: skip
        energy = energies[0]
        if energy.range is not None:
            figures = (energy, co2e, _cost_of(_covered(*energies, session.scope), session))
            rows.append(
                Row(
                    key=name,
                    kind=RowKind.REST,
                    title=texts.say(f"gui.rest.{name}"),
                    amount=with_shape(
                        amount(texts, quantity, figures, session.tariff), energy.grade
                    ),
                )
            )
    return tuple(rows)


def _known_row(known: KnownRows, key: str, make: Callable[[], Row], made_from: MadeFrom) -> Row:
    """Return the row made of the same before, else a new one."""
    if key not in known or known[key][0] != made_from:
        known[key] = made_from, make()
    return known[key][1]


def _newest(clip: ClipFacts) -> int:
    return max((one.iteration.started_utc_ns or 0 for one in clip.iterations), default=0)


def _covered(gpu: Figure, host: Figure, wall: Figure, scope: Scope) -> Figure:
    """Return the energy that the session's CO2e and cost are of; missing where it is not known."""
    if scope is Scope.GPU:
        return gpu
    if scope is Scope.WALL:
        return wall
    if gpu.range is None or host.range is None:
        return MISSING
    return Figure(add_independent((gpu.range, host.range)), worst((gpu.grade, host.grade)))


def _cost_of(energy: Figure, session: SessionFacts) -> Figure:
    if energy.range is None or session.tariff is None:
        return MISSING
    price_per_wh = money_from_wh(1.0, session.tariff.price_per_kwh)
    return Figure(energy.range.scaled(price_per_wh), energy.grade)


def _clip_row(
    texts: Texts, clip: ClipFacts, quantity: Quantity, session: SessionFacts, known: KnownRows
) -> Row:
    groups = reversed(fold(clip.iterations))
    figures = (clip.energy_wh, clip.co2e_g, clip.cost)
    return Row(
        key=f"clip:{clip.clip.id}",
        kind=RowKind.CLIP,
        title=visible(clip.clip.name),
        amount=with_shape(amount(texts, quantity, figures, session.tariff), clip.energy_wh.grade),
        second=clip_words(texts, clip),
        clip_id=clip.clip.id,
        children=tuple(_group_row(texts, group, quantity, session, known) for group in groups),
    )


def _group_row(
    texts: Texts,
    group: tuple[IterationFacts, ...],
    quantity: Quantity,
    session: SessionFacts,
    known: KnownRows,
) -> Row:
    def row_of(facts: IterationFacts) -> Row:
        make = partial(_iteration_row, texts, facts, quantity, session)
        made_from = facts, quantity, texts.language, session.tariff
        return _known_row(known, facts.iteration.id, make, made_from)

    if len(group) == 1:
        return row_of(group[0])
    children = tuple(row_of(one) for one in reversed(group))
    first = group[0].iteration
    marks = {child.mark: child.mark_word for child in children}
    same_mark, same_word = next(iter(marks.items())) if len(marks) == 1 else ("", "")
    return Row(
        key=f"fold:{first.id}",
        kind=RowKind.FOLD,
        title=texts.say("gui.fold.title", n=len(group)),
        amount=_spread(texts, group, quantity, session),
        number=texts.say("gui.fold.numbers", first=first.number, last=group[-1].iteration.number),
        second=texts.say("gui.folded"),
        mark=same_mark,
        mark_word=same_word,
        clip_id=first.clip_id,
        iteration_ids=tuple(one for child in children for one in child.iteration_ids),
        children=children,
    )


def _spread(
    texts: Texts, group: tuple[IterationFacts, ...], quantity: Quantity, session: SessionFacts
) -> str:
    """Return what one of the group took: the mean, and by how much they differ."""
    values = [_figures(one)[quantity].best for one in group]
    known = [value for value in values if value is not None]
    if len(known) < len(group) or (quantity is Quantity.MONEY and session.tariff is None):
        return MISSING_TEXT
    mean, deviation = mean_and_deviation(known)
    if quantity is Quantity.MONEY and session.tariff is not None:
        shown = texts.numbers.money(mean, session.tariff.currency)
    else:
        places = 0 if mean >= 100 else 1 if mean >= 10 else 2
        both = [texts.numbers.decimal(one, places) for one in (mean, deviation)]
        unit = "Wh" if quantity is Quantity.ENERGY else "g"
        alike = both[1] == texts.numbers.decimal(0, places)
        shown = f"{both[0] if alike else ' ± '.join(both)}{NBSP}{unit}"
    return with_shape(shown, group[0].energy_wh.grade)


def _figures(facts: IterationFacts) -> dict[Quantity, Figure]:
    return {
        Quantity.ENERGY: facts.energy_wh,
        Quantity.CO2E: facts.co2e_g,
        Quantity.MONEY: facts.cost,
    }


def _iteration_row(
    texts: Texts, facts: IterationFacts, quantity: Quantity, session: SessionFacts
) -> Row:
    iteration = facts.iteration
    running = iteration.status is Status.RUNNING
    figures = (facts.energy_wh, facts.co2e_g, facts.cost)
    return Row(
        key=iteration.id,
        kind=RowKind.ITERATION,
        number=str(iteration.number),
        title=what_changed(texts, facts),
        amount=with_shape(amount(texts, quantity, figures, session.tariff), facts.energy_wh.grade),
        second=second_line(texts, facts),
        mark=mark(facts),
        mark_word=mark_word(texts, facts),
        running=running,
        progress=facts.progress.fraction if facts.progress else None,
        clip_id=iteration.clip_id,
        iteration_ids=(iteration.id,),
    )
