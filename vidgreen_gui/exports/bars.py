"""The chart of each iteration's energy, clip after clip."""

from vidgreen_gui.exports.axes import Frame, Tick, round_steps
from vidgreen_gui.exports.drawing import BELOW, Bar, Chart, frame_of, y_ticks
from vidgreen_gui.model.facts import IterationFacts, SessionFacts
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.session import Status
from vidgreen_gui.texts.numbers import Numbers
from vidgreen_gui.texts.visible import visible

# A single bar as wide as the page would say nothing more.
_FEWEST_SLOTS = 14


def bars_chart(facts: SessionFacts, title: str, numbers: Numbers) -> Chart | None:
    """Return a bar of energy per iteration in order of clips, None where none is known."""
    placed = [(clip, one) for clip in facts.clips for one in clip.iterations]
    spans = [one.energy_wh.range for _clip, one in placed]
    if not any(spans):
        return None
    steps = round_steps(max(span.high for span in spans if span))
    gaps = len(facts.clips) - 1
    frame = frame_of(110.0, 0.0, max(len(placed) + 0.5 * gaps, _FEWEST_SLOTS), steps[-1])
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
        height=frame.bottom + BELOW,
        frame=frame,
        y_ticks=y_ticks(frame, steps, numbers),
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
    width = min(unit * 0.76, 44.0)
    whiskers = unit >= 10 and one.energy_wh.grade is not Grade.SIMULATED
    return Bar(
        x=round(frame.x(at) + (unit - width) / 2, 1),
        y=top,
        width=round(width, 1),
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
