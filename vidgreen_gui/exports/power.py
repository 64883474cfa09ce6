"""The chart of a device's power over time, with a band per iteration."""

from collections.abc import Sequence
from datetime import tzinfo

from vidgreen_gui.exports.axes import Frame, round_steps
from vidgreen_gui.exports.drawing import BELOW, BESIDE, Band, Chart, frame_of, x_ticks, y_ticks
from vidgreen_gui.model.facts import IterationFacts, PowerCurve
from vidgreen_gui.model.units import NS_PER_MS, w_from_mw
from vidgreen_gui.texts.numbers import Numbers

# Two units a column are enough for the eye and keep the file small.
_MOST_COLUMNS = 430
# Three periods of the slowest sampling, once a second while nothing runs.
_GAP_MS = 3000


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
    frame = frame_of(140.0, curve.t_utc_ms[0], curve.t_utc_ms[-1], steps[-1], BESIDE)
    limit_w = None if limit_mw is None else w_from_mw(limit_mw)
    shown = limit_w is not None and limit_w <= frame.highest
    return Chart(
        title=title,
        height=frame.bottom + BELOW,
        frame=frame,
        y_ticks=y_ticks(frame, steps, numbers),
        x_ticks=x_ticks(frame, zone),
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
    read = [(time, mean) for time, _low, mean, _high in columns if mean is not None]
    # Wide columns are full where anything was read; narrow ones wait for the next sample.
    furthest = max(1.5 * (columns[1][0] - columns[0][0]), _GAP_MS)
    parts, before = [], None
    for time, mean in read:
        joined = before is not None and time - before <= furthest
        parts.append(f"{'L' if joined else 'M'}{frame.x(time)} {frame.y(mean)}")
        before = time
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
