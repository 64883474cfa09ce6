"""What the window has to be told for as long as it holds: one notice per matter, newest wins."""

from collections.abc import Iterable, Mapping

from vidgreen_gui.accounting.counter import is_prompt
from vidgreen_gui.engine.sensing import sensor_of
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.power import Device
from vidgreen_gui.store.writer import WriterState

_DROPPED = "engine.samples_dropped"


class Notices:
    """The notices that hold now, in the order in which they were first put."""

    def __init__(self, notices: Iterable[Notice]) -> None:
        self._held = {notice.code: notice for notice in notices}

    def put(self, notice: Notice, about: str = "") -> None:
        """Hold a notice in the place of the one of the same code and matter."""
        self._held[f"{notice.code} {about}".strip()] = notice

    def withdraw(self, code: str, about: str = "") -> None:
        """Hold a notice of that code and matter no longer."""
        self._held.pop(f"{code} {about}".strip(), None)

    def has(self, code: str, about: str) -> bool:
        """Return whether a notice of that code and matter is held."""
        return f"{code} {about}" in self._held

    def put_store(self, notices: Iterable[Notice]) -> None:
        """Hold how the store stands now, in the place of what was said of it before."""
        for name in [name for name in self._held if name.startswith("fault.store.")]:
            del self._held[name]
        for notice in notices:
            self.put(notice)

    def put_disagreements(
        self, ratios: Mapping[str, float], devices: Mapping[str, Device], utc_ns: int
    ) -> None:
        """Hold, for each device, that its counter and its power differ; once a session."""
        for device_id, ratio in ratios.items():
            notice = counter_notice(devices[device_id], ratio, utc_ns)
            if not self.has(notice.code, device_id):
                self.put(notice, device_id)

    def all(self) -> tuple[Notice, ...]:
        """Return all that are held."""
        return tuple(self._held.values())


def counter_notice(device: Device, ratio: float, utc_ns: int = 0) -> Notice:
    """Return that a device's counter says `ratio` times what its power adds up to."""
    percent = round(abs(ratio - 1.0) * 100)
    arguments = (("device", device.name), ("percent", percent))
    code = "counter_disagrees" if is_prompt(sensor_of(device)) else "slow_counter_disagrees"
    return Notice(f"engine.{code}", arguments, utc_ns)


def store_notices(state: WriterState, utc_ns: int) -> tuple[Notice, ...]:
    """Return how the writer stands, as far as the user must know."""
    notices = []
    if state.fault is not None:
        notices.append(Notice.of(state.fault, utc_ns))
    elif state.low_space:
        notices.append(Notice("fault.store.low_space", (), utc_ns))
    if state.dropped_samples:
        notices.append(Notice(_DROPPED, (), utc_ns))
    return tuple(notices)
