"""What is known of NVIDIA's built-in sensors, by architecture and board: the shipped table."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from vidgreen_gui.model.power import PowerSemantics, Sensor
from vidgreen_gui.model.units import ns_from_ms

TABLE = "data/vidgreen/nvml_sensors.csv"
_DEFECT = "sensors.nvml.defect."
_UNPUBLISHED = f"{_DEFECT}update_unpublished"


@dataclass(frozen=True, slots=True)
class SensorFacts:
    """One row: the sensor of some boards, and whether their counter is the GPU's alone."""

    architecture: str
    boards: re.Pattern[str] | None
    meaning: PowerSemantics
    sensor: Sensor
    counts_module: bool


class SensorTable:
    """Finds the facts of a board.

    What no source tells stays at the defaults of `Sensor`, and its defects say so.
    """

    def __init__(self, path: Path) -> None:
        """Read the table at `path`; raise OSError, ValueError or KeyError where it is broken."""
        with path.open(encoding="utf-8", newline="") as stream:
            self._rows = tuple(_facts(row) for row in csv.DictReader(stream))

    def plain_meaning(self, architecture: str | None, name: str) -> PowerSemantics:
        """Return what nvmlDeviceGetPowerUsage answers on a board of this architecture.

        nvml.h has it average the last second "on Ampere (except GA100) or newer": wherever the
        table has a row for averages.
        """
        meanings = {row.meaning for row in self._of(architecture, name)}
        if PowerSemantics.AVERAGE_1S in meanings:
            return PowerSemantics.AVERAGE_1S
        return PowerSemantics.INSTANT if meanings else PowerSemantics.UNKNOWN

    def sensor(self, architecture: str | None, name: str, meaning: PowerSemantics) -> Sensor:
        """Return the sensor of a board whose power readings have this meaning."""
        rows = self._of(architecture, name)
        known = (row.sensor for row in rows if row.meaning is meaning)
        return next(known, Sensor(defects=(_UNPUBLISHED,)))

    def counts_module(self, architecture: str | None, name: str) -> bool:
        """Return whether the energy counter counts more than the GPU: the module around it."""
        return any(row.counts_module for row in self._of(architecture, name))

    def _of(self, architecture: str | None, name: str) -> tuple[SensorFacts, ...]:
        """Return the rows of this very board, else those of its architecture."""
        mine = [row for row in self._rows if row.architecture == architecture]
        own = tuple(row for row in mine if row.boards is not None and row.boards.search(name))
        return own or tuple(row for row in mine if row.boards is None)


def _facts(row: dict[str, str]) -> SensorFacts:
    told = {
        "update_ns": row["update_ms"] and ns_from_ms(float(row["update_ms"])),
        "window_ns": row["window_ms"] and ns_from_ms(float(row["window_ms"])),
        "observed": row["observed"] and float(row["observed"]),
        "counter_update_ns": row["counter_update_ms"]
        and ns_from_ms(float(row["counter_update_ms"])),
    }
    defects = [_DEFECT + defect for defect in row["defects"].split(";") if defect]
    if not row["update_ms"]:
        defects.append(_UNPUBLISHED)
    return SensorFacts(
        architecture=row["architecture"],
        boards=re.compile(rf"\b({row['boards']})\b") if row["boards"] else None,
        meaning=PowerSemantics(row["meaning"]),
        sensor=Sensor(
            **{name: value for name, value in told.items() if value != ""},  # type: ignore[arg-type]
            defects=tuple(defects),
            source=f"{row['source']} ({row['year']})",
        ),
        counts_module=row["counter"] == "module",
    )
