"""Picks the graphics card that renders here, where no sensor can say what it draws."""

from PySide6.QtWidgets import QWidget

from vidgreen_gui.gui.dialogs.pick import PickDialog
from vidgreen_gui.texts.catalog import Texts


class CardDialog(PickDialog):
    """Every card whose behaviour is known; `card` is the name of the one that was picked."""

    def __init__(self, texts: Texts, cards: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(texts, "gui.card", [(name, name) for name in cards], parent=parent)

    @property
    def card(self) -> str | None:
        """Return the picked card's name, None while there is none."""
        return self.picked if isinstance(self.picked, str) else None
