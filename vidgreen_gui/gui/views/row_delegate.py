"""Paints the rows of the list: number, what changed, energy, mark, progress."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from vidgreen_gui.gui.models.rows import Row, RowKind
from vidgreen_gui.gui.models.work_tree import RowRole
from vidgreen_gui.gui.theme import GRID_PX, Theme
from vidgreen_gui.gui.views.lettering import Size, lettered

AnyIndex = QModelIndex | QPersistentModelIndex
_COMPACT_PX, _ROOMY_PX, _RUNNING_PX, _REST_PX = 28, 44, 64, 32
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignCenter
_MARK_PX, _NUMBER_PX = 24, 36


class RowDelegate(QStyledItemDelegate):
    """Paints a row; `compact` puts all but the running one on 28 pixels."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.compact = False
        self.open_keys: set[str] = set()

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:  # noqa: ARG002
        """Return the height that the row's kind takes."""
        row: Row = index.data(RowRole)
        if row.running:
            height = _RUNNING_PX
        elif row.kind is RowKind.REST:
            height = _REST_PX
        elif self.compact and row.kind is not RowKind.CLIP:
            height = _COMPACT_PX
        else:
            height = _ROOMY_PX
        return QSize(160, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one row."""
        row: Row = index.data(RowRole)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, rect, state)
        inside = rect.adjusted(GRID_PX, 0, -GRID_PX, 0)
        if row.kind is RowKind.CLIP:
            self._clip(painter, inside, row)
        elif row.kind is RowKind.REST:
            self._rest(painter, inside, row)
        else:
            self._iteration(painter, inside, row)
        painter.restore()

    def updateEditorGeometry(
        self,
        editor: QWidget,
        option: QStyleOptionViewItem,
        index: AnyIndex,  # noqa: ARG002
    ) -> None:
        """Put the editor over the row's first line."""
        rect: QRect = option.rect
        editor.setGeometry(rect.adjusted(GRID_PX, 2, -GRID_PX, -10))

    def _ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        if state & QStyle.StateFlag.State_Selected:
            focused = state & QStyle.StateFlag.State_HasFocus
            painter.setPen(self.theme.colour("focus") if focused else Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.colour("selected"))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 6, 6)

    def _clip(self, painter: QPainter, rect: QRect, row: Row) -> None:
        first, second = _halves(rect)
        arrow = "▾" if row.key in self.open_keys else "▸"
        self._text(painter, first.adjusted(0, 0, 0, 0), arrow, tone="muted", align=_LEFT)
        amount = self._text(painter, first, row.amount, align=_RIGHT)
        title = first.adjusted(18, 0, -amount - GRID_PX, 0)
        self._text(painter, title, row.title, bold=True)
        self._text(painter, second.adjusted(18, 0, 0, 0), row.second, Size.SMALL, "muted")

    def _rest(self, painter: QPainter, rect: QRect, row: Row) -> None:
        amount = self._text(painter, rect, row.amount, tone="muted", align=_RIGHT)
        self._text(painter, rect.adjusted(0, 0, -amount - GRID_PX, 0), row.title, tone="muted")

    def _iteration(self, painter: QPainter, rect: QRect, row: Row) -> None:
        compact = self.compact and not row.running
        lines = (rect, rect) if compact else _halves(rect, 20 if row.running else 0)
        first, second = lines
        folded = row.kind is RowKind.FOLD
        number = QRect(first.x(), first.y(), _NUMBER_PX if not folded else 56, first.height())
        mark = QRect(first.right() - _MARK_PX + 1, first.y(), _MARK_PX, first.height())
        self._text(painter, number.adjusted(0, 0, -GRID_PX, 0), row.number, bold=True, align=_RIGHT)
        self._text(painter, mark, row.mark, tone="data" if row.running else "muted", align=_CENTRE)
        body = first.adjusted(number.width(), 0, -_MARK_PX - 4, 0)
        amount = self._text(painter, body, row.amount, align=_RIGHT)
        self._text(painter, body.adjusted(0, 0, -amount - GRID_PX, 0), row.title)
        if not compact:
            below = second.adjusted(number.width(), 0, -4, 0)
            self._text(painter, below, row.second, Size.SMALL, "muted")
        if row.running:
            self._progress(painter, rect.adjusted(number.width(), 0, -_MARK_PX - 4, 0), row)

    def _progress(self, painter: QPainter, rect: QRect, row: Row) -> None:
        track = QRect(rect.x(), rect.bottom() - 12, rect.width(), 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour("line"))
        painter.drawRoundedRect(track, 2, 2)
        if row.progress is not None:
            painter.setBrush(self.theme.colour("data"))
            track.setWidth(max(round(track.width() * min(row.progress, 1.0)), 4))
            painter.drawRoundedRect(track, 2, 2)

    def _text(
        self,
        painter: QPainter,
        rect: QRect,
        text: str,
        size: Size = Size.BODY,
        tone: str = "text",
        *,
        bold: bool = False,
        align: Qt.AlignmentFlag = _LEFT,
    ) -> int:
        """Draw `text`, shortened where it must be; return the width it took."""
        font = lettered(size, bold=bold)
        painter.setFont(font)
        painter.setPen(self.theme.colour(tone))
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, align, shown)
        return metrics.horizontalAdvance(shown)


def _halves(rect: QRect, below: int = 0) -> tuple[QRect, QRect]:
    """Return the upper and the lower line of a row, `below` pixels kept free under them."""
    half = (rect.height() - below - 8) // 2
    upper = QRect(rect.x(), rect.y() + 4, rect.width(), half)
    return upper, upper.translated(0, half)
