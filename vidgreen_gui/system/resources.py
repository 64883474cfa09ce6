"""Finds what ships beside the code: texts, data, icons, schemas; installed or from source."""

import gettext
from pathlib import Path

from vidgreen_gui.texts.catalog import LANGUAGES, Texts

_PACKAGE = Path(__file__).resolve().parent.parent


def resources_folder() -> Path:
    """Return the folder of the shipped resources; raise FileNotFoundError when it is gone.

    A wheel carries it inside the package, a source tree or an editable install beside it.
    """
    for folder in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        if (folder / "i18n").is_dir():
            return folder
    raise FileNotFoundError(_PACKAGE / "resources")


def resource(name: str) -> Path:
    """Return the path of a shipped file, named relative to the resources folder."""
    path = resources_folder() / name
    if not path.exists():
        raise FileNotFoundError(path)
    return path


def load_texts(language: str) -> Texts:
    """Return the sentences of `language`, English where it is none of ours."""
    known = language if language in LANGUAGES else "en"
    with resource(f"i18n/{known}/LC_MESSAGES/vidgreen.mo").open("rb") as stream:
        return Texts(known, gettext.GNUTranslations(stream))
