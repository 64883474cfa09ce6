"""The left panel: project, session, the clip in work, and the tree of clips and iterations."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTreeView, QVBoxLayout, QWidget

from vidgreen_gui.gui.models.rows import KnownRows, Row, RowKind, rows_of
from vidgreen_gui.gui.models.work_tree import WorkTree
from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.gui.theme import Theme
from vidgreen_gui.gui.views.lettering import NameLabel, PlainLabel, Size
from vidgreen_gui.gui.views.row_delegate import RowDelegate
from vidgreen_gui.gui.views.working_on import WorkingOn
from vidgreen_gui.gui.wording import DOT, clock, day
from vidgreen_gui.model.facts import SessionFacts
from vidgreen_gui.model.session import SessionKind
from vidgreen_gui.texts.catalog import Texts

_MOST_ROOMY_ROWS = 12


class WorkList(QWidget):
    """Clips and iterations; `picked` carries the key of the chosen row."""

    picked = Signal(str)
    rename_asked = Signal(str, str)

    def __init__(self, theme: Theme, texts: Texts, working_on: QMenu) -> None:
        super().__init__()
        self._theme = theme
        self._texts = texts
        self._shown: Shown | None = None
        self._known_clips: set[str] = set()
        self._known_rows: KnownRows = {}
        self._following = False
        self._build(working_on)
        self._retranslate()
        self._connect()

    def _build(self, working_on: QMenu) -> None:
        self.setObjectName("left")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._project = NameLabel(Size.TITLE, bold=True)
        self._session = PlainLabel(Size.SMALL, "muted", wrap=True)
        self._working_on = WorkingOn(working_on)
        self.tree = QTreeView()
        self.model = WorkTree(self)
        self._delegate = RowDelegate(self._theme, self.tree)
        self.tree.setModel(self.model)
        self.tree.setItemDelegate(self._delegate)
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(0)
        self.tree.setExpandsOnDoubleClick(False)
        self.tree.setMouseTracking(False)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._keys = PlainLabel(Size.SMALL, "muted", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 8, 12)
        layout.setSpacing(4)
        for widget in (self._project, self._session):
            layout.addWidget(widget)
        layout.addSpacing(8)
        layout.addWidget(self._working_on)
        layout.addSpacing(8)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self._keys)

    def _retranslate(self) -> None:
        self._keys.setText(self._texts.say("gui.list.keys"))
        self.tree.setAccessibleName(self._texts.say("gui.list.name"))

    def _connect(self) -> None:
        self.tree.selectionModel().currentChanged.connect(self._on_current)
        self.tree.clicked.connect(self._on_clicked)
        self.tree.expanded.connect(self._on_expanded)
        self.tree.collapsed.connect(self._on_collapsed)
        self.model.rename_asked.connect(self.rename_asked)

    @property
    def current(self) -> Row | None:
        """Return the chosen row."""
        return self.model.row_at(self.tree.currentIndex())

    def retranslate(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        self._retranslate()
        if self._shown is not None:
            self.show_moment(self._shown)

    def apply_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._delegate.theme = theme
        self.tree.viewport().update()

    def show_moment(self, shown: Shown) -> None:
        """Show the session's rows; what was chosen and opened stays so."""
        self._shown = shown
        session = shown.session
        say = self._texts.say
        self._project.set_name(session.project.name if session else say("gui.app"))
        self._session.setText(self._session_words(session))
        self._working_on.setVisible(bool(shown.snapshot.clips) and not shown.past)
        self._keys.setVisible(shown.iteration is not None and not shown.past)
        self._working_on.show_clip(say("gui.working_on"), self._clip_name(shown))
        rows: tuple[Row, ...] = ()
        if session is not None:
            rows = rows_of(self._texts, session, shown.quantity, self._known_rows)
        iterations = sum(len(row.iteration_ids) for one in rows for row in one.children)
        self._delegate.compact = iterations > _MOST_ROOMY_ROWS
        self.model.set_can_rename(can_rename=not shown.read_only)
        if self.model.set_rows(rows):
            self._open_anew(rows)
        self._follow(shown)

    def step(self, by: int) -> None:
        """Move the choice up (-1) or down (+1)."""
        index = self.tree.currentIndex()
        if not index.isValid():
            self._choose(self.model.index(0, 0))
            return
        beside = self.tree.indexAbove(index) if by < 0 else self.tree.indexBelow(index)
        if beside.isValid():
            self._choose(beside)

    def choose_key(self, key: str) -> None:
        """Choose the row with that key and open what hides it."""
        index = self.model.index_of(key)
        if index.isValid():
            self.tree.expand(index.parent())
            self._choose(index)

    def edit_name(self) -> None:
        """Let the user type a name over the chosen iteration's or row's clip."""
        row = self.current
        if row is None or not row.clip_id:
            return
        index = self.model.index_of(f"clip:{row.clip_id}")
        self.tree.setCurrentIndex(index)
        self.tree.edit(index)

    def _choose(self, index: QModelIndex) -> None:
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.tree.selectionModel().setCurrentIndex(index, flag)
        self.tree.scrollTo(index)

    def _open_anew(self, rows: tuple[Row, ...]) -> None:
        for place, row in enumerate(rows):
            new = row.key not in self._known_clips
            runs = any(child.running for child in row.children)
            if (new and (place == 0 or runs)) or runs:
                self._delegate.open_keys.add(row.key)
        self._known_clips.update(row.key for row in rows)
        for key in tuple(self._delegate.open_keys):
            self.tree.setExpanded(self.model.index_of(key), True)

    def _follow(self, shown: Shown) -> None:
        """Let the chosen row be the one on show, without telling anybody."""
        chosen = self.current
        on_show = shown.iteration.iteration.id if shown.iteration else None
        if on_show is None or (chosen is not None and _stands_for(chosen, on_show)):
            return
        index = self.model.index_of(on_show)
        above = self.model.row_at(index.parent())
        if above is not None and above.kind is RowKind.FOLD:
            index = index.parent()
        if index.isValid():
            self._following = True
            self._choose(index)
            self._following = False

    def _session_words(self, session: SessionFacts | None) -> str:
        texts = self._texts
        if session is None:
            return texts.say("gui.session.none")
        since_ns = session.session.started_utc_ns
        if session.session.kind is SessionKind.IMPORTED:
            since = texts.say("gui.session.imported")
        elif session.session.ended_utc_ns is None:
            since = texts.say("gui.session.since", time=clock(since_ns))
        else:
            since = day(texts, since_ns)
        clips = texts.count("gui.clips", len(session.clips))
        return DOT.join((since, clips, texts.count("gui.iterations", session.totals.iterations)))

    def _clip_name(self, shown: Shown) -> str:
        clips = {clip.id: clip.name for clip in shown.snapshot.clips}
        name = clips.get(shown.snapshot.working_on or "")
        return self._texts.say("gui.working_on.auto") if name is None else name

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        row = self.model.row_at(current)
        if row is not None and row.kind is not RowKind.REST and not self._following:
            self.picked.emit(row.iteration_ids[0] if row.iteration_ids else row.clip_id)

    def _on_clicked(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None and row.children:
            self.tree.setExpanded(index, not self.tree.isExpanded(index))

    def _on_expanded(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None:
            self._delegate.open_keys.add(row.key)

    def _on_collapsed(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None:
            self._delegate.open_keys.discard(row.key)


def _stands_for(row: Row, iteration_id: str) -> bool:
    """Return whether choosing the row shows that iteration."""
    if row.kind is RowKind.CLIP:
        return any(_stands_for(child, iteration_id) for child in row.children)
    return iteration_id in row.iteration_ids
