"""Runs processes side by side on the stand-in GPU and reads the processor time of each."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Self

from standin.build import build_standin

SUBJECTS = Path(__file__).with_name("subjects.py")
# A Python whose environment holds the peers: nvitop, codecarbon, matplotlib.
PEERS = os.environ.get("VIDGREEN_PEERS")
NO_PEERS = "skipped: VIDGREEN_PEERS names no Python with the peer"
_ROWS, _COLUMNS = 40, 120
_SCREEN_BYTES = 65_536


@dataclass
class Subject:
    """A process and its readings: CPU seconds (all threads), bytes written, resident bytes."""

    process: subprocess.Popen
    cpu_s: list[float] = field(default_factory=list)
    written: list[int] = field(default_factory=list)

    def read(self) -> None:
        """Take one reading; raise where the process is gone."""
        pid = self.process.pid
        # clock_getcpuclockid(3): what the kernel counts for the whole process, to the nanosecond.
        self.cpu_s.append(time.clock_gettime((~pid << 3) | 2))
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
        fields = dict(line.split(": ") for line in lines)
        self.written.append(int(fields["write_bytes"]) - int(fields["cancelled_write_bytes"]))

    def percents(self, period_s: float) -> list[float]:
        """Return the share of one core in each period, in per cent."""
        return [100 * (b - a) / period_s for a, b in zip(self.cpu_s, self.cpu_s[1:], strict=False)]

    def percent(self, period_s: float) -> float:
        """Return the median share of one core, in per cent."""
        return median(self.percents(period_s))


class Beside:
    """A room of processes on one stand-in library; ends them when it is left."""

    def __init__(self) -> None:
        self.subjects: dict[str, Subject] = {}
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        folder = self._closing.enter_context(
            tempfile.TemporaryDirectory(prefix="vidgreen-bench-", ignore_cleanup_errors=True)
        )
        self._folder = Path(folder)
        build_standin(self._folder)
        return self

    def __exit__(self, *_error: object) -> None:
        for subject in self.subjects.values():
            subject.process.kill()
            subject.process.wait()
        self._closing.close()

    def start(self, name: str, kind: str, gpus: int = 1) -> None:
        """Start one of our own subjects."""
        home = self._folder / name
        home.mkdir()
        call = [sys.executable, str(SUBJECTS), kind, str(home / "data")]
        self._add(name, call, gpus, stdout=subprocess.DEVNULL)

    def start_peer(self, name: str, *arguments: str) -> None:
        """Start a peer that needs no terminal."""
        self._add(name, [PEERS, *arguments], 1, stdout=subprocess.DEVNULL)

    def start_on_terminal(self, name: str, *arguments: str) -> None:
        """Start a peer on a terminal of its own, which is read as a person's would be."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        self._add(name, [PEERS, *arguments], 1, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        threading.Thread(target=_drain, args=(ours,), daemon=True).start()

    def measure(self, settle_s: float, period_s: float, periods: int) -> None:
        """Let all settle, then read all at the border of each period."""
        time.sleep(settle_s)
        begin = time.monotonic()
        for number in range(periods + 1):
            time.sleep(max(0.0, begin + number * period_s - time.monotonic()))
            for subject in self.subjects.values():
                subject.read()

    def _add(self, name: str, call: list[str], gpus: int, **streams: object) -> None:
        environment = os.environ | {
            "LD_LIBRARY_PATH": str(self._folder),
            "VIDGREEN_STANDIN_GPUS": str(gpus),
            "VIDGREEN_CONFIG_DIR": str(self._folder / "config"),
            "QT_QPA_PLATFORM": "offscreen",
            "TERM": "xterm-256color",
            "HOME": str(self._folder),
        }
        process = subprocess.Popen(call, env=environment, start_new_session=True, **streams)
        self.subjects[name] = Subject(process)


def _drain(terminal: int) -> None:
    try:
        while os.read(terminal, _SCREEN_BYTES):
            pass
    except OSError:
        os.close(terminal)
