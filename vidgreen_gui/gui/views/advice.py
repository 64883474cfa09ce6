"""The right panel: less energy, next time."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.gui.theme import Theme
from vidgreen_gui.gui.views.advice_card import AdviceCard
from vidgreen_gui.gui.views.lettering import PlainLabel, Size
from vidgreen_gui.gui.views.queue_card import QueueCard
from vidgreen_gui.gui.views.workflow_drag import WorkflowDrag
from vidgreen_gui.gui.window_actions import WindowActions
from vidgreen_gui.model.advice import Suggestion, Verdict
from vidgreen_gui.model.facts import ClipFacts, IterationFacts
from vidgreen_gui.model.settings import Settings
from vidgreen_gui.texts.catalog import Texts

_Contents = tuple[str, str | None, tuple[Suggestion, ...], tuple[Verdict, ...]]


class Advice(QWidget):
    """A card per suggestion; made anew only when the suggestions are others.

    `workflow_wanted` carries a file's name and the changed workflow, None where there is none.
    """

    dismissed = Signal(str)
    workflow_wanted = Signal(str, object)

    def __init__(self, theme: Theme, texts: Texts, actions: WindowActions) -> None:
        super().__init__()
        self._theme = theme
        self._texts = texts
        self._actions = actions
        self._shown: Shown | None = None
        self._contents: _Contents | None = None
        self.cards: list[AdviceCard] = []
        self._build()

    def _build(self) -> None:
        self.setObjectName("right")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = PlainLabel(Size.TITLE, bold=True, wrap=True)
        self._about = PlainLabel(Size.SMALL, "muted", wrap=True)
        self._nothing = PlainLabel(tone="muted", wrap=True)
        self._queue = QueueCard(self._texts)
        inside = QWidget()
        inside.setObjectName("cards")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 4, 0)
        self._column.setSpacing(12)
        self._column.addWidget(self._nothing)
        self._column.addWidget(self._queue)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The cards' own buttons are the stops of Tab, and come into view when it is their turn.
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.viewport().setAutoFillBackground(False)
        scroll.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 12, 12)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        layout.addWidget(self._about)
        layout.addSpacing(8)
        layout.addWidget(scroll, 1)

    def retranslate(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        self._queue.retranslate(texts)
        self._contents = None
        if self._shown is not None:
            self.show_moment(self._shown)

    def apply_theme(self, theme: Theme) -> None:
        """Draw the bars in other colours."""
        self._theme = theme
        for card in self.cards:
            card.bar.theme = theme
            card.bar.update()

    def show_moment(self, shown: Shown) -> None:
        """Show the suggestions of a moment."""
        self._shown = shown
        self._title.setText(self._texts.say("gui.advice.title"))
        self._about.setText(self._about_words(shown))
        self._queue.show_moment(shown)
        snapshot = shown.snapshot
        empty = not snapshot.suggestions
        self._nothing.setVisible(empty)
        self._nothing.setText(self._texts.say(f"gui.advice.{_why_empty(shown)}"))
        verdicts = _verdicts(shown)
        contents = (
            self._texts.language, snapshot.suggestions_for, snapshot.suggestions,
            tuple(verdicts.values()),
        )  # fmt: skip
        if contents != self._contents:
            self._contents = contents
            self._rebuild(snapshot.suggestions, snapshot.suggestions_for, verdicts)

    def _rebuild(
        self, suggestions: tuple[Suggestion, ...], about: str | None, verdicts: dict[str, Verdict]
    ) -> None:
        for card in self.cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = []
        for place, suggestion in enumerate(suggestions):
            drag = self._drag(suggestion, about)
            verdict = verdicts.get(suggestion.rule)
            card = AdviceCard(self._theme, self._texts, suggestion, verdict, drag)
            card.dismissed.connect(self.dismissed)
            self._column.insertWidget(place, card)
            self.cards.append(card)

    def _drag(self, suggestion: Suggestion, about: str | None) -> WorkflowDrag | None:
        if about is None or not suggestion.change:
            return None
        drag = WorkflowDrag(
            suggestion.rule, lambda: self._actions.changed_workflow(about, suggestion)
        )
        drag.wanted.connect(self.workflow_wanted)
        return drag

    def _about_words(self, shown: Shown) -> str:
        about = _about(shown)
        if about is None:
            return ""
        clip, facts = about
        name = visible(clip.clip.name, 40)
        return self._texts.say("gui.advice.about", clip=name, number=facts.iteration.number)


def _about(shown: Shown) -> tuple[ClipFacts, IterationFacts] | None:
    """Return the iteration that was looked at for ideas, with its clip."""
    wanted = shown.snapshot.suggestions_for
    for clip in shown.session.clips if shown.session else ():
        for facts in clip.iterations:
            if facts.iteration.id == wanted:
                return clip, facts
    return None


def _why_empty(shown: Shown) -> str:
    if shown.past:
        return "past"
    if shown.snapshot.suggestions_for:
        about = _about(shown)
        # A command without settings is not lean, it is unknown.
        unknown = about is not None and about[1].iteration.settings == Settings()
        return "unread" if unknown else "nothing"
    if shown.snapshot.role == "viewer":
        return "viewer"
    return "waiting" if shown.iteration is None else "unread"


def _verdicts(shown: Shown) -> dict[str, Verdict]:
    """Return the newest verdict on each rule."""
    every: list[IterationFacts] = [
        facts
        for clip in (shown.session.clips if shown.session else ())
        for facts in clip.iterations
    ]
    every.sort(key=lambda facts: facts.iteration.started_utc_ns or 0)
    return {verdict.rule: verdict for facts in every for verdict in facts.verdicts}
