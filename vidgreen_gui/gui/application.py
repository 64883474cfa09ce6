"""Makes the application and its window; what is slow to import comes after the first paint."""

import gc
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QTimer, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from vidgreen_gui.gui.collector import Collector
from vidgreen_gui.gui.features import ignore_features
from vidgreen_gui.gui.shell import Shell
from vidgreen_gui.gui.theme import Theme, dress, first_theme_name, load_theme, window_font
from vidgreen_gui.system.resources import resource

if TYPE_CHECKING:
    from vidgreen_gui.gui.desk import Desk
    from vidgreen_gui.gui.window_actions import WindowActions
    from vidgreen_gui.model.ports import Recording
    from vidgreen_gui.texts.catalog import Texts

DESKTOP_FILE = "vidgreen-gui"
# The window waits no longer than this for the engine's threads.
_LONGEST_TURN_S = 0.001


def make_application(arguments: Sequence[str], language: str) -> QApplication:
    """Return the one application, with its name, font and Qt's own words in `language`."""
    ignore_features()
    # Python lets a busy thread run five times as long before another gets its turn.
    sys.setswitchinterval(_LONGEST_TURN_S)
    application = QApplication([*arguments])
    application.setApplicationName("VidGreen")
    application.setDesktopFileName(DESKTOP_FILE)
    application.setFont(window_font())
    if language != "en":
        translator = QTranslator(application)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if translator.load(f"qtbase_{language}", folder):
            application.installTranslator(translator)
    return application


def open_window(
    application: QApplication,
    recording: "Recording",
    texts: "Texts",
    actions: "WindowActions",
    theme_choice: str = "system",
) -> Shell:
    """Show the window in the chosen look; views and charts follow its first paint."""
    theme = load_theme(first_theme_name() if theme_choice == "system" else theme_choice)
    shell = Shell(theme, texts.say("gui.app"), texts.say("gui.first.starting.below"))
    shell.first_painted.connect(
        partial(_fill, application, shell, recording, texts, theme, actions, theme_choice)
    )
    shell.show()
    return shell


def _fill(
    application: QApplication,
    shell: Shell,
    recording: "Recording",
    texts: "Texts",
    theme: Theme,
    actions: "WindowActions",
    theme_choice: str,
) -> None:
    """Put the views into the shell, and the charts once these have been painted."""
    from vidgreen_gui.gui.desk import Desk

    dress(application, theme)
    desk = Desk(shell, recording, texts, theme, actions)
    desk.menus.choose("theme", theme_choice)
    application.styleHints().colorSchemeChanged.connect(desk.follow_system)
    QTimer.singleShot(0, partial(_finish, application, desk))


def _finish(application: QApplication, desk: "Desk") -> None:
    """Show the charts, then collect garbage again, but never among what the start has made."""
    desk.load_charts()
    application.setWindowIcon(QIcon(str(resource("icons/vidgreen.svg"))))
    gc.freeze()
    Collector(application)
