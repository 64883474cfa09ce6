"""Keeps a bug from ending the recording: it is written down and said, and all else goes on."""

import logging
from collections.abc import Callable
from typing import ParamSpec

from vidgreen_gui.model.faults import Fault, Notice

_LOG = logging.getLogger(__name__)

Given = ParamSpec("Given")


class Fence:
    """Runs work that must not end its thread. `keep` writes an error down, `tell` says it."""

    def __init__(
        self, keep: Callable[[BaseException], object], tell: Callable[[Notice], None]
    ) -> None:
        self._keep = keep
        self._tell = tell
        self._kept: set[tuple[type, str, int]] = set()

    def run(self, work: Callable[Given, object], *args: Given.args, **more: Given.kwargs) -> None:
        """Do the work; a fault is told, a bug is told and written down once per place."""
        try:
            work(*args, **more)
        except Fault as fault:
            self._tell(Notice.of(fault))
        except Exception as error:  # noqa: BLE001 - whatever it is, the recording goes on
            _LOG.exception("something broke while recording")
            place = _place(error)
            if place not in self._kept:
                self._kept.add(place)
                self._keep(error)
                name = type(error).__name__
                self._tell(Notice("fault.engine.broke", (("detail", name),)))


def _place(error: BaseException) -> tuple[type, str, int]:
    """Return what tells one bug from another: its kind, and where it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error), "", 0
    return type(error), trace.tb_frame.f_code.co_filename, trace.tb_lineno
