"""The list as text with tabs: the table behind the charts, for the clipboard."""

from vidgreen_gui.gui.models.rows import Row, RowKind, rows_of
from vidgreen_gui.gui.shown import Quantity
from vidgreen_gui.model.facts import SessionFacts
from vidgreen_gui.texts.catalog import Texts


def table_text(texts: Texts, session: SessionFacts, quantity: Quantity) -> str:
    """Return a line per row: clip, number, what changed, figure, second line, mark."""
    lines = []
    for top in rows_of(texts, session, quantity):
        lines.append((top.title, "", "", top.amount, top.second, ""))
        lines.extend(
            (top.title, row.number, row.title, row.amount, row.second, row.mark_word)
            for child in top.children
            for row in _unfolded(child)
        )
    return "\n".join("\t".join(cells) for cells in lines)


def _unfolded(row: Row) -> tuple[Row, ...]:
    return row.children if row.kind is RowKind.FOLD else (row,)
