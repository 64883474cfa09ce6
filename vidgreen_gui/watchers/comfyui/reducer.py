"""The state machine of one ComfyUI server: what was heard in, events out; no clock, no I/O.

It is total: messages may come in any order, twice, late or never. A job starts when /queue shows
it running, at the status message that announced it, and ends with what /history says; nothing
else makes it completed. What has to be asked next is told by `next_question`.
"""

from vidgreen_gui.model.events import IterationEnded, PrecisionSeen, QueueChanged, SourceEvent
from vidgreen_gui.model.units import NS_PER_S, ns_from_ms
from vidgreen_gui.watchers.comfyui import wire
from vidgreen_gui.watchers.comfyui.answers import History, HistoryEntry, Queue, QueueItem
from vidgreen_gui.watchers.comfyui.edges import Edges
from vidgreen_gui.watchers.comfyui.ending import Ending, read_ending
from vidgreen_gui.watchers.comfyui.jobs import Job, read_work
from vidgreen_gui.watchers.comfyui.journal import Journal
from vidgreen_gui.watchers.comfyui.logs import Line, Say
from vidgreen_gui.watchers.comfyui.questions import AskJob, AskQueue, AskRecent, Question
from vidgreen_gui.watchers.comfyui.telling import tell_earlier, tell_ended, tell_unknown
from vidgreen_gui.watchers.comfyui.times import Moment, ServerClock

SAFETY_NET_NS = 5 * NS_PER_S
BACKFILL = 64
# A finished job's history stands before it leaves the queue; later tries cover a busy server.
_TRIES = 4
_RETRY_NS = NS_PER_S // 2
# A silent server's jobs are given up after this; should it come back and know better, it is heard.
_GIVE_UP_NS = 15 * NS_PER_S
_SLACK_NS = NS_PER_S // 2
_KEPT_IDS = 20_000


class Reducer:
    """Everything known of one server. `hear`, `answer…` and `tick` return the events to emit."""

    def __init__(self, source_id: str, *, is_local: bool) -> None:
        self.clock = ServerClock(is_local=is_local)
        self._source_id = source_id
        self._is_local = is_local
        self._connected: Moment | None = None
        self._first_seen: Moment | None = None
        self._jobs: dict[str, Job] = {}
        self._settled: dict[str, None] = {}
        self._pending: frozenset[str] = frozenset()
        self._counts = (0, 0)
        self._edges = Edges()
        self._last_left: Moment | None = None
        self._queue_due = False
        self._queue_asked: Moment | None = None
        self._queue_read: Moment | None = None
        self._recent_due = 0
        self._backfilled = False
        self._journal = Journal(self.clock)
        self._hearing: Job | None = None
        # What a model was loaded as: of a job that finds it in memory the log says nothing.
        self._loaded_as: dict[tuple[str | None, str | None], str] = {}

    @property
    def busy(self) -> bool:
        """Return whether a job runs."""
        return any(job.ended_at is None for job in self._jobs.values())

    # ---- the connection

    def connected(self, at: Moment) -> None:
        """Begin to listen, or again: what happened meanwhile is asked for."""
        self._connected = at
        self._first_seen = self._first_seen or at
        self._edges = Edges()
        self._queue_due = True
        self._recent_due = BACKFILL
        self._journal = Journal(self.clock)

    def disconnected(self, at: Moment) -> None:
        """Stop listening; running jobs await what the server says when it is back."""
        self._connected = None
        self._pending = frozenset()
        self._hearing = None
        for job in self._jobs.values():
            job.ended_at = job.ended_at or at

    def tick(self, at: Moment) -> list[SourceEvent]:
        """Let time pass: jobs of a server that stays silent become unknown."""
        if self._connected is not None:
            return []
        return [
            self._give_up(job)
            for job in self._jobs.values()
            if not job.given_up
            and job.ended_at is not None
            and at.steady_ns - job.ended_at.steady_ns > _GIVE_UP_NS
        ]

    def next_question(self, at: Moment) -> Question | None:
        """Return what is to be asked now, None for nothing; a question is given out once."""
        if self._connected is None:
            return None
        asked = self._queue_asked
        if self._queue_due or asked is None or at.steady_ns - asked.steady_ns >= SAFETY_NET_NS:
            self._queue_due = False
            self._queue_asked = at
            return AskQueue()
        for prompt_id, job in self._jobs.items():
            if job.ended_at is not None and not job.given_up and job.retry_ns <= at.steady_ns:
                job.retry_ns = at.steady_ns + 10 * NS_PER_S
                return AskJob(prompt_id)
        if self._recent_due:
            limit, self._recent_due = self._recent_due, 0
            return AskRecent(limit)
        return None

    def unanswered(self, question: Question, at: Moment) -> None:
        """Take note that a question got no usable answer: it is asked again, a little smaller."""
        match question:
            case AskJob(prompt_id) if prompt_id in self._jobs:
                self._jobs[prompt_id].retry_ns = at.steady_ns + NS_PER_S
            case AskRecent(limit) if limit > 1:
                self._recent_due = limit // 2
            case _:
                pass

    # ---- what the socket says

    def hear(self, at: Moment, message: wire.Message) -> list[SourceEvent]:
        """Take one message of the WebSocket."""
        match message:
            case wire.Status():
                self._edges.status(at, message.remaining)
                self._queue_due = True
                return []
            case wire.Logs(entries):
                return self._hear_log(at, entries)
            case wire.Progress(value, maximum, prompt_id, node):
                return self._hear_progress(at, prompt_id, {node or "": (value, maximum)})
            case wire.ProgressState(prompt_id, nodes):
                running = {
                    state.display_node_id or node: (state.value, state.max)
                    for node, state in nodes.items()
                    if state.state == "running"
                }
                return self._hear_progress(at, prompt_id, running)
            case _:
                self._queue_due = True
                return []

    def _hear_log(self, at: Moment, entries: list[wire.LogEntry]) -> list[SourceEvent]:
        events: list[SourceEvent] = []
        for t_ns, line in self._journal.read(at, entries):
            if line.say in {Say.EXECUTED, Say.INTERRUPTED}:
                self._queue_due = True
            if line.say is Say.EXECUTED:
                self._journal.forget()
                if self._hearing is not None:
                    self._hearing.executed_ns = t_ns
                    self._hearing = None
            elif self._hearing is None:
                self._journal.keep(t_ns, line)
            else:
                events += self._trace_line(self._hearing, t_ns, line)
        return events

    def _trace_line(self, job: Job, t_ns: int, line: Line) -> list[SourceEvent]:
        events = job.trace.line(t_ns, line)
        for event in events:
            if isinstance(event, PrecisionSeen):
                self._loaded_as[job.work.weights] = event.precision
        return events

    def _already_loaded(self, job: Job, t_ns: int) -> list[SourceEvent]:
        """Tell the precision of a model that an earlier job loaded; loading it again says so."""
        precision = self._loaded_as.get(job.work.weights)
        if precision is None:
            return []
        return [PrecisionSeen(t_ns=t_ns, key=job.work.key, precision=precision)]

    def _hear_progress(
        self, at: Moment, prompt_id: str, nodes: dict[str, tuple[float, float]]
    ) -> list[SourceEvent]:
        job = self._jobs.get(prompt_id)
        if job is None or job.ended_at is not None:
            self._queue_due = self._queue_due or prompt_id not in self._settled
            return []
        return [
            event
            for node, (value, maximum) in nodes.items()
            for event in job.trace.node_progress(at.steady_ns, node, value, maximum)
        ]

    # ---- what /queue says

    def answer_queue(self, asked: Moment, queue: Queue) -> list[SourceEvent]:
        """Take the answer to a question asked at that moment: starts, and who has left."""
        if self._is_stale(asked):
            return []
        self._queue_read = asked
        running = {item.prompt_id: item for item in queue.running}
        for prompt_id, job in self._jobs.items():
            if prompt_id not in running and job.ended_at is None:
                self._leave(job, asked)
            elif prompt_id in running and job.ended_at is not None:
                self._resume(job, asked)
        events: list[SourceEvent] = []
        for prompt_id, item in running.items():
            if prompt_id not in self._jobs and prompt_id not in self._settled:
                events += self._start(asked, item)
        self._look_for_the_missed(asked, queue, running)
        if queue.unread == 0 and (counts := (len(running), len(queue.pending))) != self._counts:
            self._counts = counts
            events.append(
                QueueChanged(
                    t_ns=asked.steady_ns,
                    source_id=self._source_id,
                    running=counts[0],
                    pending=counts[1],
                )
            )
        return events

    def _is_stale(self, asked: Moment) -> bool:
        newest = self._queue_read or self._connected
        return (
            self._connected is None
            or asked.steady_ns < self._connected.steady_ns
            or (newest is not None and asked.steady_ns < newest.steady_ns)
        )

    def _leave(self, job: Job, asked: Moment) -> None:
        job.done = self._edges.done(job.started_at)
        job.ended_at = self._last_left = job.done or asked
        job.retry_ns = 0
        if self._hearing is job:
            self._hearing = None

    def _resume(self, job: Job, asked: Moment) -> None:
        """Go on with a job that was thought gone: the line was cut, not the server."""
        if job.ended_at is None or asked.steady_ns <= job.ended_at.steady_ns:
            return
        job.ended_at, job.done, job.tries, job.given_up = None, None, 0, False
        self._hearing = job
        self._journal.forget()

    def _start(self, asked: Moment, item: QueueItem) -> list[SourceEvent]:
        work = read_work(item)
        taken = self._edges.start(self._last_left)
        job = Job(work, work.new_trace(), taken or asked, taken=taken)
        self._jobs[item.prompt_id] = job
        self._hearing = job
        start_ns = job.started_at.steady_ns
        events: list[SourceEvent] = [work.started(start_ns, self._source_id)]
        events += job.trace.begin(start_ns)
        events += self._already_loaded(job, start_ns)
        # A job that ran before we came has all lines since the last one was executed.
        since = start_ns - _SLACK_NS if taken else 0
        for t_ns, line in self._journal.take(since):
            events += self._trace_line(job, t_ns, line)
        return events

    def _look_for_the_missed(
        self, asked: Moment, queue: Queue, running: dict[str, QueueItem]
    ) -> None:
        waiting = frozenset(queue.pending)
        vanished = self._pending - waiting - running.keys() - self._jobs.keys()
        self._pending = waiting
        missed = max(self._edges.missed(asked), len(vanished - self._settled.keys()))
        if missed:
            # Room for jobs that end while we ask.
            self._recent_due = max(self._recent_due, min(missed + 4, BACKFILL))

    # ---- what /history says

    def answer_job(self, at: Moment, prompt_id: str, history: History) -> list[SourceEvent]:
        """Take the answer to /history/{id}: empty both before the end and for the unknown."""
        job = self._jobs.get(prompt_id)
        if job is None:
            return []
        entry = history.get(prompt_id)
        if entry is not None:
            return self._end(at, job, entry)
        if job.ended_at is None or job.given_up:
            return []
        job.tries += 1
        job.retry_ns = at.steady_ns + job.tries * _RETRY_NS
        if job.tries < _TRIES:
            return []
        self._settle(prompt_id)
        return [self._give_up(job)]

    def answer_recent(self, at: Moment, history: History) -> list[SourceEvent]:
        """Take the newest finished jobs: some were too short to be seen, some ran before us."""
        events: list[SourceEvent] = []
        for prompt_id, entry in history.items():
            if prompt_id in self._settled:
                continue
            job = self._jobs.get(prompt_id)
            if job is not None:
                events += self._end(at, job, entry)
            else:
                events += self._find(at, entry)
        self._backfilled = True
        for prompt_id in [key for key, job in self._jobs.items() if job.given_up]:
            self._settle(prompt_id)
        return events

    def _find(self, at: Moment, entry: HistoryEntry) -> list[SourceEvent]:
        work = read_work(entry.item)
        ending = read_ending(entry, work.graph)
        if self._ran_before_us(ending):
            self._settle(work.key.external_id)
            first_ns = self._first_seen.steady_ns if self._first_seen else at.steady_ns
            return [tell_earlier(first_ns, self._source_id, work, entry, ending)]
        start_ns = ending.start_ms and self.clock.steady_ns(ending.start_ms, at)
        job = Job(work, work.new_trace(), at, ended_at=at)
        start_ns = at.steady_ns if start_ns is None else start_ns
        started = work.started(start_ns, self._source_id)
        return [started, *self._already_loaded(job, start_ns), *self._end(at, job, entry)]

    def _ran_before_us(self, ending: Ending) -> bool:
        if self._first_seen is None or ending.end_ms is None:
            return True
        # Another host's clock cannot be compared before a job has taught it.
        if not self._is_local:
            return not self._backfilled
        return ns_from_ms(ending.end_ms) < self._first_seen.utc_ns

    def _end(self, at: Moment, job: Job, entry: HistoryEntry) -> list[SourceEvent]:
        self._settle(job.work.key.external_id)
        if self._hearing is job:
            self._hearing = None
        return [tell_ended(self.clock, at, job, entry)]

    def _give_up(self, job: Job) -> IterationEnded:
        job.given_up = True
        return tell_unknown(job)

    def _settle(self, prompt_id: str) -> None:
        """Remember a job as told for good."""
        self._jobs.pop(prompt_id, None)
        self._settled[prompt_id] = None
        while len(self._settled) > _KEPT_IDS:
            self._settled.pop(next(iter(self._settled)))
