"""The four equal blocks: now, this iteration, clip, session."""

from PySide6.QtWidgets import QGridLayout, QWidget

from vidgreen_gui.gui.describe import with_shape
from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.shown import Quantity, Shown
from vidgreen_gui.gui.views.figure_block import FigureBlock
from vidgreen_gui.gui.wording import (
    DOT,
    amount,
    clock,
    counted_watts,
    grade_shape,
    grade_words,
    mass_of_co2e,
    rate,
    short_device,
)
from vidgreen_gui.model.facts import ClipFacts, IterationFacts, LiveSnapshot, SessionFacts
from vidgreen_gui.model.footprint import Figure, Grade
from vidgreen_gui.model.session import Status
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.numbers import MISSING_TEXT, NBSP

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
        self._grid.setHorizontalSpacing(24)
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
        counted = [one for one in snapshot.devices if one.counted] or list(snapshot.devices)
        if not counted:
            return texts.say("gui.block.no_device")
        silent = [one for one in counted if one.power_mw is None]
        if watts is None:
            name = short_device((silent or counted)[0].device.name)
            return texts.say("gui.block.silent", device=visible(name, 30))
        grade = max((one.device.grade for one in counted), key=_GRADES.index)
        if len(counted) == 1:
            name = visible(short_device(counted[0].device.name), 30)
        else:
            name = texts.count("gui.devices", len(counted))
        return f"{grade_shape(grade)} {name}{DOT}{texts.say('gui.grade.' + grade.value)}"

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
        parts = []
        if running and facts.expected_wh is not None:
            span = texts.numbers.plus_minus(facts.expected_wh, "Wh")
            parts.append(texts.say("gui.expected", energy=span))
        else:
            parts.append(grade_words(texts, facts.energy_wh.grade))
        progress = facts.progress
        if running and progress is not None and progress.finish_utc_ns is not None:
            parts.append(texts.say("gui.ends", time=clock(progress.finish_utc_ns)))
        elif not running and facts.duration_s is not None:
            parts.append(texts.numbers.duration(facts.duration_s))
        return DOT.join(parts)

    def _show_clip(self, shown: Shown) -> None:
        texts = self._texts
        if shown.clip is None:
            self.clip.show_figure(texts.say("gui.block.clip"), MISSING_TEXT, "")
            return
        label = texts.say("gui.block.clip.named", clip=visible(shown.clip.clip.name))
        count = texts.count("gui.iterations", len(shown.clip.iterations))
        other = self._other_quantity(shown, shown.clip)
        self.clip.show_figure(label, self._amount(shown, shown.clip), other + DOT + count)

    def _show_session(self, shown: Shown) -> None:
        texts = self._texts
        session = shown.session
        label = texts.say("gui.block.session")
        if session is None:
            self.session.show_figure(label, MISSING_TEXT, texts.say("gui.session.none"))
            return
        parts = [self._other_quantity(shown, session.totals)]
        if session.idle_wh.best is not None:
            idle = texts.numbers.energy(session.idle_wh.best)
            parts.append(texts.say("gui.block.idle", energy=idle))
        self.session.show_figure(label, self._amount(shown, session.totals), DOT.join(parts))

    def _amount(self, shown: Shown, facts: "IterationFacts | ClipFacts | object") -> str:
        figures = _figures(facts)
        session = shown.session
        tariff = session.tariff if isinstance(session, SessionFacts) else None
        return with_shape(amount(self._texts, shown.quantity, figures, tariff), figures[0].grade)

    def _other_quantity(self, shown: Shown, facts: object) -> str:
        energy, co2e, _cost = _figures(facts)
        if shown.quantity is Quantity.ENERGY:
            shown_co2e = mass_of_co2e(self._texts, co2e.best)
            return shown_co2e if co2e.best is not None else f"{MISSING_TEXT}{NBSP}CO₂e"
        return self._texts.numbers.energy(energy.best)


def _figures(facts: object) -> tuple[Figure, Figure, Figure]:
    return facts.energy_wh, facts.co2e_g, facts.cost  # type: ignore[attr-defined]
