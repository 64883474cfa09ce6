"""The chart of cumulative CO2e, stacked by clip, idle on top."""

from collections.abc import Sequence
from datetime import tzinfo

from vidgreen_gui.exports.axes import Frame, round_steps
from vidgreen_gui.exports.drawing import BELOW, BESIDE, Area, Chart, frame_of, x_ticks, y_ticks
from vidgreen_gui.model.facts import CumulativeTable, SessionFacts
from vidgreen_gui.texts.numbers import Numbers
from vidgreen_gui.texts.visible import visible


def cumulative_chart(
    facts: SessionFacts, title: str, idle: str, numbers: Numbers, zone: tzinfo | None
) -> Chart | None:
    """Return cumulative CO2e in grams, stacked by clip with idle on top, None without any."""
    columns = _grams(facts)
    table = facts.cumulative
    if len(table.t_utc_ms) < 2 or not columns:
        return None
    steps = round_steps(sum(column[-1] for _owner, column in columns))
    frame = frame_of(150.0, table.t_utc_ms[0], table.t_utc_ms[-1], steps[-1], BESIDE)
    names = {clip.clip.id: visible(clip.clip.name, 18) for clip in facts.clips} | {"idle": idle}
    areas, below = [], [0.0] * len(table.t_utc_ms)
    clips = sum(owner != "idle" for owner, _column in columns)
    for index, (owner, column) in enumerate(columns):
        above = [low + own for low, own in zip(below, column, strict=True)]
        areas.append(
            _area(frame, table, below, above, _style(owner, clips - 1 - index), names[owner])
        )
        below = above
    return Chart(
        title=title,
        height=frame.bottom + BELOW,
        frame=frame,
        y_ticks=y_ticks(frame, steps, numbers),
        x_ticks=x_ticks(frame, zone),
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


def _style(owner: str, before_last: int) -> str:
    """Return "idle", "clip-0" for the newest clip, "clip-1" to "clip-3" in turn for the others."""
    if owner == "idle":
        return owner
    return f"clip-{0 if before_last == 0 else (before_last - 1) % 3 + 1}"


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
