"""Picks the grid that the electricity comes from."""

from PySide6.QtWidgets import QWidget

from vidgreen_gui.gui.dialogs.pick import PickDialog
from vidgreen_gui.gui.wording import grid_words
from vidgreen_gui.model.footprint import GridFactor
from vidgreen_gui.texts.catalog import Texts


class ZoneDialog(PickDialog):
    """Every grid factor with its source and year; `factor` is what was picked."""

    def __init__(
        self,
        texts: Texts,
        factors: tuple[GridFactor, ...],
        current: GridFactor | None = None,
        parent: QWidget | None = None,
    ) -> None:
        choices = [(f"{grid_words(texts, one)} ({one.zone})", one) for one in factors]
        zone = current.zone if current else None
        chosen = next((one for one in factors if one.zone == zone), None)
        super().__init__(texts, "gui.zone", choices, chosen, parent)

    @property
    def factor(self) -> GridFactor | None:
        """Return the picked factor, None while there is none."""
        return self.picked if isinstance(self.picked, GridFactor) else None
