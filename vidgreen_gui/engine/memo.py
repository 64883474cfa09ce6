"""Remembers what was computed of parts that seldom change, so that a second costs little."""

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

Made = TypeVar("Made")


class Memo:
    """Keeps for each place the newest inputs and what was made of them."""

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[tuple[object, ...], object]] = {}

    def get(self, place: Hashable, inputs: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """Return what `make` made of equal `inputs` at this place, else make it anew.

        Inputs must not change after they were given; the same object needs no comparison.
        """
        known = self._known.get(place)
        if known is not None and known[0] == inputs:
            return cast("Made", known[1])
        made = make()
        self._known[place] = (inputs, made)
        return made
