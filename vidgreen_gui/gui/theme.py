"""How the window looks: one palette file, light and dark, made into Qt's palette and stylesheet."""

import tomllib
from string import Template
from typing import NamedTuple

from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from vidgreen_gui.system.resources import resource

GRID_PX = 8
# What a bare fontconfig hands out where no desktop chose a font, and its narrower sister.
_FALLBACK_FONT, _NARROW_FALLBACK_FONT = "DejaVu Sans", "DejaVu Sans Condensed"
_BODY_PX = 13
_HALF_LIGHT = 128


class Theme(NamedTuple):
    """One look: `name` is "light" or "dark", every other field a colour as "#rrggbb".

    A named tuple, because a dataclass of so many fields takes longer to make than the file to read.
    """

    name: str
    window: str
    panel: str
    card: str
    block: str
    control: str
    control_hover: str
    selected: str
    line: str
    grid: str
    text: str
    muted: str
    data: str
    data_fill: str
    saving: str
    saving_track: str
    notice: str
    notice_ground: str
    info_ground: str
    band: str
    band_selected: str
    focus: str
    stack_1: str
    stack_2: str
    stack_3: str
    stack_4: str
    hatch: str
    phase_load: str
    phase_encode: str
    phase_sample: str
    phase_decode: str
    phase_save: str
    phase_other: str

    def colour(self, name: str) -> QColor:
        """Return the named colour for a painter; raise AttributeError for a name of none."""
        return QColor(getattr(self, name))

    def stylesheet(self) -> str:
        """Return the window's one stylesheet in these colours."""
        source = resource("window.qss").read_text(encoding="utf-8")
        return Template(source).substitute(self._asdict())

    def palette(self) -> QPalette:
        """Return Qt's palette in these colours."""
        palette = QPalette()
        role = QPalette.ColorRole
        for where, name in (
            (role.Window, "window"),
            (role.WindowText, "text"),
            (role.Base, "window"),
            (role.AlternateBase, "panel"),
            (role.Text, "text"),
            (role.Button, "control"),
            (role.ButtonText, "text"),
            (role.Highlight, "data"),
            (role.HighlightedText, "window"),
            (role.ToolTipBase, "card"),
            (role.ToolTipText, "text"),
            (role.PlaceholderText, "muted"),
            (role.Link, "data"),
        ):
            palette.setColor(where, self.colour(name))
        palette.setColor(QPalette.ColorGroup.Disabled, role.Text, self.colour("muted"))
        palette.setColor(QPalette.ColorGroup.Disabled, role.ButtonText, self.colour("muted"))
        palette.setColor(QPalette.ColorGroup.Disabled, role.WindowText, self.colour("muted"))
        return palette


def load_theme(name: str) -> Theme:
    """Return the theme "light" or "dark" from the palette file; raise KeyError for another name."""
    with resource("palette.toml").open("rb") as stream:
        colours = tomllib.load(stream)[name]
    return Theme(name, **{field: colours[field] for field in Theme._fields[1:]})


def system_theme_name() -> str:
    """Return "light" or "dark", as the desktop asks for."""
    from PySide6.QtCore import Qt

    scheme = QGuiApplication.styleHints().colorScheme()
    return "dark" if scheme == Qt.ColorScheme.Dark else "light"


def first_theme_name() -> str:
    """Return the same before the application was dressed, from the palette the desktop gave it.

    Asking for the scheme loads Qt's whole namespace of enums, a tenth of a bare window's start.
    """
    ground = QGuiApplication.palette().color(QPalette.ColorRole.Window)
    return "dark" if ground.lightness() < _HALF_LIGHT else "light"


def dress(application: QApplication, theme: Theme) -> None:
    """Give the whole application this look."""
    application.setStyle(QStyleFactory.create("Fusion"))
    application.setPalette(theme.palette())
    application.setStyleSheet(theme.stylesheet())


def window_font() -> QFont:
    """Return the system's font with figures of equal width, never smaller than can be read."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if font.family() in {_FALLBACK_FONT, "Sans Serif", ""}:
        families = QFontDatabase.families()
        if _NARROW_FALLBACK_FONT in families:
            font.setFamily(_NARROW_FALLBACK_FONT)
    if font.pixelSize() < _BODY_PX and font.pointSizeF() * 96 / 72 < _BODY_PX:
        font.setPixelSize(_BODY_PX)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
