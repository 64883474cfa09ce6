"""Jobs with what they spent on loading, and a session of them."""

from dataclasses import dataclass

from vidgreen_gui.model.facts import IterationFacts, PhaseFigure
from vidgreen_gui.model.footprint import MISSING, Figure, Grade, Range
from vidgreen_gui.model.session import Iteration, PhaseName, Status
from vidgreen_gui.model.settings import Settings


def loaded(name, load_s, load_wh, *, model="wan", device="gpu0", status=Status.COMPLETED):
    figure = MISSING
    if load_wh is not None:
        figure = Figure(Range(load_wh, 0.9 * load_wh, 1.1 * load_wh), Grade.MEASURED)
    phases = (
        PhaseFigure(PhaseName.LOAD, 0, load_s, figure),
        PhaseFigure(PhaseName.SAMPLE, 0, 60.0, Figure(Range.exact(9.0), Grade.MEASURED)),
    )
    iteration = Iteration(
        id=name, source_kind="comfyui", external_id=name, session_id="s", clip_id="c", number=1,
        source_id="comfyui:8188", run_id="r", status=status, device_ids=(device,),
        settings=Settings(model=model),
    )  # fmt: skip
    return IterationFacts(iteration=iteration, phases=phases)


@dataclass
class Clip:
    iterations: tuple


@dataclass
class Sitting:
    clips: tuple


def sitting(*jobs):
    return Sitting(clips=(Clip(jobs[:2]), Clip(jobs[2:])))
