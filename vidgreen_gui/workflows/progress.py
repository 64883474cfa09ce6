"""How much of a generation is done, counted in model evaluations."""

from collections.abc import Sequence

from vidgreen_gui.model.settings import SamplerPass


def planned_work(passes: Sequence[SamplerPass]) -> tuple[float, ...] | None:
    """Return what each pass weighs: its evaluations times the pixels of its video.

    A pass of a small preview counts for less than one of the full size. None where a pass does
    not say how many steps it runs. Where one has no size, sizes count for none.
    """
    sized = all(one.width and one.height for one in passes)
    work = []
    for one in passes:
        calls = one.evaluations if one.evaluations is not None else one.steps
        if calls is None:
            return None
        pixels = (one.width or 1) * (one.height or 1) * (one.frames or 1) if sized else 1
        work.append(float(calls * pixels))
    return tuple(work)


def fraction_done(
    passes: Sequence[SamplerPass], pass_index: int, step: int, steps: int
) -> float | None:
    """Return the share of all sampling that is done, 0 to 1, None where it cannot be said.

    `step` of `steps` are done in the pass `pass_index`; those before it count as done. A source
    may run passes that the graph did not show, then only the one in hand can be judged.
    """
    if steps <= 0 or pass_index < 0:
        return None
    within = min(1.0, max(0, step) / steps)
    work = planned_work(passes)
    if work is None or pass_index >= len(work) or sum(work) <= 0:
        return within if len(passes) <= 1 else None
    return (sum(work[:pass_index]) + work[pass_index] * within) / sum(work)
