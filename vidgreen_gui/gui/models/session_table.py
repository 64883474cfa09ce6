"""The earlier sessions as a table."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from vidgreen_gui.gui.describe import with_shape
from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.wording import day, energy_words, mass_words
from vidgreen_gui.model.facts import SessionRow
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.numbers import MISSING_TEXT

AnyIndex = QModelIndex | QPersistentModelIndex
COLUMNS = ("started", "title", "kind", "iterations", "energy", "co2e", "measured")
_NO_INDEX = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class SessionTable(QAbstractTableModel):
    """One row per session, newest first."""

    def __init__(self, texts: Texts, rows: tuple[SessionRow, ...] = ()) -> None:
        super().__init__()
        self._texts = texts
        self._rows = rows
        self._cells = [self._words(row) for row in rows]

    def row(self, index: AnyIndex) -> SessionRow | None:
        """Return the session of a row, None where there is none."""
        return self._rows[index.row()] if index.isValid() else None

    def rowCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        """Return how many sessions there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's words, numbers to the right."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cells[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() >= 3:
            return _RIGHT
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return a column's name."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts.say(f"gui.sessions.column.{COLUMNS[section]}")
        return _RIGHT if role == Qt.ItemDataRole.TextAlignmentRole and section >= 3 else None

    def _words(self, row: SessionRow) -> tuple[str, ...]:
        texts = self._texts
        numbers = texts.numbers
        share = row.measured_share
        return (
            day(texts, row.session.started_utc_ns),
            visible(row.session.title or row.project.name, 60),
            texts.say(f"gui.kind.{row.session.kind.value}"),
            numbers.integer(row.iterations),
            with_shape(energy_words(texts, row.energy_wh.best), row.energy_wh.grade),
            mass_words(texts, row.co2e_g.best),
            MISSING_TEXT if share is None else numbers.percent(share),
        )
