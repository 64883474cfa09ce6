"""Asks how a session is handed over, and shows what goes along before anything is written."""

from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QWidget

from vidgreen_gui.gui.describe import with_shape
from vidgreen_gui.gui.dialogs.frame import Frame
from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.views.chooser import Chooser
from vidgreen_gui.gui.wording import energy_words, grid_words, mass_of_co2e
from vidgreen_gui.model.facts import SessionFacts
from vidgreen_gui.texts.catalog import Texts


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """A format and whether prompts, paths and seeds go along."""

    format: str
    with_private: bool


class ExportDialog(Frame):
    """Format, tick, and the list of what is included."""

    def __init__(
        self,
        texts: Texts,
        session: SessionFacts,
        formats: tuple[str, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            texts, texts.say("gui.export.title"), texts.say("gui.export.accept"), parent
        )
        self._session = session
        self.format = Chooser(texts.say("gui.export.format"))
        labels = {name: texts.say(f"gui.export.format.{name}") for name in formats}
        self.format.offer(labels, formats[0])
        self.private = QCheckBox(texts.say("gui.export.private"))
        self.body.addWidget(self.format)
        self.body.addWidget(self.private)
        self.preview = self.say("")
        self.private.toggled.connect(self._on_changed)
        self._on_changed()

    @property
    def choice(self) -> ExportChoice:
        """Return what was chosen."""
        return ExportChoice(self.format.chosen, self.private.isChecked())

    def _on_changed(self, _checked: bool = False) -> None:
        self.preview.setText("\n".join(self._included()))

    def _included(self) -> list[str]:
        texts, session = self.texts, self._session
        totals = session.totals
        lines = [
            visible(session.session.title or session.project.name),
            texts.count("gui.clips", len(session.clips))
            + ", "
            + texts.count("gui.iterations", totals.iterations),
            with_shape(energy_words(texts, totals.energy_wh.best), totals.energy_wh.grade)
            + ", "
            + mass_of_co2e(texts, totals.co2e_g.best),
            *(grid_words(texts, factor) for factor in session.factors),
        ]
        private = self.private.isChecked()
        lines.append(texts.say("gui.export.with" if private else "gui.export.without"))
        return lines
