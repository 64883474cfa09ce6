"""Numbers with their units as each language writes them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Written with every sentence, needed by few: the window's first paint does not wait for them.
    from vidgreen_gui.model.footprint import Figure, Range

NBSP = "\u00a0"
MINUS = "\u2212"
MISSING_TEXT = "—"
_DECIMAL_MARK = {"en": ".", "fr": ","}
_GROUP_MARK = {"en": ",", "fr": "\u202f"}


@dataclass(frozen=True, slots=True)
class Numbers:
    """Formats numbers for one language; every method returns text, "—" for None."""

    language: str

    def integer(self, value: float) -> str:
        """Return `value` without decimals, thousands grouped."""
        return self._local(f"{round(value):,}")

    def decimal(self, value: float, places: int) -> str:
        """Return `value` with exactly `places` decimals."""
        return self._local(f"{value:,.{places}f}")

    def significant(self, value: float, digits: int = 3) -> str:
        """Return `value` to about `digits` significant digits, never in powers of ten."""
        return "0" if value == 0 else self.decimal(value, _places(value, digits))

    def power(self, watts: float | None) -> str:
        """Return watts: "24 W", "0.1 W", "1,240 W"."""
        if watts is None:
            return MISSING_TEXT
        shown = self.integer(watts) if abs(watts) >= 10 else self.decimal(watts, 1)
        return f"{shown}{NBSP}W"

    def energy(self, watt_hours: float | None) -> str:
        """Return an energy in Wh, in kWh from 10,000 Wh up."""
        return self._scaled(watt_hours, "Wh", "kWh")

    def mass(self, grams: float | None) -> str:
        """Return a mass of CO2e in g, in kg from 10,000 g up; the caller names the gas."""
        return self._scaled(grams, "g", "kg")

    def money(self, amount: float | None, currency: str) -> str:
        """Return a sum with its currency, with enough decimals for small sums."""
        if amount is None:
            return MISSING_TEXT
        shown = self.decimal(amount, 2) if abs(amount) >= 0.1 else self.significant(amount, 2)
        symbol = {"EUR": "€", "USD": "$", "GBP": "£"}.get(currency, currency)
        if self.language == "en" and symbol != currency:
            return f"{symbol}{shown}"
        return f"{shown}{NBSP}{symbol}"

    def figure(self, figure: "Figure", unit: str) -> str:
        """Return a figure's best value as "Wh" or "g"."""
        return self.energy(figure.best) if unit == "Wh" else self.mass(figure.best)

    def plus_minus(self, span: "Range", unit: str) -> str:
        """Return "47.4 ± 2.4 Wh", the wider side counting; "47.4 Wh" for an exact figure.

        Both have as many decimals: what the range leaves open is not written out.
        """
        half = max(span.high - span.best, span.best - span.low)
        if half == 0:
            return f"{self.significant(span.best)}{NBSP}{unit}"
        known = min(_places(span.best, 3), _places(half, 2)) if span.best else _places(half, 2)
        places = max(known, _places(half, 1))
        return f"{self.decimal(span.best, places)} ± {self.decimal(half, places)}{NBSP}{unit}"

    def percent(self, share: float, *, signed: bool = False) -> str:
        """Return a share (0.48) as "48 %", with its sign when `signed`."""
        value = round(share * 100)
        sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
        return f"{sign}{abs(value)}{NBSP}%"

    def duration(self, seconds: float | None) -> str:
        """Return a length of time: "8.4 s", "52 s", "7 min 40 s", "2 h 05 min"."""
        if seconds is None:
            return MISSING_TEXT
        if seconds < 10:
            return f"{self.decimal(seconds, 1)}{NBSP}s"
        whole = round(seconds)
        if whole < 60:
            return f"{whole}{NBSP}s"
        if whole < 3600:
            return f"{whole // 60}{NBSP}min{NBSP}{whole % 60:02d}{NBSP}s"
        minutes = round(seconds / 60)
        return f"{minutes // 60}{NBSP}h{NBSP}{minutes % 60:02d}{NBSP}min"

    def _scaled(self, value: float | None, unit: str, thousand: str) -> str:
        if value is None:
            return MISSING_TEXT
        if abs(value) >= 10_000:
            return f"{self.significant(value / 1000)}{NBSP}{thousand}"
        return f"{self.significant(value)}{NBSP}{unit}"

    def _local(self, text: str) -> str:
        marks = {",": _GROUP_MARK[self.language], ".": _DECIMAL_MARK[self.language], "-": MINUS}
        return "".join(marks.get(character, character) for character in text)


def _places(value: float, digits: int) -> int:
    """Return the decimals that show `digits` significant digits of a value that is not 0."""
    magnitude = abs(value)
    places = digits - 1
    while magnitude >= 10 and places > 0:
        magnitude /= 10
        places -= 1
    while magnitude < 1 and places < 6:
        magnitude *= 10
        places += 1
    return places
