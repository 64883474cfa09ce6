"""Bytes of a sample, a whole history's envelope in time, and what eight hours write to disk."""

import os
import time
from array import array
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from run import Row
from support.recorded import RUN

from vidgreen_gui.model.power import CounterBlock, PowerBlock, SlowBlock, SlowField
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import FILE_NAME, Store
from vidgreen_gui.store.queries import Reader

MILLION = 1_000_000
# A hundred million samples take minutes to make: asked for by name.
MANY = int(float(os.environ.get("VIDGREEN_BENCH_SAMPLES", 10 * MILLION)))
AT_ONCE = 4096 * 16
COLUMNS, ROUNDS = 1_200, 41
PERIOD_NS = 100 * NS_PER_MS
HOURS = 8
GPU = "GPU-57a4d141-0000-4000-8000-000000000000"


def main() -> list[Row]:
    with TemporaryDirectory(prefix="vidgreen-bench-") as name:
        folder = Path(name)
        few, many, counted = folder / "few", folder / "many", folder / "counted"
        _fill(few, MILLION)
        _fill(many, MANY)
        _fill(counted, min(MANY, 10 * MILLION), counter=True)
        return [
            _size("power sample", many, 2.7),
            _size("power sample with the counter", counted, 3.2),
            _envelopes(few, many),
            _written(folder / "working", "working, 10 Hz, a commit a second", 1),
            _written(folder / "idle", "idle, 1 Hz, a commit in ten seconds", 10),
        ]


def _size(what: str, folder: Path, goal: float) -> Row:
    size = (folder / FILE_NAME).stat().st_size
    samples = int((folder / "samples").read_text())
    each = size / samples
    return Row(f"bytes a {what}, at {samples:.0e}", f"{size / 1e6:.1f} MB", "", each, goal)


def _envelopes(few: Path, many: Path) -> Row:
    """Ask both for the whole of their history, in turns, once all pages are in memory."""
    readers = {MILLION: Reader(few), MANY: Reader(many)}
    spent: dict[int, list[float]] = {samples: [] for samples in readers}
    for number in range(ROUNDS):
        for samples, reader in readers.items():
            begin = time.process_time_ns()
            found = reader.envelope(RUN.id, GPU, 0, samples * PERIOD_NS, COLUMNS)
            if number:
                spent[samples].append((time.process_time_ns() - begin) / 1e6)
            assert int(found.count.sum()) == samples
    for reader in readers.values():
        reader.close()
    here, against = (median(spent[samples]) for samples in (MANY, MILLION))
    name = f"whole history in {COLUMNS:,} columns, {MANY:.0e} samples, warm"
    return Row(name, f"{here:.2f} ms", f"1e+06 samples {against:.2f} ms", here / against, 1.5)


def _fill(folder: Path, samples: int, *, counter: bool = False) -> None:
    """Store that many samples of a card under jobs."""
    store = Store.open(folder)
    store.begin_run(RUN)
    for first in range(0, samples, AT_ONCE):
        t_ns, power_mw = trace(first, min(AT_ONCE, samples - first), PERIOD_NS)
        blocks = [PowerBlock(GPU, PERIOD_NS, _column(t_ns), _column(power_mw))]
        if counter:
            blocks.append(_counter(t_ns, power_mw))
        store.write(Batch(run_id=RUN.id, blocks=tuple(blocks)))
    store.close_run(RUN.id)
    store.close()
    (folder / "samples").write_text(str(samples))


def trace(first: int, samples: int, period_ns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return times and mW of a card: jobs and pauses, a slow swing, the noise of its sensor.

    Ticks come up to 2 ms late, in whole milliseconds, as the sampler stamps them. The sensor
    wanders by 3 W around the job's level: noise decides the size, so it is not spared.
    """
    rng = np.random.default_rng([4090, first])
    number = np.arange(first, first + samples)
    late_ms = np.minimum(rng.geometric(0.7, samples) - 1, 2)
    t_ns = number * period_ns + late_ms * NS_PER_MS
    second = number * period_ns // NS_PER_S
    level = np.where(second % 600 < 460, 400_000, 60_000)
    swing = 8_000 * np.sin(second / 7.0)
    return t_ns, np.rint(level + swing + rng.normal(0, 3_000, samples)).astype(np.int64)


def _counter(t_ns, power_mw):
    """Return one reading a second, in mJ."""
    per_second = NS_PER_S // PERIOD_NS
    seconds = t_ns[::per_second]
    used = np.add.reduceat(power_mw, np.arange(0, len(power_mw), per_second)) // per_second
    start = int(seconds[0] // NS_PER_MS) * 300
    return CounterBlock(GPU, NS_PER_S, _column(seconds), _column(start + np.cumsum(used)))


def _written(folder: Path, name: str, commit_s: int) -> Row:
    """Commit as a recorder does for eight hours, and ask the kernel what went to the disk."""
    period_ns = PERIOD_NS if commit_s == 1 else NS_PER_S
    store = Store.open(folder)
    store.begin_run(RUN)
    before = _bytes_written()
    for second in range(0, HOURS * 3600, commit_s):
        store.write(Batch(run_id=RUN.id, blocks=_moment(second, commit_s, period_ns)))
    store.close_run(RUN.id)
    written = _bytes_written() - before
    store.close()
    kept = (folder / FILE_NAME).stat().st_size / 1e6
    value = f"{written / 1e6:.0f} MB"
    return Row(f"written in {HOURS} h {name}", value, f"file of {kept:.1f} MB", None, None)


def _moment(second: int, length_s: int, period_ns: int) -> tuple:
    """Return the blocks of one commit: power, the counter, and each slow field once a second."""
    first = second * NS_PER_S // period_ns
    t_ns, power_mw = trace(first, length_s * NS_PER_S // period_ns, period_ns)
    seconds = np.arange(second, second + length_s)
    at_ns = seconds * NS_PER_S
    slow = partial(SlowBlock, period_ns=NS_PER_S, t_ns=_column(at_ns))
    constant = {SlowField.MEMORY_USED_BYTES: 18 << 30, SlowField.POWER_LIMIT_MW: 450_000}
    moving = {SlowField.TEMPERATURE_C: 60 + seconds // 20 % 9, SlowField.UTILISATION_PCT: 97}
    return (
        PowerBlock(GPU, period_ns, _column(t_ns), _column(power_mw)),
        CounterBlock(GPU, NS_PER_S, _column(at_ns), _column(300_000 * seconds)),
        *(
            slow(GPU, quantity, value=_column(np.broadcast_to(value, length_s)))
            for quantity, value in (constant | moving).items()
        ),
    )


def _bytes_written() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["write_bytes"])


def _column(values) -> array:
    return array("q", np.asarray(values, dtype=np.int64).tobytes())
