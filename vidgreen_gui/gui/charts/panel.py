"""Both charts over one clock, with their titles, legend and read-out: all that the window needs."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from vidgreen_gui.gui.charts.axes import small_font
from vidgreen_gui.gui.charts.cumulative import CumulativeChart
from vidgreen_gui.gui.charts.legend import SHOWN_PHASES, Legend
from vidgreen_gui.gui.charts.live_chart import LiveChart
from vidgreen_gui.gui.charts.stack import Unit
from vidgreen_gui.gui.charts.tables import ChartTable, cumulative_table, power_table
from vidgreen_gui.gui.charts.timeline import longest_phase
from vidgreen_gui.gui.theme import Theme
from vidgreen_gui.model.facts import LiveSnapshot, PowerCurve
from vidgreen_gui.model.units import NS_PER_S
from vidgreen_gui.texts.catalog import Texts

_STRIP_HEIGHT = 44
_LIVE_STRETCH, _CUMULATIVE_STRETCH = 11, 9
# Each further device makes the live chart higher, up to this many.
_LANE_STRETCH, _MOST_LANES = 4, 6
# What only grows, while the view stands still, is drawn this seldom: less would not be seen.
_GROWTH_NS = 4 * NS_PER_S


class ChartPanel(QWidget):
    """The live chart above the cumulative one.

    What is set draws once, when control returns to Qt; while hidden nothing is drawn, and the
    newest is drawn when it is shown. `iteration_clicked` carries the id of an iteration.
    """

    iteration_clicked = Signal(str)

    def __init__(self, theme: Theme, texts: Texts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._texts = theme, texts
        self._snapshot: LiveSnapshot | None = None
        self._looked_at: LiveSnapshot | None = None
        self._curves: dict[str, PowerCurve] = {}
        self._drawn_revision: int | None = None
        self._drawn_work: tuple[object, ...] = ()
        self._drawn_utc_ns = 0
        self._facts_due = True
        self._build()
        self._connect()
        self.apply_theme(theme)
        self.retranslate(texts)

    @property
    def window_seconds(self) -> float:
        """Return the length of the past on show, which curves should cover."""
        return self._live.span_s

    def set_snapshot(self, snapshot: LiveSnapshot) -> None:
        """Show this moment; all but the curve moves at most once a second.

        Another session or another set of devices is shown at once.
        """
        if self._snapshot is None or _subject(snapshot) != _subject(self._snapshot):
            self._facts_due = True
        self._snapshot = snapshot
        self._draw_soon()

    def set_curves(self, curves: dict[str, PowerCurve]) -> None:
        """Show these curves, by device id."""
        self._curves = curves
        self._draw_soon()

    def set_window_seconds(self, seconds: float | None) -> None:
        """Show that much of the past; None chooses by the iteration, infinity is all."""
        if self._live.set_window_seconds(seconds):
            self._facts_soon()

    def set_unit(self, unit: str) -> None:
        """Count the cumulative chart in "wh", "co2e" or "money"."""
        if self._cumulative.set_unit(Unit(unit)):
            self._facts_soon()

    def set_strip(self, strip: bool) -> None:
        """Make the cumulative chart a strip, for low windows."""
        if strip == self._cumulative.is_strip:
            return
        self._cumulative.set_strip(strip)
        self._cumulative.setMinimumHeight(_STRIP_HEIGHT)
        self._cumulative.setMaximumHeight(_STRIP_HEIGHT if strip else 16_777_215)
        self._facts_soon()

    def select(self, iteration_id: str | None) -> None:
        """Lift this iteration's band out a little, None for none."""
        self._live.set_selected(iteration_id)

    def apply_theme(self, theme: Theme) -> None:
        """Put on another theme."""
        self._theme = theme
        for part in (self._live, self._cumulative, self._legend):
            part.apply_theme(theme)
        for label in (self._power_title, self._readout, self._cumulative_title):
            label.setFont(small_font(self))
            label.setStyleSheet(f"color: {theme.muted}")

    def retranslate(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        self._power_title.setText(texts.say("chart.power.title"))
        self._live.setAccessibleName(texts.say("chart.power.title"))
        self._live.set_texts(texts)
        self._cumulative.set_texts(texts)
        self._name_all()

    def copy_picture(self) -> QPixmap:
        """Put a picture of both charts on the clipboard, and return it."""
        self.draw()
        picture = self.grab()
        QGuiApplication.clipboard().setPixmap(picture)
        return picture

    def table_rows(self) -> tuple[ChartTable, ChartTable]:
        """Return the power and the cumulative chart as tables."""
        self._draw_facts()
        power = power_table(self._texts, self._live.stretches)
        return power, cumulative_table(self._texts, self._cumulative)

    def draw(self) -> None:
        """Draw what was set, now."""
        self._timer.stop()
        if self._snapshot is None:
            return
        if self._facts_due or self._has_news(self._snapshot):
            self._draw_facts()
        self._live.show_power(self._snapshot, self._curves)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was set while hidden."""
        super().showEvent(event)
        self._facts_soon()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew in the new size."""
        super().resizeEvent(event)
        self._facts_soon()

    def _has_news(self, snapshot: LiveSnapshot) -> bool:
        """Return whether all but the curve is worth drawing again."""
        moved = self._live.view is not self._drawn_view
        if snapshot is self._looked_at and not moved:
            return False
        self._looked_at = snapshot
        since_ns = abs(snapshot.utc_ns - self._drawn_utc_ns)
        if since_ns >= _GROWTH_NS and snapshot.revision != self._drawn_revision:
            return True
        return since_ns >= NS_PER_S and (moved or _work(snapshot) != self._drawn_work)

    def _draw_facts(self) -> None:
        if self._snapshot is None:
            return
        self._facts_due = False
        self._drawn_revision = self._snapshot.revision
        self._drawn_work = _work(self._snapshot)
        self._drawn_utc_ns = self._snapshot.utc_ns
        lanes = min(_MOST_LANES, max(1, len(self._snapshot.gpus)))
        self._column.setStretchFactor(self._live, _LIVE_STRETCH + _LANE_STRETCH * (lanes - 1))
        self._live.show_facts(self._snapshot, self._curves)
        self._drawn_view = self._live.view
        if self._live.view is not None:
            self._cumulative.show_facts(self._snapshot, self._live.view)
        self._name_all()

    def _name_all(self) -> None:
        self._cumulative_title.setText(self._cumulative.title)
        self._cumulative.setAccessibleName(self._cumulative.title)
        remark = self._remark()
        words = {name: self._texts.say(f"chart.phase.{name.value}") for name in SHOWN_PHASES}
        # Without a phase to explain, a legend is noise.
        self._legend.set_words(words if remark else {}, remark)

    def _remark(self) -> str:
        """Return where the time of the newest iteration with phases went, "" for none."""
        for stretch in reversed(self._live.stretches):
            longest = longest_phase(stretch.facts)
            if longest is not None:
                phase, share = longest
                return self._texts.say(
                    "chart.share",
                    phase=self._texts.say(f"chart.phase.{phase.name.value}"),
                    share=self._texts.numbers.percent(share),
                    number=str(stretch.facts.iteration.number),
                )
        return ""

    def _draw_soon(self) -> None:
        if self.isVisible():
            self._timer.start()

    def _facts_soon(self) -> None:
        self._facts_due = True
        self._draw_soon()

    def _build(self) -> None:
        self._column = QVBoxLayout(self)
        self._live = LiveChart(self._theme, self._texts)
        self._cumulative = CumulativeChart(self._theme, self._texts)
        self._legend = Legend(self._theme)
        self._power_title, self._readout, self._cumulative_title = QLabel(), QLabel(), QLabel()
        self._readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._drawn_view = self._live.view
        head = QHBoxLayout()
        head.addWidget(self._power_title)
        head.addWidget(self._readout, 1)
        layout = self._column
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._live, _LIVE_STRETCH)
        layout.addWidget(self._legend)
        layout.addSpacing(8)
        layout.addWidget(self._cumulative_title)
        layout.addWidget(self._cumulative, _CUMULATIVE_STRETCH)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)

    def _connect(self) -> None:
        self._timer.timeout.connect(self.draw)
        self._live.iteration_clicked.connect(self.iteration_clicked)
        self._live.hovered.connect(self._readout.setText)


def _subject(snapshot: LiveSnapshot) -> tuple[str | None, tuple[str, ...]]:
    """Return what the charts are about: the session and the devices."""
    session_id = snapshot.session.session.id if snapshot.session else None
    return session_id, tuple(now.device.id for now in snapshot.gpus)


def _work(snapshot: LiveSnapshot) -> tuple[object, ...]:
    """Return what the charts tell of the work but for its figures; quick to compare."""
    clips = snapshot.session.clips if snapshot.session else ()
    return (
        snapshot.factor,
        snapshot.tariff,
        *((clip.clip, *(facts.iteration for facts in clip.iterations)) for clip in clips),
    )
