"""Realistic SessionFacts for tests: their figures add up, their times and watts agree."""

import random
from array import array
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from vidgreen_gui.model.facts import (
    ClipFacts,
    CumulativeTable,
    DeviceNow,
    IterationFacts,
    LiveSnapshot,
    Machine,
    PhaseFigure,
    PowerCurve,
    Progress,
    SessionFacts,
    SettingChange,
    SourceNow,
    Totals,
)
from vidgreen_gui.model.footprint import (
    MISSING,
    Basis,
    Figure,
    Grade,
    GridFactor,
    Range,
    Scope,
    Tariff,
)
from vidgreen_gui.model.power import Device, PowerSemantics
from vidgreen_gui.model.session import (
    Cached,
    Clip,
    Done,
    EndedBy,
    Iteration,
    Output,
    Phase,
    PhaseName,
    Project,
    Session,
    SessionKind,
    Status,
    Where,
)
from vidgreen_gui.model.settings import Lora, SamplerPass, Settings
from vidgreen_gui.model.units import (
    NS_PER_MS,
    NS_PER_S,
    g_from_wh,
    mw_from_w,
    ns_from_s,
    w_from_wh,
)

RUN = "run-1"
PROJECT = Project("p-spring", "Spring campaign")
START_UTC_NS = int(datetime(2026, 11, 21, 11, 50, tzinfo=UTC).timestamp()) * NS_PER_S
# What a counter of a board may be off by, at 95 %.
_COUNTER_HALF_WIDTH = 0.05
_MODEL_HALF_WIDTH = 0.25

FRANCE = GridFactor(
    id="electricity_maps:FR:2025",
    zone="FR",
    zone_name="France",
    g_per_kwh=31.0,
    basis=Basis.LIFECYCLE,
    source="Electricity Maps",
    year=2025,
    licence="ODbL-1.0",
    guessed=True,
)
TARIFF = Tariff(0.2016, "EUR")
RTX_4090 = Device(
    id="GPU-4090",
    name="NVIDIA GeForce RTX 4090",
    uuid="GPU-4b4bb5a1-56f2-4b0e-9c68-1d6a0f5c4090",
    meter="nvml",
    grade=Grade.MEASURED,
    has_counter=True,
    power_semantics=PowerSemantics.INSTANT,
    power_limit_mw=450_000,
    memory_bytes=24 * 1024**3,
    pci_bus_id="00000000:01:00.0",
    index=0,
    driver="580.95.05",
)
SIMULATED_4090 = replace(
    RTX_4090,
    id="SIM-4090",
    name="Simulated RTX 4090",
    uuid="SIM-4090",
    meter="simulated",
    grade=Grade.SIMULATED,
)
MACHINE = Machine(name="studio-2", os="Linux 6.17", cpu="AMD Ryzen 9 7950X")

_HIGH = "wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors"
_LOW = "wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors"


def wan_settings(frames: int = 81, seed: int = 884_211) -> Settings:
    """Return a Wan 2.2 pair at 832 x 480 and 16 fps, 10 + 10 steps at CFG 3.5."""
    passes = tuple(
        SamplerPass(
            node=node,
            class_type="KSamplerAdvanced",
            steps=10,
            evaluations=20,
            cfg=3.5,
            sampler="euler",
            scheduler="simple",
            denoise=1.0,
            seed=seed,
            width=832,
            height=480,
            frames=frames,
            model=model,
        )
        for node, model in (("57", _HIGH), ("58", _LOW))
    )
    return Settings(
        model=_HIGH,
        family="wan22_a14b",
        params_b=14.3,
        width=832,
        height=480,
        frames=frames,
        fps=16.0,
        seconds=frames / 16,
        steps=20,
        evaluations=40,
        cfg=3.5,
        sampler="euler",
        scheduler="simple",
        precision="fp8_e4m3fn",
        seed=seed,
        samplers=passes,
    )


def figure(best: float | None, grade: Grade = Grade.MEASURED) -> Figure:
    """Return a figure with the width its grade usually has; None is missing."""
    if best is None:
        return MISSING
    half = _COUNTER_HALF_WIDTH if grade.is_measured else _MODEL_HALF_WIDTH
    return Figure(Range(best, best * (1 - half), best * (1 + half)), grade)


def scaled(value: Figure, factor: float) -> Figure:
    """Return the figure times a factor; missing stays missing."""
    return value if value.range is None else Figure(value.range.scaled(factor), value.grade)


def co2e(energy: Figure, factor: GridFactor = FRANCE) -> Figure:
    """Return grams of CO2e of an energy."""
    return scaled(energy, g_from_wh(1.0, factor.g_per_kwh))


def cost(energy: Figure, tariff: Tariff = TARIFF) -> Figure:
    """Return what an energy cost."""
    return scaled(energy, tariff.price_per_kwh / 1000)


def total_of(figures: list[Figure]) -> Figure:
    """Return the sum of those that are known: their bounds share one board's gain."""
    known = [one for one in figures if one.range is not None]
    if not known:
        return MISSING
    span = Range(
        sum(one.range.best for one in known),
        sum(one.range.low for one in known),
        sum(one.range.high for one in known),
    )
    return Figure(span, max((one.grade for one in known), key=list(Grade).index))


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A line of the story: when, how long, how much, and what became of it."""

    clip: str
    start_s: float
    length_s: float
    wh: float | None
    kept: bool | None = None
    status: Status = Status.COMPLETED
    changes: tuple[SettingChange, ...] = ()
    frames: int = 81
    seed: int = 884_211
    grade: Grade = Grade.MEASURED
    where: Where = Where.LOCAL
    provider: str | None = None
    cached: Cached = Cached.NO
    output: str | None = None


_SHARES = (
    (PhaseName.LOAD, 0.04),
    (PhaseName.ENCODE, 0.015),
    (PhaseName.SAMPLE, 0.885),
    (PhaseName.DECODE, 0.05),
    (PhaseName.SAVE, 0.01),
)
# A job in the middle of its steps decodes nothing yet.
_SHARES_SO_FAR = ((PhaseName.LOAD, 0.04), (PhaseName.ENCODE, 0.015), (PhaseName.SAMPLE, 0.945))


def _phases(job: Job) -> list[tuple[PhaseName, float, float]]:
    """Return name, start and length of each phase in seconds from the session's start."""
    phases, start = [], job.start_s
    for name, share in _SHARES_SO_FAR if job.status is Status.RUNNING else _SHARES:
        phases.append((name, start, share * job.length_s))
        start += share * job.length_s
    return phases


def iteration_facts(
    job: Job, clip_id: str, number: int, session_id: str = "s-spring", device: Device = RTX_4090
) -> IterationFacts:
    """Return the facts of one job of the story."""
    running = job.status is Status.RUNNING
    start_ns = ns_from_s(job.start_s)
    end_ns = None if running else ns_from_s(job.start_s + job.length_s)
    energy = figure(job.wh, job.grade)
    spans = _phases(job)
    settings = wan_settings(job.frames, job.seed)
    completed = job.status is Status.COMPLETED
    name = job.output or f"{job.clip}_{number:05d}_.mp4"
    iteration = Iteration(
        id=f"{session_id}:{clip_id}:{number}",
        source_kind="comfyui",
        external_id=f"prompt-{session_id}-{clip_id}-{number}",
        session_id=session_id,
        clip_id=clip_id,
        number=number,
        source_id="comfyui:8188",
        run_id=RUN,
        status=job.status,
        where=job.where,
        provider=job.provider,
        device_ids=(device.id,) if job.where is Where.LOCAL else (),
        start_ns=start_ns,
        end_ns=end_ns,
        started_utc_ns=START_UTC_NS + start_ns,
        ended_utc_ns=None if end_ns is None else START_UTC_NS + end_ns,
        recut=not running,
        clock_bound_ns=0,
        kept=job.kept,
        cached=job.cached,
        settings=settings,
        done=Done(20, 40) if completed else Done(13, 26),
        phases=tuple(
            Phase(phase, ns_from_s(start), ns_from_s(start + length))
            for phase, start, length in spans
        ),
        outputs=(Output(name, "spring"),) if completed else (),
    )
    share = {name: length / job.length_s for name, _start, length in spans}
    return IterationFacts(
        iteration=iteration,
        energy_wh=energy,
        co2e_g=co2e(energy),
        cost=cost(energy),
        factor_ids=() if energy is MISSING else (FRANCE.id,),
        duration_s=job.length_s,
        phases=tuple(
            PhaseFigure(
                phase, START_UTC_NS + ns_from_s(start), length, scaled(energy, share[phase])
            )
            for phase, start, length in spans
        ),
        changes=job.changes,
        first=number == 1,
        progress=Progress(
            step=13,
            steps=20,
            fraction=0.65,
            finish_utc_ns=START_UTC_NS + ns_from_s(job.start_s + job.length_s / 0.62),
        )
        if running
        else None,
        expected_wh=Range(48.0, 46.0, 50.0) if running else None,
    )


_SHOTS = (("c-01", "shot_01 opening"), ("c-02", "shot_02 corridor"), ("c-03", "shot_03 rooftop"))
_NEW_SEED = (SettingChange("seed", 884_211, 884_212),)
_PROMPT = (SettingChange("prompt", None, None),)
_FRAMES = (SettingChange("frames", 81, 49),)


def _spring_jobs(*, finished: bool) -> list[tuple[str, Job]]:
    def job(clip, at, length, wh, **more):
        name = dict(_SHOTS)[clip].split()[0]
        return clip, Job(clip=name, start_s=at * 60, length_s=length, wh=wh, **more)

    last = (
        {"length": 433, "wh": 47.9, "kept": True}
        if finished
        else {"length": 270, "wh": 30.0, "status": Status.RUNNING}
    )
    return [
        job("c-01", 2.0, 440, 48.8, kept=False),
        job("c-01", 13.5, 444, 49.2, kept=True, changes=_PROMPT),
        job("c-02", 26.0, 446, 49.4, kept=False),
        job("c-02", 36.5, 442, 48.9, kept=False, changes=_NEW_SEED, seed=884_212),
        job("c-02", 47.0, 445, 49.3, kept=False, changes=_PROMPT, seed=884_212),
        job("c-02", 57.5, 443, 49.1, kept=False, changes=_NEW_SEED, seed=884_213),
        job("c-02", 69.0, 445, 49.3, kept=True, changes=_PROMPT, seed=884_213),
        job("c-03", 83.6, 428, 47.4, kept=False if finished else None),
        job("c-03", 93.6, 431, 47.7, kept=False, changes=_PROMPT),
        job("c-03", 104.9, 237, 24.6, kept=False if finished else None, frames=49, changes=_FRAMES),
        job("c-03", 111.6, changes=_NEW_SEED, seed=884_212, **last),
    ]


def power_curve(
    jobs: list[Job], end_s: float, idle_w: float, device: Device = RTX_4090, columns: int = 700
) -> PowerCurve:
    """Return a curve whose mean over each job is that job's energy over its length."""
    noise = random.Random(4090)
    curve = PowerCurve(device.id)
    step_s = end_s / columns
    for index in range(columns):
        t_s = (index + 0.5) * step_s
        running = [job for job in jobs if job.start_s <= t_s < job.start_s + job.length_s]
        curve.t_utc_ms.append((START_UTC_NS + ns_from_s(t_s)) // NS_PER_MS)
        if not running:
            watts = idle_w + noise.uniform(-1.0, 1.0)
        else:
            job = running[0]
            part = (t_s - job.start_s) / job.length_s
            if job.status is Status.RUNNING:
                shape = 0.4 if part < 0.03 else 1.02
            else:
                shape = 0.4 if part < 0.03 else 1.03 if part < 0.94 else 0.75
            watts = w_from_wh(job.wh or 0.0, job.length_s) * shape + noise.uniform(-5.0, 5.0)
            watts = max(watts, idle_w)
        curve.min_mw.append(mw_from_w(watts * 0.96))
        curve.mean_mw.append(mw_from_w(watts))
        curve.max_mw.append(mw_from_w(watts * 1.03))
    return curve


def cumulative_table(
    placed: list[tuple[str, Job]], end_s: float, idle_wh: float, rows: int = 120
) -> CumulativeTable:
    """Return energy so far per clip and idle; the last row holds the clips' totals."""
    owners = (*dict.fromkeys(clip for clip, _job in placed), "idle")
    columns: dict[str, array] = {owner: array("d") for owner in owners}
    times = array("q")
    for row in range(rows + 1):
        t_s = end_s * row / rows
        times.append((START_UTC_NS + ns_from_s(t_s)) // NS_PER_MS)
        so_far = dict.fromkeys(owners, 0.0)
        for clip, job in placed:
            part = min(max((t_s - job.start_s) / job.length_s, 0.0), 1.0)
            so_far[clip] += (job.wh or 0.0) * part
        so_far["idle"] = idle_wh * row / rows
        for owner in owners:
            columns[owner].append(so_far[owner])
    return CumulativeTable(times, owners, tuple(columns[owner] for owner in owners))


def countable(figures: list[Figure]) -> list[Figure]:
    """Return those that may be added up: all when all are simulated, else the others."""
    known = [one for one in figures if one.range is not None]
    real = [one for one in known if one.grade is not Grade.SIMULATED]
    return real or known


def totals_of(clips: tuple[ClipFacts, ...], outside: list[Figure], gap_s: float = 0.0) -> Totals:
    """Return the sums as the engine makes them: simulated energy apart unless all of it is."""
    every = [one for clip in clips for one in clip.iterations]
    energies = [one.energy_wh for one in every] + outside
    simulated = [one for one in energies if one.grade is Grade.SIMULATED]
    counted = countable(energies)
    energy = total_of(counted)
    wholly = energy.grade is Grade.SIMULATED

    def marked(kept: bool | None) -> Figure:
        return total_of(
            [
                one.energy_wh
                for one in every
                if one.iteration.kept is kept
                and (wholly or one.energy_wh.grade is not Grade.SIMULATED)
            ]
        )

    measured = sum(one.range.best for one in counted if one.grade.is_measured)
    return Totals(
        energy_wh=energy,
        co2e_g=co2e(energy),
        cost=cost(energy),
        iterations=len(every),
        kept_energy_wh=marked(kept=True),
        discarded_energy_wh=marked(kept=False),
        undecided_energy_wh=marked(kept=None),
        simulated_energy_wh=total_of(simulated),
        measured_share=measured / energy.best if energy.best else None,
        gap_s=gap_s,
        grade=energy.grade,
    )


def session_facts(
    placed: list[tuple[str, Job]],
    *,
    names: dict[str, str] | None = None,
    session_id: str = "s-spring",
    title: str = "Spring campaign",
    kind: SessionKind = SessionKind.LIVE,
    end_s: float = 0.0,
    idle: Figure = MISSING,
    other: Figure = MISSING,
    ended: bool = True,
    device: Device = RTX_4090,
    curves: bool = True,
    gap_s: float = 0.0,
    columns: int = 700,
) -> SessionFacts:
    """Return a session of these jobs, each placed in a clip id; all sums are made here."""
    names = names or dict(_SHOTS)
    clips = []
    for clip_id in dict.fromkeys(clip for clip, _job in placed):
        iterations = tuple(
            iteration_facts(job, clip_id, number, session_id, device)
            for number, job in enumerate((job for at, job in placed if at == clip_id), 1)
        )
        energy = total_of(countable([one.energy_wh for one in iterations]))
        clips.append(
            ClipFacts(
                clip=Clip(id=clip_id, project_id=PROJECT.id, name=names[clip_id]),
                iterations=iterations,
                energy_wh=energy,
                co2e_g=co2e(energy),
                cost=cost(energy),
            )
        )
    idle_time_s = end_s - sum(job.length_s for _clip, job in placed)
    drawn = curves and idle.best is not None
    return SessionFacts(
        app_version="0.1.0",
        method_version=1,
        project=PROJECT,
        session=Session(
            id=session_id,
            project_id=PROJECT.id,
            kind=kind,
            run_id=RUN,
            started_utc_ns=START_UTC_NS,
            title=title,
            ended_utc_ns=START_UTC_NS + ns_from_s(end_s) if ended else None,
            ended_by=EndedBy.USER if ended else None,
        ),
        machine=MACHINE,
        scope=Scope.GPU,
        devices=(device,),
        counted_device_ids=(device.id,),
        factors=(FRANCE,),
        tariff=TARIFF,
        clips=tuple(clips),
        idle_wh=idle,
        idle_co2e_g=co2e(idle),
        standby_wh=MISSING,
        standby_co2e_g=MISSING,
        other_wh=other,
        other_co2e_g=co2e(other),
        self_wh=figure(0.2, Grade.MODEL),
        totals=totals_of(tuple(clips), [idle, other], gap_s),
        curves=(
            power_curve(
                [job for _clip, job in placed],
                end_s,
                w_from_wh(idle.best, idle_time_s),
                device,
                columns,
            ),
        )
        if drawn
        else (),
        cumulative=cumulative_table(placed, end_s, idle.best) if drawn else CumulativeTable(),
        digest="7d" * 32,
    )


def empty_session() -> SessionFacts:
    """Return a session that began and saw no job."""
    return session_facts([], end_s=300.0, idle=figure(5.9), ended=False)


def single_iteration() -> SessionFacts:
    """Return one clip with one finished, undecided iteration of 52 Wh."""
    job = Job(clip="shot_01", start_s=30.0, length_s=460.0, wh=52.0)
    return session_facts([("c-01", job)], end_s=520.0, idle=figure(1.2))


def spring_campaign(*, finished: bool = False) -> SessionFacts:
    """Return three clips and eleven iterations, the last one running unless `finished`.

    Running: 98.0 + 246.0 + 149.7 Wh in the clips, 50.0 idle, 543.7 in all, 16.9 g CO2e; more than
    a fifth is undecided. Finished: 167.6 Wh in the third clip, 561.6 in all, all decided.
    """
    placed = _spring_jobs(finished=finished)
    _clip, last = placed[-1]
    return session_facts(
        placed,
        end_s=last.start_s + last.length_s,
        idle=figure(50.0),
        ended=finished,
        columns=3_500,
    )


def troubled_session() -> SessionFacts:
    """Return failed, cancelled, unknown, cached, cloud and unmeasured iterations, and a gap."""

    def job(at: float, wh: float | None, **more) -> tuple[str, Job]:
        return "c-01", Job(clip="shot_01", start_s=at, length_s=200.0, wh=wh, **more)

    placed = [
        job(10, 21.0, status=Status.FAILED),
        job(250, 12.5, status=Status.CANCELLED, kept=False),
        job(500, 18.0, status=Status.UNKNOWN),
        job(750, 0.4, cached=Cached.ALL),
        job(1000, None),
        job(1250, None, where=Where.CLOUD, provider="fal"),
        job(1500, 24.0, grade=Grade.MODEL, where=Where.MIXED, provider="kling"),
    ]
    return session_facts(
        placed, session_id="s-troubled", end_s=1750, idle=figure(7.0), other=figure(3.0), gap_s=42.5
    )


def simulated_session() -> SessionFacts:
    """Return a session in which every watt is invented."""
    job = Job(clip="shot_01", start_s=20, length_s=440, wh=49.0, grade=Grade.SIMULATED, kept=True)
    again = replace(job, start_s=500, wh=48.0, kept=False, changes=_NEW_SEED, seed=884_212)
    return session_facts(
        [("c-01", job), ("c-01", again)],
        session_id="s-simulated",
        title="Demo",
        kind=SessionKind.DEMO,
        end_s=960,
        idle=figure(1.5, Grade.SIMULATED),
        device=SIMULATED_4090,
    )


def mixed_session() -> SessionFacts:
    """Return measured, simulated and missing iterations side by side."""
    placed = [
        ("c-01", Job(clip="shot_01", start_s=20, length_s=440, wh=48.0, kept=True)),
        ("c-01", Job(clip="shot_01", start_s=480, length_s=440, wh=49.0, grade=Grade.SIMULATED)),
        ("c-02", Job(clip="shot_02", start_s=940, length_s=440, wh=None)),
    ]
    return session_facts(placed, session_id="s-mixed", end_s=1400, idle=figure(2.0), curves=False)


HOSTILE_NAMES = (
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://example.invalid","shot")',
    "shot_\u202egpj.exe",
    "line\nbreak\r\nand\ttab",
    "{{ 7 * 7 }}{% raw %}",
    "'; DROP TABLE clips; --",
    "\x1b[31mred\x00null",
    "\uff1d1+1",
    "../../etc/passwd",
    "x" * 65_536,
)


def hostile_session(names: tuple[str, ...] = HOSTILE_NAMES) -> SessionFacts:
    """Return a session whose project, title, clips, files and settings have hostile names."""
    placed = [
        (
            f"c-{index}",
            Job(clip="shot", start_s=10.0 + 100 * index, length_s=80, wh=5.0, output=name),
        )
        for index, name in enumerate(names)
    ]
    facts = session_facts(
        placed,
        names={f"c-{index}": name for index, name in enumerate(names)},
        session_id="s-hostile",
        title=names[0],
        end_s=10.0 + 100 * len(names),
        idle=figure(1.0),
    )
    clips = tuple(
        replace(clip, iterations=tuple(_named(one, clip.clip.name) for one in clip.iterations))
        for clip in facts.clips
    )
    return replace(
        facts, clips=clips, project=Project("p-hostile", names[-1] if len(names) < 3 else names[2])
    )


def _named(facts: IterationFacts, name: str) -> IterationFacts:
    settings = replace(
        facts.iteration.settings, model=name, sampler=name, loras=(Lora(name, -12.5),)
    )
    return replace(facts, iteration=replace(facts.iteration, settings=settings, provider=name))


def long_session(n: int = 400) -> SessionFacts:
    """Return `n` iterations over ten clips, three decisions in turn."""
    names = {f"c-{index}": f"shot_{index:02d}" for index in range(10)}
    placed = [
        (
            f"c-{index % 10}",
            Job(
                clip=f"shot_{index % 10:02d}",
                start_s=10.0 + 260.0 * index,
                length_s=230,
                wh=23.7 + 0.1 * (index % 5),
                kept=(None, True, False)[index % 3],
                seed=index,
            ),
        )
        for index in range(n)
    ]
    return session_facts(
        placed,
        names=names,
        session_id="s-long",
        title="A long day",
        end_s=10.0 + 260.0 * n,
        idle=figure(0.6 * n + 0.1),
    )


def snapshot(facts: SessionFacts | None, **changes: object) -> LiveSnapshot:
    """Return the moment in which the window shows `facts`; any field can be given."""
    running = tuple(
        one.iteration.id
        for clip in (facts.clips if facts else ())
        for one in clip.iterations
        if one.iteration.status is Status.RUNNING
    )
    device = facts.devices[0] if facts else RTX_4090
    now_ns = 120 * 60 * NS_PER_S
    simulated = device.grade is Grade.SIMULATED
    fields: dict[str, object] = {
        "t_ns": now_ns,
        "utc_ns": START_UTC_NS + now_ns,
        "revision": 1,
        "role": "recorder",
        "devices": (
            DeviceNow(
                device=device,
                power_mw=402_000 if running else 24_000,
                counted=True,
                power_limit_mw=450_000,
                temperature_c=64,
                utilisation_pct=99 if running else 0,
            ),
        ),
        "sources": (
            SourceNow(
                id="comfyui:8188",
                kind="comfyui",
                label="ComfyUI :8188",
                state="found",
                running=len(running),
                pending=2 if running else 0,
            ),
        ),
        "factor": FRANCE,
        "tariff": TARIFF,
        "session": facts,
        "running_ids": running,
        "working_on": facts.clips[-1].clip.id if facts and facts.clips else None,
        "clips": tuple(clip.clip for clip in facts.clips) if facts else (),
        "self_w": 0.1,
        "simulated_why": "meters.simulated.no_library" if simulated else None,
    }
    return LiveSnapshot(**{**fields, **changes})
