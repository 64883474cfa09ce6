"""The bar of a narrow window: a drop-down for the list, a button for the ideas."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.gui.views.lettering import NameLabel, TextButton
from vidgreen_gui.gui.wording import DOT
from vidgreen_gui.texts.catalog import Texts


class TopBar(QWidget):
    """Says what is chosen; `list_asked` and `ideas_asked` when a button is clicked."""

    list_asked = Signal()
    ideas_asked = Signal()

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._shown: Shown | None = None
        self._ideas_here = False
        self.setObjectName("topbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._list = TextButton()
        self._chosen = NameLabel(bold=True)
        self._chosen.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._ideas = TextButton()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 6, 16, 6)
        layout.setSpacing(12)
        layout.addWidget(self._list)
        layout.addWidget(self._chosen, 1)
        layout.addWidget(self._ideas)
        self._list.clicked.connect(self.list_asked)
        self._ideas.clicked.connect(self.ideas_asked)

    def retranslate(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        if self._shown is not None:
            self.show_moment(self._shown)

    def set_ideas_here(self, *, here: bool) -> None:
        """Show the ideas' button here, where there is no rail."""
        self._ideas_here = here
        if self._shown is not None:
            self.show_moment(self._shown)

    def show_moment(self, shown: Shown) -> None:
        """Show what is chosen."""
        self._shown = shown
        self._list.say(self._texts.say("gui.list.open") + "  ▾")
        chosen = self._texts.say("gui.session.none")
        if shown.clip is not None and shown.iteration is not None:
            number = shown.iteration.iteration.number
            name = visible(shown.clip.clip.name)
            chosen = name + DOT + self._texts.say("gui.iteration", number=number)
        self._chosen.set_name(chosen)
        self._ideas.setVisible(self._ideas_here and bool(shown.snapshot.suggestions))
        self._ideas.say(self._texts.count("gui.ideas", len(shown.snapshot.suggestions)))
