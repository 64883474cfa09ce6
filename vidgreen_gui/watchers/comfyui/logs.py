"""ComfyUI's log, from write chunks to the lines that tell something.

The server hands out what was written, not lines: a step bar restarts its line with a carriage
return, its closing newline may come many seconds later with the next text, and colours stand
between the words. Each chunk carries the server's local time, which is the one to trust.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

from vidgreen_gui.watchers.comfyui.wire import LogEntry

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_LEVEL = re.compile(r"^\[[A-Z]+\] ")
_BAR = re.compile(
    r"(\d{1,9})/(\d{1,9}) \[\d+:\d+(?::\d+)?<[^,\]]*,\s*([\d.]+|\?)\s?(s/it|it/s)[,\]]"
)
# A line longer than this tells us nothing; a server that never ends one must not fill memory.
_LONGEST_LINE = 4096


class Say(Enum):
    """What a line of the log says."""

    STEP = auto()
    REQUESTED = auto()
    PRECISION = auto()
    INTERRUPTED = auto()
    EXECUTED = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """One telling line.

    `t_ns` is the server's local time, as if it were UTC; None where it could not be read.
    `text` is the class that was requested or the precision; `step` of `steps` is a bar's.
    """

    t_ns: int | None
    say: Say
    text: str = ""
    step: int = 0
    steps: int = 0
    seconds_per_step: float | None = None


# How a line begins, what it then says, and the pattern of the word that is kept.
_SAYINGS = (
    ("Requested to load ", Say.REQUESTED, re.compile(r"Requested to load (\S{1,200})")),
    (
        "model weight dtype ",
        Say.PRECISION,
        re.compile(r"model weight dtype (?:torch\.)?(\w{1,40})"),
    ),
    ("Processing interrupted", Say.INTERRUPTED, re.compile(r"()Processing")),
    ("Prompt executed in ", Say.EXECUTED, re.compile(r"()Prompt")),
)


class LineAssembler:
    """Joins the chunks of one log; bars are told as they grow, other lines at their end."""

    def __init__(self) -> None:
        self._text = ""
        self._bar: tuple[int, int] | None = None

    def feed(self, entry: LogEntry) -> Iterator[Line]:
        """Yield the telling lines that this chunk completes."""
        t_ns = local_ns(entry.t)
        for piece in re.split(r"([\r\n])", _ANSI.sub("", entry.m)):
            if piece in {"\r", "\n"}:
                yield from self._end(t_ns)
            else:
                self._text = (self._text + piece)[:_LONGEST_LINE]
        yield from self._grown_bar(t_ns)

    def _end(self, t_ns: int | None) -> Iterator[Line]:
        yield from self._grown_bar(t_ns)
        text, self._text = _LEVEL.sub("", self._text), ""
        for opening, say, pattern in _SAYINGS:
            if text.startswith(opening) and (found := pattern.match(text)):
                self._bar = None
                yield Line(t_ns, say, found[1])

    def _grown_bar(self, t_ns: int | None) -> Iterator[Line]:
        found = _BAR.search(self._text)
        if found is None:
            return
        bar = int(found[1]), int(found[2])
        # The last line of a bar is written twice.
        if bar == self._bar:
            return
        self._bar = bar
        yield Line(t_ns, Say.STEP, "", *bar, _seconds_per_step(found[3], found[4]))


def _seconds_per_step(rate: str, unit: str) -> float | None:
    try:
        value = float(rate)
    except ValueError:
        return None
    if unit == "s/it":
        return value
    return 1 / value if value else None


def local_ns(text: str) -> int | None:
    """Return a log entry's time as nanoseconds, its zone taken for UTC; None if unreadable."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    return (time - _EPOCH) // timedelta(microseconds=1) * 1000
