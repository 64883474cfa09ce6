"""One device on the Sensors page: its watts now, what is known of its sensor, what to do."""

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from vidgreen_gui.gui.views.lettering import FigureLabel, NameLabel, PlainLabel, Size
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.numbers import MISSING_TEXT
from vidgreen_gui.verbs.sensors import SensorReport

_BREAK = "\u200b"
# Paths and names of calls have no blanks: they may go on in the next line after these.
_MAY_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[/_:])(?=\w)")


class SensorCard(QFrame):
    """Shows a report; what does not change from one second to the next is left as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self._report: SensorReport | None = None
        self._names: tuple[str, ...] = ()
        self._values: dict[str, PlainLabel] = {}
        self._build()

    def _build(self) -> None:
        self.setObjectName("block")
        self._name = NameLabel(Size.TITLE, bold=True)
        self._watts = FigureLabel(Size.HEAD, bold=True)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._name, 1)
        head.addWidget(self._watts)
        self._grade = PlainLabel()
        self._tick = PlainLabel(tone="muted")
        second = QHBoxLayout()
        second.setSpacing(12)
        second.addWidget(self._grade, 1)
        second.addWidget(self._tick)
        self._trouble = PlainLabel(tone="notice", wrap=True)
        self._why = PlainLabel(Size.SMALL, "muted", wrap=True)
        self._facts = QWidget()
        self._grid = QGridLayout(self._facts)
        self._grid.setContentsMargins(0, 4, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._advice = PlainLabel(wrap=True)
        # It may name a line for a file.
        self._advice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._to_do = PlainLabel(bold=True, wrap=True)
        self._to_do.setContentsMargins(0, 6, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addLayout(second)
        for part in (self._trouble, self._why, self._facts, self._to_do, self._advice):
            layout.addWidget(part)

    def show_report(self, texts: Texts, report: SensorReport) -> None:
        """Show what is known of the device at this moment."""
        if report == self._report:
            return
        self._report = report
        grade = report.grade
        self._name.set_name(report.title)
        watts = MISSING_TEXT if report.power_w is None else texts.numbers.power(report.power_w)
        self._watts.setText(watts)
        _say(self._grade, f"{grade.shape} {texts.say('sensors.grade.' + grade.value)}")
        _say(self._tick, f"✓ {report.standing}" if report.counted else report.standing)
        _say(self._trouble, report.trouble)
        _say(self._why, report.counted_why)
        self._show_facts(report)
        _say(self._to_do, texts.say("sensors.to_do") if report.advice else "")
        _say(self._advice, "\n".join(f"→ {sentence}" for sentence in report.advice))
        self.setAccessibleName(f"{report.title}: {watts}, {self._grade.text()}")

    def _show_facts(self, report: SensorReport) -> None:
        names = tuple(fact.name for fact in report.facts)
        if names != self._names:
            self._names = names
            self._clear()
            self._values = {fact.code: PlainLabel(wrap=True) for fact in report.facts}
            for row, fact in enumerate(report.facts):
                name = PlainLabel(tone="muted")
                name.setText(fact.name)
                top = Qt.AlignmentFlag.AlignTop
                self._grid.addWidget(name, row, 0, top)
                self._grid.addWidget(self._values[fact.code], row, 1)
        for fact in report.facts:
            label = self._values[fact.code]
            _say(label, _MAY_BREAK.sub(_BREAK, fact.said) if fact.code == "reads" else fact.said)
            label.setAccessibleName(f"{fact.name}: {fact.said}")

    def _clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()


def _say(label: PlainLabel, text: str) -> None:
    """Set a label's text, and hide it while there is none."""
    if label.text() != text:
        label.setText(text)
    label.setVisible(bool(text))
