"""Which parts of the window stand where, from nothing but its width and height."""

from typing import NamedTuple

LIST_WIDTH = 304
ADVICE_WIDTH = 320
RAIL_WIDTH = 72


class Arrangement(NamedTuple):
    """Where the parts stand: as panels beside the middle, or to be opened above it."""

    list_panel: bool
    advice_panel: bool
    advice_rail: bool
    block_columns: int
    detail_columns: int
    cumulative_strip: bool
    details_line: bool
    margin: int


def arrange(width: int, height: int) -> Arrangement:
    """Return the arrangement of a window of that size in device-independent pixels."""
    narrow = width < 700
    return Arrangement(
        list_panel=width >= 1100,
        advice_panel=width >= 1400,
        advice_rail=700 <= width < 1400,
        block_columns=2 if narrow else 4,
        detail_columns=2 if narrow else 4,
        cumulative_strip=height < 800 or narrow,
        details_line=height < 800 or narrow,
        margin=16 if narrow else 24,
    )
