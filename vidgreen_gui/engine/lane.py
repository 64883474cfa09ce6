"""A thread of its own for one device that answers slowly, so that the others need not wait."""

import logging
import threading
from collections import deque
from queue import SimpleQueue

from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.ports import Clock, Meter
from vidgreen_gui.model.power import Reading, Wants

_LOG = logging.getLogger(__name__)


# When a device answered, after how long (both in ns), to what, and the reading or the fault.
# Bare, as one is made for each device at every tick.
Answer = tuple[int, int, Wants, Reading | MeterFault]


def ask(meter: Meter, device_id: str, wants: Wants) -> Reading | MeterFault:
    """Return the meter's reading or its fault."""
    try:
        return meter.read(device_id, wants)
    except MeterFault as fault:
        return fault
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything
        _LOG.exception("meter %s broke", meter.name)
        detail = f"{type(error).__name__}: {error}"
        return MeterFault(MeterFaultKind.UNKNOWN, device_id, detail)


class Lane:
    """Asks one device in its own thread, one question at a time."""

    def __init__(self, meter: Meter, clock: Clock, device_id: str) -> None:
        self._meter = meter
        self._clock = clock
        self._device_id = device_id
        self._questions: SimpleQueue[Wants | None] = SimpleQueue()
        self._answers: deque[Answer] = deque()
        self.asked_ns: int | None = None
        # A daemon: a call that never returns must not keep the process alive.
        self._thread = threading.Thread(target=self._run, name=f"lane {device_id}", daemon=True)
        self._thread.start()

    def ask(self, wants: Wants) -> None:
        """Send a question; only while none is open, that is while `asked_ns` is None."""
        self.asked_ns = self._clock.steady_ns()
        self._questions.put(wants)

    def answer(self) -> Answer | None:
        """Return the answer to the open question, None while it is not there; never blocks."""
        if not self._answers:
            return None
        self.asked_ns = None
        return self._answers.popleft()

    def close(self) -> None:
        """End the thread after the open question, if any; does not wait for it."""
        self._questions.put(None)

    def _run(self) -> None:
        while (wants := self._questions.get()) is not None:
            asked_ns = self._clock.steady_ns()
            content = ask(self._meter, self._device_id, wants)
            answered_ns = self._clock.steady_ns()
            self._answers.append((answered_ns, answered_ns - asked_ns, wants, content))
