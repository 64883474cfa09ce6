"""A stored sitting measured by two cards, the processor, the board and a plug."""

from array import array
from dataclasses import replace

from support.engine import CARD, PROJECT, RUN, UTC, S

from vidgreen_gui.model import events as ev
from vidgreen_gui.model import user_events as said
from vidgreen_gui.model.footprint import Basis, Grade, GridFactor
from vidgreen_gui.model.power import DeviceKind, PowerBlock, Sensor
from vidgreen_gui.model.session import Clip, Iteration, Session, SessionKind, Status
from vidgreen_gui.store.batch import Batch
from vidgreen_gui.store.database import Store
from vidgreen_gui.store.queries import Reader

LENGTH_S = 400
FACTOR = GridFactor(
    id="f", zone="FR", zone_name="France", g_per_kwh=100.0, basis=Basis.LIFECYCLE, source="s",
    year=2025, licence="l",
)  # fmt: skip
TWIN = replace(CARD, id="gpu1")
CPU = replace(CARD, id="cpu:0", name="CPU", kind=DeviceKind.CPU, sensor=Sensor())
BOARD = replace(
    CARD, id="machine", kind=DeviceKind.MACHINE, grade=Grade.MODEL, sensor=Sensor(gain=0.3)
)
PLUG = replace(CARD, id="plug", name="Desk", kind=DeviceKind.WALL, sensor=Sensor(gain=0.02))
WATTS = {CARD.id: 300, TWIN.id: 200, CPU.id: 80, BOARD.id: 40, PLUG.id: 700}


def job(name, start_s, end_s, *devices, **more):
    fields = {
        "id": name, "source_kind": "comfyui", "external_id": name, "session_id": "s",
        "clip_id": "c", "number": 1, "source_id": "x", "run_id": "run1",
        "status": Status.COMPLETED, "device_ids": tuple(d.id for d in devices),
        "start_ns": start_s * S, "end_ns": end_s * S,
        "started_utc_ns": UTC + start_s * S, "ended_utc_ns": UTC + end_s * S,
    }  # fmt: skip
    return Iteration(**fields | more)


def blocks(device, without=range(0)):
    """Return ten samples a second of a card, one of all else, but for the seconds `without`."""
    period_ns = S // 10 if device.kind is DeviceKind.GPU else S
    # Beyond the end, so that no way of reading a sensor falls short of it.
    t_ns = [n * period_ns for n in range(-5, (LENGTH_S + 5) * S // period_ns)]
    t_ns = array("q", [t for t in t_ns if t // S not in without])
    return PowerBlock(device.id, period_ns, t_ns, array("q", [WATTS[device.id] * 1000] * len(t_ns)))


JOBS = (job("a", 100, 200, CARD), job("b", 150, 300, TWIN))


def reported(folder, devices, *, jobs=JOBS, machine=None, without=range(0), of=(PLUG,), events=()):
    """Return the reader and the session of a stored sitting that `devices` measured.

    The seconds `without` are missing from the samples `of` some of them.
    """
    broken = {device.id for device in of}
    session = Session(
        id="s", project_id="p1", kind=SessionKind.LIVE, run_id="run1", started_utc_ns=UTC,
        ended_utc_ns=UTC + LENGTH_S * S, ended_by="user",
    )  # fmt: skip
    log = (
        ev.SessionStarted(t_ns=0, session_id="s", project_id="p1", kind="live", utc_ns=UTC),
        *(ev.DeviceFound(t_ns=0, device=device) for device in devices),
        *((machine,) if machine else ()),
        *events,
        said.FactorChosen(t_ns=0, factor=FACTOR),
        ev.SessionEnded(t_ns=LENGTH_S * S, session_id="s", ended_by="user", utc_ns=0),
    )
    store = Store.open(folder)
    store.begin_run(RUN)
    store.write(
        Batch(
            run_id="run1", projects=(PROJECT,), sessions=(session,), iterations=jobs,
            clips=(Clip(id="c", project_id="p1", name="shot"),),
            events=tuple(ev.Logged(n, "run1", "s", event) for n, event in enumerate(log, 1)),
            blocks=tuple(
                blocks(device, without if device.id in broken else range(0)) for device in devices
            ),
        )
    )  # fmt: skip
    store.close()
    return Reader(folder), session
