"""A PyTorch load for real_gpu.py, for the Python that has torch: windows of work, or fixed work.

Prints one line of JSON: for `windows` what the driver's own counter (and Zeus, where installed)
says of each window; for `work` how long the same amount of work took. Each window is told to a
recorder through the spool.
"""

import argparse
import json
import os
import time
import uuid
from pathlib import Path

import torch

PAUSE_S = 6.0


def _multiply(device: str, size: int) -> "torch.Tensor":
    kind = torch.float16 if device == "cuda" else torch.float32
    size = size if device == "cuda" else size // 16
    return torch.randn(size, size, device=device, dtype=kind)


def shape(name: str, device: str):
    """Return one short piece of work of that shape."""
    large, small = _multiply(device, 8192), _multiply(device, 1024)

    def steady() -> None:
        torch.mm(large, large)

    def light() -> None:
        torch.mm(small, small)

    def bursts() -> None:
        end_s = time.monotonic() + 0.3
        while time.monotonic() < end_s:
            torch.mm(large, large)
            _wait(device)
        time.sleep(0.25)

    def memory() -> None:
        large.clone().add_(1.0)

    return {"steady": steady, "light": light, "bursts": bursts, "memory": memory}[name]


SHAPES = ("steady", "light", "bursts", "memory")


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


class Counter:
    """The driver's own energy counter."""

    def __init__(self) -> None:
        import pynvml

        pynvml.nvmlInit()
        self._nvml = pynvml
        self._gpu = pynvml.nvmlDeviceGetHandleByIndex(0)

    def joules(self) -> float:
        """Return the counter now."""
        return self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._gpu) / 1000

    def fresh_joules(self) -> float:
        """Return the counter as soon as it moved: a reading is then as old as it is long ago."""
        before = self.joules()
        end_s = time.monotonic() + 0.5
        while (now := self.joules()) == before and time.monotonic() < end_s:
            time.sleep(0.0005)
        return now


def _zeus():
    try:
        from zeus.monitor import ZeusMonitor
    except ImportError:
        return None
    return ZeusMonitor(gpu_indices=[0])


def _say(spool: Path | None, kind: str, **more: object) -> None:
    if spool is None:
        return
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    at = {"boot_id": boot, "steady_ns": time.monotonic_ns(), "utc_ns": time.time_ns()}
    line = json.dumps({"v": 1, "kind": kind, "at": at, **more}) + "\n"
    with (spool / f"load-{os.getpid()}.ndjson").open("a", encoding="utf-8") as stream:
        stream.write(line)


def windows(device: str, seconds: float, spool: Path | None) -> list[dict]:
    """Work for `seconds` in each shape, with pauses, and return what the counter says of each."""
    counter, zeus, found = Counter(), _zeus(), []
    for name in SHAPES:
        work = shape(name, device)
        work()
        _wait(device)
        time.sleep(PAUSE_S)
        job = uuid.uuid4().hex
        begun_j = counter.fresh_joules()
        _say(spool, "iteration_started", id=job, source="script", label=name, clip=name)
        began_s = time.monotonic()
        if zeus is not None:
            zeus.begin_window(name)
        while time.monotonic() - began_s < seconds:
            work()
            _wait(device)
        said = None if zeus is None else zeus.end_window(name)
        ended_j = counter.fresh_joules()
        _say(spool, "iteration_ended", id=job, status="completed")
        found.append(
            {
                "id": job,
                "shape": name,
                "seconds": time.monotonic() - began_s,
                "counter_j": ended_j - begun_j,
                "zeus_j": None if said is None else said.total_energy,
            }
        )
    return found


def work(device: str, pieces: int, spool: Path | None) -> float:
    """Return the seconds that `pieces` pieces of the steady shape took."""
    piece, job = shape("steady", device), uuid.uuid4().hex
    for _ in range(max(1, pieces // 20)):
        piece()
    _wait(device)
    _say(spool, "iteration_started", id=job, source="script", label="work", clip="work")
    time.sleep(1.5)
    began_s = time.perf_counter()
    for _ in range(pieces):
        piece()
    _wait(device)
    took_s = time.perf_counter() - began_s
    _say(spool, "iteration_ended", id=job, status="completed")
    return took_s


def main() -> None:
    """Do what was asked for and print it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["check", "windows", "work"])
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--pieces", type=int, default=2000)
    parser.add_argument("--spool", type=Path)
    asked = parser.parse_args()
    if asked.what == "check":
        answer: object = asked.device == "cpu" or torch.cuda.is_available()
    elif asked.what == "windows":
        answer = windows(asked.device, asked.seconds, asked.spool)
    else:
        answer = work(asked.device, asked.pieces, asked.spool)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
