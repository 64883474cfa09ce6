"""Which literals of the graph a suggestion changes; none unless all it needs were found."""

from vidgreen_gui.advice.alternatives import split_steps
from vidgreen_gui.model.advice import Change
from vidgreen_gui.model.settings import Extraction

Wanted = list[tuple[str, float | None, float]]


def step_changes(extraction: Extraction, steps: int) -> tuple[Change, ...]:
    """Return the changes to `steps` in all with guidance 1.

    Passes of one schedule share its length and get new borders; others get steps of their own.
    """
    passes = extraction.settings.samplers
    split = split_steps(extraction.settings, steps)
    wanted: Wanted = []
    before = after = 0
    for index, (each, count) in enumerate(zip(passes, split, strict=True)):
        name = f"samplers.{index}"
        if f"{name}.schedule_steps" in extraction.origins:
            total = sum(one.steps or 0 for one in passes)
            wanted.append((f"{name}.schedule_steps", total, sum(split)))
            if before:
                wanted.append((f"{name}.start_at_step", before, after))
            before += each.steps or 0
            after += count
            if index + 1 < len(passes):
                wanted.append((f"{name}.end_at_step", before, after))
        else:
            wanted.append((f"{name}.steps", each.steps, count))
        if each.cfg is not None and each.cfg > 1:
            wanted.append((f"{name}.cfg", each.cfg, 1.0))
    return _changes(extraction, wanted)


def frame_changes(extraction: Extraction, frames: int) -> tuple[Change, ...]:
    """Return the change to another length."""
    return _changes(extraction, [("frames", extraction.settings.frames, frames)])


def size_changes(extraction: Extraction, width: int, height: int) -> tuple[Change, ...]:
    """Return the changes to another size."""
    settings = extraction.settings
    return _changes(
        extraction, [("width", settings.width, width), ("height", settings.height, height)]
    )


def _changes(extraction: Extraction, wanted: Wanted) -> tuple[Change, ...]:
    found: dict[tuple[str, str], Change] = {}
    for name, before, after in wanted:
        origin = extraction.origins.get(name)
        if origin is None:
            return ()
        change = Change(origin.node, origin.input, before, after)
        if found.setdefault((origin.node, origin.input), change) != change:
            # One literal cannot have two new values.
            return ()
    return tuple(found.values())
