"""Makes the application and its window; what is slow to import comes after the first paint."""

from collections.abc import Sequence

from PySide6.QtCore import QLibraryInfo, QTranslator
from PySide6.QtWidgets import QApplication

from vidgreen_gui.gui.main_window import MainWindow
from vidgreen_gui.gui.theme import dress, load_theme, system_theme_name, window_font
from vidgreen_gui.gui.window_actions import WindowActions
from vidgreen_gui.model.ports import Recording
from vidgreen_gui.texts.catalog import Texts

DESKTOP_FILE = "vidgreen-gui"


def make_application(arguments: Sequence[str], language: str) -> QApplication:
    """Return the one application, with its name, font and Qt's own words in `language`."""
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
    recording: Recording,
    texts: Texts,
    actions: WindowActions,
    theme_choice: str = "system",
) -> MainWindow:
    """Show the window in the chosen look and return it; its charts follow the first paint."""
    name = system_theme_name() if theme_choice == "system" else theme_choice
    theme = load_theme(name)
    dress(application, theme)
    window = MainWindow(recording, texts, theme, actions)
    window.menus.choose("theme", theme_choice)
    application.styleHints().colorSchemeChanged.connect(window.follow_system)
    window.first_painted.connect(window.load_charts)
    window.show()
    return window
