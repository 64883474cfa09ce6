"""Asks what the power supply is: its 80 PLUS class and its rating, both optional."""

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from vidgreen_gui.gui.dialogs.frame import Frame
from vidgreen_gui.gui.views.chooser import Chooser
from vidgreen_gui.gui.views.lettering import PlainLabel
from vidgreen_gui.texts.catalog import Texts

CLASSES = ("", "white", "bronze", "silver", "gold", "platinum", "titanium")
_LEAST_W, _MOST_W = 100.0, 10_000.0


class SupplyDialog(Frame):
    """A class and watts; what is not known may stay empty."""

    def __init__(
        self, texts: Texts, efficiency: str, watts: str, parent: QWidget | None = None
    ) -> None:
        say = texts.say
        super().__init__(texts, say("gui.supply.title"), say("gui.supply.accept"), parent)
        self._locale = QLocale(texts.language)
        self.say(say("gui.supply.about"))
        self._class = Chooser(say("gui.supply.class"))
        self._class.offer(
            {name: say(f"gui.supply.class.{name or 'unknown'}") for name in CLASSES},
            efficiency if efficiency in CLASSES else "",
        )
        self.line = QLineEdit(watts)
        self.line.setAccessibleName(say("gui.supply.watts"))
        self.line.setPlaceholderText(say("gui.supply.watts"))
        row = QHBoxLayout()
        row.addWidget(self._class)
        row.addWidget(self.line, 1)
        unit = PlainLabel(tone="muted")
        unit.setText("W")
        row.addWidget(unit)
        self.body.addLayout(row)
        self.line.textChanged.connect(self._on_changed)
        self._class.setFocus()

    @property
    def efficiency(self) -> str:
        """Return the 80 PLUS class, "" where it is not known."""
        return self._class.chosen

    @property
    def watts(self) -> str:
        """Return the rating in watts with a decimal point, "" where it is not known."""
        number = self._number()
        return "" if number is None else f"{number:g}"

    def _number(self) -> float | None:
        number, is_number = self._locale.toDouble(self.line.text().strip())
        return number if is_number and _LEAST_W <= number <= _MOST_W else None

    def _on_changed(self, text: str) -> None:
        if self.accept_button is not None:
            self.accept_button.setEnabled(not text.strip() or self._number() is not None)
