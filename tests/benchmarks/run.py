"""Runs every benchmark of this folder and prints one table: python tests/benchmarks/run.py [NAME].

Each module bench_NAME.py has `main() -> list[Row]`. Both sides of a row are measured in one run,
in turns; a ratio of medians is the result, and the goal is a bound on it.
"""

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was measured, against what, the ratio of both, and the ratio allowed."""

    name: str
    value: str
    reference: str
    ratio: float
    goal: float | None

    def __str__(self) -> str:
        goal = "" if self.goal is None else f"≤ {self.goal:g}"
        met = "" if self.goal is None else "yes" if self.ratio <= self.goal else "**no**"
        return (
            f"| {self.name} | {self.value} | {self.reference} | {self.ratio:.2f} | {goal} | {met} |"
        )


HEADER = "| what | here | against | ratio | goal | met |\n|---|---|---|---|---|---|"


def rows_of(path: Path) -> list[Row]:
    """Return the rows of one benchmark module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main()


def main(wanted: list[str]) -> None:
    """Run the named benchmarks, all of them without a name."""
    print(HEADER)
    for path in sorted(HERE.glob("bench_*.py")):
        if not wanted or path.stem.removeprefix("bench_") in wanted:
            for row in rows_of(path):
                print(row, flush=True)


if __name__ == "__main__":
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    # The modules import Row from here by this name, not as __main__.
    sys.modules["run"] = sys.modules["__main__"]
    main(sys.argv[1:])
