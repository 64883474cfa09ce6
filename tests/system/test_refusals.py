"""What a file system refuses has its own kind, and the log says nothing of it."""

import errno
import logging
import os
from pathlib import Path

import pytest

from vidgreen_gui.system.logs import start_logging
from vidgreen_gui.system.refusals import has_room, refusal


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, "no_room"),
        (errno.EROFS, "read_only"),
        (errno.EACCES, "read_only"),
        (errno.EPERM, "read_only"),
        (errno.EIO, "io"),
        (errno.ENAMETOOLONG, "no_folder"),
        (errno.ENOTDIR, "no_folder"),
    ],
)
def test_an_error_of_the_file_system_is_the_fault_it_means(number, kind):
    fault = refusal(OSError(number, os.strerror(number)), Path("/data"))
    assert (fault.kind, fault.arguments["path"]) == (kind, "/data")


def test_room_that_cannot_be_known_is_no_obstacle(tmp_path):
    assert has_room(tmp_path)
    assert has_room(tmp_path / "not there")


def test_a_log_that_cannot_be_written_keeps_quiet(tmp_path, capsys):
    folder = tmp_path / "logs"
    start_logging(folder)
    # Where the file should be there is a folder: it cannot be opened, whoever asks.
    (folder / "vidgreen.log").mkdir(parents=True)
    logging.getLogger("vidgreen_gui.test").warning("nobody will read this")
    assert capsys.readouterr().err == ""
    start_logging(tmp_path / "elsewhere")
