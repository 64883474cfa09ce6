"""Facts and blocks to store, built small, for the tests of store and faults."""

from array import array

from vidgreen_gui.model.events import ClockAnchored, Logged, Run
from vidgreen_gui.model.power import CounterBlock, PowerBlock
from vidgreen_gui.model.session import Clip, Iteration, Project, Session, SessionKind, Status

RUN = Run("run-1", "boot-1", 5_000, 6_000, 1_800_000_000_000_000_000, "0.1", "host")
PROJECT = Project("project-1", "Film")
SESSION = Session(
    id="session-1", project_id="project-1", kind=SessionKind.LIVE, run_id="run-1",
    started_utc_ns=RUN.utc_ns,
)  # fmt: skip
CLIP = Clip(id="clip-1", project_id="project-1", name="shot_03")
SECOND_NS = 1_000_000_000


def iteration(number=1, **more):
    fields = {
        "id": f"iteration-{number}", "source_kind": "comfyui", "external_id": f"prompt-{number}",
        "session_id": "session-1", "clip_id": "clip-1", "number": number, "source_id": "source-1",
        "run_id": "run-1", "status": Status.RUNNING, "device_ids": ("gpu-0",),
    }  # fmt: skip
    return Iteration(**(fields | more))


def anchor(seq, t_ns=0, session_id=None):
    event = ClockAnchored(t_ns=t_ns, boottime_ns=t_ns, utc_ns=RUN.utc_ns + t_ns)
    return Logged(seq, "run-1", session_id, event)


def power(first, n, device_id="gpu-0", period_ns=SECOND_NS // 10):
    """Samples number `first` to `first + n` of one fixed, uneven trace."""
    numbers = range(first, first + n)
    return PowerBlock(
        device_id,
        period_ns,
        array("q", [number * period_ns + number**2 % 11 * 10_000 for number in numbers]),
        array("q", [300_000 + number**3 * 104_729 % 6_007 for number in numbers]),
    )


def counter(first, n, device_id="gpu-0"):
    numbers = range(first, first + n)
    return CounterBlock(
        device_id,
        SECOND_NS,
        array("q", [number * SECOND_NS for number in numbers]),
        array("q", [number * 301_000 + number * 31 % 97 for number in numbers]),
    )
