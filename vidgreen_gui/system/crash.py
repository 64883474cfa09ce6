"""Crash records: what broke, when and where, in a local file that nobody sends."""

import faulthandler
import platform
import sys
import threading
import time
import traceback
from pathlib import Path
from types import TracebackType

from vidgreen_gui import __version__
from vidgreen_gui.system.paths import make_private


class CrashRecords:
    """Writes one text file per unhandled exception, and the stacks of a hard crash."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self) -> None:
        """Catch what nobody else catches, in every thread; a folder that refuses is no obstacle."""
        sys.excepthook = self._main_thread
        threading.excepthook = self._other_thread
        try:
            make_private(self.folder)
            faulthandler.enable((self.folder / "fatal.txt").open("a", encoding="utf-8"))
        except OSError:
            faulthandler.enable()

    def write(self, error: BaseException) -> Path | None:
        """Keep a record of `error`; return its path, None where the folder refuses."""
        path = self.folder / time.strftime("crash-%Y%m%d-%H%M%S.txt", time.gmtime())
        head = f"VidGreen {__version__}, Python {platform.python_version()}, {platform.platform()}"
        try:
            make_private(self.folder)
            text = "".join(traceback.format_exception(error))
            path.write_text(f"{head}\n\n{text}", encoding="utf-8")
        except OSError:
            return None
        return path

    def _main_thread(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        path = self.write(error)
        print(f"VidGreen: {kind.__name__}: {error} ({path})", file=sys.stderr)  # noqa: T201

    def _other_thread(self, failed: threading.ExceptHookArgs) -> None:
        if failed.exc_value is not None:
            self.write(failed.exc_value)
