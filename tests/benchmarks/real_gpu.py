"""Holds VidGreen against a real NVIDIA GPU: python tests/benchmarks/real_gpu.py [--python PATH].

Records a PyTorch load of four shapes with the real NVML meter, and compares the energy of each
iteration with the driver's own counter over the same window (goal 1 %) and with Zeus where it is
installed (goal 2 %); then times the same work with and without a recorder, in alternating pairs.
The recording's trace goes into the replay library. `--python` names a Python with torch,
nvidia-ml-py and perhaps zeus; `--device cpu` tries the script itself on a stand-in of NVML, and
keeps no trace. Exit 1 where a goal is missed, 2 where it cannot be tried here.
"""

import argparse
import json
import math
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOAD = HERE / "gpu_load.py"
TRACES = HERE.parent / "data" / "traces"
COUNTER_GOAL, ZEUS_GOAL = 0.01, 0.02
_START_S = 20.0


class CannotTry(Exception):
    """Something that this needs is not here."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One window: our joules with their range, the counter's, Zeus's."""

    shape: str
    seconds: float
    energy_j: float
    low_j: float
    high_j: float
    counter_j: float
    zeus_j: float | None

    @property
    def off_counter(self) -> float:
        """Return how far we are from the counter, relative to it."""
        return self.energy_j / self.counter_j - 1.0

    @property
    def off_zeus(self) -> float | None:
        """Return how far we are from Zeus, relative to it."""
        return None if not self.zeus_j else self.energy_j / self.zeus_j - 1.0

    @property
    def is_met(self) -> bool:
        """Whether both goals hold."""
        zeus = self.off_zeus
        return abs(self.off_counter) <= COUNTER_GOAL and (zeus is None or abs(zeus) <= ZEUS_GOAL)


def compare(session: dict, windows: Sequence[dict]) -> list[Compared]:
    """Return each window beside its iteration; raise CannotTry where one was not recorded."""
    iterations = {
        iteration["external_id"]: iteration
        for clip in session["clips"]
        for iteration in clip["iterations"]
    }
    found = []
    for window in windows:
        energy = iterations.get(window["id"], {}).get("energy_wh")
        if energy is None:
            raise CannotTry(f"window {window['shape']} has no energy in the recorded session")
        best, low, high = (energy[key] * 3600 for key in ("best", "low", "high"))
        found.append(
            Compared(window["shape"], window["seconds"], best, low, high,
                     window["counter_j"], window["zeus_j"])
        )  # fmt: skip
    return found


def paired(with_s: Sequence[float], without_s: Sequence[float]) -> tuple[float, float, float]:
    """Return the ratio of times with to without and its 95 % interval, by bootstrap."""
    logs = [math.log(a / b) for a, b in zip(with_s, without_s, strict=True)]
    dice = random.Random(1)
    means = sorted(statistics.fmean(dice.choices(logs, k=len(logs))) for _ in range(4000))
    return math.exp(statistics.fmean(logs)), math.exp(means[100]), math.exp(means[-101])


def _load(python: str, device: str, what: str, *more: str) -> object:
    call = [python, str(LOAD), what, "--device", device, *more]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["no reason"]
        raise CannotTry(f"{python} cannot run the load: {said[-1]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def _vidgreen(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "vidgreen_gui", *arguments]


@contextmanager
def recording(data: Path, trace: Path) -> Iterator[Path]:
    """Record with NVML while the block runs; yield the spool's folder."""
    call = _vidgreen("record", "--meter", "nvml", "--data-dir", str(data), "--trace", str(trace))
    with subprocess.Popen(call, stderr=subprocess.PIPE, text=True) as recorder:
        end_s = time.monotonic() + _START_S
        while not (trace.exists() and len(trace.read_bytes()) > 100):
            if recorder.poll() is not None:
                raise CannotTry((recorder.stderr.read() if recorder.stderr else "").strip())
            if time.monotonic() > end_s:
                recorder.kill()
                raise CannotTry("the recorder did not begin to sample")
            time.sleep(0.1)
        spool = data / "spool"
        spool.mkdir(exist_ok=True)
        try:
            yield spool
            time.sleep(3.0)
        finally:
            recorder.send_signal(signal.SIGINT)
            recorder.wait(30)


def _session(data: Path) -> dict:
    out = data / "session.json"
    subprocess.run(
        _vidgreen("export", "last", "--format", "json", "-o", str(out), "--data-dir", str(data)),
        check=True, capture_output=True,
    )  # fmt: skip
    return json.loads(out.read_text(encoding="utf-8"))


def _traced_name(session: dict) -> str:
    names = [device["name"] for device in session["devices"]]
    slug = "-".join("".join(c if c.isalnum() else " " for c in names[0].lower()).split())
    return f"real-{slug}.trace"


def try_it(python: str, device: str, seconds: float, pairs: int, pieces: int) -> bool:
    """Do all of it, print what was seen; return whether the goals were met."""
    if _load(python, device, "check") is not True:
        raise CannotTry(f"{python} has torch but no CUDA device")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        trace = data / "recorded.trace"
        with recording(data, trace) as spool:
            more = ("--seconds", str(seconds), "--spool", str(spool))
            windows = _load(python, device, "windows", *more)
        session = _session(data)
        found = compare(session, windows)
        if device == "cuda":
            TRACES.mkdir(exist_ok=True)
            kept = TRACES / _traced_name(session)
            kept.write_bytes(trace.read_bytes())
            print(f"trace kept: {kept.name}")
        print("| window | s | here J (95 %) | counter J | off | Zeus J | off |")
        print("|---|---|---|---|---|---|---|")
        for one in found:
            zeus = "–" if one.zeus_j is None else f"{one.zeus_j:.0f}"
            off = "–" if one.off_zeus is None else f"{one.off_zeus:+.2%}"
            print(f"| {one.shape} | {one.seconds:.1f} | {one.energy_j:.0f} "
                  f"({one.low_j:.0f}–{one.high_j:.0f}) | {one.counter_j:.0f} "
                  f"| {one.off_counter:+.2%} | {zeus} | {off} |")  # fmt: skip
    ratio, low, high = _pairs(python, device, pairs, pieces)
    print(f"run time with / without a recorder: {ratio:.4f} ({low:.4f}–{high:.4f}), {pairs} pairs")
    return all(one.is_met for one in found) and low <= 1.0


def _pairs(python: str, device: str, pairs: int, pieces: int) -> tuple[float, float, float]:
    took: dict[bool, list[float]] = {True: [], False: []}
    more = ("--pieces", str(pieces))
    for number in range(pairs):
        for recorded in (True, False) if number % 2 else (False, True):
            if not recorded:
                took[False].append(float(_load(python, device, "work", *more)))
                continue
            with tempfile.TemporaryDirectory() as folder:
                data = Path(folder)
                with recording(data, data / "recorded.trace") as spool:
                    timed = _load(python, device, "work", *more, "--spool", str(spool))
                took[True].append(float(timed))
    return paired(took[True], took[False])


def main() -> int:
    """Return the exit status: 0 met, 1 missed, 2 cannot be tried here."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--pieces", type=int, default=20_000)
    asked = parser.parse_args()
    try:
        met = try_it(asked.python, asked.device, asked.seconds, asked.pairs, asked.pieces)
    except CannotTry as why:
        print(f"This needs an NVIDIA GPU, its driver and torch with CUDA: {why}", file=sys.stderr)
        return 2
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
