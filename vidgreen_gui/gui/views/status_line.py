"""The bottom line: sources, sensors, grid with source and year, our own draw."""

from itertools import chain, repeat

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from vidgreen_gui.gui.describe import with_shape
from vidgreen_gui.gui.plain import visible
from vidgreen_gui.gui.shown import Shown
from vidgreen_gui.gui.views.flow_layout import FlowLayout
from vidgreen_gui.gui.views.lettering import PlainLabel, Size, TextButton, lettered
from vidgreen_gui.gui.wording import DOT, grid_words, short_device
from vidgreen_gui.model.facts import DeviceNow, SourceNow
from vidgreen_gui.model.footprint import Grade, Scope
from vidgreen_gui.model.power import DeviceKind
from vidgreen_gui.texts.catalog import Texts

_STATE_SHAPES = {"found": "●", "troubled": "◐", "lost": "\u2013", "looking": "○"}
_MOST_NAMED = 3


class StatusLine(QWidget):
    """Says where everything comes from; `zone_asked` when the grid is clicked."""

    zone_asked = Signal()

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._shown: Shown | None = None
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._named = [PlainLabel(Size.SMALL, "muted") for _ in range(2 * _MOST_NAMED)]
        self._grid = TextButton("flat")
        self._grid.setFont(lettered(Size.SMALL))
        self._self = PlainLabel(Size.SMALL, "muted")
        flow = FlowLayout(self, gap=16, push_last=True)
        flow.setContentsMargins(16, 2, 16, 2)
        for widget in (*self._named, self._grid, self._self):
            flow.addWidget(widget)
        self._grid.clicked.connect(self.zone_asked)

    def retranslate(self, texts: Texts) -> None:
        """Speak another language."""
        self._texts = texts
        if self._shown is not None:
            self.show_moment(self._shown)

    def show_moment(self, shown: Shown) -> None:
        """Show where the figures of a moment come from."""
        self._shown = shown
        texts, snapshot = self._texts, shown.snapshot
        sources = _shortened([_source(texts, one) for one in snapshot.sources])
        devices = _shortened([_device(texts, one) for one in snapshot.devices])
        for label, words in zip(self._named, chain(sources + devices, repeat("")), strict=False):
            label.setText(words)
            label.setVisible(bool(words))
        factor = snapshot.factor
        grid = grid_words(texts, factor) if factor else texts.say("gui.grid.none")
        if shown.session is not None and shown.session.scope is not Scope.GPU:
            grid += DOT + texts.say(f"gui.scope.{shown.session.scope.value}")
        self._grid.say(grid, texts.say("gui.grid.change"))
        how = snapshot.self_how
        watts = with_shape(texts.numbers.power(snapshot.self_w), Grade.MODEL)
        self._self.setText(texts.say("gui.self", power=watts))
        self._self.setVisible(snapshot.self_w is not None)
        self._self.setToolTip("" if how is None else texts.fault(how))
        self._self.setAccessibleDescription(self._self.toolTip())
        self.updateGeometry()


def _shortened(parts: list[str]) -> list[str]:
    """Return the first few parts, the last of them with how many more there are."""
    more = len(parts) - _MOST_NAMED
    if more <= 0:
        return parts
    return [*parts[: _MOST_NAMED - 1], f"{parts[_MOST_NAMED - 1]} +{more}"]


def _source(texts: Texts, source: SourceNow) -> str:
    name = f"{_STATE_SHAPES.get(source.state, '○')} {visible(source.label, 30)}"
    return (
        name if source.state == "found" else f"{name} ({texts.say('gui.source.' + source.state)})"
    )


def _device(texts: Texts, now: DeviceNow) -> str:
    device = now.device
    shape = device.grade.shape if now.fault is None else "\u2013"
    if device.kind is not DeviceKind.GPU:
        name = texts.say(f"gui.device.{device.kind.value}")
        return DOT.join((f"{shape} {name}", texts.say(f"gui.grade.{device.grade.value}")))
    sensors = "gui.sensor.counter" if device.has_counter else "gui.sensor.power"
    if not device.grade.is_measured:
        sensors = f"gui.grade.{device.grade.value}"
    parts = [f"{shape} {visible(short_device(device.name), 30)}", texts.say(sensors)]
    if now.temperature_c is not None:
        parts.append(f"{now.temperature_c}\u00a0°C")
    return DOT.join(parts)
