"""What VidGreen itself draws: its processor time, at what this machine's busy cores draw."""

import math
from collections import deque
from collections.abc import Iterable

import numpy as np
import psutil

from vidgreen_gui.model.events import Logged, OwnDrawn
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.footprint import MISSING, Figure, Grade, Range
from vidgreen_gui.model.power import Block, Device, DeviceKind, PowerBlock
from vidgreen_gui.model.units import NS_PER_S, s_from_ns, w_from_mw, wh_from_j

# One busy core of a desktop processor draws about this much above idle.
W_PER_BUSY_CORE = 10.0
# The model is right within a factor of two.
_MODEL_SPREAD = 2.0
# No core draws less or more: what says otherwise measures something else.
LEAST_W, MOST_W = 1.0, 60.0
SPAN_NS = 5 * NS_PER_S
LOG_NS = 300 * NS_PER_S
_KEPT_SPANS = 60
_LEAST_SPANS = 24
_LEARN_EVERY = 6
# Less change in load than this many cores says nothing about what a core draws; between two spans
# any that is more than rounding does.
_LEAST_CHANGE, _ROUNDING = 0.5, 1e-6
# The sensor's own error, which all its readings share (RAPL, see Sensor.gain).
_SENSOR_GAIN = 0.05
_BUSY = ("user", "nice", "system", "irq", "softirq")


class CoreCost:
    """The watts of one more busy core: learnt from pairs of load and package power, else modelled.

    Learnt is the median slope over all pairs of the newest five minutes, with Sen's interval at
    95 % (P. K. Sen, 1968), where the load changed enough to say one.
    """

    def __init__(self, tdp_w: float | None = None, cores: int | None = None) -> None:
        modelled = tdp_w / cores if tdp_w and cores else W_PER_BUSY_CORE
        self.w_per_core = Range(modelled, modelled / _MODEL_SPREAD, modelled * _MODEL_SPREAD)
        self.is_learnt = False
        self._spans: deque[tuple[float, float]] = deque(maxlen=_KEPT_SPANS)
        self._until_next = _LEAST_SPANS

    def take(self, busy_cores: float, package_w: float) -> None:
        """Take the mean load and the mean package power of one span of time."""
        self._spans.append((busy_cores, package_w))
        self._until_next -= 1
        if self._until_next <= 0:
            self._until_next = _LEARN_EVERY
            self._learn()

    def _learn(self) -> None:
        cores, watts = np.array(self._spans).T
        low, high = np.percentile(cores, (10.0, 90.0))
        if high - low < _LEAST_CHANGE:
            return
        first, second = np.triu_indices(len(cores), 1)
        apart = cores[second] - cores[first]
        differ = np.abs(apart) > _ROUNDING
        slopes = np.sort((watts[second] - watts[first])[differ] / apart[differ])
        count = len(cores)
        reach = 1.96 * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
        last = len(slopes) - 1
        below = slopes[max(0, math.floor((last - reach) / 2))]
        above = slopes[min(last, math.ceil((last + reach) / 2))]
        best = float(np.median(slopes))
        if LEAST_W <= best <= MOST_W and above - below <= best:
            self.w_per_core = Range(
                best, float(below) * (1 - _SENSOR_GAIN), float(above) * (1 + _SENSOR_GAIN)
            )
            self.is_learnt = True


class OwnDraw:
    """Sums the processor time of this process; `power_w` is its draw between the last two calls.

    `tdp_w` is what the user says of the processor. With `children`, that of processes it started
    counts once they have ended.
    """

    def __init__(self, tdp_w: float | None = None, *, children: bool = True) -> None:
        self.cost = CoreCost(tdp_w, psutil.cpu_count(logical=False))
        self.power_w: float | None = None
        self._process = psutil.Process()
        self._children = children
        self._began_s = self._cpu_s = self._spent_s()
        self._ended_s: float | None = None
        self._at_ns: int | None = None
        self._logged_ns = 0
        self._package = _Package()

    @property
    def energy_j(self) -> Range:
        """Return the joules of the session, all of it at what a core is now known to draw."""
        until_s = self._cpu_s if self._ended_s is None else self._ended_s
        return self.cost.w_per_core.scaled(until_s - self._began_s)

    @property
    def energy_wh(self) -> Figure:
        """Return the energy of the session."""
        return _figure(self.energy_j)

    def begin(self, t_ns: int) -> None:
        """Count for a new session from now on."""
        self._began_s, self._ended_s = self._spent_s(), None
        self._cpu_s, self._at_ns, self._logged_ns = self._began_s, t_ns, t_ns

    def end(self, t_ns: int) -> OwnDrawn:
        """Count no more for the session; return what to log of it."""
        self._ended_s = self._spent_s()
        return OwnDrawn(t_ns=t_ns, energy_j=self.energy_j)

    def to_log(self, t_ns: int) -> OwnDrawn | None:
        """Return what to log of the session so far, now and then: a kill loses the rest."""
        if t_ns - self._logged_ns < LOG_NS:
            return None
        self._logged_ns = t_ns
        return OwnDrawn(t_ns=t_ns, energy_j=self.energy_j)

    @property
    def how(self) -> Notice:
        """Return how it is known."""
        code = "idle.own.learnt" if self.cost.is_learnt else "idle.own.model"
        return Notice(code, (("watts", round(self.cost.w_per_core.best)),), severity="info")

    def add(self, blocks: Iterable[Block], devices: Iterable[Device]) -> None:
        """Take what the processor's own meter said, where `devices` have one."""
        meters = {device.id for device in devices if is_processor_meter(device)}
        for block in blocks:
            if isinstance(block, PowerBlock) and block.device_id in meters:
                self._package.add(block)

    def update(self, t_ns: int) -> float | None:
        """Return the watts since the last call, None at the first."""
        spent_s = self._spent_s()
        if self._at_ns is not None and t_ns > self._at_ns:
            spent = (spent_s - self._cpu_s) / s_from_ns(t_ns - self._at_ns)
            self.power_w = spent * self.cost.w_per_core.best
        self._at_ns, self._cpu_s = t_ns, spent_s
        span = self._package.span(t_ns)
        if span is not None:
            self.cost.take(*span)
        return self.power_w

    def _spent_s(self) -> float:
        times = self._process.cpu_times()
        spent_s = float(times.user + times.system)
        if self._children:
            spent_s += times.children_user + times.children_system
        return spent_s


class _Package:
    """What all processor packages drew together over a span, beside the machine's load."""

    def __init__(self) -> None:
        self._powers: dict[str, list[int]] = {}
        self._known: set[str] = set()
        self._begin_ns: int | None = None
        self._begin_busy_s = 0.0

    def add(self, block: PowerBlock) -> None:
        self._powers.setdefault(block.device_id, []).extend(block.power_mw)
        self._known.add(block.device_id)

    def span(self, t_ns: int) -> tuple[float, float] | None:
        """Return busy cores and watts of the span that ends now; None where it is not over."""
        if not self._known or (self._begin_ns is not None and t_ns - self._begin_ns < SPAN_NS):
            return None
        busy_s, begin_ns = _busy_s(), self._begin_ns
        worked_s = busy_s - self._begin_busy_s
        powers, self._powers = self._powers, {}
        self._begin_ns, self._begin_busy_s = t_ns, busy_s
        # A package without samples, or a span that a sleep made long, says nothing.
        if begin_ns is None or len(powers) < len(self._known) or t_ns - begin_ns > 2 * SPAN_NS:
            return None
        cores = worked_s / s_from_ns(t_ns - begin_ns)
        return cores, w_from_mw(sum(sum(one) / len(one) for one in powers.values()))


def drawn_in(events: Iterable[Logged]) -> Figure:
    """Return what VidGreen drew in a session, from its log; missing where that does not say."""
    told = [logged.event for logged in events if isinstance(logged.event, OwnDrawn)]
    return _figure(told[-1].energy_j) if told else MISSING


def _figure(energy_j: Range) -> Figure:
    return Figure(energy_j.scaled(wh_from_j(1.0)), Grade.MODEL)


def is_processor_meter(device: Device) -> bool:
    """Return whether a device is a processor that is really measured."""
    return device.kind is DeviceKind.CPU and device.grade is Grade.MEASURED


def _busy_s() -> float:
    """Return the seconds that the machine's cores have worked, all together, since it started."""
    times = psutil.cpu_times()
    return float(sum(getattr(times, name, 0.0) for name in _BUSY))
