"""Sentences by code: what the window, the command line and the reports say, in one language."""

import gettext

from vidgreen_gui.model.faults import Fault, Notice
from vidgreen_gui.texts.numbers import Numbers

LANGUAGES = ("en", "fr")


class Texts:
    """Looks sentences up by code and fills in their arguments.

    `translations` holds one language's catalogue, with codes as message ids. A code that is not
    there raises KeyError: a sentence nobody wrote is a bug, never something to show.
    """

    def __init__(self, language: str, translations: gettext.NullTranslations) -> None:
        self.language = language
        self.numbers = Numbers(language)
        self._translations = translations

    def say(self, code: str, /, **arguments: str | float) -> str:
        """Return the sentence of `code` with `arguments` in their places; raise KeyError."""
        sentence = self._translations.gettext(code)
        if sentence == code:
            raise KeyError(code)
        return sentence.format(**arguments) if arguments else sentence

    def count(self, code: str, n: int, /, **arguments: str | float) -> str:
        """Return the plural form of `code` that fits `n`, which fills `{n}`; raise KeyError."""
        sentence = self._translations.ngettext(code, code, n)
        if sentence == code:
            raise KeyError(code)
        return sentence.format(n=self.numbers.integer(n), **arguments)

    def fault(self, fault: Fault | Notice) -> str:
        """Return the sentence of a fault or a notice."""
        return self.say(fault.code, **dict(fault.arguments))
