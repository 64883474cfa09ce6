"""Runs the installed program as a user does: real processes, private folders."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress


class Program:
    """The command line in one data directory."""

    def __init__(self, folder):
        self.data = folder / "data"
        self.environment = os.environ | {
            "VIDGREEN_DATA_DIR": str(self.data),
            "VIDGREEN_CONFIG_DIR": str(folder / "config"),
            "LANG": "en_US.UTF-8",
            "QT_QPA_PLATFORM": "offscreen",
        }
        self._started = []
        # A server that happens to run on this machine is none of the test's business.
        (folder / "config").mkdir(parents=True)
        (folder / "config" / "settings.toml").write_text("discover = false\n")

    def command(self, *arguments):
        return [sys.executable, "-m", "vidgreen_gui", *map(str, arguments)]

    def run(self, *arguments, **more):
        """Run to the end; return the finished process with its output as text."""
        more.setdefault("timeout", 60)
        environment = self.environment | more.pop("env", {})
        return subprocess.run(
            self.command(*arguments), env=environment, capture_output=True, text=True,
            check=False, **more,
        )  # fmt: skip

    def start(self, *arguments, **more):
        """Start and return the process, in a group of its own; `stop_all` ends it."""
        process = subprocess.Popen(
            self.command(*arguments), env=self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True, **more,
        )  # fmt: skip
        self._started.append(process)
        return process

    def json(self, *arguments):
        """Return the answer of a verb that speaks JSON."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def wait_until_recording(self, timeout_s=20.0):
        """Wait until somebody holds the recorder lock."""
        lock = self.data / "recorder.lock"
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if lock.exists() and lock.stat().st_size:
                return
            time.sleep(0.05)
        raise AssertionError("nobody records")

    def stop_all(self):
        """Kill what still runs, and what it started: a child of the killed holds the pipes open."""
        for process in self._started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
