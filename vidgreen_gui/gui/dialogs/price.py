"""Asks what electricity costs; optional, and can be taken back."""

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QWidget

from vidgreen_gui.gui.dialogs.frame import Frame
from vidgreen_gui.model.footprint import Tariff
from vidgreen_gui.texts.catalog import Texts

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "CAD", "AUD", "JPY", "CNY", "INR", "KRW", "PLN", "SEK")


class PriceDialog(Frame):
    """A price per kWh and its currency; a price of nothing means no price."""

    def __init__(self, texts: Texts, tariff: Tariff | None, parent: QWidget | None = None) -> None:
        super().__init__(texts, texts.say("gui.price.title"), texts.say("gui.price.accept"), parent)
        self.say(texts.say("gui.price.about"))
        self.price = QDoubleSpinBox()
        self.price.setLocale(QLocale(texts.language))
        self.price.setDecimals(4)
        self.price.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.price.setRange(0.0, 1000.0)
        self.price.setSingleStep(0.01)
        self.price.setSpecialValueText(texts.say("gui.price.none"))
        self.price.setAccessibleName(texts.say("gui.price.title"))
        self.currency = QComboBox()
        self.currency.addItems(CURRENCIES)
        self.currency.setAccessibleName(texts.say("gui.price.currency"))
        if tariff is not None:
            self.price.setValue(tariff.price_per_kwh)
            self.currency.setCurrentText(tariff.currency)
        row = QHBoxLayout()
        row.addWidget(self.price, 1)
        row.addWidget(self.currency)
        self.body.addLayout(row)
        self.price.setFocus()

    @property
    def tariff(self) -> Tariff | None:
        """Return the price, None where there is none."""
        if self.price.value() == 0.0:
            return None
        return Tariff(self.price.value(), self.currency.currentText())
