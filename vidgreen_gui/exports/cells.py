"""Cells of a table file: text that no spreadsheet can take for a formula, numbers as numbers."""

import re
from datetime import datetime

from vidgreen_gui.texts.visible import visible

# What makes a spreadsheet compute a cell: also full-width forms, and "|" and "%" of older ones.
_STARTS = "=+\\-@|%\uff1d\uff0b\uff0d\uff20"
_AT_START = re.compile(rf"^(?=[\s\"']*[{_STARTS}])")
# With a decimal comma the list separator is ";": such a spreadsheet splits there, quoted or not.
_AFTER_SEMICOLON = re.compile(rf";(?=[\s\"']*[{_STARTS}])")

Cell = str | float | bool | datetime | None


def text_cell(text: str) -> str:
    """Return `text` on one line, with an apostrophe where it would begin a formula."""
    return _AFTER_SEMICOLON.sub(";'", _AT_START.sub("'", visible(text)))


def cell(value: Cell) -> str:
    """Return a value as a cell: numbers with "." and exact, times as ISO 8601, None empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return text_cell(value)
