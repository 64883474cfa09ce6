"""A recording that is still being put together: the window stands before the engine does."""

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from vidgreen_gui.model.faults import Fault, InputFault, Notice

if TYPE_CHECKING:
    # The whole vocabulary takes longer to import than the first paint may wait.
    from vidgreen_gui.model.commands import Answer, Command
    from vidgreen_gui.model.facts import LiveSnapshot, PowerCurve, SessionFacts, SessionRow
    from vidgreen_gui.model.ports import Recording


class Opened(Protocol):
    """An engine that is ready, with the way to end it."""

    @property
    def recording(self) -> "Recording":
        """Return the engine."""

    @property
    def close(self) -> Callable[[], None]:
        """Return what stops it and gives everything back."""


class LateRecording:
    """Stands for a recording until it arrives; what is asked before waits for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._opened: Opened | None = None
        self._waiting: list[Command] = []
        self._failure: Fault | None = None
        self._stopped = False

    def arrive(self, opened: Opened) -> None:
        """Take the engine; it is closed at once where the window has gone meanwhile."""
        with self._lock:
            if not self._stopped:
                self._opened = opened
                waiting, self._waiting = self._waiting, []
                for command in waiting:
                    opened.recording.send(command)
                return
        opened.close()

    def fail(self, fault: Fault) -> None:
        """Know that there will be no engine, and why."""
        self._failure = fault

    def stop(self) -> None:
        """End the engine, if it arrived; nothing is taken any more."""
        with self._lock:
            self._stopped = True
            opened = self._opened
        if opened is not None:
            opened.close()

    def latest(self) -> "LiveSnapshot | None":
        """Return the newest snapshot; while there is no engine None, or why there is none."""
        if self._opened is not None:
            return self._opened.recording.latest()
        if self._failure is None:
            return None
        from vidgreen_gui.model.facts import LiveSnapshot

        notice = Notice.of(self._failure, severity="error")
        return LiveSnapshot(
            t_ns=0, utc_ns=0, revision=1, role="viewer", notices=(notice,), recording=False
        )

    def curve(self, device_id: str, window_s: float, columns: int) -> "PowerCurve":
        """Return the live curve, empty while there is no engine."""
        if self._opened is None:
            from vidgreen_gui.model.facts import PowerCurve

            return PowerCurve(device_id)
        return self._opened.recording.curve(device_id, window_s, columns)

    def send(self, command: "Command") -> None:
        """Pass a command on, or keep it until the engine is there."""
        with self._lock:
            if self._opened is None:
                self._waiting.append(command)
                return
        self._opened.recording.send(command)

    def answers(self) -> "tuple[Answer, ...]":
        """Return the answers since the last call."""
        return () if self._opened is None else self._opened.recording.answers()

    def sessions(self) -> "tuple[SessionRow, ...]":
        """Return all sessions; none while there is no engine."""
        return () if self._opened is None else self._opened.recording.sessions()

    def session(self, session_id: str) -> "SessionFacts":
        """Return one whole session; raise InputFault while there is no engine."""
        if self._opened is None:
            raise InputFault("fault.engine.no_such_session", session=session_id)
        return self._opened.recording.session(session_id)
