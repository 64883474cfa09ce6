"""Hands the newest of something from one thread to another: bounded, latest wins, drops counted."""

from collections import deque
from threading import Lock
from typing import Generic, TypeVar

Fact = TypeVar("Fact")


class Mailbox(Generic[Fact]):
    """A place for one fact; a new one replaces one that nobody took."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._newest: Fact | None = None
        self._fresh = False
        self.dropped = 0

    def put(self, fact: Fact) -> None:
        """Leave `fact`; count the one it replaces when nobody had looked at it."""
        with self._lock:
            self.dropped += self._fresh
            self._newest = fact
            self._fresh = True

    def latest(self) -> Fact | None:
        """Return the newest fact, None before the first."""
        with self._lock:
            self._fresh = False
            return self._newest


class Outbox(Generic[Fact]):
    """A short line of facts that are all wanted, oldest dropped first beyond `most`."""

    def __init__(self, most: int = 256) -> None:
        self._line: deque[Fact] = deque(maxlen=most)

    def put(self, fact: Fact) -> None:
        """Add `fact` at the end."""
        self._line.append(fact)

    def take(self) -> tuple[Fact, ...]:
        """Return all that waited, oldest first."""
        taken = []
        while self._line:
            taken.append(self._line.popleft())
        return tuple(taken)
