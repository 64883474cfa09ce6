"""Writes the synthetic traces of this folder: python tests/data/traces/make.py. Seeded: same bytes.

Each is a `# vidgreen-trace/1` file. What a sensor would have said is worked out here from a power
known at every millisecond, with numpy alone. Remarks say when a job began and ended, and how many
joules it truly took on that device: "job NAME begin", "job NAME end TRUE_J".
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
STEP_S = 0.001


@dataclass(frozen=True)
class Board:
    """A board under test: its true power, its sensor, its jobs."""

    name: str
    power_w: np.ndarray
    jobs: dict[str, tuple[float, float]]
    remark: str
    window_s: float = 0.0
    observed: float = 1.0
    period_s: float = 0.1
    gain: float = 1.0
    counter: Callable[[np.ndarray], np.ndarray] | None = None
    silent: tuple[tuple[float, float], ...] = ()
    dropped: float = 0.0
    rows: dict[float, list[str]] = field(default_factory=dict)

    @property
    def true_j(self) -> np.ndarray:
        """Return the true joules since the start, at each millisecond."""
        return np.concatenate(([0.0], np.cumsum(self.power_w) * STEP_S))

    def mean_w(self, end_s: float, over_s: float) -> float:
        """Return the true mean power of the `over_s` before a time."""
        end = round(end_s / STEP_S)
        begin = max(0, end - max(1, round(over_s / STEP_S)))
        joules = self.true_j
        return float((joules[end] - joules[begin]) / ((end - begin) * STEP_S))


def at(seconds: float) -> np.ndarray:
    """Return the middle of each millisecond until `seconds`."""
    return (np.arange(round(seconds / STEP_S)) + 0.5) * STEP_S


def job_power(seconds: float, jobs: dict, idle_w: float, job_w: Callable) -> np.ndarray:
    """Return `idle_w`, and in each job what `job_w` says of the seconds since it began."""
    t_s = at(seconds)
    power_w = np.full(len(t_s), idle_w)
    for begin, end in jobs.values():
        inside = (t_s >= begin) & (t_s < end)
        power_w[inside] = job_w(t_s[inside] - begin)
    return power_w


def rows_of(board: Board, dice: np.random.Generator) -> list[tuple[float, str]]:
    """Return the rows of a board: samples on its grid, and remarks."""
    rows = [(0.0, f"{board.name},,,{board.remark}")]
    length_s = len(board.power_w) * STEP_S
    looks_s = board.window_s or 0.1 * board.observed
    count = int(length_s / board.period_s)
    for number in range(11, count):
        t_s = number * board.period_s + dice.uniform(0.0, 0.004)
        if any(begin <= t_s < end for begin, end in board.silent):
            continue
        power = f"{board.gain * board.mean_w(t_s, looks_s):.3f}"
        if dice.uniform() < board.dropped:
            continue
        energy = ""
        if board.counter is not None and number % round(1.0 / board.period_s) == 0:
            seen = board.true_j[round((t_s - t_s % 0.1) / STEP_S)] * board.gain
            energy = f"{float(board.counter(np.array(seen))):.3f}"
        rows.append((t_s, f"{board.name},{power},{energy},"))
    for name, (begin, end) in board.jobs.items():
        true_j = board.true_j[round(end / STEP_S)] - board.true_j[round(begin / STEP_S)]
        rows.append((begin, f"{board.name},,,job {name} begin"))
        rows.append((end, f"{board.name},,,job {name} end {true_j:.3f}"))
    return rows


def write(name: str, *boards: Board, seed: int) -> None:
    """Write the boards as one trace."""
    dice = np.random.default_rng(seed)
    rows = [row for board in boards for row in rows_of(board, dice)]
    lines = [f"{t_s:.6f},{rest}" for t_s, rest in sorted(rows, key=lambda row: row[0])]
    text = "\n".join(["# vidgreen-trace/1", "t_s,device,power_w,energy_j,event", *lines]) + "\n"
    (HERE / f"synthetic-{name}.trace").write_text(text, encoding="utf-8")


def sensor(semantics: str, **numbers: float) -> str:
    """Return the remark about a board's sensor."""
    return " ".join(("sensor gpu", semantics, *(f"{name}={n}" for name, n in numbers.items())))


INSTANT = sensor("instant", update_ns=100_000_000, window_ns=0)
AVERAGE = sensor("average_1s", update_ns=100_000_000, window_ns=1_000_000_000)
QUARTER = sensor("instant", update_ns=100_000_000, window_ns=0, observed=0.25)
TWO = {"first": (10.037, 30.512), "second": (36.270, 52.148)}


def main() -> None:
    """Write them all."""

    def steady(t_s: np.ndarray) -> np.ndarray:
        return 405.0 + 6.0 * np.sin(2 * np.pi * 0.7 * t_s)

    def bursts(t_s: np.ndarray) -> np.ndarray:
        return np.where((t_s % 0.83) < 0.55, 430.0, 120.0)

    def ramp(t_s: np.ndarray) -> np.ndarray:
        return 60.0 + 3.0 * t_s

    square = job_power(60.0, TWO, 32.0, steady)
    counted = {"counter": lambda joules: 51_234.0 + joules}
    write("square-counter", Board("a", square, TWO, INSTANT, gain=1.031, **counted), seed=1)
    write("square-no-counter", Board("a", square, TWO, INSTANT, gain=0.972), seed=2)
    write("average-1s", Board("a", square, TWO, AVERAGE, window_s=1.0), seed=3)
    write("average-1s-counter", Board("a", square, TWO, AVERAGE, window_s=1.0, **counted), seed=4)
    burst = job_power(60.0, TWO, 45.0, bursts)
    write("bursts-quarter-observed", Board("a", burst, TWO, QUARTER, observed=0.25), seed=5)
    long = {"ramp": (20.4, 110.9)}
    climbing = job_power(120.0, long, 40.0, ramp)
    write("ramp-dropped", Board("a", climbing, long, INSTANT, dropped=0.15), seed=6)

    def reloaded(joules: np.ndarray) -> np.ndarray:
        return np.where(joules > 5_000.0, joules - 5_000.0, 900_000.0 + joules)

    write("counter-reset", Board("a", square, TWO, INSTANT, counter=reloaded), seed=7)

    def wrapped(joules: np.ndarray) -> np.ndarray:
        return (4_290_000.0 + joules) % (2**32 / 1000)

    write("counter-wrap", Board("a", square, TWO, INSTANT, counter=wrapped), seed=8)

    def stalled(joules: np.ndarray) -> np.ndarray:
        return 77_000.0 + np.minimum(joules, 6_000.0)

    write("counter-stalls", Board("a", square, TWO, INSTANT, counter=stalled), seed=9)
    lost = Board("b", burst, {"third": (11.2, 21.7)}, INSTANT, silent=((25.0, 48.0),), **counted)
    write("two-boards-one-lost", Board("a", square, TWO, INSTANT, **counted), lost, seed=10)
    short = {f"n{n}": (5.0 + 4.0 * n, 5.0 + 4.0 * n + 0.02 + 0.13 * n) for n in range(12)}
    brief = job_power(60.0, short, 28.0, steady)
    write("short-jobs", Board("a", brief, short, INSTANT), seed=11)


if __name__ == "__main__":
    main()
