"""Makes the session document out of a session's facts."""

from dataclasses import replace
from datetime import datetime

from vidgreen_gui.exports import schema
from vidgreen_gui.model.events import MachineDescribed
from vidgreen_gui.model.facts import ClipFacts, IterationFacts, SessionFacts, Totals
from vidgreen_gui.model.footprint import Figure, GridFactor, Range, Scope, Tariff
from vidgreen_gui.model.power import Device, DeviceKind
from vidgreen_gui.model.session import Output, Session
from vidgreen_gui.model.settings import Lora, SamplerPass, Settings
from vidgreen_gui.model.units import datetime_from_utc_ns

# Conventions of the project: 95 % for measured grades, 80 % for predictions.
_LEVEL = schema.Level(measured=0.95, predicted=0.8)
# Keeps a nanowatt-hour and drops what binary fractions leave behind: 516.515, not 516.51499999.
_DECIMALS = 9


def session_document(facts: SessionFacts, *, with_private: bool = False) -> schema.SessionDocument:
    """Return the document of a session; prompts, folders, seeds, names only `with_private`."""
    return schema.SessionDocument(
        schema=schema.SCHEMA,
        app_version=facts.app_version,
        method_version=facts.method_version,
        level=_LEVEL,
        project=schema.ProjectPart(facts.project.id, unicode_text(facts.project.name)),
        session=_session(facts.session, facts.scope),
        machine=schema.MachinePart(facts.machine.name, facts.machine.os, facts.machine.cpu),
        devices=tuple(_device(device, facts, with_private) for device in facts.devices),
        factors=tuple(_factor(factor) for factor in facts.factors),
        clips=tuple(_clip(clip, facts.tariff, with_private) for clip in facts.clips),
        idle=_outside(facts.idle_wh, facts.idle_co2e_g, facts.idle_host_wh, facts.idle_wall_wh),
        standby=_outside(
            facts.standby_wh, facts.standby_co2e_g, facts.standby_host_wh, facts.standby_wall_wh
        ),
        other=_outside(
            facts.other_wh, facts.other_co2e_g, facts.other_host_wh, facts.other_wall_wh
        ),
        own=schema.Own(_range(facts.self_wh)),
        totals=_totals(facts.totals, facts.tariff),
        digest=facts.digest,
        supply=None if facts.described is None else _supply(facts.described, with_private),
    )


def base_name(path: str) -> str:
    """Return the last part of a path of any system."""
    return path[max(path.rfind("/"), path.rfind("\\")) + 1 :]


def unicode_text(text: str) -> str:
    """Return `text` with lone surrogates, which no UTF-8 file can hold, replaced."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _session(session: Session, scope: Scope) -> schema.SessionPart:
    return schema.SessionPart(
        id=session.id,
        kind=session.kind,
        title=unicode_text(session.title),
        started_at=datetime_from_utc_ns(session.started_utc_ns),
        ended_at=_moment(session.ended_utc_ns),
        ended_by=session.ended_by,
        scope=scope,
    )


def device_name(device: Device, *, with_private: bool) -> str:
    """Return what a device is called; a plug bears its owner's words, so its id stands for it."""
    return device.id if device.kind is DeviceKind.WALL and not with_private else device.name


def _device(device: Device, facts: SessionFacts, with_private: bool) -> schema.DevicePart:
    told = next((one for one in facts.evidence if one.device_id == device.id), None)
    ratio = None if told is None else told.counter_ratio
    return schema.DevicePart(
        id=device.id,
        name=unicode_text(device_name(device, with_private=with_private)),
        uuid=device.uuid,
        meter=device.meter,
        grade=device.grade,
        counted=device.id in facts.counted_device_ids,
        kind=device.kind,
        reads=tuple(
            schema.ReadPart(quantity, unicode_text(call)) for quantity, call in device.reads
        ),
        missing=device.missing,
        gain=None if device.sensor is None else device.sensor.gain,
        gap_s=None if told is None else round(told.gap_s, _DECIMALS),
        counter_ratio=None if ratio is None else round(ratio, _DECIMALS),
        shared=None if told is None else bool(told.others),
        programs=tuple(map(unicode_text, told.others)) if with_private and told else None,
    )


def _supply(described: MachineDescribed, with_private: bool) -> schema.SupplyPart:
    known = described.calibration
    return schema.SupplyPart(
        psu=described.psu or None,
        rating_w=described.psu_w,
        calibration=None
        if known is None
        else schema.CalibrationPart(
            plug=unicode_text(known.plug_name if with_private else known.plug_id),
            factor=known.factor,
            duration_s=known.seconds,
            measured_at=datetime_from_utc_ns(known.measured_utc_ns),
        ),
    )


def _factor(factor: GridFactor) -> schema.FactorPart:
    return schema.FactorPart(
        id=factor.id,
        zone=factor.zone,
        g_per_kwh=factor.g_per_kwh,
        basis=factor.basis,
        source=factor.source,
        year=factor.year,
        licence=factor.licence,
        from_=_moment(factor.from_utc_ns),
        to=_moment(factor.to_utc_ns),
    )


def _clip(facts: ClipFacts, tariff: Tariff | None, with_private: bool) -> schema.ClipPart:
    return schema.ClipPart(
        id=facts.clip.id,
        name=unicode_text(facts.clip.name),
        iterations=tuple(_iteration(one, tariff, with_private) for one in facts.iterations),
    )


def _iteration(
    facts: IterationFacts, tariff: Tariff | None, with_private: bool
) -> schema.IterationPart:
    iteration = facts.iteration
    return schema.IterationPart(
        id=iteration.id,
        number=iteration.number,
        source=iteration.source_kind,
        external_id=unicode_text(iteration.external_id),
        parent_id=iteration.parent_id,
        where=iteration.where,
        provider=None if iteration.provider is None else unicode_text(iteration.provider),
        device_ids=iteration.device_ids,
        status=iteration.status,
        started_at=_moment(iteration.started_utc_ns),
        ended_at=_moment(iteration.ended_utc_ns),
        duration_s=facts.duration_s,
        kept=iteration.kept,
        seconds_used=iteration.seconds_used,
        cached=iteration.cached,
        settings=_settings(iteration.settings, with_private),
        done=iteration.done,
        energy_wh=_range(facts.energy_wh),
        host_energy_wh=_range(facts.host_energy_wh),
        wall_energy_wh=_range(facts.wall_energy_wh),
        grade=facts.energy_wh.grade,
        co2e_g=_range(facts.co2e_g),
        factor_ids=facts.factor_ids,
        cost=_cost(facts.cost, tariff),
        phases=tuple(
            schema.PhasePart(phase.name, phase.duration_s, _range(phase.energy))
            for phase in facts.phases
        ),
        advice=tuple(
            schema.AdvicePart(verdict.rule, verdict.predicted, verdict.measured)
            for verdict in facts.verdicts
        ),
        outputs=tuple(_output(output, with_private) for output in iteration.outputs),
        prompts=tuple(unicode_text(text) for text in facts.prompts) if with_private else None,
        host_grade=facts.host_energy_wh.grade,
        wall_grade=facts.wall_energy_wh.grade,
    )


def _settings(settings: Settings, with_private: bool) -> Settings:
    return replace(
        settings,
        model=_name(settings.model, with_private),
        sampler=_name(settings.sampler, with_private),
        scheduler=_name(settings.scheduler, with_private),
        precision=_name(settings.precision, with_private),
        cache=_name(settings.cache, with_private),
        loras=_loras(settings.loras, with_private),
        seed=settings.seed if with_private else None,
        samplers=tuple(_pass(one, with_private) for one in settings.samplers),
    )


def _pass(one: SamplerPass, with_private: bool) -> SamplerPass:
    return replace(
        one,
        model=_name(one.model, with_private),
        sampler=_name(one.sampler, with_private),
        scheduler=_name(one.scheduler, with_private),
        loras=_loras(one.loras, with_private),
        seed=one.seed if with_private else None,
    )


def _loras(loras: tuple[Lora, ...], with_private: bool) -> tuple[Lora, ...]:
    return tuple(replace(lora, name=_path(lora.name, with_private)) for lora in loras)


def _name(text: str | None, with_private: bool) -> str | None:
    return None if text is None else _path(text, with_private)


def _path(text: str, with_private: bool) -> str:
    return unicode_text(text if with_private else base_name(text))


def _output(output: Output, with_private: bool) -> str:
    if with_private and output.subfolder:
        return unicode_text(f"{output.subfolder}/{output.filename}")
    return _path(output.filename, with_private)


def _outside(energy: Figure, co2e: Figure, host: Figure, wall: Figure) -> schema.Outside:
    return schema.Outside(
        energy_wh=_range(energy),
        co2e_g=_range(co2e),
        grade=energy.grade,
        host_energy_wh=_range(host),
        wall_energy_wh=_range(wall),
        host_grade=host.grade,
        wall_grade=wall.grade,
    )


def _totals(totals: Totals, tariff: Tariff | None) -> schema.TotalsPart:
    return schema.TotalsPart(
        energy_wh=_range(totals.energy_wh),
        host_energy_wh=_range(totals.host_energy_wh),
        wall_energy_wh=_range(totals.wall_energy_wh),
        co2e_g=_range(totals.co2e_g),
        cost=_cost(totals.cost, tariff),
        iterations=totals.iterations,
        kept_energy_wh=_range(totals.kept_energy_wh),
        discarded_energy_wh=_range(totals.discarded_energy_wh),
        undecided_energy_wh=_range(totals.undecided_energy_wh),
        simulated_energy_wh=_range(totals.simulated_energy_wh),
        measured_share=totals.measured_share,
        gap_s=totals.gap_s,
        grade=totals.grade,
        host_grade=totals.host_energy_wh.grade,
        wall_grade=totals.wall_energy_wh.grade,
    )


def _cost(figure: Figure, tariff: Tariff | None) -> schema.Cost:
    if figure.best is None:
        return schema.Cost(None, None, None)
    currency = None if tariff is None else tariff.currency
    return schema.Cost(round(figure.best, _DECIMALS), currency, None)


def _range(figure: Figure) -> Range | None:
    span = figure.range
    if span is None:
        return None
    return Range(*(round(value, _DECIMALS) for value in (span.best, span.low, span.high)))


def _moment(utc_ns: int | None) -> datetime | None:
    return None if utc_ns is None else datetime_from_utc_ns(utc_ns)
