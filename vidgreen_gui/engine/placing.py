"""Decides, when a job begins, which session and which clip it belongs to, and says so as events."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace

from vidgreen_gui.engine.ledger import Ledger
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.session import Clip, SessionKind
from vidgreen_gui.model.settings import ClipHints, Extraction
from vidgreen_gui.model.user_events import ClipCreated
from vidgreen_gui.workflows.clips import clip_key, same_shot

NewId = Callable[[], str]


def new_id() -> str:
    """Return a fresh identity."""
    return uuid.uuid4().hex


def without_private(extraction: Extraction) -> Extraction:
    """Return the extraction as the log may hold it: no prompt, no word of one."""
    return replace(extraction, texts=(), hints=replace(extraction.hints, prompt_words=frozenset()))


class Placing:
    """Finds the clip of each job in DESIGN's order and creates what is missing.

    `hints` remembers what each clip's newest job looked like, for the last resort: the same
    workflow with a similar prompt.
    """

    def __init__(
        self, ledger: Ledger, kind: SessionKind = SessionKind.LIVE, make_id: NewId = new_id
    ) -> None:
        self._ledger = ledger
        self._kind = kind
        self._new_id = make_id
        self._hints: dict[str, ClipHints] = {}

    def started(self, event: ev.IterationStarted) -> Iterable[ev.Event]:
        """Yield what must be logged for a job that began, the completed event last.

        Each event is to be applied before the next is asked for.
        """
        ledger = self._ledger
        if ledger.session is None:
            yield self._session(event.t_ns, ledger.utc_ns(event.t_ns), self._kind)
        clip = None if ledger.working_on is None else ledger.clip_of(ledger.working_on)
        if clip is None and event.parent and (parent := ledger.by_key.get(event.parent)):
            clip = ledger.clip_of(ledger.iterations[parent].clip_id)
        if clip is None:
            clip = self._known(event.extraction.hints, event.clip_name)
        if clip is None:
            created = self._create(event.t_ns, event.extraction.hints, event.clip_name)
            yield created
            clip = ledger.clips[created.clip_id]
        self._hints[clip.id] = event.extraction.hints
        yield replace(
            event,
            iteration_id=self._new_id(),
            clip_id=clip.id,
            number=ledger.next_number(clip.id),
        )

    def backfilled(self, event: ev.IterationBackfilled, utc_ns: int) -> Iterable[ev.Event]:
        """Yield what must be logged for a job from before we ran, in an imported session."""
        ledger = self._ledger
        if ledger.imported is None:
            began = event.started_utc_ns or utc_ns
            yield self._session(event.t_ns, began, SessionKind.IMPORTED)
        clip = self._known(event.extraction.hints, None)
        if clip is None:
            created = self._create(event.t_ns, event.extraction.hints, None)
            yield created
            clip = ledger.clips[created.clip_id]
        self._hints[clip.id] = event.extraction.hints
        yield replace(
            event,
            iteration_id=self._new_id(),
            clip_id=clip.id,
            number=ledger.next_number(clip.id),
        )

    def session_by_hand(self, t_ns: int, utc_ns: int, title: str) -> ev.SessionStarted:
        """Return the event that begins a sitting because the user said so."""
        return self._session(t_ns, utc_ns, self._kind, title)

    def clip_by_hand(self, t_ns: int, name: str) -> ClipCreated:
        """Return the event that creates a clip the user named."""
        return ClipCreated(
            t_ns=t_ns, clip_id=self._new_id(), project_id=self._ledger.project.id, name=name
        )

    def _session(
        self, t_ns: int, utc_ns: int, kind: SessionKind, title: str = ""
    ) -> ev.SessionStarted:
        return ev.SessionStarted(
            t_ns=t_ns,
            session_id=self._new_id(),
            project_id=self._ledger.project.id,
            kind=kind,
            utc_ns=utc_ns,
            title=title,
        )

    def _known(self, hints: ClipHints, name: str | None) -> Clip | None:
        key = f"name:{name}" if name else (found[0] if (found := clip_key(hints)) else None)
        for clip in self._ledger.clips.values():
            if key and clip.key == key:
                return self._ledger.clip_of(clip.id)
        if key:
            return None
        for clip_id, known in reversed(self._hints.items()):
            if clip_key(known) is None and _alike(known, hints):
                return self._ledger.clip_of(clip_id)
        return None

    def _create(self, t_ns: int, hints: ClipHints, name: str | None) -> ClipCreated:
        key, shown = (f"name:{name}", name) if name else (clip_key(hints) or ("", None))
        return ClipCreated(
            t_ns=t_ns,
            clip_id=self._new_id(),
            project_id=self._ledger.project.id,
            name=shown or f"Clip {len(self._ledger.clips) + 1}",
            key=key,
        )


def _alike(one: ClipHints, other: ClipHints) -> bool:
    """Return whether two jobs without a key are one shot; a script's jobs have no workflow id."""
    if one.workflow_id is None and other.workflow_id is None:
        return one.prompt_sha256 is not None and one.prompt_sha256 == other.prompt_sha256
    return same_shot(one, other)
