"""Picks one of many: a search line over a list."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QListView, QWidget

from vidgreen_gui.gui.dialogs.frame import Frame
from vidgreen_gui.texts.catalog import Texts

_NO_INDEX = QModelIndex()


class ChoiceModel(QAbstractListModel):
    """(line, what it stands for) in a list; the user role holds the second."""

    def __init__(self, choices: Sequence[tuple[str, object]]) -> None:
        super().__init__()
        self._choices = tuple(choices)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_INDEX) -> int:
        """Return how many choices there are."""
        return 0 if parent.isValid() else len(self._choices)

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return the choice's line, or what it stands for."""
        if not index.isValid():
            return None
        line, stands_for = self._choices[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line
        return stands_for if role == Qt.ItemDataRole.UserRole else None


class PickDialog(Frame):
    """Asks in the sentences `code` + ".title", ".about", ".search" and ".accept".

    At first `current` is chosen, nothing where that is none of the choices; a search chooses the
    first that matches.
    """

    def __init__(
        self,
        texts: Texts,
        code: str,
        choices: Sequence[tuple[str, object]],
        current: object = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(texts, texts.say(f"{code}.title"), texts.say(f"{code}.accept"), parent)
        self.say(texts.say(f"{code}.about"))
        self.search = QLineEdit()
        self.search.setPlaceholderText(texts.say(f"{code}.search"))
        self.search.setAccessibleName(texts.say(f"{code}.search"))
        self.search.setClearButtonEnabled(True)
        self._filter = QSortFilterProxyModel(self)
        self._filter.setSourceModel(ChoiceModel(choices))
        self._filter.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list = QListView()
        self.list.setModel(self._filter)
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName(texts.say(f"{code}.title"))
        self.list.setMinimumSize(400, 280)
        self.body.addWidget(self.search)
        self.body.addWidget(self.list, 1)
        self.search.textChanged.connect(self._on_search)
        self.list.selectionModel().currentChanged.connect(self._on_chosen)
        self.list.doubleClicked.connect(self.accept)
        places = [place for place, (_line, one) in enumerate(choices) if one == current]
        self._choose(places[0] if places else -1)

    @property
    def picked(self) -> object:
        """Return what the picked line stands for, None while there is none."""
        return self.list.currentIndex().data(Qt.ItemDataRole.UserRole)

    def _on_search(self, text: str) -> None:
        self._filter.setFilterFixedString(text.strip())
        self._choose(0)

    def _choose(self, place: int) -> None:
        index = self._filter.index(place, 0)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        self._on_chosen(index)

    def _on_chosen(self, index: QModelIndex) -> None:
        if self.accept_button is not None:
            self.accept_button.setEnabled(index.isValid())
