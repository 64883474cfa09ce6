"""Cards side by side: as many columns as the width has room for, about equally high."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

_CARD_WIDTH = 520
# Longer lines are hard to read.
_WIDEST = 900
_GAP = 12


class CardColumns(QWidget):
    """Lays cards out anew when they, or the number of columns, are others."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("cards")
        self._cards: tuple[QWidget, ...] = ()
        self._columns: list[QVBoxLayout] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, _GAP, 0)
        self._row.setSpacing(_GAP)

    def set_cards(self, cards: tuple[QWidget, ...]) -> None:
        """Show these; those that are gone are deleted."""
        for card in self._cards:
            if card not in cards:
                card.hide()
                card.deleteLater()
        self._cards = cards
        self._place(self._wanted())

    def minimumSizeHint(self) -> QSize:
        """Return no height: what wraps would name the one that it has in its narrowest form."""
        return QSize(super().minimumSizeHint().width(), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take another number of columns where the width asks for it."""
        super().resizeEvent(event)
        spare = self.width() - self._wanted() * (_WIDEST + _GAP)
        self._row.setContentsMargins(0, 0, max(_GAP, spare), 0)
        if self._wanted() != len(self._columns):
            self._place(self._wanted())

    def _wanted(self) -> int:
        room = self.width() // (_CARD_WIDTH + _GAP)
        return max(1, min(room, len(self._cards)))

    def _place(self, number: int) -> None:
        for column in self._columns:
            self._row.removeItem(column)
            column.deleteLater()
        self._columns = [QVBoxLayout() for _ in range(number)]
        heights = [0] * number
        for column in self._columns:
            column.setSpacing(_GAP)
            self._row.addLayout(column, 1)
        for card in self._cards:
            least = heights.index(min(heights))
            self._columns[least].addWidget(card)
            card.show()
            heights[least] += card.sizeHint().height() + _GAP
        for column in self._columns:
            column.addStretch(1)
