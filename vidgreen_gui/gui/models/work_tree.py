"""The tree of clips, folded groups and iterations, as Qt's item model."""

from dataclasses import fields
from operator import attrgetter

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from vidgreen_gui.gui.models.rows import Row, RowKind

RowRole = Qt.ItemDataRole.UserRole + 1
AnyIndex = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
# All that is painted of a row itself.
_written = attrgetter(*(field.name for field in fields(Row) if field.name != "children"))


class WorkTree(QAbstractItemModel):
    """Holds the rows; keeps its indexes while only figures change, resets when rows come or go.

    `rename_asked` carries a clip id and the name that the user typed.
    """

    rename_asked = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._parents: list[int] = []
        self._children: list[list[int]] = []
        self._top: list[int] = []
        self._places: list[int] = []
        self._can_rename = True

    def set_rows(self, rows: tuple[Row, ...]) -> bool:
        """Show these rows; return whether the tree had to be built anew."""
        before = [self._rows[number] for number in self._top]
        if len(rows) == len(before) and all(map(_stand_alike, rows, before)):
            for number, row in zip(self._top, rows, strict=True):
                self._replace(number, row)
            return False
        self.beginResetModel()
        self._rows, self._parents, self._children, self._places = [], [], [], []
        self._top = [self._add(row, -1, place) for place, row in enumerate(rows)]
        self.endResetModel()
        return True

    def set_can_rename(self, *, can_rename: bool) -> None:
        """Say whether clips may be renamed here."""
        self._can_rename = can_rename

    def row_at(self, index: AnyIndex) -> Row | None:
        """Return the row at an index, None where there is none."""
        return self._rows[index.internalId()] if index.isValid() else None

    def index_of(self, key: str) -> QModelIndex:
        """Return the index of the row with that key, an invalid one where there is none."""
        for number, row in enumerate(self._rows):
            if row.key == key:
                return self.createIndex(self._places[number], 0, number)
        return QModelIndex()

    def index(self, row: int, column: int, parent: AnyIndex = _NO_INDEX) -> QModelIndex:
        """Return the index of a child."""
        numbers = self._below(parent)
        if column != 0 or not 0 <= row < len(numbers):
            return QModelIndex()
        return self.createIndex(row, column, numbers[row])

    def parent(self, index: AnyIndex = _NO_INDEX) -> QModelIndex:  # type: ignore[override]
        """Return the index one level up."""
        if not index.isValid():
            return QModelIndex()
        above = self._parents[index.internalId()]
        return QModelIndex() if above < 0 else self.createIndex(self._places[above], 0, above)

    def rowCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        """Return how many rows stand below an index."""
        return len(self._below(parent))

    def columnCount(self, parent: AnyIndex = _NO_INDEX) -> int:  # noqa: ARG002
        """Return one: a row is painted as a whole."""
        return 1

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the row's title, its sentence for screen readers, or the row itself."""
        row = self.row_at(index)
        if row is None:
            return None
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole}:
            return row.title
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole}:
            return row.spoken
        return row if role == RowRole else None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Return that rows can be chosen, and that clips can be renamed."""
        row = self.row_at(index)
        if row is None:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if row.kind is RowKind.CLIP and self._can_rename:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: AnyIndex, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for a clip's new name; the row changes when the engine has answered."""
        row = self.row_at(index)
        name = str(value).strip()
        if row is None or role != Qt.ItemDataRole.EditRole or not name or name == row.title:
            return False
        self.rename_asked.emit(row.clip_id, name)
        return True

    def _below(self, parent: AnyIndex) -> list[int]:
        if not parent.isValid():
            return self._top
        return self._children[parent.internalId()] if parent.column() == 0 else []

    def _replace(self, number: int, row: Row) -> None:
        """Put a row and those below it in the place of others that stand alike."""
        before, self._rows[number] = self._rows[number], row
        # Most rows are the very same; telling others apart costs more.
        if row is before:
            return
        if _written(row) != _written(before):
            index = self.createIndex(self._places[number], 0, number)
            self.dataChanged.emit(index, index)
        for below, child in zip(self._children[number], row.children, strict=True):
            self._replace(below, child)

    def _add(self, row: Row, above: int, place: int) -> int:
        number = len(self._rows)
        self._rows.append(row)
        self._parents.append(above)
        self._places.append(place)
        self._children.append([])
        below = [self._add(child, number, at) for at, child in enumerate(row.children)]
        self._children[number] = below
        return number


def _stand_alike(one: Row, other: Row) -> bool:
    """Return whether two rows differ in no more than what is written in them and below them."""
    return one is other or (
        (one.key, one.kind, one.running) == (other.key, other.kind, other.running)
        and len(one.children) == len(other.children)
        and all(map(_stand_alike, one.children, other.children))
    )
