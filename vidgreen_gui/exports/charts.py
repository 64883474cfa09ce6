"""The charts of a report as shapes for inline SVG; a browser's own text and colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from vidgreen_gui.exports.axes import Frame, Tick, clock_ticks, round_steps
from vidgreen_gui.model.facts import CumulativeTable, IterationFacts, PowerCurve, SessionFacts
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.session import Status
from vidgreen_gui.model.units import NS_PER_MS, w_from_mw
from vidgreen_gui.texts.numbers import Numbers
from vidgreen_gui.texts.visible import visible

WIDTH = 920.0
_LEFT, _RIGHT, _TOP, _BELOW = 44.0, 12.0, 18.0, 24.0
_LABELS = 120.0
# Two units a column are enough for the eye and keep the file small.
_MOST_COLUMNS = 430


@dataclass(frozen=True, slots=True)
class Band:
    """An iteration behind a curve; no label where it is too narrow for one."""

    x: float
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class Area:
    """A stacked stretch: its outline as a path, how it is filled, its label at the right end."""

    path: str
    style: str
    label: str
    label_y: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """An iteration's energy with its range; `style` is kept, discarded, undecided or simulated."""

    x: float
    y: float
    width: float
    height: float
    style: str
    low_y: float | None
    high_y: float | None
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing: axes in its own units, then what applies to its kind."""

    title: str
    height: float
    frame: Frame
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    bands: tuple[Band, ...] = ()
    line: str = ""
    spread: str = ""
    areas: tuple[Area, ...] = ()
    bars: tuple[Bar, ...] = ()
    limit_y: float | None = None
    limit: str = ""
    width: float = WIDTH


def power_chart(
    curve: PowerCurve,
    iterations: Sequence[IterationFacts],
    title: str,
    numbers: Numbers,
    zone: tzinfo | None,
    limit_mw: int | None = None,
) -> Chart | None:
    """Return a device's power over time with a band per iteration, None without two columns."""
    if len(curve.t_utc_ms) < 2:
        return None
    step = -(-len(curve.t_utc_ms) // _MOST_COLUMNS)
    columns = [
        _column(curve, start, min(start + step, len(curve.t_utc_ms)))
        for start in range(0, len(curve.t_utc_ms), step)
    ]
    highest = max((high for _t, _low, _mean, high in columns if high is not None), default=0.0)
    steps = round_steps(highest)
    frame = _frame(160.0, curve.t_utc_ms[0], curve.t_utc_ms[-1], steps[-1])
    limit_w = None if limit_mw is None else w_from_mw(limit_mw)
    shown = limit_w is not None and limit_w <= frame.highest
    return Chart(
        title=title,
        height=frame.bottom + _BELOW,
        frame=frame,
        y_ticks=_y_ticks(frame, steps, numbers),
        x_ticks=_x_ticks(frame, zone),
        bands=tuple(_bands(frame, iterations)),
        line=_line(frame, columns),
        spread=_spread(frame, columns),
        limit_y=frame.y(limit_w) if shown and limit_w is not None else None,
        limit=numbers.power(limit_w) if shown else "",
    )


_Column = tuple[int, float | None, float | None, float | None]


def _column(curve: PowerCurve, start: int, end: int) -> _Column:
    """Return time, lowest, mean and highest watts of some columns, None where none was read."""
    read = [index for index in range(start, end) if curve.mean_mw[index] >= 0]
    time = curve.t_utc_ms[start]
    if not read:
        return time, None, None, None
    mean = sum(curve.mean_mw[index] for index in read) / len(read)
    low = min(curve.min_mw[index] for index in read)
    high = max(curve.max_mw[index] for index in read)
    return time, w_from_mw(low), w_from_mw(mean), w_from_mw(high)


def _line(frame: Frame, columns: Sequence[_Column]) -> str:
    """Return the mean as a path that is broken where nothing was read."""
    parts, pen_down = [], False
    for time, _low, mean, _high in columns:
        if mean is not None:
            parts.append(f"{'L' if pen_down else 'M'}{frame.x(time)} {frame.y(mean)}")
        pen_down = mean is not None
    return "".join(parts)


def _spread(frame: Frame, columns: Sequence[_Column]) -> str:
    """Return lowest to highest as upright strokes."""
    return "".join(
        f"M{frame.x(time)} {frame.y(low)}V{frame.y(high)}"
        for time, low, _mean, high in columns
        if low is not None and high is not None
    )


def _bands(frame: Frame, iterations: Sequence[IterationFacts]) -> list[Band]:
    bands = []
    for facts in iterations:
        started = facts.iteration.started_utc_ns
        if started is None:
            continue
        ended = facts.iteration.ended_utc_ns
        left = frame.x(started / NS_PER_MS)
        right = frame.right if ended is None else frame.x(ended / NS_PER_MS)
        if right > left:
            label = str(facts.iteration.number) if right - left > 9 else ""
            bands.append(Band(left, round(right - left, 1), label))
    return bands


def cumulative_chart(
    facts: SessionFacts, title: str, idle: str, numbers: Numbers, zone: tzinfo | None
) -> Chart | None:
    """Return cumulative CO2e in grams, stacked by clip with idle on top, None without any."""
    columns = _grams(facts)
    table = facts.cumulative
    if len(table.t_utc_ms) < 2 or not columns:
        return None
    steps = round_steps(sum(column[-1] for _owner, column in columns))
    frame = _frame(170.0, table.t_utc_ms[0], table.t_utc_ms[-1], steps[-1], _LABELS)
    names = {clip.clip.id: visible(clip.clip.name, 18) for clip in facts.clips} | {"idle": idle}
    areas, below = [], [0.0] * len(table.t_utc_ms)
    for index, (owner, column) in enumerate(columns):
        above = [low + own for low, own in zip(below, column, strict=True)]
        areas.append(_area(frame, table, below, above, _style(owner, index), names[owner]))
        below = above
    return Chart(
        title=title,
        height=frame.bottom + _BELOW,
        frame=frame,
        y_ticks=_y_ticks(frame, steps, numbers),
        x_ticks=_x_ticks(frame, zone),
        areas=tuple(areas),
    )


def _grams(facts: SessionFacts) -> list[tuple[str, list[float]]]:
    """Return grams per owner: each energy at its owner's mean factor over the session."""
    totals = {clip.clip.id: (clip.energy_wh, clip.co2e_g) for clip in facts.clips}
    totals["idle"] = (facts.idle_wh, facts.idle_co2e_g)
    columns = []
    for owner, energy in zip(facts.cumulative.owners, facts.cumulative.energy_wh, strict=True):
        in_all, grams = totals[owner]
        if in_all.best and grams.best and energy[-1] > 0:
            columns.append((owner, [value * grams.best / in_all.best for value in energy]))
    return columns


def _style(owner: str, index: int) -> str:
    return "idle" if owner == "idle" else f"clip-{index % 4 + 1}"


def _area(
    frame: Frame,
    table: CumulativeTable,
    below: Sequence[float],
    above: Sequence[float],
    style: str,
    label: str,
) -> Area:
    forth = [f"{frame.x(t)} {frame.y(v)}" for t, v in zip(table.t_utc_ms, above, strict=True)]
    back = [f"{frame.x(t)} {frame.y(v)}" for t, v in zip(table.t_utc_ms, below, strict=True)]
    top, bottom = frame.y(above[-1]), frame.y(below[-1])
    fits = bottom - top >= 11
    path = f"M{'L'.join(forth)}L{'L'.join(reversed(back))}Z"
    return Area(path, style, label, round((top + bottom) / 2 + 4, 1) if fits else None)


def bars_chart(facts: SessionFacts, title: str, numbers: Numbers) -> Chart | None:
    """Return a bar of energy per iteration in order of clips, None where none is known."""
    placed = [(clip, one) for clip in facts.clips for one in clip.iterations]
    spans = [one.energy_wh.range for _clip, one in placed]
    if not any(spans):
        return None
    steps = round_steps(max(span.high for span in spans if span))
    gaps = len(facts.clips) - 1
    frame = _frame(130.0, 0.0, len(placed) + 0.5 * gaps, steps[-1])
    bars, ticks, at = [], [], 0.0
    for clip in facts.clips:
        first = at
        for one in clip.iterations:
            bars.append(_bar(frame, at, one, numbers))
            at += 1.0
        ticks.append(Tick(frame.x((first + at) / 2), _fitting(clip.clip.name, frame, at - first)))
        at += 0.5
    return Chart(
        title=title,
        height=frame.bottom + _BELOW,
        frame=frame,
        y_ticks=_y_ticks(frame, steps, numbers),
        x_ticks=tuple(ticks),
        bars=tuple(bars),
    )


def _fitting(name: str, frame: Frame, slots: float) -> str:
    """Return as much of a name as stands under its bars, nothing where three letters would not."""
    letters = int((frame.x(slots) - frame.left) / 6.5)
    return visible(name, letters) if letters >= 4 else ""


def _bar(frame: Frame, at: float, one: IterationFacts, numbers: Numbers) -> Bar:
    unit = frame.width / (frame.end - frame.start)
    span = one.energy_wh.range
    top = frame.bottom if span is None else frame.y(span.best)
    whiskers = span is not None and unit >= 10
    return Bar(
        x=round(frame.x(at) + unit * 0.12, 1),
        y=top,
        width=round(min(unit * 0.76, 44.0), 1),
        height=round(frame.bottom - top, 1),
        style=_mark(one),
        low_y=frame.y(span.low) if span and whiskers else None,
        high_y=frame.y(span.high) if span and whiskers else None,
        title=f"{one.iteration.number}: {numbers.energy(one.energy_wh.best)}",
    )


def _mark(one: IterationFacts) -> str:
    if one.energy_wh.grade is Grade.SIMULATED:
        return "simulated"
    if one.iteration.kept is None or one.iteration.status is Status.RUNNING:
        return "undecided"
    return "kept" if one.iteration.kept else "discarded"


def _frame(
    height: float, start: float, end: float, highest: float, beside: float = _RIGHT
) -> Frame:
    return Frame(_LEFT, _TOP, WIDTH - _LEFT - beside, height, start, max(end, start + 1), highest)


def _y_ticks(frame: Frame, steps: Sequence[float], numbers: Numbers) -> tuple[Tick, ...]:
    places = 0 if steps[1] >= 1 else len(f"{steps[1]:.6f}".rstrip("0")) - 2
    return tuple(Tick(frame.y(value), numbers.decimal(value, places)) for value in steps)


def _x_ticks(frame: Frame, zone: tzinfo | None) -> tuple[Tick, ...]:
    ticks = clock_ticks(int(frame.start), int(frame.end), zone)
    return tuple(Tick(frame.x(tick.at), tick.label) for tick in ticks)
