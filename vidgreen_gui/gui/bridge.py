"""Carries the engine's newest snapshot to the widgets, no oftener than eyes can use."""

from PySide6.QtCore import QElapsedTimer, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCursor

from vidgreen_gui.model.commands import Command, ShowWindow
from vidgreen_gui.model.facts import LiveSnapshot
from vidgreen_gui.model.ports import Recording

LIVE_MS = 250
TOUCHED_MS = 100
_TOUCH_LASTS_MS = 2_000
_FACTS_MS = 1_000


class Bridge(QObject):
    """Drains the recording four times a second, ten while the user is at it, never while hidden.

    `power_moved` comes with every tick that brought a snapshot; `facts_changed` when its revision
    is new, at most once a second unless a command has just been answered; `answered` with each
    answer.
    """

    power_moved = Signal(object)
    facts_changed = Signal(object)
    answered = Signal(object)

    def __init__(self, recording: Recording, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recording = recording
        self._revision: int | None = None
        self._just_answered = False
        self._cursor = QPoint()
        self._since_facts = QElapsedTimer()
        self._since_touch = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.setInterval(LIVE_MS)
        self._timer.timeout.connect(self.drain)

    @property
    def is_live(self) -> bool:
        """Whether the timer runs."""
        return self._timer.isActive()

    @property
    def interval_ms(self) -> int:
        """Return the time between two ticks."""
        return self._timer.interval()

    def set_visible(self, *, visible: bool) -> None:
        """Start or stop, and tell the engine whether anybody looks."""
        if visible == self.is_live:
            return
        self._recording.send(ShowWindow(visible))
        if visible:
            self._timer.start()
            self.drain()
        else:
            self._timer.stop()

    def send(self, command: Command) -> None:
        """Send a command; its answer comes as `answered`."""
        self._recording.send(command)
        self.touch()

    def touch(self) -> None:
        """Tick faster for a moment: the user is doing something."""
        self._since_touch.start()
        if self._timer.interval() != TOUCHED_MS:
            self._timer.setInterval(TOUCHED_MS)

    def drain(self) -> None:
        """Take what there is and pass it on."""
        self._pace()
        for answer in self._recording.answers():
            self._just_answered = True
            self.answered.emit(answer)
        snapshot = self._recording.latest()
        if snapshot is None:
            return
        self._pass_facts(snapshot)
        self.power_moved.emit(snapshot)

    def _pass_facts(self, snapshot: LiveSnapshot) -> None:
        if snapshot.revision == self._revision:
            return
        first = not self._since_facts.isValid()
        if first or self._just_answered or self._since_facts.elapsed() >= _FACTS_MS:
            self._revision = snapshot.revision
            self._just_answered = False
            self._since_facts.start()
            self.facts_changed.emit(snapshot)

    def _pace(self) -> None:
        cursor = QCursor.pos()
        if cursor != self._cursor:
            self._cursor = cursor
            self.touch()
        elif self._timer.interval() != LIVE_MS and self._since_touch.hasExpired(_TOUCH_LASTS_MS):
            self._timer.setInterval(LIVE_MS)
