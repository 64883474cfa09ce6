"""Looks at a window as eyes do: what is cut off, what overlaps, which figures stand there."""

import itertools
import re
from collections.abc import Collection, Iterable

from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractScrollArea, QLabel, QPushButton, QWidget

from vidgreen_gui.gui.desk import Desk
from vidgreen_gui.gui.models.rows import RowKind
from vidgreen_gui.gui.views.lettering import NameLabel, Size, lettered
from vidgreen_gui.gui.views.working_on import WorkingOn

# A line may also end where a space of no width says so.
_BLANKS = re.compile("[\\s\u200b]+")
_NUMBER = re.compile(r"([0-9][0-9.,\u202f]*)\u00a0(k?Wh)")


def _inside_charts(widget: QWidget, window: Desk) -> bool:
    charts = window.stage.live.charts
    return charts is not None and (widget is charts or charts.isAncestorOf(widget))


def cut_off(window: Desk) -> list[str]:
    """Return every label and button whose own words do not fit; users' names may be shortened."""
    looked_at = [
        widget
        for widget in window.shell.findChildren(QWidget)
        if not _inside_charts(widget, window)
    ]
    return cut_words(looked_at) + _cut_rows(window)


def cut_words(widgets: Iterable[QWidget]) -> list[str]:
    """Return the words of visible labels and buttons that have not room enough."""
    found = []
    for widget in widgets:
        if not widget.isVisible():
            continue
        if isinstance(widget, QLabel) and not isinstance(widget, NameLabel) and widget.text():
            if widget.wordWrap():
                if widget.heightForWidth(widget.width()) > widget.height() + 1:
                    found.append(widget.text())
                longest = max(_BLANKS.split(widget.text().strip()), key=len)
                if widget.fontMetrics().horizontalAdvance(longest) > widget.width():
                    found.append(longest)
            elif widget.fontMetrics().horizontalAdvance(widget.text()) > widget.width():
                found.append(widget.text())
        elif (
            isinstance(widget, QPushButton)
            and not isinstance(widget, WorkingOn)
            and widget.sizeHint().width() > widget.width()
        ):
            found.append(widget.text())
    return found


def _cut_rows(window: Desk) -> list[str]:
    """Return the second lines of the list that are shortened: they are our own words."""
    found = []
    tree = window.stage.list.tree
    metrics = QFontMetrics(lettered(Size.SMALL))
    for row in _rows(window.stage.list.model):
        index = window.stage.list.model.index_of(row.key)
        compact = window.stage.list._delegate.compact and not row.running
        shown = tree.isVisible() and tree.visualRect(index).isValid()
        if shown and row.second and not (compact and row.kind is not RowKind.CLIP):
            room = tree.viewport().width() - 16 - (18 if row.kind is RowKind.CLIP else 40)
            if metrics.horizontalAdvance(row.second) > room:
                found.append(row.second)
    return found


def _rows(model, parent=None):
    from PySide6.QtCore import QModelIndex

    above = parent if parent is not None else QModelIndex()
    for place in range(model.rowCount(above)):
        index = model.index(place, 0, above)
        yield model.row_at(index)
        yield from _rows(model, index)


def overlapping(window: Desk) -> list[tuple[str, str]]:
    """Return every pair of neighbours that stand on each other, the opened panels aside."""
    stage = window.stage
    parents = [
        widget
        for widget in (stage, *stage.findChildren(QWidget))
        if not _inside_charts(widget, window)
    ]
    return overlapping_in(parents, {stage.list, stage.advice})


def overlapping_in(
    parents: Iterable[QWidget], floating: Collection[QWidget] = ()
) -> list[tuple[str, str]]:
    """Return the children of each that stand on each other or out of it."""
    found = []
    for parent in parents:
        if isinstance(parent, QAbstractScrollArea):
            continue
        children = [
            child
            for child in parent.children()
            if isinstance(child, QWidget)
            and child.isVisible()
            and not child.isWindow()
            and child not in floating
        ]
        for one, other in itertools.combinations(children, 2):
            if one.geometry().intersects(other.geometry()):
                found.append((_name(one), _name(other)))
        inside = QRect(0, 0, parent.width(), parent.height())
        if not isinstance(parent.parentWidget(), QAbstractScrollArea):
            found += [
                (_name(parent), _name(child))
                for child in children
                if not inside.contains(child.geometry())
            ]
    return found


def _name(widget: QWidget) -> str:
    text = widget.text() if hasattr(widget, "text") else widget.accessibleName()
    return f"{type(widget).__name__}({text!r})"


def energy(text: str) -> tuple[float, float] | None:
    """Return an energy in Wh as it stands in `text`, and half a unit of its last place."""
    found = _NUMBER.search(text)
    if found is None:
        return None
    written = found.group(1).replace("\u202f", "")
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", written):
        written = written.replace(",", "")
    written = written.replace(",", ".")
    places = len(written.partition(".")[2])
    scale = 1000.0 if found.group(2) == "kWh" else 1.0
    if "<" in text:
        return float(written) / 2, float(written) / 2
    return float(written) * scale, 0.5 * 10.0**-places * scale


def figures_add_up(window: Desk) -> bool:
    """Return whether clips, idle, standby and others make the session, as shown."""
    model = window.stage.list.model
    parts = [
        energy(model.row_at(model.index(place, 0)).amount) for place in range(model.rowCount())
    ]
    known = [part for part in parts if part is not None]
    whole = energy(window.stage.live.blocks.session.value)
    if whole is None:
        return not known
    total = sum(value for value, _half in known)
    slack = sum(half for _value, half in known) + whole[1]
    return abs(total - whole[0]) <= slack + 1e-9
