"""What takes a dialog or a while: what is set up, the sensors, earlier sessions, export."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from vidgreen_gui.gui.edits import Edits
from vidgreen_gui.gui.tasks import Tasks
from vidgreen_gui.gui.window_actions import WindowActions
from vidgreen_gui.model.facts import LiveSnapshot, SessionFacts, SessionRow
from vidgreen_gui.model.faults import Fault, Notice
from vidgreen_gui.model.footprint import GridFactor, Tariff
from vidgreen_gui.model.ports import Recording
from vidgreen_gui.texts.catalog import Texts

if TYPE_CHECKING:
    from vidgreen_gui.gui.comparing import Comparing
    from vidgreen_gui.gui.dialogs.sensors import SensorsPage

_FROM_NEXT_START = Notice("gui.from_next_start", severity="info")

Tell = Callable[[Notice], None]


class Errands:
    """Runs the user's errands; dialogs are imported when they are first opened.

    `tell` gets what went wrong, and what was done where nothing else shows it.
    """

    def __init__(
        self,
        window: QWidget,
        recording: Recording,
        actions: WindowActions,
        edits: Edits,
        tasks: Tasks,
        tell: Tell,
    ) -> None:
        self._window = window
        self._recording = recording
        self._actions = actions
        self._edits = edits
        self._tasks = tasks
        self._tell = tell
        self._sensors: SensorsPage | None = None
        self._comparing: Comparing | None = None

    def choose_zone(self, texts: Texts, current: GridFactor | None) -> None:
        """Let the user pick the grid."""

        def show(factors: tuple[GridFactor, ...]) -> None:
            from vidgreen_gui.gui.dialogs.zone import ZoneDialog

            dialog = ZoneDialog(texts, factors, current, self._window)
            if self._accepted(dialog) and dialog.factor is not None:
                self._edits.choose_factor(dialog.factor)

        self._tasks.run(self._actions.zones).then(show, self._on_fault)

    def choose_card(self, texts: Texts) -> None:
        """Let the user say which card renders here; it holds from the next start on."""

        def show(cards: tuple[str, ...]) -> None:
            from vidgreen_gui.gui.dialogs.card import CardDialog

            dialog = CardDialog(texts, cards, self._window)
            if self._accepted(dialog) and dialog.card is not None:
                chosen = Notice("gui.card.chosen", (("card", dialog.card),), severity="info")
                self.remember({"card": dialog.card}, chosen)

        self._tasks.run(self._actions.cards).then(show, self._on_fault)

    def choose_price(self, texts: Texts, tariff: Tariff | None) -> None:
        """Let the user say what electricity costs."""
        from vidgreen_gui.gui.dialogs.price import PriceDialog

        dialog = PriceDialog(texts, tariff, self._window)
        if self._accepted(dialog):
            self._edits.choose_tariff(dialog.tariff)

    def choose_plugs(self, texts: Texts) -> None:
        """Let the user write where meters at the socket answer; it holds from the next start on."""
        from vidgreen_gui.gui.dialogs.ask import Ask

        known = self._actions.recall("plugs")
        dialog = Ask(texts, "plugs", known, self._window, may_be_empty=True)
        if self._accepted(dialog):
            self.remember({"plugs": dialog.written}, _FROM_NEXT_START)

    def choose_supply(self, texts: Texts) -> None:
        """Let the user say what the power supply is; it holds from the next start on."""
        from vidgreen_gui.gui.dialogs.supply import SupplyDialog

        recall = self._actions.recall
        dialog = SupplyDialog(texts, recall("psu"), recall("psu_w"), self._window)
        if self._accepted(dialog):
            self.remember({"psu": dialog.efficiency, "psu_w": dialog.watts}, _FROM_NEXT_START)

    def choose_scope(self, scope: str) -> None:
        """Let CO2e and money cover this from the next start on."""
        self.remember({"scope": scope}, _FROM_NEXT_START)

    def remember(self, choices: dict[str, str], done: Notice | None = None) -> None:
        """Keep preferences for the next start, and tell `done` or what went wrong."""
        try:
            for name, value in choices.items():
                self._actions.remember(name, value)
        except Fault as fault:
            self._on_fault(fault)
        else:
            if done is not None:
                self._tell(done)

    def show_sensors(self, texts: Texts) -> None:
        """Open the Sensors page, or bring it to the front."""
        if self._sensors is None:
            from vidgreen_gui.gui.comparing import Comparing
            from vidgreen_gui.gui.dialogs.sensors import SensorsPage

            if self._comparing is None:
                self._comparing = Comparing(self._tasks, self._actions.calibrate, self._window)
            latest = self._recording.latest
            self._sensors = SensorsPage(texts, latest, self._comparing, self._window)
            self._sensors.destroyed.connect(self._on_sensors_gone)
        self._sensors.show()
        self._sensors.raise_()
        self._sensors.activateWindow()

    def retranslate(self, texts: Texts) -> None:
        """Let what stands open speak another language."""
        if self._sensors is not None:
            self._sensors.retranslate(texts)

    def ask(self, texts: Texts, code: str, then: Callable[[str], None], written: str = "") -> None:
        """Ask for one line and hand it on."""
        from vidgreen_gui.gui.dialogs.ask import Ask

        dialog = Ask(texts, code, written, self._window)
        if self._accepted(dialog):
            then(dialog.written)

    def explain_cloud(self, texts: Texts) -> None:
        """Say how work in somebody's cloud gets into the list."""
        from vidgreen_gui.gui.dialogs.tell import Tell as TellDialog

        rows = [
            ("", texts.say("gui.cloud.wrap")),
            ("", "vidgreen-gui run --clip shot_01 -- python make_video.py"),
            ("", texts.say("gui.cloud.truth")),
        ]
        self._accepted(TellDialog(texts, texts.say("gui.cloud.title"), rows, self._window))

    def open_session(self, texts: Texts, then: Callable[[SessionFacts], None]) -> None:
        """Let the user pick an earlier session and hand it on, whole."""

        def show(rows: tuple[SessionRow, ...]) -> None:
            from vidgreen_gui.gui.dialogs.sessions import SessionsDialog

            dialog = SessionsDialog(texts, rows, self._window)
            picked = dialog.picked if self._accepted(dialog) else None
            if picked is not None:
                session_id = picked.session.id
                work = self._tasks.run(lambda: self._recording.session(session_id))
                work.then(then, self._on_fault)

        self._tasks.run(self._recording.sessions).then(show, self._on_fault)

    def export(self, texts: Texts, session: SessionFacts) -> None:
        """Let the user choose a format and a place, and write there."""
        from vidgreen_gui.gui.dialogs.export import ExportDialog

        dialog = ExportDialog(texts, session, self._actions.formats, self._window)
        if not self._accepted(dialog):
            return
        choice = dialog.choice
        name = f"vidgreen-session.{choice.format}"
        written, _filter = QFileDialog.getSaveFileName(
            self._window, texts.say("gui.export.title"), name, f"*.{choice.format}"
        )
        if written:
            path = Path(written)
            work = self._tasks.run(
                lambda: self._actions.export(
                    session.session.id, choice.format, path, choice.with_private
                )
            )
            work.then(self._on_exported, self._on_fault)

    def save_workflow(self, texts: Texts, name: str, workflow: str | None) -> None:
        """Let the user choose where a changed workflow goes, for ComfyUI to open."""
        if workflow is None:
            self._tell(Notice("gui.advice.no_graph"))
            return
        title = texts.say("gui.advice.save")
        written, _filter = QFileDialog.getSaveFileName(self._window, title, name, "*.json")
        if not written:
            return
        path = Path(written)
        try:
            path.write_text(workflow, encoding="utf-8")
        except OSError as error:
            self._tell(Notice("gui.unwritten", (("path", path.name), ("detail", str(error)))))
        else:
            self._tell(Notice("gui.advice.saved", (("path", path.name),), severity="info"))

    def _accepted(self, dialog: QDialog) -> bool:
        """Run a dialog; return whether it was accepted."""
        done = dialog.exec()
        dialog.deleteLater()
        return done == QDialog.DialogCode.Accepted

    def _on_sensors_gone(self) -> None:
        self._sensors = None

    def _on_exported(self, path: Path) -> None:
        self._tell(Notice("gui.exported", (("path", str(path)),), severity="info"))

    def _on_fault(self, fault: Fault) -> None:
        self._tell(Notice.of(fault))


def can_export(snapshot: LiveSnapshot) -> bool:
    """Return whether there is a session with something in it."""
    session = snapshot.session
    return session is not None and session.totals.iterations > 0
