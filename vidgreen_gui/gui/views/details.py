"""The card of the chosen iteration: what it was asked to do, and how we know what it took."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from vidgreen_gui.gui.describe import setting_rows, state_words, what_changed
from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.gui.views.lettering import NameLabel, PlainLabel, Size, TextButton
from vidgreen_gui.gui.wording import DOT, clock
from vidgreen_gui.model.facts import IterationFacts
from vidgreen_gui.texts.catalog import Texts

_FIELDS = 8


class Details(QFrame):
    """Eight settings in a grid, or all of it in one line where the window is low."""

    why_asked = Signal()

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._shown: Shown | None = None
        self._columns = 0
        self._build()
        self._retranslate()
        self.why.clicked.connect(self.why_asked)

    def _build(self) -> None:
        self.setObjectName("block")
        self._title = PlainLabel(Size.BODY, bold=True)
        self._about = NameLabel(tone="muted", elide=Qt.TextElideMode.ElideRight)
        self.why = TextButton("link")
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self._title)
        head.addWidget(self._about, 1)
        head.addWidget(self.why)
        self._fields = QWidget()
        self._grid = QGridLayout(self._fields)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(8)
        self._labels = [PlainLabel(Size.SMALL, "muted") for _ in range(_FIELDS)]
        self._values = [NameLabel() for _ in range(_FIELDS)]
        self._cells: list[QWidget] = []
        for label, value in zip(self._labels, self._values, strict=True):
            cell = QWidget()
            column = QVBoxLayout(cell)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
            column.addWidget(label)
            column.addWidget(value)
            self._cells.append(cell)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._fields)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.arrange(4, one_line=False)

    def _retranslate(self) -> None:
        self.why.say(self._texts.say("gui.why_known") + " \u203a")

    def retranslate(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        self._retranslate()
        if self._shown is not None:
            self.show_moment(self._shown)

    def arrange(self, columns: int, *, one_line: bool) -> None:
        """Stand in that many columns; in one line the settings go into the head."""
        self._fields.setVisible(not one_line)
        if self._shown is not None:
            self.show_moment(self._shown)
        if columns == self._columns:
            return
        self._columns = columns
        for place, cell in enumerate(self._cells):
            self._grid.addWidget(cell, place // columns, place % columns)
        for column in range(4):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop)

    def show_moment(self, shown: Shown) -> None:
        """Show the chosen iteration."""
        self._shown = shown
        facts = shown.iteration
        self.setVisible(facts is not None)
        if facts is None:
            return
        number = facts.iteration.number
        self._title.setText(self._texts.say("gui.iteration", number=number))
        rows = setting_rows(self._texts, facts)
        self._about.set_name(self._about_words(shown, facts, rows))
        for (name, value), label, shown_value in zip(rows, self._labels, self._values, strict=True):
            label.setText(name)
            shown_value.set_name(value)
            shown_value.setAccessibleName(f"{name}: {value}")

    def _about_words(self, shown: Shown, facts: IterationFacts, rows: list[tuple[str, str]]) -> str:
        iteration = facts.iteration
        sources = {source.id: source.label for source in shown.snapshot.sources}
        parts = [visible(sources.get(iteration.source_id, _kind(iteration.source_kind)), 30)]
        if iteration.started_utc_ns is not None:
            at = clock(iteration.started_utc_ns, seconds=True)
            parts.append(self._texts.say("gui.started", time=at))
        parts.append(state_words(self._texts, facts) or what_changed(self._texts, facts))
        if self._fields.isHidden():
            parts = [parts[-1], *(value for _name, value in rows[:4])]
        return DOT.join(parts)


def _kind(source_kind: str) -> str:
    return {"comfyui": "ComfyUI"}.get(source_kind, source_kind)
