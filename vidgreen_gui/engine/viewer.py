"""Shows what another process records, live from the store; its user's edits go to the recorder."""

import logging
import threading
import time
from collections.abc import Callable

from vidgreen_gui.engine.mailbox import Mailbox, Outbox
from vidgreen_gui.engine.report import session_report
from vidgreen_gui.model.commands import Answer, Command, FreeModels, ShowWindow, WatchAddress
from vidgreen_gui.model.facts import DeviceNow, LiveSnapshot, PowerCurve, SessionFacts, SessionRow
from vidgreen_gui.model.faults import Fault, InputFault, Notice
from vidgreen_gui.model.ports import Clock
from vidgreen_gui.model.session import Status
from vidgreen_gui.model.units import NS_PER_MS
from vidgreen_gui.store.queries import Reader

_LOG = logging.getLogger(__name__)

_LOOK_S = 1.0
# How many times as long as a look took the viewer rests.
_REST = 10
# The newest power in the store is at most a commit and a look old.
_FRESH_MS = 5_000


class Viewer:
    """A Recording that records nothing: it reads the newest session once a second while looked at.

    `pass_on` hands an edit to the recorder, by way of the spool. `why` says why nobody records,
    None where another process does.
    """

    def __init__(
        self,
        reader: Reader,
        clock: Clock,
        pass_on: Callable[[Command], None],
        why: Notice | None = None,
    ) -> None:
        self._reader = reader
        self._standing = () if why is None else (why,)
        self._clock = clock
        self._pass_on = pass_on
        self._mailbox: Mailbox[LiveSnapshot] = Mailbox()
        self._answers: Outbox[Answer] = Outbox()
        self._seen: tuple[int, str] | None = None
        self._facts: SessionFacts | None = None
        self._revision = 0
        self._visible = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="viewer", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stopping.set()
        self._visible.set()
        self._thread.join(5.0)

    def latest(self) -> LiveSnapshot | None:
        """Return the newest snapshot, None before the first."""
        return self._mailbox.latest()

    def curve(self, device_id: str, window_s: float, columns: int) -> PowerCurve:  # noqa: ARG002
        """Return the stored curve of the session that is shown; its columns are the store's."""
        facts = self._facts
        curves = facts.curves if facts is not None else ()
        return next((c for c in curves if c.device_id == device_id), PowerCurve(device_id))

    def send(self, command: Command) -> None:
        """Pass an edit on to the recorder; refuse what only the recorder can do."""
        match command:
            case ShowWindow(visible=visible):
                (self._visible.set if visible else self._visible.clear)()
            case WatchAddress() | FreeModels():
                refused = Notice.of(InputFault("fault.engine.viewer_only"), self._clock.utc_ns())
                self._answers.put(Answer(command, refused))
            case _:
                self._answers.put(Answer(command, self._passed_on(command)))

    def _passed_on(self, command: Command) -> Notice | None:
        try:
            self._pass_on(command)
        except Fault as fault:
            return Notice.of(fault, self._clock.utc_ns())
        return None

    def answers(self) -> tuple[Answer, ...]:
        """Return the answers since the last call."""
        return self._answers.take()

    def sessions(self) -> tuple[SessionRow, ...]:
        """Return all sessions, newest first."""
        return self._reader.sessions()

    def session(self, session_id: str) -> SessionFacts:
        """Return one whole session; raise InputFault where there is none."""
        session = self._reader.session(session_id)
        if session is None:
            raise InputFault("fault.engine.no_such_session", session=session_id)
        return session_report(self._reader, session)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._visible.wait()
            began_s = time.monotonic()
            try:
                self._look()
            except Fault as fault:
                self._mailbox.put(self._snapshot((Notice.of(fault, self._clock.utc_ns()),)))
            except Exception as error:  # noqa: BLE001 - looking goes on
                _LOG.exception("the view of another's recording broke")
                broke = Fault("fault.engine.broke", detail=type(error).__name__)
                self._mailbox.put(self._snapshot((Notice.of(broke, self._clock.utc_ns()),)))
            # A long session takes long to read: looking must not become the machine's work.
            self._stopping.wait(max(_LOOK_S, _REST * (time.monotonic() - began_s)))

    def _look(self) -> None:
        rows = [row for row in self._reader.sessions() if row.session.kind != "imported"]
        if rows:
            newest = rows[0].session
            self._facts = session_report(self._reader, newest)
            seen = (self._reader.last_seq(), newest.id)
            running = bool(_running(self._facts))
            if seen != self._seen or running:
                self._seen = seen
                self._revision += 1
        self._mailbox.put(self._snapshot(()))

    def _snapshot(self, notices: tuple[Notice, ...]) -> LiveSnapshot:
        facts, utc_ns = self._facts, self._clock.utc_ns()
        return LiveSnapshot(
            t_ns=self._clock.steady_ns(),
            utc_ns=utc_ns,
            revision=self._revision,
            role="viewer",
            devices=() if facts is None else _devices(facts, utc_ns // NS_PER_MS),
            factor=facts.factors[-1] if facts and facts.factors else None,
            tariff=facts.tariff if facts else None,
            session=facts,
            running_ids=_running(facts) if facts else (),
            clips=tuple(clip.clip for clip in facts.clips) if facts else (),
            notices=(*self._standing, *notices),
            recording=False,
        )


def _running(facts: SessionFacts) -> tuple[str, ...]:
    return tuple(
        i.iteration.id
        for clip in facts.clips
        for i in clip.iterations
        if i.iteration.status is Status.RUNNING
    )


def _devices(facts: SessionFacts, now_ms: int) -> tuple[DeviceNow, ...]:
    curves = {curve.device_id: curve for curve in facts.curves}
    return tuple(
        DeviceNow(
            device=device,
            power_mw=_newest_mw(curves.get(device.id, PowerCurve(device.id)), now_ms),
            counted=device.id in facts.counted_device_ids,
            power_limit_mw=device.power_limit_mw,
        )
        for device in facts.devices
    )


def _newest_mw(curve: PowerCurve, now_ms: int) -> int | None:
    """Return the power of the newest column that has samples, None where it is not fresh."""
    filled = [at for at, power_mw in enumerate(curve.mean_mw) if power_mw >= 0]
    if not filled:
        return None
    at, t_ms = filled[-1], curve.t_utc_ms
    width_ms = t_ms[1] - t_ms[0] if len(t_ms) > 1 else 0
    return curve.mean_mw[at] if now_ms - (t_ms[at] + width_ms) < _FRESH_MS else None
