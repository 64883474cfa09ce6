"""Plays a recorded ComfyUI session through the same state machine that watches real servers.

A transcript is NDJSON in UTF-8. The first line is the header

    {"format": "vidgreen-transcript/1", "source": "comfyui", "version": "0.28.1",
     "utc_ns": <UTC at t = 0>, "devices": ["NVIDIA GeForce RTX 4090"]}

and every other line happens `t` seconds later, in order of `t`:

    {"t": 0.6, "ws": {"type": "status", ...}}      a WebSocket message, as the server sent it
    {"t": 0.6, "path": "/queue", "body": {...}}    from now on this is what that path answers

The paths are /queue, /history/PROMPT_ID and /history (the newest jobs). Until told otherwise the
queue and the history are empty.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import msgspec

from vidgreen_gui.model.events import IterationEnded, SourceEvent, SourceFound
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.ports import Clock, Emit
from vidgreen_gui.model.units import NS_PER_S, ns_from_s, s_from_ns
from vidgreen_gui.watchers.comfyui import wire
from vidgreen_gui.watchers.comfyui.answers import decode_history, decode_queue
from vidgreen_gui.watchers.comfyui.jobs import SOURCE_KIND
from vidgreen_gui.watchers.comfyui.questions import AskJob, AskQueue, Question
from vidgreen_gui.watchers.comfyui.reducer import Reducer
from vidgreen_gui.watchers.comfyui.times import Moment

FORMAT = "vidgreen-transcript/1"

# Questions follow messages as promptly as over a loopback; time passes in ticks in between.
_ANSWER_AFTER_NS = 20_000_000
_TICK_NS = NS_PER_S // 2
# What is still open at the end of a transcript is asked for as long as this.
_AFTERMATH_NS = 5 * NS_PER_S
_NOTHING = msgspec.Raw(b"")


class Header(msgspec.Struct, frozen=True):
    """Where a transcript comes from."""

    format: str
    source: str
    version: str
    utc_ns: int
    devices: tuple[str, ...] = ()


class Record(msgspec.Struct, frozen=True):
    """One line: a message, or what a path answers from now on."""

    t: float
    ws: msgspec.Raw = _NOTHING
    path: str = ""
    body: msgspec.Raw = _NOTHING


@dataclass(frozen=True, slots=True)
class Transcript:
    """A recorded session."""

    header: Header
    records: tuple[Record, ...]


def read_transcript(lines: Iterable[str]) -> Transcript:
    """Return a transcript; raise InputFault where a line is not one of its kind."""
    records = []
    header: Header | None = None
    for number, line in enumerate(lines, start=1):
        try:
            if header is None:
                header = msgspec.json.decode(line, type=Header)
            elif line.strip():
                records.append(msgspec.json.decode(line, type=Record))
        except wire.MALFORMED as error:
            raise InputFault("fault.transcript.unreadable", line=number) from error
    if header is None or header.format != FORMAT:
        raise InputFault("fault.transcript.unreadable", line=1)
    return Transcript(header, tuple(records))


def play(
    transcript: Transcript, *, begin_ns: int = 0, speed: float = 1.0
) -> Iterator[tuple[int, list[SourceEvent]]]:
    """Yield (steady time, events) in order of time, `speed` times as fast as recorded.

    The first are the source found, at `begin_ns`; times of events are on the same clock.
    """
    player = _Player(transcript)

    def scaled(t_ns: int) -> int:
        return begin_ns + round(t_ns / speed)

    yield begin_ns, [replace(player.found(), t_ns=begin_ns)]
    for t_ns, events in player.run():
        if events:
            yield scaled(t_ns), [_rescaled(event, scaled) for event in events]


def _rescaled(event: SourceEvent, scaled: Callable[[int], int]) -> SourceEvent:
    if isinstance(event, IterationEnded) and event.start_ns is not None:
        start_ns, end_ns = scaled(event.start_ns), scaled(event.end_ns or 0)
        event = replace(event, start_ns=start_ns, end_ns=end_ns)
    return replace(event, t_ns=scaled(event.t_ns))


class TranscriptWatcher:
    """A watcher whose server is a transcript; ends when the transcript does."""

    kind = SOURCE_KIND

    def __init__(self, clock: Clock, transcript: Transcript, *, speed: float = 1.0) -> None:
        self._clock = clock
        self._transcript = transcript
        self._speed = speed

    async def run(self, emit: Emit) -> None:
        """Emit the transcript's events in their own time."""
        begin_ns = self._clock.steady_ns()
        for t_ns, events in play(self._transcript, begin_ns=begin_ns, speed=self._speed):
            await asyncio.sleep(max(0.0, s_from_ns(t_ns - self._clock.steady_ns())))
            for event in events:
                emit(event)


class _Player:
    """Keeps what the recorded server would answer at each moment."""

    def __init__(self, transcript: Transcript) -> None:
        self._header = transcript.header
        self._records = transcript.records
        self._source_id = f"{SOURCE_KIND}:transcript"
        self._reducer = Reducer(self._source_id, is_local=True)
        self._bodies: dict[str, bytes] = {}

    def found(self) -> SourceFound:
        return SourceFound(
            t_ns=0,
            source_id=self._source_id,
            source_kind=SOURCE_KIND,
            label="ComfyUI",
            version=self._header.version,
            device_names=self._header.devices,
        )

    def run(self) -> Iterator[tuple[int, list[SourceEvent]]]:
        now_ns = 0
        self._reducer.connected(self._moment(0))
        for record in self._records:
            t_ns = ns_from_s(record.t)
            yield from self._pass_time(now_ns, t_ns)
            now_ns = max(t_ns, now_ns)
            yield now_ns, self._take(now_ns, record)
        yield from self._pass_time(now_ns, now_ns + _AFTERMATH_NS)

    def _moment(self, t_ns: int) -> Moment:
        return Moment(t_ns, self._header.utc_ns + t_ns)

    def _pass_time(self, now_ns: int, until_ns: int) -> Iterator[tuple[int, list[SourceEvent]]]:
        now_ns += _ANSWER_AFTER_NS
        while now_ns < until_ns:
            at = self._moment(now_ns)
            events = self._reducer.tick(at)
            while (question := self._reducer.next_question(at)) is not None:
                events += self._answer(at, question)
            yield now_ns, events
            now_ns += _TICK_NS

    def _take(self, now_ns: int, record: Record) -> list[SourceEvent]:
        if record.path:
            self._bodies[record.path] = bytes(record.body)
            return []
        message = wire.decode(bytes(record.ws))
        if isinstance(message, wire.Refused):
            return []
        return self._reducer.hear(self._moment(now_ns), message)

    def _answer(self, at: Moment, question: Question) -> list[SourceEvent]:
        match question:
            case AskQueue():
                queue = decode_queue(
                    self._bodies.get("/queue", b'{"queue_running":[],"queue_pending":[]}')
                )
                return [] if queue is None else self._reducer.answer_queue(at, queue)
            case AskJob(prompt_id):
                history = decode_history(self._bodies.get(f"/history/{prompt_id}", b"{}")) or {}
                return self._reducer.answer_job(at, prompt_id, history)
            case _:
                history = decode_history(self._bodies.get("/history", b"{}")) or {}
                return self._reducer.answer_recent(at, history)
