"""Makes the pictures that the README shows: `python tests/screens/readme_pictures.py`."""

import os
import sys
from dataclasses import replace
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PICTURES = TESTS.parent / "resources" / "screenshots"
SIZE = (1440, 900)
SENSORS_SIZE = (1280, 680)
# Two ticks of the window: the second draws in the charts' final size.
SETTLED_MS = 600


def as_today(snapshot):
    """Return the story without what the engine does not say yet: how an idea did, own runs."""
    clips = tuple(
        replace(clip, iterations=tuple(replace(one, verdicts=()) for one in clip.iterations))
        for clip in snapshot.session.clips
    )
    ideas = tuple(
        replace(idea, evidence="physics") if idea.evidence == "own_runs" else idea
        for idea in snapshot.suggestions
    )
    return replace(snapshot, session=replace(snapshot.session, clips=clips), suggestions=ideas)


def take(theme_name: str) -> Path:
    """Save the window in the middle of the spring campaign; return where."""
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication
    from support.recording import FakeRecording
    from support.window import STATES, Doors

    from vidgreen_gui.gui.desk import Desk
    from vidgreen_gui.gui.shell import Shell
    from vidgreen_gui.gui.theme import dress, load_theme
    from vidgreen_gui.system.resources import load_texts

    theme = load_theme(theme_name)
    dress(QApplication.instance(), theme)
    shell = Shell(theme, "VidGreen", "")
    shell.resize(*SIZE)
    shell.show()
    actions = Doors().actions()
    recording = FakeRecording(as_today(STATES["running"]()))
    desk = Desk(shell, recording, load_texts("en"), theme, actions)
    desk.set_window_choice("1h")
    desk.load_charts()
    QTest.qWait(SETTLED_MS)
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / f"live-{theme_name}.png"
    if not shell.grab().save(str(path)):
        raise OSError(path)
    shell.close()
    return path


def take_sensors() -> Path:
    """Save the Sensors page of a machine in which everything can be read; return where."""
    from PySide6.QtWidgets import QApplication
    from support.sensors import SENSOR_STATES

    from vidgreen_gui.gui.comparing import Comparing
    from vidgreen_gui.gui.dialogs.sensors import SensorsPage
    from vidgreen_gui.gui.tasks import Tasks
    from vidgreen_gui.gui.theme import dress, load_theme
    from vidgreen_gui.system.resources import load_texts

    application = QApplication.instance()
    dress(application, load_theme("dark"))
    moment = SENSOR_STATES["amd"]()
    comparing = Comparing(Tasks(application), None, application)
    page = SensorsPage(load_texts("en"), lambda: moment, comparing)
    page.resize(*SENSORS_SIZE)
    page.show()
    application.processEvents()
    path = PICTURES / "sensors.png"
    if not page.grab().save(str(path)):
        raise OSError(path)
    page.close()
    return path


def main() -> None:
    """Take the window in both looks, and the Sensors page."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.path.insert(0, str(TESTS))
    from PySide6.QtWidgets import QApplication

    from vidgreen_gui.gui.theme import window_font

    application = QApplication([])
    application.setFont(window_font())
    for path in (take("dark"), take("light"), take_sensors()):
        print(f"{path.relative_to(TESTS.parent)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
