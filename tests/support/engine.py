"""Jobs and ledgers for tests of the engine."""

import itertools

from vidgreen_gui.engine.ledger import Ledger
from vidgreen_gui.engine.timemap import TimeMap
from vidgreen_gui.model import events as ev
from vidgreen_gui.model.footprint import Grade
from vidgreen_gui.model.power import Device
from vidgreen_gui.model.session import Project
from vidgreen_gui.model.settings import ClipHints, Extraction, SamplerPass, Settings

S = 1_000_000_000
UTC = 1_790_000_000 * S  # not on a half hour
PROJECT = Project("p1", "Spring")
RUN = ev.Run(
    id="run1", boot_id="b", steady_ns=0, boottime_ns=0, utc_ns=UTC, app_version="0", host="h"
)
CARD = Device(
    id="gpu0", name="Test card", uuid="GPU-0", meter="test", grade=Grade.MEASURED, has_counter=True
)


def a_ledger() -> Ledger:
    """Return an empty ledger with one device."""
    ledger = Ledger("run1", PROJECT, TimeMap(RUN).utc_ns)
    ledger.apply(ev.DeviceFound(t_ns=0, device=CARD))
    return ledger


class Earlier:
    """What earlier runs recorded, given by hand."""

    def __init__(self, *iterations, sessions=()):
        self._iterations = iterations
        self._sessions = {session.id: session for session in sessions}

    def by_key(self, wanted):
        key = (wanted.source_kind, wanted.external_id)
        found = (i for i in self._iterations if (i.source_kind, i.external_id) == key)
        return next(found, None)

    def by_id(self, wanted):
        return next((i for i in self._iterations if i.id == wanted), None)

    def session(self, wanted):
        return self._sessions.get(wanted)


def ids(prefix: str = "id"):
    """Return a maker of predictable identities."""
    counter = itertools.count(1)
    return lambda: f"{prefix}{next(counter)}"


def key(name: str) -> ev.JobKey:
    """Return the key of a ComfyUI job."""
    return ev.JobKey("comfyui", name)


def a_source(source_id: str = "comfyui:8188") -> ev.SourceFound:
    """Return a local ComfyUI that was found."""
    return ev.SourceFound(
        t_ns=0, source_id=source_id, source_kind="comfyui", label=":8188",
        device_names=("cuda:0 Test card",),
    )  # fmt: skip


def a_start(
    name: str, t_s: float, *, prefix: str | None = "shot_01", seed: int = 1, steps: int = 4, **hints
) -> ev.IterationStarted:
    """Return the start of a job as a watcher says it."""
    settings = Settings(
        model="wan2.1_t2v_1.3B_fp16.safetensors", width=832, height=480, frames=81, fps=16.0,
        seconds=81 / 16, steps=steps, evaluations=2 * steps, cfg=6.0, seed=seed,
        samplers=(SamplerPass(node="3", class_type="KSampler", steps=steps,
                              evaluations=2 * steps, cfg=6.0),),
    )  # fmt: skip
    return ev.IterationStarted(
        t_ns=round(t_s * S),
        key=key(name),
        source_id="comfyui:8188",
        extraction=Extraction(
            settings=settings,
            hints=ClipHints(output_prefix=prefix, **hints),
            texts=("a secret prompt",),
        ),
        graph_json='{"1": {}}',
    )


def an_end(name: str, t_s: float, status: str = "completed", **more) -> ev.IterationEnded:
    """Return the end of a job."""
    return ev.IterationEnded(t_ns=round(t_s * S), key=key(name), status=ev.Status(status), **more)
