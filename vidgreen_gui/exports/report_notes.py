"""How a report's figures are known, what they leave out and how they may be used."""

from collections.abc import Iterator
from dataclasses import dataclass

from vidgreen_gui.exports.evidence import sensor_lines, supply_lines
from vidgreen_gui.exports.wording import LONGEST
from vidgreen_gui.model.facts import SessionFacts
from vidgreen_gui.model.footprint import Grade, GridFactor, Scope
from vidgreen_gui.model.power import Device
from vidgreen_gui.texts.catalog import Texts
from vidgreen_gui.texts.visible import visible


@dataclass(frozen=True, slots=True)
class Note:
    """A term and what is to be said of it."""

    term: str
    lines: tuple[str, ...]


def method_notes(facts: SessionFacts, texts: Texts, *, with_private: bool) -> tuple[Note, ...]:
    """Return the notes in the order in which a reader asks; programs by name `with_private`."""
    return tuple(
        Note(texts.say(f"exports.report.method.{term}"), tuple(lines))
        for term, lines in _notes(facts, texts, with_private)
    )


def _notes(
    facts: SessionFacts, texts: Texts, with_private: bool
) -> Iterator[tuple[str, list[str]]]:
    totals, numbers = facts.totals, texts.numbers
    yield "scope", _scope(facts, texts)
    yield "meter", _meters(facts, texts)
    if sensors := sensor_lines(facts, texts, with_private=with_private):
        yield "sensors", sensors
    if supply := supply_lines(facts, texts, with_private=with_private):
        yield "socket", supply
    if totals.measured_share is not None and totals.grade is not Grade.SIMULATED:
        share = numbers.percent(totals.measured_share)
        yield "share", [texts.say("exports.report.method.measured_share", share=share)]
    yield "grid", _grid(facts.factors, texts)
    yield "gaps", [_gap(totals.gap_s, texts)]
    unmeasured = sum(one.energy_wh.range is None for clip in facts.clips for one in clip.iterations)
    if unmeasured:
        yield "missing", [texts.count("exports.report.method.unmeasured", unmeasured)]
    yield "excluded", [texts.say("exports.report.method.manufacturing")]
    if facts.self_wh.best is not None:
        energy = numbers.energy(facts.self_wh.best)
        yield "own", [texts.say("exports.report.method.own_energy", energy=energy)]
    yield "declare", [texts.say("exports.report.method.declare_once")]


def _scope(facts: SessionFacts, texts: Texts) -> list[str]:
    lines = [texts.say(f"exports.report.method.scope.{facts.scope.value}")]
    if facts.scope is not Scope.GPU:
        lines.append(texts.say("exports.report.method.scope.energies"))
    return lines


def _meters(facts: SessionFacts, texts: Texts) -> list[str]:
    lines = [
        texts.say(
            "exports.report.method.device",
            device=visible(device.name, LONGEST),
            how=_how(device, texts),
        )
        for device in facts.devices
        if device.id in facts.counted_device_ids
    ]
    lines += [texts.fault(notice) for notice in facts.notices]
    machine = facts.machine
    lines.append(
        texts.say(
            "exports.report.method.machine",
            name=visible(machine.name, LONGEST),
            os=machine.os,
            cpu=machine.cpu,
        )
    )
    return lines


def _how(device: Device, texts: Texts) -> str:
    grade = texts.say(f"exports.report.grade.{device.grade.value}")
    return grade if device.meter == device.grade else f"{device.meter}, {grade}"


def _grid(factors: tuple[GridFactor, ...], texts: Texts) -> list[str]:
    if not factors:
        return [texts.say("exports.report.method.no_factor")]
    lines = [
        texts.say(
            "exports.report.method.factor",
            zone=factor.zone_name or factor.zone,
            g=texts.numbers.significant(factor.g_per_kwh, 2),
            basis=texts.say(f"grid.basis.{factor.basis.value}"),
            source=factor.source,
            year=factor.year,
            licence=factor.licence,
        )
        for factor in factors
    ]
    if any(factor.guessed for factor in factors):
        lines.append(texts.say("exports.report.method.guessed"))
    if not all(factor.verified for factor in factors):
        lines.append(texts.say("exports.report.method.unverified"))
    return lines


def _gap(gap_s: float, texts: Texts) -> str:
    if gap_s <= 0:
        return texts.say("exports.report.method.no_gap")
    return texts.say("exports.report.method.gap", duration=texts.numbers.duration(gap_s))
