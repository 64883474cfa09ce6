"""Eight hours of work told to a recorder that has just been put together: what a long day holds."""

from array import array
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from support.engine import a_start, key
from support.watchers import ScriptedWatcher

from vidgreen_gui.engine.run_clock import RunClock
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.power import CounterBlock, PowerBlock
from vidgreen_gui.model.session import PhaseName, SessionKind, Status
from vidgreen_gui.model.units import NS_PER_MS, NS_PER_S
from vidgreen_gui.verbs import assembly

HOURS = 8
SOURCE = "comfyui:8188"
# Ten minutes apart, each nearly eight minutes long; the last of them still runs.
_EVERY_S, _LENGTH_S, _STEPS, _CLIPS = 600, 460, 20, 8
_RUNNING_S = 180
_STEP_S = 2.0
# The newest half hour at 10 Hz, all that the account may hold; before that one sample a second.
_FINE_S = 1800
_FINE_NS, _COARSE_NS = 100 * NS_PER_MS, NS_PER_S
_LOW_MW, _HIGH_MW = 60_000, 400_000
# A job that runs for as long as anybody measures.
_ENDLESS_STEPS = 1_000


class HoursOld(RunClock):
    """A run that began eight hours ago."""

    def __init__(self, clock):
        super().__init__(clock)
        self.origin_ns -= HOURS * 3600 * NS_PER_S


def assembled_with_story(request, _watchers, *, busy=True):
    """Assemble as `assembly.assemble` does, with a scripted source and eight hours behind."""
    assembly.RunClock = HoursOld
    scripted = steps_from_now if busy else (lambda *_: ())
    assembled = assembly.assemble(request, scripted)
    recorder = assembled.recorder
    tell(recorder._inbox.put, recorder.history, recorder._with, busy=busy)
    return assembled


def steps_from_now(clock, *_):
    """Return a source that finishes a step of the running job every two seconds."""
    step = ev.StepDone(t_ns=0, key=key("now"), pass_index=0, step=0, steps=_ENDLESS_STEPS)
    first = round(_RUNNING_S / _STEP_S)
    script = [(_STEP_S, replace(step, step=first + number)) for number in range(600)]
    return (ScriptedWatcher(clock, script),)


def tell(put: Callable, history, equipment, *, busy: bool) -> None:
    """Say what happened since the run began: samples, jobs, and one that runs now."""
    now_ns = equipment.clock.steady_ns()
    devices = equipment.devices
    for device in devices:
        put(ev.DeviceFound(t_ns=0, device=device))
        _sample(put, history, device.id, now_ns)
    if not busy:
        return
    label_utc = partial(_utc_of, equipment.run)
    put(
        ev.SessionStarted(
            t_ns=0, session_id="s1", project_id=equipment.project.id, kind=SessionKind.LIVE,
            utc_ns=label_utc(0),
        )
    )  # fmt: skip
    put(
        ev.SourceFound(
            t_ns=0, source_id=SOURCE, source_kind="comfyui", label="ComfyUI :8188",
            device_ids=tuple(device.id for device in devices),
        )
    )  # fmt: skip
    last_s = now_ns // NS_PER_S - _RUNNING_S
    for number, start_s in enumerate(range(30, last_s - _LENGTH_S, _EVERY_S)):
        for event in _job(f"job{number}", start_s, f"shot_{number % _CLIPS:02d}", number):
            put(event)
    put(a_start("now", last_s, prefix="shot_00", steps=_ENDLESS_STEPS, seed=-1))
    put(_phase("now", PhaseName.SAMPLE, last_s + 10))


def _job(name, start_s, prefix, seed):
    yield a_start(name, start_s, prefix=prefix, steps=_STEPS, seed=seed)
    for phase, after_s in ((PhaseName.LOAD, 0), (PhaseName.SAMPLE, 20), (PhaseName.DECODE, 430)):
        yield _phase(name, phase, start_s + after_s)
    end_ns = (start_s + _LENGTH_S) * NS_PER_S
    yield ev.IterationEnded(
        t_ns=end_ns, key=key(name), status=Status.COMPLETED, start_ns=start_s * NS_PER_S,
        end_ns=end_ns,
    )  # fmt: skip


def _phase(name, phase, at_s):
    return ev.PhaseStarted(t_ns=at_s * NS_PER_S, key=key(name), phase=phase)


def _utc_of(run, t_ns):
    return run.utc_ns + t_ns


def _sample(put, history, device_id, now_ns):
    fine_from_ns = now_ns - _FINE_S * NS_PER_S
    coarse = np.arange(0, fine_from_ns, _COARSE_NS)
    fine = np.arange(fine_from_ns // _FINE_NS * _FINE_NS + _FINE_NS, now_ns, _FINE_NS)
    for period_ns, t_ns in ((_COARSE_NS, coarse), (_FINE_NS, fine)):
        power_mw = power_at(t_ns)
        put(PowerBlock(device_id, period_ns, ints(t_ns), ints(power_mw)))
        for sample in zip(t_ns.tolist(), power_mw.tolist(), strict=True):
            history.append(device_id, *sample)
    seconds = np.concatenate((coarse, fine[:: NS_PER_S // _FINE_NS]))
    counted_mj = np.cumsum(power_at(seconds))
    put(CounterBlock(device_id, NS_PER_S, ints(seconds), ints(counted_mj)))


def power_at(t_ns):
    """Return mW: high while a job of the day runs, low between, with the noise of a real card."""
    noise = np.random.default_rng(4090).normal(0, 3_000, len(t_ns))
    running = (t_ns // NS_PER_S - 30) % _EVERY_S < _LENGTH_S
    return np.rint(np.where(running, _HIGH_MW, _LOW_MW) + noise).astype(np.int64)


def ints(values):
    """Return a column as the model carries it."""
    return array("q", np.asarray(values, dtype=np.int64).tobytes())
