"""The trace file `# vidgreen-trace/1`: what meters read, as CSV, written and read back."""

import csv
import math
from array import array
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from vidgreen_gui.model.faults import InputFault, MeterFault, MeterFaultKind
from vidgreen_gui.model.power import Block, CounterBlock, PowerBlock, column
from vidgreen_gui.model.units import NS_PER_S, mw_from_w, ns_from_s

FORMAT = "# vidgreen-trace/1"
COLUMNS = ["t_s", "device", "power_w", "energy_j", "event"]
# 292 years of nanoseconds, and as much power and energy as fits the columns.
_LARGEST = 9e9


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """A remark in a trace, such as a phase; `device` is empty where it is about none."""

    t_ns: int
    device: str
    text: str


@dataclass(frozen=True, slots=True)
class DeviceTrace:
    """One device's samples in order of time; power and counter are sampled apart."""

    power_t_ns: "array[int]" = field(default_factory=column)
    power_mw: "array[int]" = field(default_factory=column)
    energy_t_ns: "array[int]" = field(default_factory=column)
    energy_mj: "array[int]" = field(default_factory=column)


@dataclass(frozen=True, slots=True)
class Trace:
    """A whole trace: samples by device, in the order devices appear, and the remarks."""

    devices: dict[str, DeviceTrace]
    events: tuple[TraceEvent, ...]


def read_trace(path: Path) -> Trace:
    """Return the trace in `path`.

    Raises MeterFault(BAD_TRACE) with the line and the offending cell, InputFault for a file that
    is not there.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return _Reader(path.name).read(stream)
    except OSError as error:
        raise InputFault("fault.meter.trace_missing", path=str(path)) from error
    except UnicodeDecodeError as error:
        raise MeterFault(MeterFaultKind.BAD_TRACE, path.name, "UTF-8", line=1) from error


class _Reader:
    """Reads one trace line by line and says where it stops being one."""

    def __init__(self, file_name: str) -> None:
        self._file_name = file_name
        self._line = 1
        self._devices: dict[str, DeviceTrace] = defaultdict(DeviceTrace)
        self._events: list[TraceEvent] = []
        self._newest_ns: dict[str, int] = {}

    def read(self, stream: TextIO) -> Trace:
        if stream.readline().rstrip("\r\n") != FORMAT:
            raise self._bad(FORMAT)
        rows = csv.reader(stream, strict=True)
        try:
            for row in rows:
                self._line = rows.line_num + 1
                if self._line == 2:
                    if row != COLUMNS:
                        raise self._bad(",".join(COLUMNS))
                elif row:
                    self._take(row)
        except csv.Error as error:
            self._line = rows.line_num + 1
            raise self._bad(str(error)) from error
        if not self._devices:
            raise self._bad("power_w, energy_j")
        return Trace(dict(self._devices), tuple(self._events))

    def _take(self, row: list[str]) -> None:
        if len(row) != len(COLUMNS):
            raise self._bad(f"{len(row)} ≠ {len(COLUMNS)}")
        t_text, device, power_text, energy_text, event = row
        t_ns = ns_from_s(self._number("t_s", t_text))
        if t_ns < self._newest_ns.get(device, 0):
            raise self._bad(f"t_s {t_text!r}")
        self._newest_ns[device] = t_ns
        if event:
            self._events.append(TraceEvent(t_ns, device, event))
        if not power_text and not energy_text:
            return
        if not device:
            raise self._bad("device ''")
        samples = self._devices[device]
        if power_text:
            samples.power_t_ns.append(t_ns)
            samples.power_mw.append(mw_from_w(self._number("power_w", power_text)))
        if energy_text:
            samples.energy_t_ns.append(t_ns)
            samples.energy_mj.append(round(self._number("energy_j", energy_text) * 1000))

    def _number(self, name: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError as error:
            raise self._bad(f"{name} {text[:40]!r}") from error
        # float() also reads "nan", "inf" and "1_000".
        if "_" in text or not math.isfinite(value) or not 0 <= value <= _LARGEST:
            raise self._bad(f"{name} {text[:40]!r}")
        return value

    def _bad(self, detail: str) -> MeterFault:
        return MeterFault(MeterFaultKind.BAD_TRACE, self._file_name, detail, line=self._line)


class TraceWriter:
    """Writes blocks as a trace that `read_trace` gives back to the milliwatt and the nanosecond."""

    def __init__(self, path: Path) -> None:
        """Create or replace `path`; raise InputFault where it cannot be written."""
        self._path = path
        try:
            self._stream = path.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise self._unwritable() from error
        self._stream.write(f"{FORMAT}\n")
        self._rows = csv.writer(self._stream, lineterminator="\n")
        self._rows.writerow(COLUMNS)

    def add(self, blocks: Iterable[Block], events: Iterable[TraceEvent] = ()) -> None:
        """Append one delivery's samples in order of time; slow fields are not part of a trace.

        Raise InputFault where they cannot be written now; the next call tries again.
        """
        cells: dict[tuple[int, str], list[str]] = defaultdict(lambda: ["", "", ""])
        for block in blocks:
            match block:
                case PowerBlock():
                    for t_ns, power_mw in zip(block.t_ns, block.power_mw, strict=True):
                        cells[t_ns, block.device_id][0] = _thousandths(power_mw)
                case CounterBlock():
                    for t_ns, energy_mj in zip(block.t_ns, block.energy_mj, strict=True):
                        cells[t_ns, block.device_id][1] = _thousandths(energy_mj)
        for event in events:
            cells[event.t_ns, event.device][2] = event.text
        for (t_ns, device), samples in sorted(cells.items()):
            self._rows.writerow([f"{t_ns // NS_PER_S}.{t_ns % NS_PER_S:09d}", device, *samples])
        try:
            self._stream.flush()
        except OSError as error:
            raise self._unwritable() from error

    def close(self) -> None:
        """Close the file."""
        # What is still not written `add` has told of.
        with suppress(OSError):
            self._stream.close()

    def _unwritable(self) -> InputFault:
        return InputFault("fault.meter.trace_unwritable", path=str(self._path))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _thousandths(value: int) -> str:
    return f"{value // 1000}.{value % 1000:03d}"
