"""Lists the earlier sessions; opening one shows it in the window, to be read only."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from vidgreen_gui.gui.dialogs.frame import Frame
from vidgreen_gui.gui.models.session_table import SessionTable
from vidgreen_gui.model.facts import SessionRow
from vidgreen_gui.texts.catalog import Texts


class SessionsDialog(Frame):
    """A table of sessions; `picked` is the chosen one."""

    def __init__(
        self, texts: Texts, rows: tuple[SessionRow, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(
            texts, texts.say("gui.sessions.title"), texts.say("gui.sessions.accept"), parent
        )
        self.model = SessionTable(texts, rows)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(28)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.setAccessibleName(texts.say("gui.sessions.title"))
        self.table.setMinimumSize(680, 320)
        if not rows:
            self.say(texts.say("gui.sessions.none"))
        self.body.addWidget(self.table, 1)
        if self.accept_button is not None:
            self.accept_button.setEnabled(bool(rows))
        self.table.doubleClicked.connect(self.accept)
        self.table.selectRow(0)

    @property
    def picked(self) -> SessionRow | None:
        """Return the chosen session, None while there is none."""
        return self.model.row(self.table.currentIndex())
