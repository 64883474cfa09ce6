"""The desktop application: the window first, then the engine, so that it is there at once."""

import os
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vidgreen_gui.gui.late import LateRecording
from vidgreen_gui.gui.window_actions import WindowActions
from vidgreen_gui.model.faults import Fault
from vidgreen_gui.system.paths import Paths, find_paths
from vidgreen_gui.texts.catalog import Texts

if TYPE_CHECKING:
    # Types of the engine's world, which the first paint does not wait for.
    from vidgreen_gui.model.advice import Suggestion
    from vidgreen_gui.model.footprint import GridFactor
    from vidgreen_gui.verbs.calibrate import CalibrateAnswer, CalibrateProgress

CALL_IS_WRONG = 2


def run_window(
    data_dir: Path | None,
    texts: Texts,
    *,
    demo: bool = False,
    grab: Path | None = None,
    after_s: float = 0.0,
) -> int:
    """Open the window and stay until it is closed; return the process's exit status."""
    if not _has_display():
        print(f"vidgreen-gui: {texts.say('fault.cli.no_display')}", file=sys.stderr)  # noqa: T201
        return CALL_IS_WRONG
    from vidgreen_gui.gui.application import make_application, open_window
    from vidgreen_gui.gui.grab import grab_after

    with ExitStack() as closing:
        paths = _paths(data_dir, closing) if demo else find_paths(data_dir)
        application = make_application(sys.argv[:1], texts.language)
        recording = LateRecording()
        closing.callback(recording.stop)
        actions = _actions(paths, texts)
        window = open_window(application, recording, texts, actions, _theme(paths))
        start = partial(_start_engine, recording, paths, demo=demo)
        window.first_painted.connect(
            lambda: threading.Thread(target=start, name="assembly", daemon=True).start()
        )
        if grab is not None:
            window.first_painted.connect(lambda: grab_after(window, grab, after_s))
        return int(application.exec())


def _has_display() -> bool:
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _paths(data_dir: Path | None, closing: ExitStack) -> Paths:
    """Return folders that vanish with the demo, unless the user named one."""
    import tempfile

    folder = closing.enter_context(
        tempfile.TemporaryDirectory(prefix="vidgreen-demo-", ignore_cleanup_errors=True)
    )
    return Paths(Path(data_dir or folder), Path(folder) / "config")


def _theme(paths: Paths) -> str:
    import tomllib

    try:
        chosen = tomllib.loads(paths.settings.read_text(encoding="utf-8")).get("theme", "system")
    except (OSError, ValueError):
        return "system"
    return chosen if chosen in {"light", "dark"} else "system"


def _start_engine(recording: LateRecording, paths: Paths, *, demo: bool) -> None:
    """Put the engine together; runs beside the window, whose first paint it must not delay."""
    from vidgreen_gui.verbs.desktop import open_recording

    try:
        recording.arrive(open_recording(paths, demo=demo))
    except Fault as fault:
        recording.fail(fault)


def _actions(paths: Paths, texts: Texts) -> WindowActions:
    return WindowActions(
        export=partial(_export, paths, texts.language),
        formats=("html", "csv", "json"),
        cards=_cards,
        zones=_zones,
        open_demo=_open_demo,
        changed_workflow=partial(_changed_workflow, paths),
        calibrate=partial(_calibrate, paths),
        remember=partial(_remember, paths),
        recall=partial(_recall, paths),
    )


def _export(
    paths: Paths, language: str, session_id: str, form: str, path: Path, with_private: bool
) -> Path:
    from vidgreen_gui.system.resources import load_texts
    from vidgreen_gui.verbs.export import ExportRequest, export

    request = ExportRequest(
        data=paths.data, session=session_id, format=form, path=path, with_private=with_private
    )
    return export(request, load_texts(language)).path


def _cards() -> tuple[str, ...]:
    from vidgreen_gui.verbs.shipped import simulated_cards

    return tuple(simulated_cards())


def _zones() -> "tuple[GridFactor, ...]":
    from vidgreen_gui.verbs.shipped import grid_table

    return tuple(row.factor for row in grid_table().zones())


def _open_demo() -> None:
    """Start a second VidGreen that plays the demo; this one goes on undisturbed."""
    import subprocess

    subprocess.Popen(
        [sys.executable, "-m", "vidgreen_gui", "--demo"],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def _changed_workflow(paths: Paths, iteration_id: str, suggestion: "Suggestion") -> str | None:
    from vidgreen_gui.verbs.change import changed_workflow

    if not suggestion.change:
        return None
    try:
        return changed_workflow(paths.data, iteration_id, suggestion.change)
    except Fault:
        return None


def _calibrate(
    paths: Paths, stop: threading.Event, tell: "Callable[[CalibrateProgress], None]"
) -> "CalibrateAnswer":
    from vidgreen_gui.verbs.calibrate import CalibrateRequest, calibrate

    return calibrate(CalibrateRequest(paths=paths), stop, tell)


def _remember(paths: Paths, name: str, value: str) -> None:
    from vidgreen_gui.verbs.preferences import remember

    remember(paths.settings, name, value)


def _recall(paths: Paths, name: str) -> str:
    from vidgreen_gui.verbs.preferences import recall

    return recall(paths.settings, name)
