"""What a report says, in words: everything but its layout."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, tzinfo

from vidgreen_gui.exports.bars import bars_chart
from vidgreen_gui.exports.drawing import Chart
from vidgreen_gui.exports.power import power_chart
from vidgreen_gui.exports.report_notes import Note, method_notes
from vidgreen_gui.exports.report_rows import ClipRow, OutsideRow, clip_rows, outside_rows
from vidgreen_gui.exports.stack import cumulative_chart
from vidgreen_gui.exports.wording import LONGEST, factor_words, grade_words
from vidgreen_gui.model.facts import SessionFacts
from vidgreen_gui.model.footprint import Figure, Grade, GridFactor
from vidgreen_gui.model.units import datetime_from_utc_ns
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.visible import visible


@dataclass(frozen=True, slots=True)
class Tile:
    """A headline figure with what must stand beside it."""

    label: str
    value: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One session in words."""

    title: str
    subtitle: str
    banners: tuple[str, ...]
    tiles: tuple[Tile, ...]
    clips: tuple[ClipRow, ...]
    outside: tuple[OutsideRow, ...]
    total: OutsideRow
    power: tuple[Chart, ...]
    cumulative: Chart | None
    bars: Chart | None
    notes: tuple[Note, ...]
    notices: tuple[str, ...]
    footer: tuple[str, ...]


def report(facts: SessionFacts, texts: Texts, zone: tzinfo | None, *, with_private: bool) -> Report:
    """Return what the report of a session says, its times in `zone` (None: this computer's)."""
    iterations = [one for clip in facts.clips for one in clip.iterations]
    numbers, totals = texts.numbers, facts.totals
    limits = {device.id: device.power_limit_mw for device in facts.devices}
    return Report(
        title=_title(facts, texts, zone),
        subtitle=_subtitle(facts, texts, zone),
        banners=tuple(_banners(facts, texts)),
        tiles=tuple(_tiles(facts, texts)),
        clips=clip_rows(facts, texts, zone, with_private=with_private),
        outside=outside_rows(facts, texts),
        total=OutsideRow(
            texts.say("exports.report.total"),
            numbers.energy(totals.energy_wh.best),
            numbers.mass(totals.co2e_g.best),
        ),
        power=tuple(
            chart
            for curve in facts.curves
            if (
                chart := power_chart(
                    curve,
                    iterations,
                    _power_title(facts, curve.device_id, texts),
                    numbers,
                    zone,
                    limits.get(curve.device_id),
                )
            )
        ),
        cumulative=cumulative_chart(
            facts,
            texts.say("exports.report.cumulative_chart"),
            texts.say("exports.report.idle_short"),
            numbers,
            zone,
        ),
        bars=bars_chart(facts, texts.say("exports.report.bars_chart"), numbers),
        notes=method_notes(facts, texts, with_private=with_private),
        notices=tuple(_notices(facts.factors, texts)),
        footer=_footer(facts, texts, zone),
    )


def _title(facts: SessionFacts, texts: Texts, zone: tzinfo | None) -> str:
    if facts.session.title:
        return visible(facts.session.title, LONGEST)
    date = _date(_local(facts.session.started_utc_ns, zone), texts)
    return texts.say("exports.report.untitled", date=date)


def _subtitle(facts: SessionFacts, texts: Texts, zone: tzinfo | None) -> str:
    start = _local(facts.session.started_utc_ns, zone)
    if facts.session.ended_utc_ns is None:
        hours = texts.say("exports.report.since", start=f"{start:%H:%M}")
    else:
        end = _local(facts.session.ended_utc_ns, zone)
        last = f"{end:%H:%M}"
        if end.date() != start.date():
            last = f"{_date(end, texts)}, {last}"
        hours = texts.say("exports.report.until", start=f"{start:%H:%M}", end=last)
    devices = Counter(
        visible(device.name, LONGEST)
        for device in facts.devices
        if device.id in facts.counted_device_ids
    )
    named = [name if count == 1 else f"{count} × {name}" for name, count in devices.items()]
    project = visible(facts.project.name, LONGEST)
    parts = [] if project == _title(facts, texts, zone) else [project]
    return " · ".join((*parts, f"{_date(start, texts)}, {hours}", *named))


def _local(utc_ns: int, zone: tzinfo | None) -> datetime:
    return datetime_from_utc_ns(utc_ns).astimezone(zone)


def _date(moment: datetime, texts: Texts) -> str:
    months = texts.say("exports.report.months").split()
    return texts.say(
        "exports.report.date", day=moment.day, month=months[moment.month - 1], year=moment.year
    )


def _banners(facts: SessionFacts, texts: Texts) -> list[str]:
    banners = []
    if facts.totals.grade is Grade.SIMULATED:
        banners.append(texts.say("exports.report.all_simulated"))
    elif facts.totals.simulated_energy_wh.best is not None:
        energy = texts.numbers.energy(facts.totals.simulated_energy_wh.best)
        banners.append(texts.say("exports.report.some_simulated", energy=energy))
    if facts.session.ended_utc_ns is None:
        banners.append(texts.say("exports.report.running"))
    return banners


def _tiles(facts: SessionFacts, texts: Texts) -> list[Tile]:
    numbers, totals = texts.numbers, facts.totals
    scope = texts.say(f"exports.report.scope.{facts.scope.value}")
    cards = texts.say("exports.report.scope.gpu")
    grade = grade_words(totals.grade, texts)
    tiles = [
        Tile(
            texts.say("exports.report.energy"),
            numbers.energy(totals.energy_wh.best),
            (f"{grade}, {cards}", *_range(totals.energy_wh, texts, "Wh")),
        ),
        *_machine_tile(facts, texts),
        Tile(
            texts.say("exports.report.co2e"),
            _co2e(totals.co2e_g, texts),
            (
                scope,
                *(factor_words(factor, texts) for factor in facts.factors),
                *_range(totals.co2e_g, texts, "g"),
            ),
        ),
        Tile(
            texts.say("exports.report.made"),
            numbers.integer(totals.iterations),
            tuple(_made(facts, texts)),
        ),
    ]
    if facts.tariff is not None and totals.cost.best is not None:
        price = numbers.money(facts.tariff.price_per_kwh, facts.tariff.currency)
        tiles.append(
            Tile(
                texts.say("exports.report.cost"),
                numbers.money(totals.cost.best, facts.tariff.currency),
                (texts.say("exports.report.cost_basis", price=price), scope),
            )
        )
    return tiles


def _machine_tile(facts: SessionFacts, texts: Texts) -> list[Tile]:
    """Return what the whole computer used at the socket, else its rest; none where not known."""
    host, wall = facts.totals.host_energy_wh, facts.totals.wall_energy_wh
    energy = texts.numbers.energy(host.best)
    if wall.best is None and host.best is None:
        return []
    if wall.best is None:
        lines = (grade_words(host.grade, texts), *_range(host, texts, "Wh"))
        return [Tile(texts.say("exports.report.machine.host"), energy, lines)]
    place = texts.say("exports.report.scope.wall")
    lines = (f"{grade_words(wall.grade, texts)}, {place}", *_range(wall, texts, "Wh"))
    if host.best is not None:
        words = grade_words(host.grade, texts)
        lines += (texts.say("exports.report.machine.rest", energy=energy, grade=words),)
    return [Tile(texts.say("exports.report.machine"), texts.numbers.energy(wall.best), lines)]


def _made(facts: SessionFacts, texts: Texts) -> list[str]:
    numbers, totals = texts.numbers, facts.totals
    lines = [texts.count("exports.report.clips", len(facts.clips))]
    seconds = sum(
        one.iteration.settings.seconds or 0.0
        for clip in facts.clips
        for one in clip.iterations
        if one.iteration.outputs
    )
    if seconds:
        duration = numbers.duration(seconds)
        lines.append(texts.say("exports.report.footage", duration=duration))
    if totals.discarded_share:
        share = numbers.percent(totals.discarded_share)
        lines.append(texts.say("exports.report.discarded_share", share=share))
    elif totals.undecided_share:
        share = numbers.percent(totals.undecided_share)
        lines.append(texts.say("exports.report.undecided_share", share=share))
    return lines


def _range(figure: Figure, texts: Texts, unit: str) -> tuple[str, ...]:
    """Return the bounds with how sure they are; nothing for what is invented or missing."""
    if figure.range is None or figure.grade in {Grade.SIMULATED, Grade.MISSING}:
        return ()
    show = texts.numbers.energy if unit == "Wh" else texts.numbers.mass
    bounds = texts.say(
        "exports.report.range", low=show(figure.range.low), high=show(figure.range.high)
    )
    level = texts.numbers.percent(0.95 if figure.grade.is_measured else 0.8)
    return (f"{bounds}, {texts.say('exports.report.level', level=level)}",)


def _co2e(figure: Figure, texts: Texts) -> str:
    mass = texts.numbers.mass(figure.best)
    return mass if figure.best is None else texts.say("exports.report.co2e_unit", mass=mass)


def _power_title(facts: SessionFacts, device_id: str, texts: Texts) -> str:
    device = next((one for one in facts.devices if one.id == device_id), None)
    simulated = device is not None and device.grade is Grade.SIMULATED
    code = "exports.report.power_chart_simulated" if simulated else "exports.report.power_chart"
    return texts.say(code, device=visible(device.name if device else device_id, LONGEST))


def _notices(factors: tuple[GridFactor, ...], texts: Texts) -> list[str]:
    """Return what the licences of the data ask a reader to be told."""
    licences = {factor.licence for factor in factors}
    return [texts.say("exports.report.odbl")] if "ODbL-1.0" in licences else []


def _footer(facts: SessionFacts, texts: Texts, zone: tzinfo | None) -> tuple[str, ...]:
    offset = f"{_local(facts.session.started_utc_ns, zone):%z}"
    lines = [
        texts.say(
            "exports.report.footer",
            version=facts.app_version,
            method=facts.method_version,
            id=visible(facts.session.id, LONGEST),
        ),
        texts.say("exports.report.zone", offset=f"{offset[:3]}:{offset[3:5]}"),
    ]
    if facts.digest:
        lines.append(texts.say("exports.report.digest", digest=facts.digest))
    return tuple(lines)
