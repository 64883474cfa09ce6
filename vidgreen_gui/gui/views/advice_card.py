"""One suggestion: time saved first, then energy, what it keeps, how sure and from what."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.theme import Theme
from vidgreen_gui.gui.views.flow_layout import FlowLayout
from vidgreen_gui.gui.views.lettering import PlainLabel, Size, TextButton
from vidgreen_gui.gui.views.saving_bar import SavingBar
from vidgreen_gui.gui.views.workflow_drag import WorkflowDrag
from vidgreen_gui.gui.wording import DOT
from vidgreen_gui.model.advice import Suggestion, Verdict
from vidgreen_gui.model.footprint import Range
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.numbers import NBSP


class AdviceCard(QFrame):
    """Shows a suggestion; `dismissed` carries its rule."""

    dismissed = Signal(str)

    def __init__(
        self,
        theme: Theme,
        texts: Texts,
        suggestion: Suggestion,
        verdict: Verdict | None,
        drag: WorkflowDrag | None,
    ) -> None:
        super().__init__()
        self._texts = texts
        self._suggestion = suggestion
        self._verdict = verdict
        self._drag = drag
        self._build(theme)
        self._retranslate()
        self._connect()

    def _build(self, theme: Theme) -> None:
        self.setObjectName("card")
        self._title = PlainLabel(bold=True, wrap=True)
        self._sooner = PlainLabel(wrap=True)
        self._less = PlainLabel(Size.SAVING, "saving", bold=True)
        self.bar = SavingBar(theme)
        self._energy = PlainLabel(Size.SMALL, "muted")
        self._sure = PlainLabel(Size.SMALL, "muted")
        self._keeps = PlainLabel(Size.SMALL, bold=True)
        self._caveat = PlainLabel(Size.SMALL, "muted", wrap=True)
        self._why = TextButton()
        self._why.setCheckable(True)
        self._not_for_me = TextButton("flat")
        self._because = PlainLabel(Size.SMALL, "muted", wrap=True)
        self._because.hide()
        self._tried = PlainLabel(Size.SMALL, "data", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        layout.addLayout(_pair(self._sooner, self._less))
        layout.addWidget(self.bar)
        layout.addLayout(_pair(self._energy, self._sure))
        layout.addWidget(self._keeps)
        layout.addWidget(self._caveat)
        layout.addSpacing(4)
        layout.addWidget(self._buttons())
        layout.addWidget(self._because)
        layout.addWidget(self._tried)

    def _buttons(self) -> QWidget:
        row = QWidget()
        flow = FlowLayout(row, gap=6, push_last=True)
        for button in (self._drag, self._why, self._not_for_me):
            if button is not None:
                flow.addWidget(button)
        return row

    def _retranslate(self) -> None:
        texts, suggestion = self._texts, self._suggestion
        arguments = {
            name: visible(value) if isinstance(value, str) else value
            for name, value in suggestion.arguments
        }
        title = texts.say(suggestion.title, **arguments)
        self._title.setText(title)
        self._sooner.setText(self._sooner_words())
        self._less.setText(texts.numbers.percent(suggestion.ratio.best - 1))
        self.bar.set_ratio(suggestion.ratio.best)
        self._energy.setText(self._energy_words())
        self._sure.setText(self._sure_words())
        self._keeps.setText(texts.say(f"gui.keeps.{suggestion.keeps.value}"))
        self._caveat.setText(texts.say(suggestion.caveat, **arguments))
        self._why.say(texts.say("gui.advice.why"))
        self._not_for_me.say(texts.say("gui.advice.not_for_me"))
        self._because.setText(self._because_words())
        self._tried.setText(self._tried_words())
        self._tried.setVisible(self._verdict is not None)
        if self._drag is not None:
            self._drag.say(texts.say("gui.advice.drag"), texts.say("gui.advice.drag.tip"))
        self.setAccessibleName(f"{title}. {self._sooner.text()}. {self._less.text()}")

    def _connect(self) -> None:
        self._why.toggled.connect(self._because.setVisible)
        self._not_for_me.clicked.connect(self._on_not_for_me)

    def _on_not_for_me(self) -> None:
        self.dismissed.emit(self._suggestion.rule)

    def _sooner_words(self) -> str:
        saving_s = self._suggestion.saving_s
        if saving_s is None:
            return ""
        return self._texts.say(
            "gui.advice.sooner", duration=self._texts.numbers.duration(saving_s.best)
        )

    def _energy_words(self) -> str:
        saving, ratio = self._suggestion.saving_wh, self._suggestion.ratio.best
        if saving is None or ratio >= 1:
            return ""
        before = saving.best / (1 - ratio)
        numbers = self._texts.numbers
        after = numbers.significant(before * ratio, 2)
        return f"{numbers.significant(before, 2)} → {after}{NBSP}Wh"

    def _sure_words(self) -> str:
        evidence = self._texts.say(f"gui.evidence_of.{self._suggestion.evidence}")
        half = _half_width(self._suggestion.ratio)
        return evidence + DOT + "± " + self._texts.numbers.percent(half) if half else evidence

    def _because_words(self) -> str:
        changes = [
            f"{visible(one.node, 20)} · {visible(one.input, 40)}: "
            f"{visible(str(one.before), 40)} → {visible(str(one.after), 40)}"
            for one in self._suggestion.change
        ]
        source = self._texts.say("gui.advice.source", source=visible(self._suggestion.source, 400))
        return "\n".join([*changes, source])

    def _tried_words(self) -> str:
        if self._verdict is None:
            return ""
        numbers = self._texts.numbers
        return self._texts.say(
            "gui.advice.tried",
            predicted=numbers.percent(self._verdict.predicted - 1),
            measured=numbers.percent(self._verdict.measured - 1),
            n=self._verdict.n,
        )


def _half_width(ratio: Range) -> float:
    """Return half the width of a ratio's range, as a share of the old energy."""
    return max(ratio.high - ratio.best, ratio.best - ratio.low)


def _pair(left: PlainLabel, right: PlainLabel) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(left, 1)
    row.addWidget(right)
    row.setAlignment(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return row
