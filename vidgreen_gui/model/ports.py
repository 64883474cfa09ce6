"""The doors that rooms share: meters, watchers, clocks, exporters. Provisional until frozen."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from vidgreen_gui.model.commands import Answer, Command
from vidgreen_gui.model.events import SourceEvent
from vidgreen_gui.model.facts import LiveSnapshot, PowerCurve, SessionFacts, SessionRow
from vidgreen_gui.model.faults import MeterFault
from vidgreen_gui.model.power import Device, Reading, SlowField, Wants
from vidgreen_gui.model.session import PhaseName

API_VERSION = 1


class Clock(Protocol):
    """Three clocks that are never confused."""

    def steady_ns(self) -> int:
        """Return nanoseconds on a clock that never steps and stops while the machine sleeps."""

    def boottime_ns(self) -> int:
        """Return nanoseconds since boot, sleep included; elsewhere than Linux the same as UTC."""

    def utc_ns(self) -> int:
        """Return nanoseconds since 1970 in UTC, as the wall clock has it."""


class Meter(Protocol):
    """A source of watts. All calls come from one thread, except that a slow device gets its own."""

    name: str

    def open(self) -> tuple[Device, ...]:
        """Return the devices that can be read; raise MeterFault when the meter cannot work."""

    def read(self, device_id: str, wants: Wants) -> Reading:
        """Return one reading; raise MeterFault for this device alone."""

    def close(self) -> None:
        """Give everything back; never raises."""


@runtime_checkable
class FollowsLoad(Protocol):
    """A meter that is told what the machine is busy with, because it cannot sense it."""

    def set_load(self, device_id: str, phase: PhaseName | None) -> None:
        """From now on the device works on `phase`; None is no job."""


@runtime_checkable
class FindsDevices(Protocol):
    """A meter whose devices may come while it runs: a card that was plugged in, a late plug.

    It is asked on a thread of its own, while devices are read: every minute, and at once after one
    was lost. A device that was known before may come again as what it is now.
    """

    def found(self) -> tuple[Device, ...]:
        """Return the devices that came since the last call; never raises."""


TogetherAnswer = int | None | MeterFault


class TogetherReader(Protocol):
    """Reads one quantity of several devices in one go."""

    def __call__(self, wants: Wants, answers: list[TogetherAnswer]) -> SlowField | None:
        """Append each device's answer to POWER (mW), COUNTER (mJ) or SLOW, and nothing else.

        One after the other as they answer: how long the list is says who is being asked. Returns
        which slow field it was; where a device does not have the quantity its answer is None.
        """


@runtime_checkable
class ReadsTogether(Protocol):
    """A meter that reads several devices for less than one by one."""

    def together(self, device_ids: Sequence[str]) -> TogetherReader | None:
        """Return what reads these devices in this order, None where some cannot be read so.

        It is good until a device answers with a fault other than IMPLAUSIBLE.
        """


Emit = Callable[[SourceEvent], None]


class Watcher(Protocol):
    """A source of iterations; runs on the asyncio thread until cancelled."""

    kind: str

    async def run(self, emit: Emit) -> None:
        """Watch and emit until cancelled; faults of the source are emitted, never raised."""


@runtime_checkable
class FreesModels(Protocol):
    """A watcher whose sources can be asked to let go of the models that they hold in memory."""

    async def free_models(self, source_id: str) -> bool:
        """Ask a source, on the asyncio thread; False where it is none of this watcher's.

        Raise SourceFault where the source is gone, refuses, or has work.
        """


class Exporter(Protocol):
    """A way to hand a session over."""

    format: str
    suffix: str

    def write(self, sessions: tuple[SessionFacts, ...], path: Path, *, with_private: bool) -> None:
        """Write the sessions to `path`, whole or not at all; raise StoreFault or InputFault."""


class Recording(Protocol):
    """What the window knows of the engine. Every call may come from the Qt thread."""

    def latest(self) -> LiveSnapshot | None:
        """Return the newest snapshot, None before the first; never blocks."""

    def curve(self, device_id: str, window_s: float, columns: int) -> PowerCurve:
        """Return the last `window_s` of a device in at most `columns` columns; from memory."""

    def send(self, command: Command) -> None:
        """Ask for something; the answer comes through `answers`."""

    def answers(self) -> tuple[Answer, ...]:
        """Return the answers since the last call; never blocks."""

    def sessions(self) -> tuple[SessionRow, ...]:
        """Return all sessions, newest first; reads the store, so not from the Qt thread."""

    def session(self, session_id: str) -> SessionFacts:
        """Return one whole session; reads the store, so not from the Qt thread."""
