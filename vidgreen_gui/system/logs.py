"""The log file: short, rotated, free of prompts and secrets."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from vidgreen_gui.system.paths import make_private

LEVELS = ("debug", "info", "warning", "error")


class _LogFile(RotatingFileHandler):
    """A log that cannot be written is no reason to speak."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, logging's own name
        """Drop what could not be written."""


def start_logging(folder: Path, level: str = "info") -> None:
    """Write log records of `level` and above to `folder`/vidgreen.log, 2 files of 1 MB."""
    root = logging.getLogger("vidgreen_gui")
    root.setLevel(level.upper())
    for before in list(root.handlers):
        root.removeHandler(before)
        before.close()
    try:
        make_private(folder)
        handler: logging.Handler = _LogFile(
            folder / "vidgreen.log", maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")
    )
    root.addHandler(handler)
