"""Makes text from outside fit to show: nothing in it can hide, reorder or break a line."""

import re
import unicodedata

_BLANKS = re.compile(r"[\t\n\r\v\f\u0085\u2028\u2029]+")
# Cc control, Cf format (bidi overrides, zero widths, tags), Cs lone surrogate, Co private, Cn none.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
# Emoji and several scripts need the joiners.
_HARMLESS = {"\u200c", "\u200d"}
ELLIPSIS = "…"


def visible(text: str, limit: int | None = None) -> str:
    """Return `text` on one line, hidden characters spelled "⟨U+202E⟩", cut to `limit`."""
    # What is cut off need not be spelled out first; one character more tells that it was cut.
    line = _BLANKS.sub(" ", text if limit is None else text[: limit + 1])
    if not line.isascii() or not line.isprintable():
        line = "".join(_shown(character) for character in line)
    return line if limit is None or len(line) <= limit else line[: limit - 1] + ELLIPSIS


def _shown(character: str) -> str:
    if character in _HARMLESS or unicodedata.category(character) not in _HIDDEN:
        return character
    return f"⟨U+{ord(character):04X}⟩"
