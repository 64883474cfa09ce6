"""A server's log on our clock: lines with their steady times, and those that no job has yet."""

from collections import deque

from vidgreen_gui.model.units import NS_PER_S
from vidgreen_gui.watchers.comfyui.logs import Line, LineAssembler, local_ns
from vidgreen_gui.watchers.comfyui.times import Moment, ServerClock
from vidgreen_gui.watchers.comfyui.wire import LogEntry

_KEPT = 2048
# An entry older than the newest by less than this was heard already; by more, a clock was set.
_REPEATED_NS = 10 * NS_PER_S


class Journal:
    """Reads log entries, each once, and keeps lines until the job they belong to is known."""

    def __init__(self, clock: ServerClock) -> None:
        self._clock = clock
        self._assembler = LineAssembler()
        self._newest: tuple[int, str] | None = None
        self._kept: deque[tuple[int, Line]] = deque(maxlen=_KEPT)

    def read(self, at: Moment, entries: list[LogEntry]) -> list[tuple[int, Line]]:
        """Return the telling lines that these entries complete, with steady times."""
        lines: list[Line] = []
        last = local_ns(entries[-1].t) if entries else None
        if last is not None:
            self._clock.note_log(last, at)
        for entry in entries:
            if self._is_new(entry):
                lines += self._assembler.feed(entry)
        return [(self._clock.log_steady_ns(line.t_ns, at), line) for line in lines]

    def keep(self, t_ns: int, line: Line) -> None:
        """Keep a line for the job that will turn out to have written it."""
        self._kept.append((t_ns, line))

    def take(self, since_ns: int) -> list[tuple[int, Line]]:
        """Return the kept lines from then on, and keep none."""
        taken = [(t_ns, line) for t_ns, line in self._kept if t_ns >= since_ns]
        self._kept.clear()
        return taken

    def forget(self) -> None:
        """Keep none: the job that wrote these lines is over, or has them."""
        self._kept.clear()

    def _is_new(self, entry: LogEntry) -> bool:
        """Tell what the socket repeats after the log was read whole."""
        t_ns = local_ns(entry.t)
        if t_ns is None:
            return True
        if self._newest is not None:
            behind = self._newest[0] - t_ns
            if 0 < behind < _REPEATED_NS or (t_ns, entry.m) == self._newest:
                return False
        self._newest = t_ns, entry.m
        return True
