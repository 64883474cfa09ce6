"""Picks the grid that the electricity comes from."""

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QListView, QWidget

from vidgreen_gui.gui.dialogs.frame import Frame
from vidgreen_gui.gui.wording import grid_words
from vidgreen_gui.model.footprint import GridFactor
from vidgreen_gui.texts.catalog import Texts

_NO_INDEX = QModelIndex()


class ZoneModel(QAbstractListModel):
    """Grid factors in a list, each with its source and year."""

    def __init__(self, texts: Texts, factors: tuple[GridFactor, ...]) -> None:
        super().__init__()
        self._texts = texts
        self._factors = factors

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_INDEX) -> int:
        """Return how many factors there are."""
        return 0 if parent.isValid() else len(self._factors)

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return the factor's line, or the factor itself for the user role."""
        if not index.isValid():
            return None
        factor = self._factors[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{grid_words(self._texts, factor)} ({factor.zone})"
        return factor if role == Qt.ItemDataRole.UserRole else None


class ZoneDialog(Frame):
    """A search line over a list; `factor` is what was picked."""

    def __init__(
        self, texts: Texts, factors: tuple[GridFactor, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(texts, texts.say("gui.zone.title"), texts.say("gui.zone.accept"), parent)
        self.say(texts.say("gui.zone.about"))
        self.search = QLineEdit()
        self.search.setPlaceholderText(texts.say("gui.zone.search"))
        self.search.setAccessibleName(texts.say("gui.zone.search"))
        self.search.setClearButtonEnabled(True)
        self._filter = QSortFilterProxyModel(self)
        self._filter.setSourceModel(ZoneModel(texts, factors))
        self._filter.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list = QListView()
        self.list.setModel(self._filter)
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName(texts.say("gui.zone.title"))
        self.list.setMinimumSize(400, 280)
        self.body.addWidget(self.search)
        self.body.addWidget(self.list, 1)
        self.search.textChanged.connect(self._on_search)
        self.list.doubleClicked.connect(self.accept)
        self._on_search("")

    @property
    def factor(self) -> GridFactor | None:
        """Return the picked factor, None while there is none."""
        found: GridFactor | None = self.list.currentIndex().data(Qt.ItemDataRole.UserRole)
        return found

    def _on_search(self, text: str) -> None:
        self._filter.setFilterFixedString(text.strip())
        self.list.setCurrentIndex(self._filter.index(0, 0))
        if self.accept_button is not None:
            self.accept_button.setEnabled(self._filter.rowCount() > 0)
