"""The Sensors page: what is read of every device, how well, what is missing, what to do."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from vidgreen_gui.gui.describe import with_shape
from vidgreen_gui.gui.views.flow_layout import FlowLayout
from vidgreen_gui.gui.views.lettering import PlainLabel, Size, TextButton
from vidgreen_gui.gui.views.sensor_card import SensorCard
from vidgreen_gui.model.facts import LiveSnapshot
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.verbs.sensors import SensorReport, sensor_lines, sensor_report

LOOK_MS = 1_000
_FIRST_SIZE = (760, 720)
_SMALLEST_SIZE = (400, 360)
_CARD_WIDTH = 520
_GAP = 12


class CardColumns(QWidget):
    """Cards in as many columns as the width has room for, the columns about equally high."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("cards")
        self._cards: tuple[SensorCard, ...] = ()
        self._columns: list[QVBoxLayout] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, _GAP, 0)
        self._row.setSpacing(_GAP)

    def set_cards(self, cards: tuple[SensorCard, ...]) -> None:
        """Show these; those that are gone are deleted."""
        for card in self._cards:
            if card not in cards:
                card.hide()
                card.deleteLater()
        self._cards = cards
        self._place(self._wanted())

    def minimumSizeHint(self) -> QSize:
        """Return no height: what wraps would name the one that it has in its narrowest form."""
        return QSize(super().minimumSizeHint().width(), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take another number of columns where the width asks for it."""
        super().resizeEvent(event)
        if self._wanted() != len(self._columns):
            self._place(self._wanted())

    def _wanted(self) -> int:
        room = self.width() // (_CARD_WIDTH + _GAP)
        return max(1, min(room, len(self._cards)))

    def _place(self, number: int) -> None:
        for column in self._columns:
            self._row.removeItem(column)
            column.deleteLater()
        self._columns = [QVBoxLayout() for _ in range(number)]
        heights = [0] * number
        for column in self._columns:
            column.setSpacing(_GAP)
            self._row.addLayout(column, 1)
        for card in self._cards:
            least = heights.index(min(heights))
            self._columns[least].addWidget(card)
            card.show()
            heights[least] += card.sizeHint().height() + _GAP
        for column in self._columns:
            column.addStretch(1)


class SensorsPage(QDialog):
    """A window of its own beside the main one; it looks once a second while it is open.

    `latest` returns the newest snapshot, None before the first.
    """

    def __init__(
        self, texts: Texts, latest: Callable[[], LiveSnapshot | None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._texts = texts
        self._latest = latest
        self._cards: dict[str, SensorCard] = {}
        self._reports: tuple[SensorReport, ...] = ()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._build()
        self.retranslate(texts)
        self._timer.timeout.connect(self.look)
        self._copy.clicked.connect(self._on_copy)
        self._close.clicked.connect(self.close)

    def _build(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(*_SMALLEST_SIZE)
        self.resize(*_FIRST_SIZE)
        self._title = PlainLabel(Size.TITLE, bold=True, wrap=True)
        self._about = PlainLabel(tone="muted", wrap=True)
        self._own = PlainLabel(Size.SMALL, "muted", wrap=True)
        self._columns = CardColumns()
        self.area = QScrollArea()
        self.area.setWidget(self._columns)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._copy = TextButton()
        self._close = TextButton()
        row = QWidget()
        self.buttons = FlowLayout(row, gap=8, push_last=True)
        self.buttons.addWidget(self._copy)
        self.buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(8)
        for part in (self._title, self._about):
            layout.addWidget(part)
        layout.addWidget(self.area, 1)
        layout.addWidget(self._own)
        layout.addWidget(row)

    def retranslate(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        title = texts.say("sensors.title")
        self.setWindowTitle(title)
        self._title.setText(title)
        self.area.setAccessibleName(title)
        self._copy.say(texts.say("sensors.copy"))
        self._close.say(texts.say("gui.dialog.close"))
        self.look()

    def look(self) -> None:
        """Show the newest moment."""
        texts, snapshot = self._texts, self._latest()
        devices = snapshot.devices if snapshot else ()
        self._reports = tuple(sensor_report(texts, now, names=True) for now in devices)
        self._about.setText(texts.say(_about(snapshot)))
        self._own.setText(_own_draw(texts, snapshot))
        self._own.setVisible(bool(self._own.text()))
        ids = tuple(now.device.id for now in devices)
        if ids != tuple(self._cards):
            self._cards = {one: self._cards.get(one) or SensorCard() for one in ids}
            self._show_cards()
            self._columns.set_cards(tuple(self._cards.values()))
        else:
            self._show_cards()

    def _show_cards(self) -> None:
        for card, report in zip(self._cards.values(), self._reports, strict=True):
            card.show_report(self._texts, report)

    @property
    def text(self) -> str:
        """Return the page as plain text; programs are counted in it, not named."""
        snapshot = self._latest()
        lines: list[str] = []
        for now in snapshot.devices if snapshot else ():
            lines += sensor_lines(self._texts, sensor_report(self._texts, now, names=False))
        return "\n".join(lines)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to look."""
        super().showEvent(event)
        self.look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more."""
        super().hideEvent(event)
        self._timer.stop()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
        self._copy.say(self._texts.say("sensors.copied"))


def _own_draw(texts: Texts, snapshot: LiveSnapshot | None) -> str:
    """Return what VidGreen draws itself and how that is known, "" while it is not."""
    if snapshot is None or snapshot.self_w is None:
        return ""
    watts = with_shape(texts.numbers.power(snapshot.self_w), Grade.MODEL)
    said = texts.say("gui.self", power=watts)
    how = snapshot.self_how
    return said if how is None else texts.say("sensors.own", draw=said, how=texts.fault(how))


def _about(snapshot: LiveSnapshot | None) -> str:
    if snapshot is None:
        return "sensors.starting"
    return "sensors.about" if snapshot.devices else "sensors.none"
