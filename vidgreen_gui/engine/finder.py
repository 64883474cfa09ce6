"""Looks for devices that came while we run: now and then, and at once after one was lost."""

import logging
import threading
from collections.abc import Callable

from vidgreen_gui.model.ports import FindsDevices, Meter
from vidgreen_gui.model.power import Device

_LOG = logging.getLogger(__name__)

LOOK_S = 60.0


class Finder:
    """Asks a meter on a thread of its own, so that its answer may take as long as it likes.

    `take` is called on that thread with each device that came. A meter whose devices never change
    is never asked.
    """

    def __init__(
        self, meter: Meter, take: Callable[[Device], None], every_s: float = LOOK_S
    ) -> None:
        self._found = meter.found if isinstance(meter, FindsDevices) else None
        self._take = take
        self._every_s = every_s
        self._soon = threading.Event()
        self._ending = False
        # A daemon: a call that never returns must not keep the process alive.
        self._thread = threading.Thread(target=self._run, name="finder", daemon=True)

    def start(self) -> None:
        """Begin to look, the first time after a while: what is there now was found at the start."""
        if self._found is not None:
            self._thread.start()

    def soon(self) -> None:
        """Look at once."""
        self._soon.set()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Look no more; give up after `timeout_s` in a hung call."""
        self._ending = True
        self._soon.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while self._found is not None:
            self._soon.wait(self._every_s)
            self._soon.clear()
            if self._ending:
                return
            try:
                for device in self._found():
                    self._take(device)
            except Exception:  # noqa: BLE001 - a plug-in may raise anything
                _LOG.exception("looking for new devices broke")
