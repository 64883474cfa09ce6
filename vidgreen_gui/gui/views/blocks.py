"""The four equal blocks: now, this iteration, clip, session."""

from PySide6.QtWidgets import QGridLayout, QWidget

from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.shown import NOTHING_YET, Quantity, Shown
from vidgreen_gui.gui.views.figure_block import FigureBlock
from vidgreen_gui.gui.wording import (
    DOT,
    amount,
    clock,
    counted_watts,
    energy_words,
    grade_words,
    mass_of_co2e,
    rate,
    short_device,
)
from vidgreen_gui.model.facts import ClipFacts, IterationFacts, LiveSnapshot, Totals
from vidgreen_gui.model.footprint import Grade, Range
from vidgreen_gui.model.session import Status
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.numbers import MISSING_TEXT

Summed = IterationFacts | ClipFacts | Totals
_GRADES = list(Grade)


class Blocks(QWidget):
    """Shows the draw of this second and three sums."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._shown: Shown | None = None
        self._columns = 0
        self.now, self.iteration, self.clip, self.session = (FigureBlock() for _ in range(4))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(12)
        self.set_columns(4)

    def set_columns(self, columns: int) -> None:
        """Stand in four columns or in two."""
        if columns == self._columns:
            return
        self._columns = columns
        for place, block in enumerate((self.now, self.iteration, self.clip, self.session)):
            self._grid.addWidget(block, place // columns, place % columns)
        for column in range(4):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def retranslate(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        if self._shown is not None:
            self.show_moment(self._shown)

    def show_moment(self, shown: Shown) -> None:
        """Show the sums of a moment."""
        self._shown = shown
        for block in (self.iteration, self.clip, self.session):
            block.setVisible(shown.past or shown.iteration is not None)
        self.show_power(shown.snapshot)
        self._show_iteration(shown)
        self._show_clip(shown)
        self._show_session(shown)

    def show_power(self, snapshot: LiveSnapshot) -> None:
        """Show the draw of this second."""
        shown = self._shown
        if shown is None:
            return
        if shown.past:
            self.now.show_figure(self._texts.say("gui.block.now"), MISSING_TEXT, self._past())
            return
        watts = counted_watts(snapshot)
        value = rate(self._texts, shown, watts)
        label = self._texts.say("gui.block.now")
        self.now.show_figure(label, value, self._devices(snapshot, watts))

    def _past(self) -> str:
        return self._texts.say("gui.block.past")

    def _devices(self, snapshot: LiveSnapshot, watts: float | None) -> str:
        texts = self._texts
        counted = [one for one in snapshot.gpus if one.counted] or list(snapshot.gpus)
        if not counted:
            starting = snapshot == NOTHING_YET
            return texts.say("gui.block.looking" if starting else "gui.block.no_device")
        silent = [one for one in counted if one.power_mw is None]
        if watts is None:
            name = short_device((silent or counted)[0].device.name)
            return texts.say("gui.block.silent", device=visible(name, 30))
        grade = max((one.device.grade for one in counted), key=_GRADES.index)
        if len(counted) == 1:
            name = visible(short_device(counted[0].device.name), 30)
        else:
            name = texts.count("gui.devices", len(counted))
        return f"{grade.shape} {name}{DOT}{texts.say('gui.grade.' + grade.value)}"

    def _show_iteration(self, shown: Shown) -> None:
        texts = self._texts
        facts = shown.iteration
        if facts is None:
            dash = texts.say("gui.block.iteration.none")
            self.iteration.show_figure(texts.say("gui.block.iteration"), MISSING_TEXT, dash)
            return
        running = facts.iteration.status is Status.RUNNING
        label = (
            texts.say("gui.block.iteration")
            if running
            else texts.say("gui.iteration", number=facts.iteration.number)
        )
        value = self._amount(shown, facts)
        self.iteration.show_figure(label, value, self._iteration_words(facts, running=running))

    def _iteration_words(self, facts: IterationFacts, *, running: bool) -> str:
        texts = self._texts
        grade = facts.energy_wh.grade
        parts = []
        if running and facts.expected_wh is not None and grade.is_measured:
            parts.append(texts.say("gui.expected", energy=_span(texts, facts.expected_wh)))
        else:
            parts.append(grade_words(texts, grade))
        progress = facts.progress
        if running and progress is not None and progress.finish_utc_ns is not None:
            parts.append(texts.say("gui.ends", time=clock(progress.finish_utc_ns)))
        elif not running and facts.duration_s is not None:
            parts.append(texts.numbers.duration(facts.duration_s))
        return DOT.join(parts)

    def _show_clip(self, shown: Shown) -> None:
        texts, clip = self._texts, shown.clip
        if clip is None:
            self.clip.show_figure(texts.say("gui.block.clip"), MISSING_TEXT, "")
            return
        label = texts.say("gui.block.clip.named", clip=visible(clip.clip.name))
        parts = self._beside(shown, clip)
        parts.append(texts.count("gui.iterations", len(clip.iterations)))
        self.clip.show_figure(label, self._amount(shown, clip), DOT.join(parts[:2]))

    def _show_session(self, shown: Shown) -> None:
        texts, session = self._texts, shown.session
        label = texts.say("gui.block.session")
        if session is None:
            self.session.show_figure(label, MISSING_TEXT, texts.say("gui.session.none"))
            return
        parts = self._beside(shown, session.totals)
        if session.idle_wh.best is not None:
            idle = energy_words(texts, session.idle_wh.best)
            parts.append(texts.say("gui.block.idle", energy=idle))
        self.session.show_figure(label, self._amount(shown, session.totals), DOT.join(parts[:2]))

    def _amount(self, shown: Shown, facts: Summed) -> str:
        figures = (facts.energy_wh, facts.co2e_g, facts.cost)
        tariff = shown.session.tariff if shown.session else None
        return amount(self._texts, shown.quantity, figures, tariff)

    def _beside(self, shown: Shown, facts: Summed) -> list[str]:
        """Return the grade where it is not plain measured, and the sum in the other unit."""
        grade = facts.energy_wh.grade
        if shown.quantity is Quantity.ENERGY:
            other = mass_of_co2e(self._texts, facts.co2e_g.best)
        else:
            other = energy_words(self._texts, facts.energy_wh.best)
        return [other] if grade.is_measured else [grade_words(self._texts, grade), other]


def _span(texts: Texts, span: Range) -> str:
    """Return "48 ± 2" in the unit of the value above it."""
    half = max(span.high - span.best, span.best - span.low)
    places = 0 if span.best >= 10 and half >= 1 else 1
    return f"{texts.numbers.decimal(span.best, places)} ± {texts.numbers.decimal(half, places)}"
