"""One of the four figures above the charts: label, value, one small line."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from vidgreen_gui.gui.views.lettering import FigureLabel, NameLabel, PlainLabel, Size


class FigureBlock(QWidget):
    """A figure that can be read from across the room."""

    def __init__(self) -> None:
        super().__init__()
        self._label = NameLabel(tone="muted")
        self._value = FigureLabel(Size.VALUE, bold=True)
        self._detail = PlainLabel(Size.SMALL, "muted", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for widget in (self._label, self._value, self._detail):
            layout.addWidget(widget)
        layout.addStretch(1)

    @property
    def value(self) -> str:
        """Return the figure as it is shown."""
        return self._value.text()

    def show_figure(self, label: str, value: str, detail: str) -> None:
        """Show a figure; only what is new is laid out again."""
        self._label.set_name(label)
        if value != self._value.text():
            self._value.setText(value)
        if detail != self._detail.text():
            self._detail.setText(detail)
        spoken = f"{label}: {value}. {detail}"
        if spoken != self.accessibleName():
            self.setAccessibleName(spoken)
