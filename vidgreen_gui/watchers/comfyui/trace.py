"""Phases, steps and real precision of one running job, from log lines or its own progress.

ComfyUI's samplers write a step bar each, in the order they run; models announce their loading.
Which pass a bar belongs to is found by its length among the passes that have not run yet: passes
that the cache answered write no bar.
"""

import re
from dataclasses import dataclass

from vidgreen_gui.model.events import (
    JobKey,
    PhaseStarted,
    PrecisionSeen,
    SourceEvent,
    StepDone,
)
from vidgreen_gui.model.session import Done, PhaseName
from vidgreen_gui.model.settings import SamplerPass
from vidgreen_gui.model.units import NS_PER_S
from vidgreen_gui.watchers.comfyui.logs import Line, Say

# Steps are shown; ten a second are enough. The first and the last of a pass are always told.
_SHOW_EVERY_NS = NS_PER_S // 10

_VAE = re.compile(r"vae|autoencod", re.IGNORECASE)
_TEXT = re.compile(r"clip|t5|te(model)?_?$|textencod|llama|gemma|qwen|mistral", re.IGNORECASE)

# Node classes by name: what a node of that kind is busy with; the first that fits counts.
_PHASE_BY_CLASS = (
    (re.compile(r"sampler(?!select)", re.IGNORECASE), PhaseName.SAMPLE),
    (re.compile(r"save|createvideo|videocombine|preview", re.IGNORECASE), PhaseName.SAVE),
    (re.compile(r"vae.*decode|decode.*vae|^wanvideodecode", re.IGNORECASE), PhaseName.DECODE),
    (re.compile(r"encode|tovideo$", re.IGNORECASE), PhaseName.ENCODE),
    (re.compile(r"load", re.IGNORECASE), PhaseName.LOAD),
)

# torch's names of what weights are kept in, as they are written everywhere else.
_PRECISIONS = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}


@dataclass(slots=True)
class _Bar:
    pass_index: int
    step: int
    steps: int


class Trace:
    """Follows one job. Every method returns the events that what was heard gives rise to.

    `passes` are the job's samplers in the order they run, `classes` its node classes by node id.
    """

    def __init__(
        self, key: JobKey, passes: tuple[SamplerPass, ...], classes: dict[str, str]
    ) -> None:
        self._key = key
        self._passes = passes
        self._classes = classes
        self._bars: list[_Bar] = []
        self._phase: PhaseName | None = None
        self._phase_ns = 0
        self._precision: str | None = None
        self._shown_ns: int | None = None

    def begin(self, t_ns: int) -> list[SourceEvent]:
        """Return the first phase: models are loaded, or nobody can tell what is done."""
        return self._enter(t_ns, PhaseName.LOAD if self._passes else PhaseName.OTHER)

    def line(self, t_ns: int, line: Line) -> list[SourceEvent]:
        """Take one log line written while this job ran."""
        t_ns = max(t_ns, self._phase_ns)
        match line.say:
            case Say.STEP:
                return self._bar_step(t_ns, line)
            case Say.REQUESTED:
                return self._enter(t_ns, self._phase_of_model(line.text))
            case Say.PRECISION:
                return self._see_precision(t_ns, line.text)
            case _:
                return []

    def node_progress(
        self, t_ns: int, node: str, value: float, maximum: float
    ) -> list[SourceEvent]:
        """Take the progress of one node, which says more than the log where it reaches us."""
        t_ns = max(t_ns, self._phase_ns)
        phase = phase_of_class(self._classes.get(node, ""))
        events = self._enter(t_ns, phase)
        index = next((i for i, one in enumerate(self._passes) if one.node == node), None)
        if index is None and (self._passes or maximum <= 1):
            return events
        return events + self._step(t_ns, index or 0, int(value), int(maximum), node, None)

    def done(self, *, whole: bool, cached: frozenset[str]) -> Done:
        """Return what ran; `whole` says the job completed, `cached` which nodes did not run.

        A completed job ran every pass that was not cached, also those that write no bar; of any
        other only what the bars showed is known.
        """
        if whole:
            ran = [one for one in self._passes if one.node not in cached]
            if all(one.steps is not None for one in ran) and self._passes:
                known = all(one.evaluations is not None for one in ran)
                evaluations = sum(one.evaluations or 0 for one in ran) if known else None
                return Done(sum(one.steps or 0 for one in ran), evaluations)
        if not self._bars:
            return Done()
        per_bar = [self._evaluations(bar) for bar in self._bars]
        known_parts = [part for part in per_bar if part is not None]
        evaluations = sum(known_parts) if len(known_parts) == len(per_bar) else None
        return Done(sum(bar.step for bar in self._bars), evaluations)

    def _bar_step(self, t_ns: int, line: Line) -> list[SourceEvent]:
        current = self._bars[-1] if self._bars else None
        if current is None or line.steps != current.steps or line.step < current.step:
            index = self._next_pass(line.steps)
        else:
            index = current.pass_index
        events = self._enter(t_ns, PhaseName.SAMPLE)
        events += self._step(t_ns, index, line.step, line.steps, None, line.seconds_per_step)
        if line.step == line.steps and index >= len(self._passes) - 1:
            events += self._enter(t_ns, PhaseName.DECODE)
        return events

    def _next_pass(self, steps: int) -> int:
        first = self._bars[-1].pass_index + 1 if self._bars else 0
        fitting = (
            index for index, one in enumerate(self._passes) if index >= first and one.steps == steps
        )
        return next(fitting, first)

    def _step(
        self, t_ns: int, index: int, step: int, steps: int, node: str | None, rate: float | None
    ) -> list[SourceEvent]:
        bar = self._bars[-1] if self._bars else None
        fresh = bar is None or bar.pass_index != index or bar.steps != steps or step < bar.step
        if bar is None or fresh:
            self._bars.append(_Bar(index, step, steps))
        elif bar.step == step:
            return []
        else:
            bar.step = step
        recent = self._shown_ns is not None and t_ns - self._shown_ns < _SHOW_EVERY_NS
        if recent and not fresh and step < steps:
            return []
        self._shown_ns = t_ns
        known = node if node is not None or index >= len(self._passes) else self._passes[index].node
        return [
            StepDone(
                t_ns=t_ns,
                key=self._key,
                pass_index=index,
                step=step,
                steps=steps,
                node=known,
                seconds_per_step=rate,
            )
        ]

    def _phase_of_model(self, name: str) -> PhaseName:
        if _VAE.search(name):
            return PhaseName.DECODE if self._bars else PhaseName.ENCODE
        return PhaseName.ENCODE if _TEXT.search(name) else PhaseName.LOAD

    def _see_precision(self, t_ns: int, dtype: str) -> list[SourceEvent]:
        precision = _PRECISIONS.get(dtype, dtype.replace("float8", "fp8"))
        if precision == self._precision:
            return []
        self._precision = precision
        return [PrecisionSeen(t_ns=t_ns, key=self._key, precision=precision)]

    def _enter(self, t_ns: int, phase: PhaseName) -> list[SourceEvent]:
        if phase is self._phase:
            return []
        self._phase, self._phase_ns = phase, t_ns
        return [PhaseStarted(t_ns=t_ns, key=self._key, phase=phase)]

    def _evaluations(self, bar: _Bar) -> int | None:
        if bar.pass_index >= len(self._passes):
            return None
        asked = self._passes[bar.pass_index]
        if not asked.steps or asked.evaluations is None:
            return None
        return round(bar.step * asked.evaluations / asked.steps)


def phase_of_class(class_type: str) -> PhaseName:
    """Return what a node of that class is busy with, `other` where its name does not tell."""
    for pattern, phase in _PHASE_BY_CLASS:
        if pattern.search(class_type):
            return phase
    return PhaseName.OTHER
