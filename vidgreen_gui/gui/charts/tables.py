"""The figures behind the charts as tables, for readers who do not see curves."""

from dataclasses import dataclass

from vidgreen_gui.gui.charts.cumulative import CumulativeChart
from vidgreen_gui.gui.charts.timeline import Stretch
from vidgreen_gui.gui.wording import clock
from vidgreen_gui.model.units import ns_from_ms
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.numbers import MISSING_TEXT
from vidgreen_gui.texts.visible import visible

_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class ChartTable:
    """A chart as text: its title, a header per column, and the rows."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def power_table(texts: Texts, stretches: tuple[Stretch, ...]) -> ChartTable:
    """Return a row per iteration: clip, number, start, end, mean power, energy."""
    return ChartTable(
        texts.say("chart.power.title"),
        tuple(
            texts.say(f"chart.table.{column}")
            for column in ("clip", "number", "start", "end", "power", "energy")
        ),
        tuple(_power_row(texts, stretch) for stretch in stretches),
    )


def cumulative_table(texts: Texts, chart: CumulativeChart) -> ChartTable:
    """Return a row per layer with its newest value, and their sum in the last row."""
    stack = chart.stack
    newest = [(chart.name(layer), float(layer.values[-1])) for layer in stack.layers]
    rows = [(name, chart.amount(value)) for name, value in newest]
    if rows:
        total = sum(value for _name, value in newest)
        rows.append((texts.say("chart.table.total"), chart.amount(total)))
    headers = (texts.say("chart.table.clip"), texts.say("chart.table.amount"))
    return ChartTable(chart.title, headers, tuple(rows))


def _power_row(texts: Texts, stretch: Stretch) -> tuple[str, ...]:
    facts = stretch.facts
    hours = (stretch.end_ms - stretch.start_ms) / 3_600_000
    energy = facts.energy_wh.best
    return (
        visible(stretch.clip_name, _LONGEST_NAME),
        str(facts.iteration.number),
        clock(ns_from_ms(stretch.start_ms), seconds=True),
        MISSING_TEXT if stretch.running else clock(ns_from_ms(stretch.end_ms), seconds=True),
        texts.numbers.power(None if energy is None or hours <= 0 else energy / hours),
        texts.numbers.energy(energy),
    )
