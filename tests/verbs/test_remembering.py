"""Choices made in the engine stand beside those that the window keeps."""

from dataclasses import replace

from support.facts import FRANCE, TARIFF

from vidgreen_gui.model.user_events import AdviceDismissed, FactorChosen, TariffChosen
from vidgreen_gui.system.settings import UserSettings, load_settings, save_settings
from vidgreen_gui.verbs.remembering import Remembers


def test_a_choice_undoes_none_that_was_kept_meanwhile(tmp_path):
    path = tmp_path / "settings.toml"
    remember = Remembers(path)
    remember(FactorChosen(t_ns=1, factor=FRANCE))
    save_settings(path, replace(load_settings(path), theme="dark", card="GeForce RTX 3090"))
    remember(TariffChosen(t_ns=2, tariff=TARIFF))
    remember(AdviceDismissed(t_ns=3, rule="frames", dismissed=True))
    assert load_settings(path) == UserSettings(
        theme="dark",
        card="GeForce RTX 3090",
        zone="FR",
        price_per_kwh=0.2016,
        currency="EUR",
        dismissed=("frames",),
    )


def test_a_choice_taken_back_is_forgotten(tmp_path):
    path = tmp_path / "settings.toml"
    remember = Remembers(path)
    remember(TariffChosen(t_ns=1, tariff=TARIFF))
    remember(TariffChosen(t_ns=2, tariff=None))
    remember(AdviceDismissed(t_ns=3, rule="frames", dismissed=True))
    remember(AdviceDismissed(t_ns=4, rule="frames", dismissed=False))
    assert load_settings(path) == UserSettings()
