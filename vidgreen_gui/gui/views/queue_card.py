"""What still waits in the queues, and what it will take if it is like the running one."""

from PySide6.QtWidgets import QFrame, QVBoxLayout

from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.gui.views.lettering import PlainLabel, Size
from vidgreen_gui.gui.wording import mass_of_co2e
from vidgreen_gui.model.units import g_from_wh
from vidgreen_gui.texts.catalog import Texts


class QueueCard(QFrame):
    """Hidden while nothing waits."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self.setObjectName("card")
        self._title = PlainLabel(bold=True)
        self._waiting = PlainLabel(Size.SMALL, "muted", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        layout.addWidget(self._waiting)

    def retranslate(self, texts: Texts) -> None:
        """Speak another language; the words follow with the next moment."""
        self._texts = texts

    def show_moment(self, shown: Shown) -> None:
        """Show how many jobs wait."""
        pending = sum(source.pending for source in shown.snapshot.sources)
        self.setVisible(pending > 0)
        self._title.setText(self._texts.say("gui.queue"))
        self._waiting.setText(self._words(shown, pending))

    def _words(self, shown: Shown, pending: int) -> str:
        texts = self._texts
        waiting = texts.count("gui.queue.waiting", pending)
        running = shown.running
        if running is None or running.expected_wh is None:
            return waiting
        span = running.expected_wh.scaled(pending)
        energy = texts.numbers.plus_minus(span, "Wh")
        factor = shown.snapshot.factor
        if factor is None:
            return texts.say("gui.queue.energy", waiting=waiting, energy=energy)
        grams = mass_of_co2e(texts, g_from_wh(span.best, factor.g_per_kwh))
        return texts.say("gui.queue.energy_co2e", waiting=waiting, energy=energy, co2e=grams)
