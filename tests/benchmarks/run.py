"""Runs every benchmark of this folder and prints one table: python tests/benchmarks/run.py [NAME].

Each module bench_NAME.py has `main() -> list[Row]`. Both sides of a row are measured in one run,
in turns or side by side; a ratio of medians is the result, and the goal is a bound on it. Rows
against another program need VIDGREEN_PEERS, the path of a Python that has nvitop, codecarbon and
matplotlib installed; without it they say that they were skipped.
"""

import importlib.util
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was measured, against what, the figure, and the figure allowed.

    The figure is the ratio of both, or `value` itself where `reference` is empty; None where there
    is nothing to compare with.
    """

    name: str
    value: str
    reference: str
    ratio: float | None
    goal: float | None

    def __str__(self) -> str:
        ratio = "–" if self.ratio is None else _number(self.ratio)
        goal = "" if self.goal is None else f"≤ {self.goal:g}"
        met = "" if self.ratio is None or self.goal is None else _met(self.ratio <= self.goal)
        return f"| {self.name} | {self.value} | {self.reference} | {ratio} | {goal} | {met} |"


_ALONE = "--alone"
HEADER = "| what | here | against | figure | goal | met |\n|---|---|---|---|---|---|"


def _number(value: float) -> str:
    return f"{value:.2f}" if value == 0 or abs(value) >= 0.01 else f"{value:.1e}"


def _met(met: bool) -> str:
    return "yes" if met else "**no**"


def rows_of(path: Path) -> list[Row]:
    """Return the rows of one benchmark module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main()


def names() -> list[str]:
    """Return the names of all benchmarks."""
    return [path.stem.removeprefix("bench_") for path in sorted(HERE.glob("bench_*.py"))]


def main(wanted: list[str]) -> int:
    """Run the named benchmarks, all of them without a name, each in a process of its own."""
    print(HEADER, flush=True)
    failed = 0
    for name in wanted or names():
        done = subprocess.run([sys.executable, __file__, _ALONE, name], check=False)
        if done.returncode:
            failed += 1
            print(f"| {name} | failed | | | | |", flush=True)
    return 1 if failed else 0


def alone(name: str) -> None:
    """Run one benchmark in this process."""
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    # The modules import Row from here by this name, not as __main__.
    sys.modules["run"] = sys.modules["__main__"]
    for row in rows_of(HERE / f"bench_{name}.py"):
        print(row, flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == [_ALONE]:
        alone(sys.argv[2])
    else:
        sys.exit(main(sys.argv[1:]))
