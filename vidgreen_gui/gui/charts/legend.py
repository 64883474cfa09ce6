"""The legend of the phase strip: a swatch and a word for each phase, and where the time went."""

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vidgreen_gui.gui.charts.axes import AXIS_WIDTH, small_font
from vidgreen_gui.gui.theme import Theme
from vidgreen_gui.model.session import PhaseName

_SWATCH, _SWATCH_GAP, _ENTRY_GAP = 9, 6, 18
_HEIGHT = 20
SHOWN_PHASES = (
    PhaseName.LOAD,
    PhaseName.ENCODE,
    PhaseName.SAMPLE,
    PhaseName.DECODE,
    PhaseName.SAVE,
)


class Legend(QWidget):
    """Paints what fits into its width: the phases first, the remark at the right last."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._words: dict[PhaseName, str] = {}
        self._remark = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_words(self, words: dict[PhaseName, str], remark: str) -> None:
        """Set each phase's word and the remark at the right, "" for none."""
        if (words, remark) != (self._words, self._remark):
            self._words, self._remark = words, remark
            self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Put on another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return one line of text."""
        return QSize(0, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Paint swatches and words."""
        painter = QPainter(self)
        font = small_font(self)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        baseline = round((self.height() + metrics.ascent() - metrics.descent()) / 2)
        left = float(AXIS_WIDTH)
        for phase, word in self._words.items():
            width = _SWATCH + _SWATCH_GAP + metrics.horizontalAdvance(word)
            if left + width > self.width():
                return
            swatch = QRectF(round(left), baseline - _SWATCH + 1, _SWATCH, _SWATCH)
            painter.fillRect(swatch, self._theme.colour(f"phase_{phase.value}"))
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(QPointF(round(left) + _SWATCH + _SWATCH_GAP, baseline), word)
            left += width + _ENTRY_GAP
        width = metrics.horizontalAdvance(self._remark)
        if left + width <= self.width():
            painter.drawText(QPointF(round(self.width() - width - 1), baseline), self._remark)
