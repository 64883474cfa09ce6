"""Keeps what the user chose in the engine for the next start."""

from dataclasses import replace
from pathlib import Path

from vidgreen_gui.model.user_events import AdviceDismissed, FactorChosen, TariffChosen, UserEvent
from vidgreen_gui.system.settings import UserSettings, load_settings, save_settings


class Remembers:
    """Writes choices to the settings file, beside what the window keeps there itself."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, event: UserEvent) -> None:
        """Write a choice; other events are the store's alone. Raise Fault when it cannot be."""
        match event:
            case FactorChosen() | TariffChosen() | AdviceDismissed():
                save_settings(self._path, _with_choice(load_settings(self._path), event))


def _with_choice(
    settings: UserSettings, event: FactorChosen | TariffChosen | AdviceDismissed
) -> UserSettings:
    match event:
        case FactorChosen():
            return replace(settings, zone=event.factor.zone)
        case TariffChosen():
            if event.tariff is None:
                return replace(settings, price_per_kwh=None)
            price, currency = event.tariff.price_per_kwh, event.tariff.currency
            return replace(settings, price_per_kwh=price, currency=currency)
        case AdviceDismissed():
            rules = set(settings.dismissed) - {event.rule}
            if event.dismissed:
                rules.add(event.rule)
            return replace(settings, dismissed=tuple(sorted(rules)))
