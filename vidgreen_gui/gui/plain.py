"""Makes text that others wrote fit to be shown: nothing hidden in it, nothing endless."""

import unicodedata

_JOINERS = {"\u200d", "\u200c"}
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
LONGEST_SHOWN = 160


def visible(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return `text` with control and bidi characters spelled out, as in ⟨U+202E⟩, and cut off.

    Joiners stay: emoji and several scripts are written with them.
    """
    shown = text[:longest]
    if not shown.isprintable():
        shown = "".join(
            f"⟨U+{ord(one):04X}⟩"
            if one not in _JOINERS and unicodedata.category(one) in _INVISIBLE
            else one
            for one in shown
        )
    return shown if len(text) <= longest else f"{shown}…"
