"""When a running iteration will be done, from its steps and from those before it."""

from dataclasses import dataclass, field
from statistics import median

from vidgreen_gui.model.events import StepDone
from vidgreen_gui.model.facts import Progress
from vidgreen_gui.model.session import Iteration, PhaseName
from vidgreen_gui.model.units import ns_from_s, s_from_ns

# How much longer than its steps a job of unknown tail takes: VAE decode and saving.
_USUAL_TAIL = 0.06
_RECENT_STEPS = 8


@dataclass(slots=True)
class _Pace:
    times_ns: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)


class Forecast:
    """Follows the steps of running iterations; knows how long earlier ones took after the last."""

    def __init__(self) -> None:
        self._paces: dict[tuple[str, int], _Pace] = {}
        self._tails_s: dict[str, float] = {}

    def step(self, iteration_id: str, step: StepDone) -> None:
        """Take a finished step."""
        pace = self._paces.setdefault((iteration_id, step.pass_index), _Pace())
        if not pace.steps or step.step > pace.steps[-1]:
            pace.times_ns.append(step.t_ns)
            pace.steps.append(step.step)

    def ended(self, iteration: Iteration) -> None:
        """Learn the tail of a completed iteration and forget its steps."""
        sampled = [p.end_ns for p in iteration.phases if p.name is PhaseName.SAMPLE and p.end_ns]
        if sampled and iteration.end_ns is not None:
            self._tails_s[_alike(iteration)] = s_from_ns(iteration.end_ns - max(sampled))
        for key in [key for key in self._paces if key[0] == iteration.id]:
            del self._paces[key]

    def progress(
        self, iteration: Iteration, steps: dict[int, StepDone], now_ns: int, now_utc_ns: int
    ) -> Progress | None:
        """Return how far `iteration` is and when it ends; None before its first step."""
        if not steps:
            return None
        planned = [p.steps or 0 for p in iteration.settings.samplers]
        weights = [
            (p.evaluations or p.steps or 0) / (p.steps or 1) for p in iteration.settings.samplers
        ]
        newest = max(steps)
        current = steps[newest]
        total = max(sum(planned), sum(s.steps for s in steps.values()))
        done = sum(s.step for s in steps.values())
        left_s = self._left_s(iteration, steps, planned, now_ns)
        weighted_total = sum(n * w for n, w in zip(planned, weights, strict=True)) or total
        weighted_done = sum(
            s.step * (weights[i] if i < len(weights) else 1.0) for i, s in steps.items()
        )
        return Progress(
            step=done,
            steps=total,
            pass_index=current.pass_index,
            fraction=min(1.0, weighted_done / weighted_total) if weighted_total else None,
            finish_utc_ns=None if left_s is None else now_utc_ns + ns_from_s(left_s),
        )

    def _left_s(
        self, iteration: Iteration, steps: dict[int, StepDone], planned: list[int], now_ns: int
    ) -> float | None:
        newest = max(steps)
        pace = self._paces.get((iteration.id, newest))
        if pace is None or len(pace.steps) < 2:
            return None
        spans = zip(pace.times_ns, pace.times_ns[1:], pace.steps, pace.steps[1:], strict=False)
        each_s = [s_from_ns(b - a) / (n - m) for a, b, m, n in spans][-_RECENT_STEPS:]
        per_step_s = median(each_s)
        later = sum(planned[newest + 1 :])
        left = steps[newest].steps - steps[newest].step + later
        since_s = s_from_ns(now_ns - pace.times_ns[-1])
        sampling_s = max(0.0, left * per_step_s - min(since_s, per_step_s))
        whole = sum(planned) or steps[newest].steps
        tail_s = self._tails_s.get(_alike(iteration), _USUAL_TAIL * whole * per_step_s)
        return sampling_s + tail_s


def _alike(iteration: Iteration) -> str:
    settings = iteration.settings
    return f"{settings.model}/{settings.width}x{settings.height}x{settings.frames}"
