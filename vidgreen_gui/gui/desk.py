"""Fills the window: passes moments down to the views and the user's wishes on to the engine.

What only a wish needs is imported with the first such wish.
"""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from vidgreen_gui.gui.bridge import Bridge
from vidgreen_gui.gui.clip_menus import list_clips
from vidgreen_gui.gui.curves import curves_of, window_seconds
from vidgreen_gui.gui.edits import Edits, can_mark, can_move, freeable
from vidgreen_gui.gui.endings import Endings
from vidgreen_gui.gui.errands import Errands, can_export
from vidgreen_gui.gui.menus import Menus
from vidgreen_gui.gui.models.rows import Row
from vidgreen_gui.gui.notices import Strip, said, strips
from vidgreen_gui.gui.shell import Shell
from vidgreen_gui.gui.shown import NOTHING_YET, Quantity, Shown, past_snapshot, shown_of
from vidgreen_gui.gui.tasks import Tasks
from vidgreen_gui.gui.theme import Theme, dress, load_theme, system_theme_name
from vidgreen_gui.gui.title import window_title
from vidgreen_gui.gui.views.stage import Stage
from vidgreen_gui.gui.window_actions import WindowActions
from vidgreen_gui.model.commands import Answer
from vidgreen_gui.model.facts import LiveSnapshot, SessionFacts
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.ports import Recording
from vidgreen_gui.system.resources import load_texts
from vidgreen_gui.texts.catalog import Texts


class Desk(QObject):
    """Shows a recording in a shell."""

    def __init__(
        self,
        shell: Shell,
        recording: Recording,
        texts: Texts,
        theme: Theme,
        actions: WindowActions,
    ) -> None:
        super().__init__(shell)
        self.shell = shell
        self._recording = recording
        self._texts = texts
        self._theme = theme
        self._actions = actions
        self._snapshot: LiveSnapshot = NOTHING_YET
        self._past: SessionFacts | None = None
        self._picked: str | None = None
        self._quantity = Quantity.ENERGY
        self._window_choice = "auto"
        self._window_s = 0.0
        self._told: Notice | None = None
        self._endings = Endings()
        self.shown: Shown | None = None
        self._build()
        self._retranslate()
        self._connect()
        self._refresh()
        self._on_seen(shell.is_seen)
        QTimer.singleShot(0, self.stage, self.stage.take_focus)

    def _build(self) -> None:
        self.bridge = Bridge(self._recording, self)
        self.tasks = Tasks(self)
        self.edits = Edits(self.bridge)
        self.errands = Errands(
            self.shell, self._recording, self._actions, self.edits, self.tasks, self.tell
        )
        self.menus = Menus(self.shell, self._texts)
        self.stage = Stage(self._theme, self._texts, self._actions, self.menus)
        self.shell.setCentralWidget(self.stage)
        self.menus.choose("window", self._window_choice)
        self.menus.choose("language", self._texts.language)

    def _retranslate(self) -> None:
        self.menus.retranslate(self._texts)
        self.stage.retranslate(self._texts)
        self.errands.retranslate(self._texts)
        self._say_window_length()
        self.shell.setWindowTitle(window_title(self._texts, self.shown))

    def _connect(self) -> None:
        self.shell.seen.connect(self._on_seen)
        self.bridge.power_moved.connect(self._on_power)
        self.bridge.facts_changed.connect(self._on_facts)
        self.bridge.answered.connect(self._on_answer)
        stage = self.stage
        stage.list.picked.connect(self._on_picked)
        stage.list.rename_asked.connect(self.edits.rename)
        stage.advice.dismissed.connect(self.edits.dismiss_advice)
        stage.advice.workflow_wanted.connect(self._on_workflow_wanted)
        stage.live.iteration_picked.connect(stage.list.choose_key)
        stage.live.quantity_picked.connect(self.set_quantity)
        stage.live.details.why_asked.connect(self._on_why_known)
        stage.live.strip.asked.connect(self.do)
        stage.live.first_minute.asked.connect(self.do)
        stage.status.zone_asked.connect(lambda: self.do("zone"))
        self._slots = self._slot_table()
        for name in self._slots:
            action = self.menus.actions[name]
            action.triggered.connect(lambda _checked=False, name=name: self.do(name))
        menus, edits = self.menus, self.edits
        menus.working_on.aboutToShow.connect(self._list_working_on)
        menus.move_to.aboutToShow.connect(lambda: self._list_others(menus.move_to, edits.move))
        menus.merge_into.aboutToShow.connect(
            lambda: self._list_others(menus.merge_into, edits.merge)
        )
        self.menus.on_chosen("theme", self.set_theme_choice)
        self.menus.on_chosen("language", self.set_language)
        self.menus.on_chosen("window", self.set_window_choice)
        self.menus.on_chosen("scope", self.errands.choose_scope)
        menus.scope.aboutToShow.connect(self._list_scopes)

    def _slot_table(self) -> dict[str, Callable[[], object]]:
        edits, errands, work = self.edits, self.errands, self.stage.list
        return {
            "start_session": edits.start_session,
            "end_session": edits.end_session,
            "sessions": lambda: errands.open_session(self._texts, self.show_past),
            "back_to_live": self.show_live,
            "export": self._on_export,
            "demo": self._actions.open_demo,
            "quit": self.shell.close,
            "undo": edits.undo,
            "redo": edits.redo,
            "keep": lambda: self._mark(kept=True),
            "discard": lambda: self._mark(kept=False),
            "undecide": lambda: self._mark(kept=None),
            "rename": work.edit_name,
            "new_clip": lambda: errands.ask(self._texts, "new_clip", edits.new_clip),
            "split": self._on_split,
            "previous": lambda: work.step(-1),
            "next": lambda: work.step(1),
            "show_energy": lambda: self.set_quantity(Quantity.ENERGY),
            "show_co2e": lambda: self.set_quantity(Quantity.CO2E),
            "show_money": lambda: self.set_quantity(Quantity.MONEY),
            "ideas": self.stage.toggle_advice,
            "why_known": self._on_why_known,
            "sensors": lambda: errands.show_sensors(self._texts),
            "free": lambda: edits.free_models(freeable(self._snapshot)),
            "copy_chart": self._on_copy_chart,
            "copy_table": self._on_copy_table,
            "zone": lambda: errands.choose_zone(self._texts, self._snapshot.factor),
            "card": lambda: errands.choose_card(self._texts),
            "price": self._on_price,
            "plugs": lambda: errands.choose_plugs(self._texts),
            "supply": lambda: errands.choose_supply(self._texts),
            "address": lambda: errands.ask(self._texts, "address", edits.watch),
            "cloud": lambda: errands.explain_cloud(self._texts),
        }

    # ---- what the rest of the application calls

    def do(self, name: str) -> None:
        """Do the action of that name, as if it had been chosen in the menu."""
        self.bridge.touch()
        self._slots[name]()

    def load_charts(self) -> None:
        """Import and show the charts; call it after `first_painted`."""
        self.stage.load_charts()
        self._fit_window()
        self._draw_curves()

    def tell(self, notice: Notice) -> None:
        """Say something in the strip until something else is said."""
        self._told = notice
        self._show_strips()

    def set_quantity(self, quantity: Quantity) -> None:
        """Show energy, CO2e or money; without a price, ask for one first."""
        if quantity is Quantity.MONEY and self._snapshot.tariff is None:
            self._on_price()
        self._quantity = quantity
        self._refresh()

    def set_theme_choice(self, choice: str) -> None:
        """Wear "light", "dark", or what the "system" asks for, and remember it."""
        self.apply_theme(load_theme(system_theme_name() if choice == "system" else choice))
        self.errands.remember({"theme": choice})

    def follow_system(self) -> None:
        """Wear what the system asks for, if the user left the choice to it."""
        if self.menus.actions["theme.system"].isChecked():
            self.apply_theme(load_theme(system_theme_name()))

    def apply_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        application = QApplication.instance()
        if isinstance(application, QApplication):
            dress(application, theme)
        self.stage.apply_theme(theme)
        self._refresh()

    def set_language(self, language: str) -> None:
        """Speak another language from now on, and remember it."""
        self._texts = load_texts(language)
        self._retranslate()
        self._refresh()
        self.errands.remember({"language": language})

    def set_window_choice(self, choice: str) -> None:
        """Show another length of time in the power chart."""
        self._window_choice = choice
        self._say_window_length()
        self._fit_window()
        self._draw_curves()

    def show_past(self, session: SessionFacts) -> None:
        """Show an earlier session, to be read only."""
        self._past, self._picked = session, None
        self._refresh()
        self._draw_curves()

    def show_live(self) -> None:
        """Go back to what is recorded now."""
        self._past, self._picked = None, None
        self._refresh()
        self._draw_curves()

    # ---- moments

    def _on_seen(self, seen: bool) -> None:
        self.bridge.set_visible(visible=seen)

    def _on_power(self, snapshot: LiveSnapshot) -> None:
        known, self._snapshot = self._snapshot, snapshot
        if self.shown is None or self._past is not None:
            return
        # Most ticks bring nothing new but the curve: the engine speaks once a second.
        if snapshot is not known:
            self.shown = replace(self.shown, snapshot=replace(snapshot, session=self.shown.session))
            self.stage.live.show_power(snapshot)
            self._fit_window()
            if not snapshot.running_ids:
                self.shell.setWindowTitle(window_title(self._texts, self.shown))
        self._draw_curves()

    def _on_facts(self, snapshot: LiveSnapshot) -> None:
        self._snapshot = snapshot
        self._refresh()

    def _refresh(self) -> None:
        """Make the moment anew and show it everywhere."""
        past = self._past is not None
        snapshot = past_snapshot(self._past, self._snapshot) if self._past else self._snapshot
        self.shown = shown_of(snapshot, self._picked, self._quantity, past=past)
        self.stage.show_moment(self.shown)
        self._fit_window()
        self._show_strips()
        self._enable(self.shown)
        self.shell.setWindowTitle(window_title(self._texts, self.shown))

    def _show_strips(self) -> None:
        if self.shown is None:
            return
        found = strips(self._texts, self.shown, self._endings.take(self._snapshot))
        if self._told is not None:
            key = f"told:{self._told.code}:{self._told.arguments}"
            told = Strip(key, said(self._texts, self._told), self._told.severity)
            found = (told, *found)
        self.stage.live.strip.show_strips(found)

    def _enable(self, shown: Shown) -> None:
        """Allow what makes sense at this moment."""
        row, edits = self.stage.list.current, not shown.read_only
        actions = self.menus.actions
        allowed = {
            "undo": edits and shown.snapshot.can_undo,
            "redo": edits and shown.snapshot.can_redo,
            "rename": edits and row is not None and bool(row.clip_id),
            "split": edits and can_move(row),
            "back_to_live": shown.past,
            "export": can_export(shown.snapshot),
            "why_known": shown.iteration is not None,
            "copy_table": shown.session is not None,
            "free": edits and bool(freeable(shown.snapshot)),
            "end_session": edits and shown.session is not None,
        }
        allowed |= dict.fromkeys(("keep", "discard", "undecide"), edits and can_mark(row))
        for name, is_allowed in allowed.items():
            actions[name].setEnabled(is_allowed)
        has_others = len(shown.snapshot.clips) > 1
        self.menus.move_to.setEnabled(edits and can_move(row) and has_others)
        self.menus.merge_into.setEnabled(allowed["rename"] and has_others)

    def _list_scopes(self) -> None:
        self.menus.choose("scope", self._actions.recall("scope"))

    def _list_working_on(self) -> None:
        menus, snapshot = self.menus, self._snapshot
        list_clips(menus.working_on, snapshot.clips, snapshot.working_on, self.edits.work_on)
        menus.working_on.addSeparator()
        auto = menus.working_on.addAction(self._texts.say("gui.working_on.let_decide"))
        auto.triggered.connect(lambda: self.edits.work_on(None))
        menus.working_on.addAction(menus.actions["new_clip"])

    def _list_others(self, menu: QMenu, slot: Callable[[Row, str], None]) -> None:
        """List the clips but the chosen row's own; `slot` gets the row and the clip's id."""
        row = self.stage.list.current
        if row is not None:
            others = tuple(clip for clip in self._snapshot.clips if clip.id != row.clip_id)
            list_clips(menu, others, None, lambda clip_id: slot(row, clip_id))

    def _draw_curves(self) -> None:
        charts = self.stage.live.charts
        if charts is None or self.shown is None or not charts.isVisible():
            return
        curves = curves_of(self._recording, self.shown, self._window_s, charts.width())
        charts.set_curves(curves)

    def _fit_window(self) -> None:
        """Let the power chart show as much time as was chosen, or as the work of now asks."""
        if self.shown is None:
            return
        self._window_s = window_seconds(self._window_choice, self.shown)
        if self.stage.live.charts is not None:
            self.stage.live.charts.set_window_seconds(self._window_s)

    def _say_window_length(self) -> None:
        length = self._texts.say(f"gui.length.{self._window_choice}")
        self.stage.live.window_button.say(self._texts.say("gui.window", length=length) + " ▾")

    # ---- wishes

    def _on_answer(self, answer: Answer) -> None:
        if answer.notice is not None:
            self.tell(answer.notice)

    def _on_picked(self, key: str) -> None:
        self._picked = key
        self.bridge.touch()
        self._refresh()

    def _mark(self, *, kept: bool | None) -> None:
        row = self.stage.list.current
        if row is not None and can_mark(row):
            self.edits.mark(row, kept)

    def _on_split(self) -> None:
        row = self.stage.list.current
        if row is not None:
            self.errands.ask(self._texts, "split", lambda name: self.edits.split(row, name))

    def _on_price(self) -> None:
        self.errands.choose_price(self._texts, self._snapshot.tariff)

    def _on_export(self) -> None:
        if self.shown is not None and self.shown.session is not None:
            self.errands.export(self._texts, self.shown.session)

    def _on_why_known(self) -> None:
        if self.shown is None or self.shown.iteration is None:
            return
        from vidgreen_gui.gui.evidence import evidence
        from vidgreen_gui.gui.views.popover import Popover

        button = self.stage.live.details.why
        rows = evidence(self._texts, self.shown)
        sheet = Popover(self._texts.say("gui.why_known"), rows, self.shell)
        sheet.open_at(button.mapToGlobal(button.rect().topRight()))

    def _on_workflow_wanted(self, name: str, workflow: str | None) -> None:
        self.errands.save_workflow(self._texts, name, workflow)

    def _on_copy_chart(self) -> None:
        if self.stage.live.charts is not None:
            self.stage.live.charts.copy_picture()

    def _on_copy_table(self) -> None:
        if self.shown is not None and self.shown.session is not None:
            from vidgreen_gui.gui.table_text import table_text

            text = table_text(self._texts, self.shown.session, self._quantity)
            QGuiApplication.clipboard().setText(text)
