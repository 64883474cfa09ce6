"""Asks what electricity costs; optional, and can be taken back."""

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from vidgreen_gui.gui.dialogs.frame import Frame
from vidgreen_gui.gui.views.chooser import Chooser
from vidgreen_gui.model.footprint import Tariff
from vidgreen_gui.texts.catalog import Texts

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "CAD", "AUD", "JPY", "CNY", "INR", "KRW", "PLN", "SEK")
_HIGHEST = 1_000.0


class PriceDialog(Frame):
    """A price per kWh and its currency; an empty line means no price."""

    def __init__(self, texts: Texts, tariff: Tariff | None, parent: QWidget | None = None) -> None:
        super().__init__(texts, texts.say("gui.price.title"), texts.say("gui.price.accept"), parent)
        self._locale = QLocale(texts.language)
        self.say(texts.say("gui.price.about"))
        self.price = QLineEdit()
        self.price.setAccessibleName(texts.say("gui.price.title"))
        self.price.setPlaceholderText(texts.say("gui.price.none"))
        self.currency = Chooser(texts.say("gui.price.currency"))
        known = tariff.currency if tariff else CURRENCIES[0]
        self.currency.offer({name: name for name in dict.fromkeys((known, *CURRENCIES))}, known)
        if tariff is not None:
            self.price.setText(self._locale.toString(tariff.price_per_kwh, "g", 6))
        row = QHBoxLayout()
        row.addWidget(self.price, 1)
        row.addWidget(self.currency)
        self.body.addLayout(row)
        self.price.textChanged.connect(self._on_changed)
        self.price.setFocus()

    @property
    def tariff(self) -> Tariff | None:
        """Return the price, None where there is none."""
        price = self._number()
        return Tariff(price, self.currency.chosen) if price else None

    def _number(self) -> float | None:
        """Return what is written as a number, with a decimal point or comma, None if it is none."""
        written = self.price.text().strip()
        number, is_number = self._locale.toDouble(written)
        if not is_number:
            number, is_number = QLocale.c().toDouble(written)
        return number if is_number and 0 <= number <= _HIGHEST else None

    def _on_changed(self, text: str) -> None:
        if self.accept_button is not None:
            self.accept_button.setEnabled(not text.strip() or self._number() is not None)
