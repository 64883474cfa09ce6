"""A data directory that cannot be written is shown and not written to."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from support.recorded import RUN, anchor, power

from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import Store

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders have no modes there")

ROOT = Path(__file__).resolve().parents[2]

# Root may write anywhere, so the child becomes nobody first.
CHILD = """
import os, sys
from pathlib import Path
from vidgreen_gui.model.faults import StoreFault
from vidgreen_gui.store.database import Store
from vidgreen_gui.store.queries import Reader
from vidgreen_gui.store.recovery import recover
from vidgreen_gui.system.lock import acquire

if os.getuid() == 0:
    os.setuid(65534)
folder = Path(sys.argv[1])
store = Store.open(folder)
print(store.read_only, store.why.kind)
print(len(Reader(folder).events()), len(Reader(folder).power("run-1", "gpu-0", 0, 2**62).t_ns))
print(recover(folder).runs)
try:
    acquire(folder, "record")
except StoreFault as fault:
    print(fault.kind)
"""


@pytest.fixture
def folder():
    """A folder outside the test's private ones, so that nobody else's user can reach it."""
    folder = Path(tempfile.mkdtemp())
    yield folder / "data"
    (folder / "data").chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.parametrize("closed", [True, False])
def test_everything_is_shown_nothing_is_written(folder, closed):
    store = Store.open(folder)
    store.begin_run(RUN)
    store.write(Batch(run_id="run-1", events=(anchor(1),), blocks=(power(0, 50),)))
    if closed:
        store.close()
    folder.parent.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder)], capture_output=True, text=True, cwd=ROOT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["True read_only", "1 50", "()", "read_only"], done.stderr
    if not closed:
        store.close()
