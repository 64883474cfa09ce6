"""What the window shows at one moment: the snapshot with what the user picked from it."""

from dataclasses import dataclass
from enum import StrEnum

from vidgreen_gui.model.facts import (
    ClipFacts,
    DeviceNow,
    IterationFacts,
    LiveSnapshot,
    SessionFacts,
)
from vidgreen_gui.model.session import Status


class Quantity(StrEnum):
    """What the switch shows in the list and in the blocks."""

    ENERGY = "energy"
    CO2E = "co2e"
    MONEY = "money"


NOTHING_YET = LiveSnapshot(t_ns=0, utc_ns=0, revision=-1, role="recorder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One moment of the window; `clip` and `iteration` are picked, or the ones in work."""

    snapshot: LiveSnapshot
    clip: ClipFacts | None = None
    iteration: IterationFacts | None = None
    quantity: Quantity = Quantity.ENERGY
    past: bool = False

    @property
    def session(self) -> SessionFacts | None:
        """Return the session on show, live or past."""
        return self.snapshot.session

    @property
    def running(self) -> IterationFacts | None:
        """Return the newest iteration that runs, None while none does."""
        return next(reversed(_running(self.session)), None)

    @property
    def simulated(self) -> bool:
        """Whether the watts of this session are invented."""
        return self.snapshot.simulated_why is not None

    @property
    def starting(self) -> bool:
        """Whether the engine has not said anything yet."""
        return self.snapshot == NOTHING_YET

    @property
    def read_only(self) -> bool:
        """Whether edits have no place here: a past session, or a store that refuses writes."""
        return self.past


def _running(session: SessionFacts | None) -> list[IterationFacts]:
    return [
        facts
        for clip in (session.clips if session else ())
        for facts in clip.iterations
        if facts.iteration.status is Status.RUNNING
    ]


def started(facts: IterationFacts) -> int:
    """Return the UTC label of an iteration's start, 0 where nothing says."""
    return facts.iteration.started_utc_ns or 0


def shown_of(
    snapshot: LiveSnapshot, picked_id: str | None, quantity: Quantity, *, past: bool = False
) -> Shown:
    """Return the moment with the picked iteration or clip, else with the newest iteration."""
    pairs = [
        (clip, facts)
        for clip in (snapshot.session.clips if snapshot.session else ())
        for facts in clip.iterations
    ]
    picked = next((pair for pair in pairs if pair[1].iteration.id == picked_id), None)
    if picked is None:
        of_clip = [pair for pair in pairs if pair[0].clip.id == picked_id]
        picked = max(of_clip or pairs, key=lambda pair: started(pair[1]), default=None)
    clip, iteration = picked or (None, None)
    return Shown(snapshot=snapshot, clip=clip, iteration=iteration, quantity=quantity, past=past)


def past_snapshot(session: SessionFacts, live: LiveSnapshot) -> LiveSnapshot:
    """Return a finished session as a snapshot, so that every view shows it as it shows the live."""
    ended = session.session.ended_utc_ns or session.session.started_utc_ns
    return LiveSnapshot(
        t_ns=live.t_ns,
        utc_ns=ended,
        revision=-1,
        role="viewer",
        devices=tuple(
            DeviceNow(device=device, power_mw=None, counted=device.id in session.counted_device_ids)
            for device in session.devices
        ),
        factor=session.factors[-1] if session.factors else None,
        tariff=session.tariff,
        session=session,
        clips=tuple(clip.clip for clip in session.clips),
        recording=False,
    )
