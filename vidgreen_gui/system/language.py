"""Which language to speak before anything else is loaded."""

import locale
import os
import tomllib
from pathlib import Path

from vidgreen_gui.texts.catalog import LANGUAGES


def preferred_language(settings_path: Path) -> str:
    """Return the language of the settings, else of the locale, else English; quick."""
    try:
        chosen = tomllib.loads(settings_path.read_text(encoding="utf-8")).get("language", "")
    except (OSError, ValueError):
        chosen = ""
    if chosen in LANGUAGES:
        return str(chosen)
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    spoken = (named or locale.getlocale()[0] or "")[:2].lower()
    return spoken if spoken in LANGUAGES else "en"
