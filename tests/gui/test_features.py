"""Modules imported after the application was made are not read a second time by PySide6."""

import subprocess
import sys

SCRIPT = """
import linecache, sys
from vidgreen_gui.gui.application import make_application
make_application(["vidgreen"], "en")
before = len(linecache.cache)
from PySide6.QtGui import QPainterPath
import pyqtgraph
path = QPainterPath()
for _ in range(20_000):
    path.clear()
print(len(linecache.cache) - before)
"""


def test_no_source_is_kept_and_qt_answers_as_ever():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    # Some libraries look at a few sources themselves.
    assert int(done.stdout) < 10
