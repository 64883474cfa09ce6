"""The window in a test: its doors stubbed by a record of what was asked, its states by name."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from support.facts import (
    FRANCE,
    RTX_4090,
    Job,
    figure,
    hostile_session,
    long_session,
    session_facts,
    simulated_session,
    single_iteration,
    snapshot,
    spring_campaign,
    troubled_session,
)
from support.sensors import ADA, SENSOR_STATES

from vidgreen_gui.gui.window_actions import WindowActions
from vidgreen_gui.model.advice import Change, Keeps, Suggestion, Verdict
from vidgreen_gui.model.facts import DeviceNow, LiveSnapshot, SessionFacts, SettingChange, SourceNow
from vidgreen_gui.model.faults import Notice
from vidgreen_gui.model.footprint import Grade, GridFactor, Range, Scope
from vidgreen_gui.model.units import NS_PER_S

GERMANY = replace(
    FRANCE, id="electricity_maps:DE:2025", zone="DE", zone_name="Germany", g_per_kwh=331.0
)


@dataclass
class Doors:
    """Remembers what the window asked of the rest of the application."""

    exported: list[tuple[str, str, Path, bool]] = field(default_factory=list)
    remembered: dict[str, str] = field(default_factory=dict)
    demos: int = 0
    calibrate: Callable[..., object] | None = None

    def actions(self) -> WindowActions:
        return WindowActions(
            export=self._export,
            formats=("html", "csv", "json"),
            cards=lambda: ("GeForce RTX 3090", "GeForce RTX 4090"),
            zones=self._zones,
            open_demo=self._demo,
            changed_workflow=lambda _iteration, _suggestion: '{"3": {"class_type": "KSampler"}}',
            calibrate=self.calibrate,
            remember=self.remembered.__setitem__,
            recall=lambda name: self.remembered.get(name, "gpu" if name == "scope" else ""),
        )

    def _export(self, session_id: str, form: str, path: Path, with_private: bool) -> Path:
        self.exported.append((session_id, form, path, with_private))
        return path

    def _zones(self) -> tuple[GridFactor, ...]:
        return (FRANCE, GERMANY)

    def _demo(self) -> None:
        self.demos += 1


def suggestion(rule: str, keeps: Keeps, ratio: float, saving_s: float, half: float) -> Suggestion:
    """Return a suggestion for a job of 47 Wh, worded as the advice words it."""
    return Suggestion(
        rule=rule,
        title=f"advice.{rule}.title",
        keeps=keeps,
        change=(Change("57", "steps", 20, 4), Change("57", "cfg", 3.5, 1.0)),
        ratio=Range(ratio, ratio - half, ratio + half),
        saving_wh=Range(47 * (1 - ratio), 47 * (1 - ratio - half), 47 * (1 - ratio + half)),
        saving_s=Range(saving_s, saving_s * 0.9, saving_s * 1.1),
        caveat=f"advice.{rule}.caveat",
        evidence="own_runs" if rule == "frames" else "published",
        source="LightX2V, Wan2.2-Distill-Loras, model card",
        arguments=(("steps", 4), ("before", 81), ("after", 49)),
    )


IDEAS = (
    suggestion("few_steps", Keeps.OTHER_VIDEO, 0.14, 370, 0.05),
    suggestion("frames", Keeps.SHORTER, 0.50, 205, 0.03),
)
_NO_SERVER = SourceNow(id="comfyui:8188", kind="comfyui", label="ComfyUI :8188", state="looking")


def _idle_now(**changes: object) -> LiveSnapshot:
    return snapshot(None, **changes)


def _at_end(facts: SessionFacts, **changes: object) -> LiveSnapshot:
    ended_ns = facts.session.ended_utc_ns or facts.session.started_utc_ns
    live = replace(facts, session=replace(facts.session, ended_utc_ns=None, ended_by=None))
    return snapshot(live, utc_ns=ended_ns + 5 * NS_PER_S, **changes)


def _running() -> LiveSnapshot:
    facts = spring_campaign()
    clips = list(facts.clips)
    last = clips[-1]
    tried = replace(
        last.iterations[2], verdicts=(Verdict(rule="frames", predicted=0.50, measured=0.52, n=1),)
    )
    clips[-1] = replace(last, iterations=(*last.iterations[:2], tried, *last.iterations[3:]))
    return snapshot(
        replace(facts, clips=tuple(clips)),
        suggestions=IDEAS,
        suggestions_for=last.iterations[0].iteration.id,
        can_undo=True,
        utc_ns=facts.session.started_utc_ns + 6_966 * NS_PER_S,
    )


def _folded() -> LiveSnapshot:
    seeds = tuple(
        (
            "c-01",
            Job(
                clip="shot_01",
                start_s=30.0 + 250 * index,
                length_s=230,
                wh=23.4 + 0.15 * (index % 5),
                seed=index,
                changes=() if index == 0 else (SettingChange("seed", index - 1, index),),
            ),
        )
        for index in range(14)
    )
    return _at_end(session_facts(list(seeds), end_s=3600.0, idle=figure(4.0)))


def _lost_gpu() -> LiveSnapshot:
    now = DeviceNow(
        device=RTX_4090,
        power_mw=None,
        counted=True,
        fault=Notice(
            "fault.meter.gpu_lost", (("detail", "GPU is lost"), ("device", RTX_4090.name))
        ),
    )
    lost = SourceNow(id="comfyui:8188", kind="comfyui", label="ComfyUI :8188", state="lost")
    return replace(_running(), devices=(now,), sources=(lost,))


def _several_gpus() -> LiveSnapshot:
    names = ("NVIDIA GeForce RTX 4090", "NVIDIA GeForce RTX 3090", "NVIDIA RTX A6000")
    devices = tuple(
        DeviceNow(
            device=replace(RTX_4090, id=f"GPU-{index}", name=name),
            power_mw=(402_000, 21_000, 18_000)[index],
            counted=index == 0,
            power_limit_mw=450_000,
            temperature_c=64 - 10 * index,
        )
        for index, name in enumerate(names)
    )
    return replace(_running(), devices=devices)


def _whole_machine() -> LiveSnapshot:
    """A card that a game uses too, the processor, the modelled rest and a plug."""
    moment = _running()
    facts = moment.session
    clips = tuple(
        replace(
            clip,
            iterations=tuple(
                replace(
                    one,
                    iteration=replace(one.iteration, device_ids=(ADA.id,)),
                    host_energy_wh=figure((one.energy_wh.best or 0.0) * 0.3, Grade.MODEL),
                    wall_energy_wh=figure((one.energy_wh.best or 0.0) * 1.4),
                )
                for one in clip.iterations
            ),
        )
        for clip in facts.clips
    )
    host = SENSOR_STATES["amd"]().devices[1:]
    card = SENSOR_STATES["nvml_full"]().devices[0]
    return replace(
        moment,
        session=replace(
            facts,
            scope=Scope.MACHINE,
            clips=clips,
            devices=(card.device, *(one.device for one in host)),
        ),
        devices=(card, *host),
        self_how=Notice("idle.own.learnt", (("watts", "6.1"),), severity="info"),
    )


STATES = {
    "whole_machine": _whole_machine,
    "no_comfyui": lambda: _idle_now(sources=(_NO_SERVER,)),
    "found": lambda: _idle_now(tariff=None),
    "no_gpu": lambda: _idle_now(devices=(), factor=None),
    "running": _running,
    "one": lambda: _at_end(
        single_iteration(),
        suggestions=IDEAS,
        suggestions_for="s-spring:c-01:1",
    ),
    "nothing_better": lambda: _at_end(single_iteration(), suggestions_for="s-spring:c-01:1"),
    "troubled": lambda: _at_end(troubled_session()),
    "simulated": lambda: _at_end(simulated_session()),
    "lost": _lost_gpu,
    "viewer": lambda: replace(_running(), role="viewer"),
    "folded": _folded,
    "several_gpus": _several_gpus,
    "long": lambda: _at_end(long_session()),
    "hostile": lambda: _at_end(hostile_session()),
}
