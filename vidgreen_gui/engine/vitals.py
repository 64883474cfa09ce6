"""How each device answers of late: since when, how often, with what gaps; its slow fields."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from vidgreen_gui.model.events import DeviceFound, DeviceGap, Event
from vidgreen_gui.model.power import Block, PowerBlock, SlowBlock, SlowField
from vidgreen_gui.model.units import NS_PER_S, s_from_ns

# "Of late".
_RATE_NS = 10 * NS_PER_S
# A reading older than this, or than three periods, is not "now"; a slow field comes in its turn.
_STALE_NS = 3 * NS_PER_S
_STALE_PERIODS = 3
_SLOW_STALE_NS = 30 * NS_PER_S


@dataclass(slots=True)
class Vital:
    """One device. `delivered` holds the end and the number of the samples of each delivery."""

    found_ns: int | None = None
    gaps_ns: int = 0
    period_ns: int = NS_PER_S
    delivered: deque[tuple[int, int]] = field(default_factory=deque)
    slow: dict[SlowField, tuple[int, int]] = field(default_factory=dict)

    def is_stale(self, sampled_ns: int, now_ns: int) -> bool:
        """Return whether a sample is too old to be called the power now."""
        return now_ns - sampled_ns >= max(_STALE_NS, _STALE_PERIODS * self.period_ns)

    def samples_per_s(self, now_ns: int) -> float | None:
        """Return how often it answered of late, 0 where it no longer does, None before it did."""
        if len(self.delivered) < 2:
            return None
        (first_ns, _), (last_ns, _) = self.delivered[0], self.delivered[-1]
        if self.is_stale(last_ns, now_ns):
            return 0.0
        samples = sum(number for _, number in self.delivered) - self.delivered[0][1]
        return samples / s_from_ns(last_ns - first_ns)

    def gap_s(self, now_ns: int, *, lost: bool) -> float:
        """Return how long it did not answer since it was found, until now where it is lost."""
        open_ns = now_ns - self.delivered[-1][0] if lost and self.delivered else 0
        return s_from_ns(self.gaps_ns + open_ns)

    def slow_value(self, quantity: SlowField, now_ns: int) -> int | None:
        """Return the newest value of a slow field, None where there is none of late."""
        t_ns, value = self.slow.get(quantity, (0, None))
        return None if now_ns - t_ns >= _SLOW_STALE_NS else value


class Vitals:
    """Follows the samples and events of all devices."""

    def __init__(self) -> None:
        self._devices: dict[str, Vital] = {}

    def of(self, device_id: str) -> Vital:
        """Return what is known of one device."""
        return self._devices.setdefault(device_id, Vital())

    def add(self, blocks: Iterable[Block]) -> None:
        """Take new samples."""
        for block in blocks:
            vital = self.of(block.device_id)
            if isinstance(block, SlowBlock):
                vital.slow[block.quantity] = block.t_ns[-1], block.value[-1]
            elif isinstance(block, PowerBlock):
                vital.period_ns = block.period_ns
                vital.delivered.append((block.t_ns[-1], len(block.t_ns)))
                while block.t_ns[-1] - vital.delivered[0][0] > max(_RATE_NS, 4 * block.period_ns):
                    vital.delivered.popleft()

    def event(self, event: Event) -> None:
        """Take what happened to a device."""
        if isinstance(event, DeviceFound):
            vital = self.of(event.device.id)
            if vital.found_ns is None:
                vital.found_ns = event.t_ns
        elif isinstance(event, DeviceGap):
            # Where the steady clock stands still asleep, the two times are close.
            self.of(event.device_id).gaps_ns += max(event.until_ns - event.t_ns, event.slept_ns)
