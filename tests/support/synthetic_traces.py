"""Invented power traces whose energy is known exactly, as sensors of many kinds would tell them.

Nothing here is taken from the code under test. Power is piecewise linear, so its integral is a
closed form, and every reading (a mean over a window, a counter) is a difference of that integral.
"""

from dataclasses import dataclass, field

import numpy as np

S = 1_000_000_000
TICK_S = 0.1
# Neighbours further apart than three ticks have a gap between them: nothing is claimed for it.
GAP_S = 3 * TICK_S
SHAPES = ("square", "ramps", "bursts")
CLASSES = (
    "square", "square, counter",
    "ramps", "ramps, counter",
    "bursts", "bursts, counter",
    "dropped samples", "dropped samples, counter",
    "averaging sensor", "averaging sensor, counter",
    "resets, counter",
)  # fmt: skip


@dataclass(frozen=True)
class Power:
    """Watts over seconds: straight between `t_s` and the next, from `left_w` to `right_w`."""

    t_s: np.ndarray
    left_w: np.ndarray
    right_w: np.ndarray
    joules: np.ndarray = field(init=False)

    def __post_init__(self):
        parts = (self.left_w + self.right_w) / 2 * np.diff(self.t_s)
        object.__setattr__(self, "joules", np.append(0.0, np.cumsum(parts)))

    def until(self, t_s):
        """Return the exact joules from the beginning until each time."""
        at = np.clip(t_s, self.t_s[0], self.t_s[-1])
        piece = np.clip(np.searchsorted(self.t_s, at, side="right") - 1, 0, len(self.left_w) - 1)
        elapsed = at - self.t_s[piece]
        length = self.t_s[piece + 1] - self.t_s[piece]
        rise = (self.right_w[piece] - self.left_w[piece]) * elapsed / length
        return self.joules[piece] + (self.left_w[piece] + rise / 2) * elapsed


@dataclass(frozen=True)
class Trace:
    """One job as a meter saw it, in ns, mW and mJ, and the joules it truly used.

    `sensor` names what kind of sensor it was: update and window in seconds, observed part.
    """

    kind: str
    t_ns: np.ndarray
    power_mw: np.ndarray
    counter_t_ns: np.ndarray | None
    counter_mj: np.ndarray | None
    sensor: tuple[float, float, float]
    edges_ns: np.ndarray
    start_ns: int
    end_ns: int
    true_j: float


def traces(count, seed):
    """Return `count` traces, of each class in turn."""
    rng = np.random.default_rng(seed)
    return (a_trace(CLASSES[number % len(CLASSES)], rng) for number in range(count))


def a_trace(kind, rng):
    """Return a trace of one class: a second or more of rest, a job or two, rest again."""
    shape = kind.split(",")[0]
    drawing = shape if shape in SHAPES else rng.choice(SHAPES)
    power, edges, (start, end) = _session(drawing, rng)
    gain = rng.uniform(0.95, 1.05)
    sensor = _sensor(shape, rng)
    t_s = _ticks(power.t_s[-1], rng)
    if shape == "dropped samples":
        t_s = _dropped(t_s, rng)
    readings = _read(power, t_s, sensor, gain, rng)
    counter = _counter(power, gain, shape, rng) if kind.endswith("counter") else (None, None)
    return Trace(
        kind, _ns(t_s), readings, *counter, sensor, _ns(edges), _ns(start), _ns(end),
        _true_j(power, t_s, start, end),
    )  # fmt: skip


def _ns(t_s):
    return np.rint(np.asarray(t_s) * S).astype(np.int64)


def _session(drawing, rng):
    """Return the power of rest, one job or two on end, and rest; the edges; the job asked for."""
    idle = rng.uniform(10, 60)
    pieces = [(rng.uniform(4, 12), idle, idle)]
    edges = [pieces[0][0]]
    lengths = 10 ** rng.uniform(np.log10(0.3), np.log10(150), 2 if rng.random() < 0.25 else 1)
    for length in lengths:
        if len(edges) > 1 and rng.random() < 0.5:
            # A queue leaves a moment between two jobs.
            pause = rng.uniform(0.005, 0.2)
            pieces.append((pause, idle, idle))
            edges.append(edges[-1] + pause)
        pieces += _job(drawing, length, rng)
        edges.append(edges[-1] + length)
    if rng.random() < 0.3:
        # Clocks stay up for a while after work.
        kept_up = idle + rng.uniform(10, 50)
        pieces.append((rng.uniform(1, 3), kept_up, kept_up))
    pieces.append((rng.uniform(4, 8), idle, idle))
    lengths, left, right = (np.array(column) for column in zip(*pieces, strict=True))
    power = Power(np.append(0.0, np.cumsum(lengths)), left, right)
    asked = (0, 1) if len(edges) == 2 or rng.random() < 0.5 else (len(edges) - 2, len(edges) - 1)
    return power, np.array(edges), (edges[asked[0]], edges[asked[1]])


def _job(drawing, length, rng):
    """Return pieces (seconds, watts, watts) of a job of `length` seconds."""
    high, low = rng.uniform(200, 450), rng.uniform(60, 200)
    if drawing == "ramps":
        spans = rng.uniform(0.3, 20, int(length / 0.3) + 1)
        levels = rng.uniform(low, high, len(spans) + 1)
        pieces = list(zip(spans, levels[:-1], levels[1:], strict=True))
    elif drawing == "bursts":
        count = int(length / 0.2) + 1
        rests, bursts = rng.exponential(rng.uniform(0.25, 5), count), rng.uniform(0.02, 0.4, count)
        pieces = [
            piece
            for rest, burst in zip(rests, bursts, strict=True)
            for piece in ((rest, low, low), (burst, high, high))
        ]
    else:
        first, second = 10 ** rng.uniform(np.log10(0.15), 1, 2)
        count = int(length / (first + second)) + 1
        pieces = [(first, high, high), (second, low, low)] * count
        if rng.random() < 0.5:
            pieces = pieces[1:] + pieces[:1]
    return _cut(pieces, length)


def _cut(pieces, length):
    kept, left = [], length
    for span, begin, end in pieces:
        if span >= left:
            kept.append((left, begin, begin + (end - begin) * left / span))
            return kept
        kept.append((span, begin, end))
        left -= span
    return [*kept, (left, kept[-1][2], kept[-1][2])]


def _sensor(shape, rng):
    """Return update s, window s and the part of each update that the sensor looks at."""
    if shape == "averaging sensor":
        return (0.1, 1.0, rng.choice((0.25, 1.0)))
    return ((0.1, 0.1, 0.25), (0.1, 0.1, 1.0), (0.02, 0.02, 0.5))[rng.integers(3)]


def _ticks(end_s, rng):
    """Return when samples are taken: ten a second, a little late each, some more so."""
    ticks = np.arange(rng.uniform(0, TICK_S), end_s, TICK_S)
    late = rng.exponential(0.0005, len(ticks)) + (rng.random(len(ticks)) < 0.01) * 0.02
    return ticks + late


def _dropped(t_s, rng):
    """Return the ticks without some single ones, and without some stretches of up to a second."""
    lost = rng.random(len(t_s)) < rng.uniform(0.01, 0.2)
    for begin in np.flatnonzero(rng.random(len(t_s)) < 0.005):
        lost[begin : begin + rng.integers(2, 11)] = True
    return t_s[~lost]


def _read(power, t_s, sensor, gain, rng):
    """Return the readings in whole mW: each the newest value, of the window that ended with it."""
    update, window, observed = sensor
    came = _newest(t_s, update * (1 + rng.uniform(-1e-3, 1e-3)), rng)
    seen_s, ages = (window, [0.0]) if observed == 1 else (
        update * observed, np.arange(round(window / update)) * update
    )  # fmt: skip
    joules = sum(power.until(came - age) - power.until(came - age - seen_s) for age in ages)
    return np.rint(gain * joules / (len(ages) * seen_s) * 1000).astype(np.int64)


def _newest(t_s, update, rng):
    """Return when the newest value came at each time, for updates at a phase of their own."""
    phase = rng.uniform(0, update)
    return np.floor((t_s - phase) / update) * update + phase


def _counter(power, gain, shape, rng):
    """Return a counter's readings, one a second, which it updates ten times a second or more."""
    update = rng.choice((0.02, 0.1))
    t_s = np.arange(rng.uniform(0, 1), power.t_s[-1], 1.0)
    t_s = t_s + rng.exponential(0.0005, len(t_s))
    joules = gain * power.until(_newest(t_s, update, rng)) + rng.uniform(1e3, 1e6)
    if shape == "resets":
        joules = _troubled(t_s, joules, rng)
    return _ns(t_s), np.floor(joules * 1000).astype(np.int64)


def _troubled(t_s, joules, rng):
    """Return the readings of a counter that begins again, wraps at 32 bits, sticks or leaps."""
    joules = joules.copy()
    for _ in range(rng.integers(1, 4)):
        at = rng.integers(1, len(joules))
        trouble = rng.choice(("reset", "wrap", "stuck", "held", "leap"))
        if trouble == "reset":
            joules[at:] -= joules[at] - rng.uniform(0, 100)
        elif trouble == "wrap":
            joules[at:] -= 2**32 / 1000
        elif trouble == "stuck":
            until = min(len(joules), at + rng.integers(2, 20))
            joules[until:] -= joules[until - 1] - joules[at - 1]
            joules[at:until] = joules[at - 1]
        elif trouble == "held":
            until = min(len(joules), at + rng.integers(2, 5))
            joules[at:until] = joules[at - 1]
        else:
            joules[at:] += 10 ** rng.uniform(5, 9)
    return joules - min(0.0, joules.min())


def _true_j(power, t_s, start, end):
    """Return the job's joules, without what lies between samples too far apart."""
    first, last = t_s[:-1], t_s[1:]
    gap = last - first > GAP_S
    begin, stop = np.clip(first[gap], start, end), np.clip(last[gap], start, end)
    return float(
        power.until(end) - power.until(start) - (power.until(stop) - power.until(begin)).sum()
    )
