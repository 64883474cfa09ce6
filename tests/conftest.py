"""Fixtures for every test: private folders, no network beyond loopback, faulthandler on."""

import faulthandler

import pytest
from hypothesis import HealthCheck, settings

faulthandler.enable()
settings.register_profile(
    "suite", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("full", parent=settings.get_profile("suite"), max_examples=1000)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def private_folders(tmp_path_factory, monkeypatch):
    """No test reads or writes the user's own folders."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("VIDGREEN_DATA_DIR", str(home / "data"))
    monkeypatch.setenv("VIDGREEN_CONFIG_DIR", str(home / "config"))
    return home
