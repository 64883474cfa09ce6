"""A thread of its own for one device that answers slowly, so that the others need not wait."""

import logging
import threading
from collections import deque
from queue import SimpleQueue

from vidgreen_gui.model.faults import MeterFault, MeterFaultKind
from vidgreen_gui.model.ports import Clock, Meter
from vidgreen_gui.model.power import Reading, Wants

_LOG = logging.getLogger(__name__)

# When it was answered and how long that took, in steady nanoseconds, and the answer.
Answer = tuple[int, int, Reading | MeterFault]


def ask(meter: Meter, clock: Clock, device_id: str, wants: Wants) -> Answer:
    """Return the meter's answer or its fault, timed."""
    asked_ns = clock.steady_ns()
    answer: Reading | MeterFault
    try:
        answer = meter.read(device_id, wants)
    except MeterFault as fault:
        answer = fault
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything
        _LOG.exception("meter %s broke", meter.name)
        detail = f"{type(error).__name__}: {error}"
        answer = MeterFault(MeterFaultKind.UNKNOWN, device_id, detail)
    answered_ns = clock.steady_ns()
    return answered_ns, answered_ns - asked_ns, answer


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
            self._answers.append(ask(self._meter, self._clock, self._device_id, wants))
