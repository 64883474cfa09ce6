"""When a running iteration will be done, from its steps and from those before it."""

from dataclasses import dataclass, field
from statistics import median

from vidgreen_gui.model.events import StepDone
from vidgreen_gui.model.facts import Progress
from vidgreen_gui.model.session import Iteration, PhaseName, Status
from vidgreen_gui.model.units import ns_from_s, s_from_ns
from vidgreen_gui.workflows.progress import fraction_done, planned_work

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
        whole = iteration.status is Status.COMPLETED
        if whole and sampled and iteration.end_ns is not None:
            self._tails_s[_alike(iteration)] = s_from_ns(iteration.end_ns - max(sampled))
        for key in [key for key in self._paces if key[0] == iteration.id]:
            del self._paces[key]

    def progress(
        self, iteration: Iteration, steps: dict[int, StepDone], now_ns: int, now_utc_ns: int
    ) -> Progress | None:
        """Return how far `iteration` is and when it ends; None before its first step."""
        if not steps:
            return None
        newest = max(steps)
        passes = iteration.settings.samplers
        planned = [one.steps or 0 for one in passes]
        left_s = self._left_s(iteration, steps[newest], now_ns)
        return Progress(
            step=sum(one.step for one in steps.values()),
            steps=max(sum(planned), sum(one.steps for one in steps.values())),
            pass_index=newest,
            fraction=fraction_done(passes, newest, steps[newest].step, steps[newest].steps),
            finish_utc_ns=None if left_s is None else now_utc_ns + ns_from_s(left_s),
        )

    def _left_s(self, iteration: Iteration, current: StepDone, now_ns: int) -> float | None:
        pace = self._paces.get((iteration.id, current.pass_index))
        if pace is None or len(pace.steps) < 2:
            return None
        spans = zip(pace.times_ns, pace.times_ns[1:], pace.steps, pace.steps[1:], strict=False)
        each_s = [s_from_ns(b - a) / (n - m) for a, b, m, n in spans][-_RECENT_STEPS:]
        per_step_s = median(each_s)
        since_s = s_from_ns(now_ns - pace.times_ns[-1])
        here_s = max(0.0, (current.steps - current.step) * per_step_s - min(since_s, per_step_s))
        whole_s = current.steps * per_step_s
        later_s = whole_s * _later_work(iteration, current.pass_index)
        tail_s = self._tails_s.get(_alike(iteration), _USUAL_TAIL * (whole_s + later_s))
        return here_s + later_s + tail_s


def _later_work(iteration: Iteration, pass_index: int) -> float:
    """Return the work of the passes still to come, in units of the one in hand."""
    work = planned_work(iteration.settings.samplers)
    if work is None or pass_index >= len(work) or work[pass_index] <= 0:
        return 0.0
    return sum(work[pass_index + 1 :]) / work[pass_index]


def _alike(iteration: Iteration) -> str:
    settings = iteration.settings
    return f"{settings.model}/{settings.width}x{settings.height}x{settings.frames}"
