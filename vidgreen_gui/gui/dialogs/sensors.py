"""The Sensors page: what is read of every device, how well, what is missing, what to do."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QScrollArea, QVBoxLayout, QWidget

from vidgreen_gui.gui.comparing import Comparing
from vidgreen_gui.gui.describe import with_shape
from vidgreen_gui.gui.notices import said
from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.views.card_columns import CardColumns
from vidgreen_gui.gui.views.flow_layout import FlowLayout
from vidgreen_gui.gui.views.lettering import PlainLabel, Size, TextButton
from vidgreen_gui.gui.views.sensor_card import SensorCard
from vidgreen_gui.model.facts import LiveSnapshot
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.verbs.sensors import SensorReport, sensor_lines, sensor_report

if TYPE_CHECKING:
    # Written at the doors only; the verb is imported when it is used.
    from vidgreen_gui.verbs.calibrate import CalibrateAnswer, CalibrateProgress

LOOK_MS = 1_000
_FIRST_SIZE = (760, 720)
_SMALLEST_SIZE = (400, 360)


class SensorsPage(QDialog):
    """A window of its own beside the main one; it looks once a second while it is open.

    `latest` returns the newest snapshot, None before the first; `comparing` lives longer than
    the page, and goes on when it is closed.
    """

    def __init__(
        self,
        texts: Texts,
        latest: Callable[[], LiveSnapshot | None],
        comparing: Comparing,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._texts = texts
        self._latest = latest
        self._comparing = comparing
        self._ended: CalibrateAnswer | Notice | None = None
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
        self._compare.clicked.connect(self._on_compare)
        comparing.moved.connect(self._on_moved)
        comparing.ended.connect(self._on_ended)

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
        self._compared = PlainLabel(wrap=True)
        self._compare = TextButton()
        self._copy = TextButton()
        self._close = TextButton()
        row = QWidget()
        self.buttons = FlowLayout(row, gap=8, push_last=True)
        self.buttons.addWidget(self._compare)
        self.buttons.addWidget(self._copy)
        self.buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(8)
        for part in (self._title, self._about):
            layout.addWidget(part)
        layout.addWidget(self.area, 1)
        layout.addWidget(self._own)
        layout.addWidget(self._compared)
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
        self._name_comparing()
        self.look()

    def look(self) -> None:
        """Show the newest moment."""
        texts, snapshot = self._texts, self._latest()
        devices = snapshot.devices if snapshot else ()
        self._reports = _reports(texts, snapshot, names=True)
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
        reports = _reports(self._texts, self._latest(), names=False)
        return "\n".join(line for one in reports for line in sensor_lines(self._texts, one))

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to look."""
        super().showEvent(event)
        self.area.setFocus()
        self.look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more."""
        super().hideEvent(event)
        self._timer.stop()

    def _on_compare(self) -> None:
        if self._comparing.is_running:
            self._comparing.stop()
        else:
            self._ended = None
            self._comparing.start()
            self._name_comparing()

    def _on_moved(self, progress: "CalibrateProgress") -> None:
        texts, numbers = self._texts, self._texts.numbers
        said = texts.say(
            "sensors.compare.moved",
            plug=visible(progress.plug_name, 40),
            elapsed=numbers.duration(progress.elapsed_s),
            whole=numbers.duration(progress.for_s),
            plug_w=numbers.power(progress.plug_w),
            sensed_w=numbers.power(progress.sensed_w),
        )
        self._compared.setText(said)
        self._compared.show()

    def _on_ended(self, ended: "CalibrateAnswer | Notice") -> None:
        self._ended = ended
        self._name_comparing()

    def _name_comparing(self) -> None:
        """Say on the button what it does now, and beside it what came of the last comparison."""
        is_running = self._comparing.is_running
        self._compare.say(
            self._texts.say("sensors.compare.stop" if is_running else "sensors.compare.start")
        )
        self._compared.setText(_ended_words(self._texts, self._ended))
        self._compared.setVisible(bool(self._compared.text()))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
        self._copy.say(self._texts.say("sensors.copied"))


def _reports(
    texts: Texts, snapshot: LiveSnapshot | None, *, names: bool
) -> tuple[SensorReport, ...]:
    if snapshot is None:
        return ()
    described = snapshot.session.described if snapshot.session else None
    calibration = described.calibration if described else None
    return tuple(sensor_report(texts, now, calibration, names=names) for now in snapshot.devices)


def _ended_words(texts: Texts, ended: "CalibrateAnswer | Notice | None") -> str:
    """Return what came of a comparison, "" where there was none yet."""
    if ended is None or isinstance(ended, Notice):
        return "" if ended is None else said(texts, ended)
    factor, numbers = ended.factor, texts.numbers
    half = max(factor.high - factor.best, factor.best - factor.low)
    found = texts.say(
        "sensors.compare.found",
        plug=visible(ended.plug_name, 40),
        factor=numbers.decimal(factor.best, 2),
        half=numbers.decimal(half, 2),
        length=numbers.duration(ended.seconds),
    )
    return f"{found} {texts.say('cli.calibrate.steady')}" if ended.is_steady else found


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
