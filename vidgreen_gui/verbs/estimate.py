"""Says what a generation will draw and last, before it runs."""

from dataclasses import dataclass, replace
from pathlib import Path

from vidgreen_gui.advice.estimate import estimate
from vidgreen_gui.advice.recognise import complete
from vidgreen_gui.model.advice import Estimate
from vidgreen_gui.model.faults import InputFault
from vidgreen_gui.model.settings import Settings
from vidgreen_gui.system.settings import UserSettings, load_settings
from vidgreen_gui.verbs.gpu import card_for
from vidgreen_gui.verbs.inspect import read_content
from vidgreen_gui.verbs.shipped import chosen_factor


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRequest:
    """A workflow or finished file, or settings by hand, which come before the file's own."""

    path: Path | None = None
    model: str | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    steps: int | None = None
    cfg: float | None = None
    gpu: str | None = None
    zone: str | None = None
    settings_path: Path | None = None


def estimate_for(request: EstimateRequest) -> Estimate:
    """Return the estimate; raise InputFault where too little is known, or no such card or zone."""
    user = load_settings(request.settings_path) if request.settings_path else UserSettings()
    settings = _settings(request)
    factor = chosen_factor(replace(user, zone=request.zone) if request.zone else user)
    return estimate(settings, card_for(request.gpu, user.card), factor.g_per_kwh)


def _settings(request: EstimateRequest) -> Settings:
    if request.path is None and request.model is None:
        raise InputFault("fault.estimate.nothing_given")
    found = read_content(request.path).extraction.settings if request.path else Settings()
    asked = {
        name: getattr(request, name)
        for name in ("model", "width", "height", "frames", "steps", "cfg")
        if getattr(request, name) is not None
    }
    if not asked:
        return found
    if "model" in asked:
        found = replace(found, family=None, params_b=None, precision=None)
    # What the user says holds for the whole: the passes of the file no longer do.
    return complete(replace(found, samplers=(), evaluations=None, **asked))
